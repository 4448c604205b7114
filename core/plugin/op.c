/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an operation: begun, answered, ended or abandoned, delivered. */
#include "plugin/op.h"

#include <stdlib.h>

#include "base/log.h"

enum { SLOTS_MAX = 65535, SLOT_BITS = 16 };

_Static_assert(sizeof(uintptr_t) >= sizeof(uint64_t), "a handle must hold an id");

struct op {
    struct ops *ops;
    uint64_t id; /* turn, then slot + 1; 0: it never had a handle */
    instance_done_fn fn;
    void *ctx;
    struct reply reply;
    struct smg_err fault, err;
    struct loop_timer *deadline;
    struct op *next;
    bool queued;    /* for delivery, or delivered */
    bool ended;     /* the handle is dead */
    bool delivered; /* the caller was told */
};

int ops_init(struct ops *ops, struct loop *loop, const char *who, op_late_fn late, void *owner,
             struct smg_err *err)
{
    *ops = (struct ops){ .loop = loop, .who = who, .late = late, .owner = owner };
    ops->nothing = fields_new();
    if (ops->nothing == NULL)
        return smg_fail(err, SMG_E_MEMORY, "%s: out of memory", who);
    return SMG_OK;
}

static void free_op(struct op *op)
{
    reply_fini(&op->reply);
    free(op);
}

static void deliver_all(void *ctx)
{
    struct ops *ops = ctx;

    ops->deliver = NULL;
    while (ops->first != NULL) {
        struct op *op = ops->first;

        ops->first = op->next;
        if (ops->first == NULL)
            ops->last = NULL;
        op->fn(op->ctx, op->reply.fields == NULL ? ops->nothing : op->reply.fields, &op->err);
        op->delivered = true;
        reply_fini(&op->reply);
        if (op->ended)
            free_op(op);
    }
}

/* The caller is told from a timer of its own, so never inside the call that asked. */
static void queue(struct op *op)
{
    struct ops *ops = op->ops;

    loop_forget(op->deadline);
    op->deadline = NULL;
    op->queued = true;
    if (ops->last == NULL)
        ops->first = op;
    else
        ops->last->next = op;
    ops->last = op;
    if (ops->deliver == NULL)
        ops->deliver = loop_after(ops->loop, 0, deliver_all, ops);
    if (ops->deliver == NULL)
        deliver_all(ops); /* without memory for later, now is the only time left */
}

void ops_fini(struct ops *ops)
{
    struct smg_err err = { .code = SMG_E_CANCELLED, .text = "the gateway is stopping" };
    uint32_t position = 0;
    struct op *op;

    while (ops_next(ops, &position, &op))
        op_end(op, &err);
    loop_forget(ops->deliver);
    deliver_all(ops);
    free(ops->slots);
    fields_free(ops->nothing);
    *ops = (struct ops){ 0 };
}

bool ops_next(const struct ops *ops, uint32_t *position, struct op **op)
{
    while (*position < ops->slot_count) {
        *op = ops->slots[(*position)++].op;
        if (*op != NULL)
            return true;
    }
    return false;
}

static bool grow_slots(struct ops *ops)
{
    uint32_t count = ops->slot_count == 0 ? 16 : ops->slot_count * 2;
    struct op_slot *slots;

    if (count > SLOTS_MAX)
        count = SLOTS_MAX;
    if (count == ops->slot_count)
        return false;
    slots = realloc(ops->slots, count * sizeof *slots);
    if (slots == NULL)
        return false;
    for (uint32_t i = ops->slot_count; i < count; i++)
        slots[i] = (struct op_slot){ .next = i + 1 < count ? i + 2 : 0 };
    ops->slot_free = ops->slot_count + 1;
    ops->slots = slots;
    ops->slot_count = count;
    return true;
}

static bool take_slot(struct op *op)
{
    struct ops *ops = op->ops;
    uint32_t slot;

    if (ops->slot_free == 0 && !grow_slots(ops))
        return false;
    slot = ops->slot_free;
    ops->slot_free = ops->slots[slot - 1].next;
    ops->slots[slot - 1].op = op;
    op->id = ++ops->turn << SLOT_BITS | slot;
    return true;
}

static void give_slot_back(struct op *op)
{
    struct ops *ops = op->ops;
    uint32_t slot = (uint32_t)(op->id & SLOTS_MAX);

    ops->slots[slot - 1] = (struct op_slot){ .next = ops->slot_free };
    ops->slot_free = slot;
    op->id = 0;
}

