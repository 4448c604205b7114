/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader and its child say to each other: one read at a time, and nothing believed. */
#include "plugin/reader_inside.h"

#include <sys/socket.h>

#include "base/log.h"
#include "loop/clock.h"

enum {
    GRACE_MS = 200, /* from the deadline or a cancel to the kill */
    CHILD_FIRST_MS = 30,
    MESSAGES_AT_ONCE = 64, /* then other work of the loop has its turn */
    STRAYS_A_SECOND = 100  /* two reads can end in less than a second, but not many */
};

static bool is_failure(int32_t code)
{
    return code != SMG_OK && code != SMG_E_NO_CARD && code != SMG_E_CANCELLED;
}

void reader_count_read(struct reader *reader, int32_t code)
{
    pthread_mutex_lock(&reader->lock);
    reader->status.reads++;
    reader->status.failures += is_failure(code);
    pthread_mutex_unlock(&reader->lock);
}

void reader_end_read(struct reader *reader, const struct smg_err *err)
{
    struct op *op = reader->current;
    int32_t code = err->code;

    reader->current = NULL;
    reader->asked = false;
    buf_fini(&reader->given);
    reader_count_read(reader, code);
    op_end(op, err);
    reader_show(reader);
}

static void tell(struct reader *reader, const struct wire_message *message)
{
    struct smg_err err = { 0 };

    if (wire_send_message(reader->process.socket, message, MSG_DONTWAIT, &err) < 0)
        reader_condemn(reader, SMG_E_IO, err.text);
}

void reader_ask_child(struct reader *reader)
{
    struct wire_message message = { .kind = WIRE_READ,
                                    .id = (uint64_t)(uintptr_t)op_handle(reader->current),
                                    .given = buf_view(&reader->given) };

    /* The child's deadline comes a little before ours, so that the plugin can say what was missing.
     */
    message.deadline_ms = (reader->deadline_us - clock_mono_us()) / 1000 - CHILD_FIRST_MS;
    if (message.deadline_ms < 1)
        message.deadline_ms = 1;
    reader->asked = true;
    tell(reader, &message);
    buf_fini(&reader->given);
}

void reader_stop_read(struct reader *reader, enum smg_code code)
{
    struct wire_message message = { .kind = WIRE_CANCEL,
                                    .id = (uint64_t)(uintptr_t)op_handle(reader->current) };

    reader->stopping = code;
    if (!op_extend(reader->current, GRACE_MS))
        reader_condemn(reader, SMG_E_MEMORY, "out of memory");
    else
        tell(reader, &message);
}

void reader_pass_deadline(void *owner, struct op *op)
{
    struct smg_err err = { .code = SMG_E_TIMEOUT, .text = "the reader was not ready in time" };
    struct reader *reader = owner;

    (void)op; /* there is one at a time */
    if (!reader->asked) {
        reader_end_read(reader, &err);
    } else if (reader->stopping == SMG_OK) {
        reader_stop_read(reader, SMG_E_TIMEOUT);
    } else {
        bool cancelled = reader->stopping == SMG_E_CANCELLED;

        smg_fail(&err, (enum smg_code)reader->stopping,
                 cancelled ? "the read was cancelled" : "the deadline passed");
        reader_end_read(reader, &err);
        reader_condemn(reader, SMG_E_TIMEOUT,
                       "the plugin did not end its read when it was told to");
    }
}

static void take_err(int32_t code, struct smg_str text, struct smg_err *out)
{
    struct smg_err given = { .code = code };

    if (text.len > 0)
        snprintf(given.text, sizeof given.text, "%.*s", (int)text.len, text.at);
    op_take_err(&given, out);
}

/* A message outside of a read. Some are in order: a state, an answer too late. */
static void note_stray(struct reader *reader)
{
    if (pace_passes(&reader->strays, 1, STRAYS_A_SECOND, clock_mono_us()))
        reader_condemn(reader, SMG_E_PROTOCOL, "the plugin's process sends messages without end");
}

static void take_answer(struct reader *reader, const struct wire_message *message)
{
    struct op *op = op_find(&reader->ops, (struct smg_op *)(uintptr_t)message->id);
    struct smg_err err = { 0 };

    if (op == NULL) {
        log_line(SMG_DEBUG, reader->name, "an answer came too late and was dropped");
        note_stray(reader);
    } else if (op_answer(op, message->field, &message->value, &err) < 0) {
        reader_condemn(reader, SMG_E_PROTOCOL, err.text);
    }
}

