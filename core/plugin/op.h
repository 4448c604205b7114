/* SPDX-License-Identifier: Apache-2.0 */
/* Operations: questions put to a plugin. Each is answered to its caller exactly once, later, on the
 * loop, whatever the plugin does or does not do. */
#ifndef PLUGIN_OP_H
#define PLUGIN_OP_H

#include "loop/loop.h"
#include "plugin/instance.h"
#include "plugin/reply.h"

struct op;

/* The deadline of an operation passed; the owner must op_abandon, op_end or op_extend it. */
typedef void (*op_late_fn)(void *owner, struct op *op);

struct op_slot {
    struct op *op; /* NULL: free, and next is the following free slot + 1 */
    uint32_t next;
};

/* The operations of one instance. */
struct ops {
    struct loop *loop;
    const char *who; /* the instance's name, for the log */
    op_late_fn late;
    void *owner;

    struct op_slot *slots; /* handles are numbers that lead here: a dead one leads nowhere */
    uint32_t slot_count, slot_free;
    uint64_t turn;
    struct op *first, *last; /* to be delivered */
    struct loop_timer *deliver;
    struct smg_fields *nothing; /* what a caller sees when nothing was answered */
};

int ops_init(struct ops *ops, struct loop *loop, const char *who, op_late_fn late, void *owner,
             struct smg_err *err);
/* Every operation still open is answered SMG_E_CANCELLED, now. */
void ops_fini(struct ops *ops);
/* Open operations, in no order: start with 0, end at false. */
bool ops_next(const struct ops *ops, uint32_t *position, struct op **op);

/* NULL: there are too many, or there is no memory; fn was told so (or will be). */
struct op *op_begin(struct ops *ops, int64_t deadline_ms, instance_done_fn fn, void *ctx);
/* An operation that ends before it begins. */
void op_refuse(struct ops *ops, const struct smg_err *err, instance_done_fn fn, void *ctx);

/* What the plugin holds: never a pointer to follow, so a dead handle does no harm. */
struct smg_op *op_handle(const struct op *op);
/* NULL: dead, or never alive. */
struct op *op_find(const struct ops *ops, const struct smg_op *handle);

/* Take a field in; a fault makes the operation end with SMG_E_PROTOCOL. */
int op_answer(struct op *op, struct smg_str name, const struct smg_value *value,
              struct smg_err *err);
/* The plugin is done: the handle dies, the caller will hear. err NULL: it worked. */
void op_end(struct op *op, const struct smg_err *err);
/* Tell the caller, but keep the handle alive until the plugin is done too. */
void op_abandon(struct op *op, const struct smg_err *err);
bool op_is_abandoned(const struct op *op);
/* A new deadline from now, in place of the old one; false: there is none now, out of memory. */
bool op_extend(struct op *op, int64_t deadline_ms);

/* An error as a stranger gave it: the code known, the text ended, UTF-8 and on one line. */
void op_take_err(const struct smg_err *given, struct smg_err *out);

#endif
