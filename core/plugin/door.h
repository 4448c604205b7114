/* SPDX-License-Identifier: Apache-2.0 */
/* How a reader's process comes to the connections it may have: it asks with an address, and the
 * gateway, which compares that with the configured ones, connects and hands the socket over. The
 * process itself can connect to nothing, so there is nothing it could change after the check. */
#ifndef PLUGIN_DOOR_H
#define PLUGIN_DOOR_H

#include "base/address.h"
#include "plugin/pace.h"

enum { DOOR_ADDRESSES_MAX = 16 };

struct door {
    struct address allowed[DOOR_ADDRESSES_MAX];
    size_t count;
    struct pace asked;
};

/* SMG_E_INVALID: not an address, or one too many. */
int door_allow(struct door *door, const char *address, struct smg_err *err);
/* Two ends; the second is the process's. */
int door_pair(int ends[2], struct smg_err *err);
/* Take one request from our end and answer it; never blocks. SMG_E_GONE: the other end closed.
 * SMG_E_PROTOCOL: it asks without end, or does not take what it asked for. */
int door_answer(struct door *door, int end, int64_t now_us, struct smg_err *err);

/* The other end, in the process. Blocks until the gateway answers: 0 or EINPROGRESS and a socket
 * that does not block yet, else an errno, EACCES for an address that is not configured. */
int door_ask(int end, const void *sockaddr, size_t len, int *made);

#endif