static void take_done(struct reader *reader, const struct wire_message *message)
{
    struct op *op = op_find(&reader->ops, (struct smg_op *)(uintptr_t)message->id);
    struct smg_err err;

    if (op == NULL) {
        note_stray(reader);
        return;
    }
    take_err(message->code, message->text, &err);
    if (err.code == SMG_E_CANCELLED && reader->stopping == SMG_E_CANCELLED)
        smg_fail(&err, SMG_E_CANCELLED, "the read was cancelled");
    else if (err.code == SMG_E_CANCELLED) /* nobody cancelled: only the deadline ends a wait */
        smg_fail(&err, SMG_E_TIMEOUT, "the deadline passed");
    if (err.code == SMG_OK)
        reader->deaths = 0;
    reader_end_read(reader, &err);
    if (err.code == SMG_E_GONE) {
        reader->why = err;
        reader_kill_child(reader); /* the device will be another file when it is back */
        reader_show(reader);
    }
}

static void take_state(struct reader *reader, const struct wire_message *message)
{
    bool was_broken = reader->fault.code != SMG_OK;

    if (message->state == SMG_OUT_OF_SERVICE)
        take_err(SMG_E_IO, message->text, &reader->fault);
    else
        reader->fault = (struct smg_err){ 0 };
    if (message->state == SMG_OUT_OF_SERVICE && !was_broken)
        log_line(SMG_WARN, reader->name, "out of service: %s", reader->fault.text);
    else if (message->state == SMG_READY && was_broken)
        log_line(SMG_INFO, reader->name, "in service again");
    reader_show(reader);
    note_stray(reader);
}

static void take_ready(struct reader *reader)
{
    if (reader->life != LIFE_STARTING) {
        reader_condemn(reader, SMG_E_PROTOCOL, "the plugin's process started twice");
        return;
    }
    loop_forget(reader->timer);
    reader->timer = NULL;
    reader->life = LIFE_UP;
    if (reader->current != NULL && reader->fault.code != SMG_OK)
        reader_end_read(reader, &reader->fault);
    else if (reader->current != NULL)
        reader_ask_child(reader);
    reader_show(reader);
}

static void take_failed(struct reader *reader, const struct wire_message *message)
{
    take_err(message->code == SMG_OK ? SMG_E_BUG : message->code, message->text, &reader->why);
    /* The child ends by itself; until then it has nothing more to say. */
    reader_kill_child(reader);
    if (reader->current != NULL)
        reader_end_read(reader, &reader->why);
}

static void take_message(struct reader *reader, const struct wire_message *message)
{
    switch (message->kind) {
    case WIRE_READY:
        take_ready(reader);
        return;
    case WIRE_FAILED:
        take_failed(reader, message);
        return;
    case WIRE_ANSWER:
        take_answer(reader, message);
        return;
    case WIRE_DONE:
        take_done(reader, message);
        return;
    case WIRE_STATE:
        take_state(reader, message);
        return;
    case WIRE_START:
    case WIRE_READ:
    case WIRE_CANCEL:
        break;
    }
    reader_condemn(reader, SMG_E_PROTOCOL,
                   "the plugin's process sent a message that is ours to send");
}

void reader_take_messages(void *ctx, int fd, unsigned ready)
{
    struct reader *reader = ctx;

    (void)ready;
    for (int i = 0; i < MESSAGES_AT_ONCE && reader->messages != NULL; i++) {
        struct wire_message message;
        struct smg_err err = { 0 };
        size_t used;
        int got = wire_receive(fd, MSG_DONTWAIT, reader->room, WIRE_BYTES, &used, &message, &err);

        if (got == 1)
            take_message(reader, &message);
        str_wipe(reader->room, used);
        str_wipe(&message, sizeof message);
        if (got == 0)
            return;
        if (got == SMG_E_PROTOCOL) {
            reader_condemn(reader, SMG_E_PROTOCOL, err.text);
        } else if (got < 0) {
            reader_kill_child(
                reader); /* most likely it is dead already; on_end learns how it died */
            reader_show(reader);
        }
    }
}