static struct op *new_op(struct ops *ops, instance_done_fn fn, void *ctx)
{
    struct smg_err err = { .code = SMG_E_MEMORY, .text = "out of memory" };
    struct op *op = calloc(1, sizeof *op);

    if (op == NULL) {
        fn(ctx, ops->nothing, &err);
        return NULL;
    }
    op->ops = ops;
    op->fn = fn;
    op->ctx = ctx;
    return op;
}

void op_refuse(struct ops *ops, const struct smg_err *err, instance_done_fn fn, void *ctx)
{
    struct op *op = new_op(ops, fn, ctx);

    if (op == NULL)
        return;
    op->err = *err;
    op->ended = true;
    queue(op);
}

static void pass_deadline(void *ctx)
{
    struct op *op = ctx;

    op->deadline = NULL;
    op->ops->late(op->ops->owner, op);
}

struct op *op_begin(struct ops *ops, int64_t deadline_ms, instance_done_fn fn, void *ctx)
{
    struct smg_err err = { .code = SMG_E_BUSY, .text = "too many operations wait for an end" };
    struct op *op = new_op(ops, fn, ctx);

    if (op == NULL)
        return NULL;
    if (take_slot(op)) {
        op->deadline = loop_after(ops->loop, deadline_ms, pass_deadline, op);
        if (op->deadline != NULL)
            return op;
        give_slot_back(op);
        err = (struct smg_err){ .code = SMG_E_MEMORY, .text = "out of memory" };
    }
    op->err = err;
    op->ended = true;
    queue(op);
    return NULL;
}

struct smg_op *op_handle(const struct op *op)
{
    return (struct smg_op *)(uintptr_t)op->id;
}

struct op *op_find(const struct ops *ops, const struct smg_op *handle)
{
    uint64_t id = (uint64_t)(uintptr_t)handle;
    uint32_t slot = (uint32_t)(id & SLOTS_MAX);
    struct op *op;

    if (slot == 0 || slot > ops->slot_count)
        return NULL;
    op = ops->slots[slot - 1].op;
    return op != NULL && op->id == id ? op : NULL;
}

int op_answer(struct op *op, struct smg_str name, const struct smg_value *value,
              struct smg_err *err)
{
    if (op->queued)
        return SMG_OK; /* nobody waits for it any more */
    if (op->fault.code == SMG_OK && reply_put(&op->reply, name, value, &op->fault) < 0)
        reply_fini(&op->reply);
    *err = op->fault;
    return err->code;
}

void op_end(struct op *op, const struct smg_err *err)
{
    give_slot_back(op);
    op->ended = true;
    if (op->queued) {
        log_line(SMG_DEBUG, op->ops->who, "an answer came after the deadline and was dropped");
        if (op->delivered)
            free_op(op);
        return;
    }
    if (err != NULL)
        op_take_err(err, &op->err);
    if (op->err.code == SMG_OK)
        op->err = op->fault;
    if (op->err.code != SMG_OK)
        reply_fini(&op->reply);
    queue(op);
}

void op_abandon(struct op *op, const struct smg_err *err)
{
    if (op->queued)
        return;
    reply_fini(&op->reply);
    op->err = *err;
    queue(op);
}

bool op_is_abandoned(const struct op *op)
{
    return op->queued;
}

bool op_extend(struct op *op, int64_t deadline_ms)
{
    loop_forget(op->deadline);
    op->deadline = loop_after(op->ops->loop, deadline_ms, pass_deadline, op);
    return op->deadline != NULL;
}

static bool is_known(int32_t code)
{
#define SAME(name, number, text) code == SMG_E_##name ||
    return SMG_ERRORS(SAME) code == SMG_OK;
#undef SAME
}

void op_take_err(const struct smg_err *given, struct smg_err *out)
{
    struct smg_err err = { .code = is_known(given->code) ? given->code : SMG_E_BUG };
    size_t len = strnlen(given->text, sizeof given->text);

    if (len == sizeof given->text)
        len--;
    for (unsigned cut = 0; cut < 3 && !str_is_utf8(str_bytes(given->text, len)) && len > 0; cut++)
        len--; /* a text cut to fit may end inside a character */
    if (str_is_utf8(str_bytes(given->text, len)))
        memcpy(err.text, given->text, len);
    for (char *c = err.text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
    *out = err;
}
