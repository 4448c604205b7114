/* SPDX-License-Identifier: Apache-2.0 */
/* The address of a stream socket: "unix:/run/x.comm", "192.0.2.7:4000", "[2001:db8::7]:4000". */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
        struct sockaddr_un local;
    };
    socklen_t len;
};

/* Hosts are numbers, never names, and never the address that means all of them. SMG_E_INVALID says
 * what is wrong, to be read behind the text. */
int address_read(const char *text, struct address *out, struct smg_err *err);
/* Do these bytes, a struct sockaddr from a stranger, name this very address? */
bool address_is(const struct address *address, struct smg_str sockaddr);

#endif
