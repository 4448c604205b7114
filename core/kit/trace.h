/* SPDX-License-Identifier: Apache-2.0 */
/* A trace: what passed the line between a plugin and its device in one read of a test card, what
 * the plugin answered, and what the rules made of it. A text file, a line a fact, made to be
 * compared:
 *
 *   shiming-trace 1
 *   plugin sdt
 *   option find_every: "200ms"
 *   > aaaaaa9669000311ffed       from the plugin, hex
 *   < aaaaaa96690004000090…      from the device
 *   pause 200                    before what follows, ms; only what is long enough to matter
 *   read 15000                   a read is asked for, with this deadline
 *   unplug                       the port vanishes
 *   answer name text 扎** sha256:1f0c…   masked, and the first half of the value's digest
 *   end ok                       or the error's name: "end NO_CARD"
 *   finding its process died…    the plugin did what none may; then there are no answers
 *   application {…}              as for `shiming decide`, without the customer's document
 *   case 2026-01-01 540102       the day and the region of the decision
 *   decision verdict accepted    policy_outline, a line each
 */
#ifndef KIT_TRACE_H
#define KIT_TRACE_H

#include "base/date.h"
#include "base/fields.h"

enum { TRACE_BYTES = 4 << 20, TRACE_EVENTS = 65536 };

enum trace_kind { TRACE_TO_DEVICE = 1, TRACE_TO_PLUGIN, TRACE_PAUSE, TRACE_READ, TRACE_UNPLUG };

struct trace_event {
    enum trace_kind kind;
    size_t from, len; /* of the bytes, in the trace's buffer */
    int64_t ms;       /* of a pause, and of a read's deadline */
    unsigned line;    /* of the file, for who looks it up */
};

/* Texts of several lines end each in "\n". Start with { 0 }. */
struct trace {
    char plugin[72];
    struct buf options; /* YAML: a key and a quoted text a line */
    struct buf bytes;
    struct trace_event *events;
    size_t count;
    struct buf answers; /* "name text 扎** sha256:…" */
    char end[24];       /* "ok", "NO_CARD" */
    char finding[256];
    struct buf application;
    struct smg_date on;
    char region[8];
    struct buf decision;
};

/* false: out of memory, or more than a trace may hold. Bytes that follow bytes of the same kind
 * join them. */
bool trace_add(struct trace *trace, enum trace_kind kind, struct smg_str bytes, int64_t ms);
/* The answers and the end of a read. */
void trace_answer(struct trace *trace, const struct smg_fields *fields, int32_t code);
/* What the plugin did that none may: of the plugin's own words only what a terminal may be shown.
 */
void trace_find(struct trace *trace, const char *what, const char *detail);
/* One field as it stands in a trace, without the line's end. */
void trace_put_field(struct smg_str name, const struct smg_value *value, struct buf *out);
/* "NO_CARD", "ok". */
const char *trace_code_name(int32_t code);

void trace_write(const struct trace *trace, struct buf *out);
/* SMG_E_INVALID: not a trace; the text says which line, and what is wrong of it. `out` is empty
 * then. Lines may end in CR LF. */
int trace_read(struct smg_str text, struct trace *out, struct smg_err *err);
void trace_fini(struct trace *trace); /* wipes */

#endif
