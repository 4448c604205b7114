/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway and a reader's process say to each other: one message a packet, every length
 * checked, nothing but numbers and bytes. */
#ifndef PLUGIN_WIRE_H
#define PLUGIN_WIRE_H

#include "base/buf.h"

enum { WIRE_BYTES = 192 * 1024, WIRE_OPTIONS_MAX = 64 };

enum wire_kind {
    WIRE_START = 1, /* to the child: file, name, options; the first message */
    WIRE_READ,      /* to the child: id, deadline_ms, given */
    WIRE_CANCEL,    /* to the child: id */
    WIRE_READY,     /* from the child: the plugin has started */
    WIRE_FAILED,    /* from the child: code, text; it did not start, the child ends */
    WIRE_ANSWER,    /* from the child: id, field, value */
    WIRE_DONE,      /* from the child: id, code, text */
    WIRE_STATE      /* from the child: state, text */
};

struct wire_option {
    struct smg_str name, value;
};

/* Only what the kind names is used. Parsed views lie in the packet. */
struct wire_message {
    enum wire_kind kind;
    uint64_t id;
    int64_t deadline_ms;
    int32_t code;
    enum smg_state state;
    struct smg_str text, field, file, name;
    struct smg_str given; /* fields, as fields_write makes them; empty: none */
    struct smg_value value;
    struct wire_option options[WIRE_OPTIONS_MAX];
    size_t option_count;
};

void wire_write(const struct wire_message *message, struct buf *out);
/* false: not a message of ours. Texts are any bytes still, values of any length that fitted. */
bool wire_parse(struct smg_str packet, struct wire_message *out);

/* Two connected sockets with room for the longest message. */
int wire_pair(int ends[2], struct smg_err *err);
/* flags: as for send, MSG_DONTWAIT or 0. */
int wire_send(int socket, struct smg_str packet, int flags, struct smg_err *err);
int wire_send_message(int socket, const struct wire_message *message, int flags,
                      struct smg_err *err);
/* 1: a message; 0: none is there (MSG_DONTWAIT); SMG_E_GONE: the other end closed;
 * SMG_E_PROTOCOL: nonsense came. *used bytes of room hold personal data now. */
int wire_receive(int socket, int flags, char *room, size_t size, size_t *used,
                 struct wire_message *out, struct smg_err *err);

#endif
