/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the log: the events of each batch become leaves, head and checkpoint of the same commit.
 */
#include "audit/audit.h"

#include <pthread.h>
#include <stdlib.h>

#include "audit/rows.h"
#include "base/log.h"
#include "loop/clock.h"

enum { CHECKPOINT_MS = 1000 };

/* What the storage's thread works on, and, under the lock, what other threads may see of it. */
struct audit {
    const struct keyring *keyring;
    char stream[ROW_STREAM_LIMIT + 1];
    struct instance *storage;
    struct sealer *sealer;
    void *session; /* of the writer's thread, opened when first needed */
    bool known;    /* settled is what the storage holds */
    struct head staged;
    struct audit_checkpoint made; /* by the batch in hand; size 0: none */

    pthread_mutex_t lock;
    struct head settled;
    struct audit_checkpoint newest; /* size 0: none; one that was asked for may have no row yet */
};

void audit_note(struct unit *unit, const struct audit_event *event)
{
    uint8_t leaf[ROW_LEAF_LIMIT];

    unit_note(unit, str_bytes(leaf, leaf_write(event, leaf)));
}

struct audit *audit_new(const struct keyring *keyring, const char *stream, struct smg_err *err)
{
    struct audit *audit;

    if (!row_is_stream(str_of(stream))) {
        smg_fail(err, SMG_E_INVALID,
                 "audit: a stream is named with 1 to %d letters, digits, '-', "
                 "'_' and '.'",
                 ROW_STREAM_LIMIT);
        return NULL;
    }
    audit = calloc(1, sizeof *audit);
    if (audit == NULL || pthread_mutex_init(&audit->lock, NULL) != 0) {
        smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
        free(audit);
        return NULL;
    }
    audit->keyring = keyring;
    memcpy(audit->stream, stream, strlen(stream));
    memcpy(audit->newest.stream, stream, strlen(stream));
    audit->sealer = sealer_new(keyring, err);
    if (audit->sealer != NULL)
        return audit;
    audit_free(audit);
    return NULL;
}

static void close_session(struct audit *audit)
{
    void *self;

    if (audit->session != NULL)
        instance_storage(audit->storage, &self)->session_close(audit->session);
    audit->session = NULL;
}

void audit_free(struct audit *audit)
{
    if (audit == NULL)
        return;
    close_session(audit);
    sealer_free(audit->sealer);
    pthread_mutex_destroy(&audit->lock);
    free(audit);
}

/* A row's value, copied. */
static bool copy_value(void *ctx, struct smg_str key, struct smg_str value)
{
    struct buf *out = ctx;

    (void)key;
    buf_str(out, value);
    return true;
}

/* One row of this stream; SMG_E_NOT_FOUND when there is none. A value is never empty. */
static int get_row(struct audit *audit, enum row_kind kind, uint64_t number, struct buf *value,
                   struct smg_err *err)
{
    const struct smg_storage_ops *ops;
    struct buf key = { 0 };
    struct smg_str view;
    void *self;
    int status = SMG_OK;

    ops = instance_storage(audit->storage, &self);
    row_key(kind, audit->stream, number, &key);
    view = buf_view(&key);
    if (key.failed)
        status = smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    if (status == SMG_OK && audit->session == NULL)
        status = ops->session_open(self, &audit->session, err);
    if (status == SMG_OK)
        status = ops->get(audit->session, SMG_SPACE_AUDIT, &view, 1, copy_value, value, err);
    buf_fini(&key);
    if (status == SMG_OK && value->failed)
        return smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    if (status == SMG_OK && value->len == 0)
        return smg_fail(err, SMG_E_NOT_FOUND, "audit: no such row");
    return status;
}

/* The same. A session that has stood idle may have died with its server: it gets a second try. */
static int get_row_again(struct audit *audit, enum row_kind kind, uint64_t number,
                         struct buf *value, struct smg_err *err)
{
    bool fresh = audit->session == NULL;
    int status = get_row(audit, kind, number, value, err);

    if (status == SMG_OK || status == SMG_E_NOT_FOUND)
        return status;
    close_session(audit);
    buf_clear(value);
    return fresh ? status : get_row(audit, kind, number, value, err);
}

/* The newest checkpoint row. A bad one is no reason to stop: verify will name it, and a new one is
 * signed soon. */
static int read_checkpoint(struct audit *audit, uint64_t size, struct audit_checkpoint *out,
                           struct smg_err *err)
{
    struct buf value = { 0 };
    uint64_t previous;
    int status = get_row_again(audit, ROW_CHECKPOINT, size, &value, err);

    if (status == SMG_OK)
        status = checkpoint_row_read(audit->sealer, audit->stream, size, buf_view(&value), out,
                                     &previous, err);
    buf_fini(&value);
    if (status != SMG_E_NOT_FOUND && status != SMG_E_DENIED)
        return status;
    log_line(SMG_ERROR, "audit",
             "checkpoint %llu of stream %s is missing or altered; run shiming audit verify",
             (unsigned long long)size, audit->stream);
    *out = (struct audit_checkpoint){ 0 };
    memcpy(out->stream, audit->stream, sizeof out->stream);
    return SMG_OK;
}

/* Learn from the storage how far the stream has come. */
static int read_head(struct audit *audit, struct smg_err *err)
{
    struct head head = { 0 };
    struct audit_checkpoint newest;
    struct buf value = { 0 };
    int status = get_row_again(audit, ROW_HEAD, 0, &value, err);

    if (status == SMG_OK)
        status = head_read(audit->sealer, audit->stream, buf_view(&value), &head, err);
    else if (status == SMG_E_NOT_FOUND)
        status = SMG_OK;
    buf_fini(&value);
    /* What was durable is gone: going on would write over the traces. */
    if (status == SMG_OK && head.tree.size < audit->settled.tree.size)
        status =
            smg_fail(err, SMG_E_DENIED, "audit: stream %s was set back from %llu leaves to %llu",
                     audit->stream, (unsigned long long)audit->settled.tree.size,
                     (unsigned long long)head.tree.size);
    pthread_mutex_lock(&audit->lock);
    newest = audit->newest;
    pthread_mutex_unlock(&audit->lock);
    if (status == SMG_OK && head.checkpoint > newest.size)
        status = read_checkpoint(audit, head.checkpoint, &newest, err);
    if (status != SMG_OK)
        return status;
    pthread_mutex_lock(&audit->lock);
    audit->settled = head;
    if (newest.size > audit->newest.size)
        audit->newest = newest;
    pthread_mutex_unlock(&audit->lock);
    audit->known = true;
    return SMG_OK;
}

int audit_attach(struct audit *audit, struct instance *storage, struct smg_err *err)
{
    int status;

    audit->storage = storage;
    status = read_head(audit, err);
    /* The writer's thread opens a session of its own. */
    close_session(audit);
    return status;
}

static int stage_leaf(struct audit *audit, struct smg_str leaf, struct unit *last,
                      struct smg_err *err)
{
    struct head *head = &audit->staged;
    struct buf key = { 0 }, value = { 0 };
    uint8_t hash[32];
    int status;

    status =
        leaf_mac(audit->sealer, audit->stream, head->tree.size, head->mac, leaf, head->mac, err);
    if (status != SMG_OK)
        return status;
    row_key(ROW_LEAF, audit->stream, head->tree.size, &key);
    buf_str(&value, leaf);
    buf_put(&value, head->mac, sizeof head->mac);
    if (key.failed || value.failed)
        status = smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    else
        unit_put_new(last, SMG_SPACE_AUDIT, buf_view(&key), buf_view(&value));
    buf_fini(&key);
    buf_fini(&value);
    merkle_leaf(leaf, hash);
    merkle_add(&head->tree, hash);
    return status;
}

static int stage_checkpoint(struct audit *audit, const struct audit_checkpoint *checkpoint,
                            struct unit *last, struct smg_err *err)
{
    struct buf key = { 0 }, value = { 0 };
    int status =
        checkpoint_row_write(audit->sealer, checkpoint, audit->staged.checkpoint, &value, err);

    row_key(ROW_CHECKPOINT, audit->stream, checkpoint->size, &key);
    if (status == SMG_OK && key.failed)
        status = smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    if (status == SMG_OK)
        unit_put(last, SMG_SPACE_AUDIT, buf_view(&key), buf_view(&value));
    buf_fini(&key);
    buf_fini(&value);
    audit->staged.checkpoint = checkpoint->size;
    return status;
}

/* The one that was asked for, and one of this batch when the newest is a second old. */
static int stage_checkpoints(struct audit *audit, struct unit *last, struct smg_err *err)
{
    int64_t now_ms = clock_now_ms();
    struct audit_checkpoint newest;
    int status = SMG_OK;

    pthread_mutex_lock(&audit->lock);
    newest = audit->newest;
    pthread_mutex_unlock(&audit->lock);
    if (newest.size > audit->staged.checkpoint)
        status = stage_checkpoint(audit, &newest, last, err);
    /* A clock that was set back must not stop them. */
    if (status != SMG_OK ||
        (newest.size > 0 && newest.at_ms <= now_ms && now_ms - newest.at_ms < CHECKPOINT_MS))
        return status;
    memcpy(audit->made.stream, audit->stream, sizeof audit->made.stream);
    status = checkpoint_sign(audit->keyring, &audit->staged.tree, now_ms, &audit->made, err);
    return status == SMG_OK ? stage_checkpoint(audit, &audit->made, last, err) : status;
}

/* The head moves on from where it stood: a log that was set back meanwhile takes no more. */
static int stage_head(struct audit *audit, struct unit *last, struct smg_err *err)
{
    struct buf key = { 0 }, was = { 0 }, value = { 0 };
    bool first = audit->settled.tree.size == 0;
    int status = head_write(audit->sealer, audit->stream, &audit->staged, &value, err);

    if (status == SMG_OK && !first)
        status = head_write(audit->sealer, audit->stream, &audit->settled, &was, err);
    row_key(ROW_HEAD, audit->stream, 0, &key);
    if (status == SMG_OK && key.failed)
        status = smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    if (status == SMG_OK && first)
        unit_put_new(last, SMG_SPACE_AUDIT, buf_view(&key), buf_view(&value));
    else if (status == SMG_OK)
        unit_put_if(last, SMG_SPACE_AUDIT, buf_view(&key), buf_view(&was), buf_view(&value));
    buf_fini(&key);
    buf_fini(&was);
    buf_fini(&value);
    return status;
}

static int stage_batch(void *ctx, struct unit *const *units, size_t count, struct unit *last,
                       struct smg_err *err)
{
    struct audit *audit = ctx;
    int status = SMG_OK;
    size_t i, j;

    audit->made = (struct audit_checkpoint){ 0 };
    if (!audit->known)
        status = read_head(audit, err);
    audit->staged = audit->settled;
    for (i = 0; i < count; i++)
        for (j = 0; status == SMG_OK && j < unit_notes(units[i]); j++)
            status = stage_leaf(audit, unit_note_at(units[i], j), last, err);
    if (status != SMG_OK || audit->staged.tree.size == audit->settled.tree.size)
        return status;
    status = stage_checkpoints(audit, last, err);
    return status == SMG_OK ? stage_head(audit, last, err) : status;
}

static void settle_batch(void *ctx)
{
    struct audit *audit = ctx;

    pthread_mutex_lock(&audit->lock);
    audit->settled = audit->staged;
    if (audit->made.size > audit->newest.size)
        audit->newest = audit->made;
    pthread_mutex_unlock(&audit->lock);
}

static void unstage_batch(void *ctx)
{
    struct audit *audit = ctx;

    audit->known = false;
}

struct store_stage audit_stage(struct audit *audit)
{
    return (struct store_stage){
        .stage = stage_batch, .settle = settle_batch, .unstage = unstage_batch, .ctx = audit
    };
}

int audit_checkpoint(struct audit *audit, int64_t now_ms, struct audit_checkpoint *out,
                     struct smg_err *err)
{
    int status = SMG_OK;

    pthread_mutex_lock(&audit->lock);
    if (audit->settled.tree.size == 0) {
        status = smg_fail(err, SMG_E_NOT_FOUND, "audit: the log is empty");
    } else if (audit->newest.size < audit->settled.tree.size) {
        struct audit_checkpoint fresh = audit->newest;

        status = checkpoint_sign(audit->keyring, &audit->settled.tree, now_ms, &fresh, err);
        if (status == SMG_OK)
            audit->newest = fresh;
    }
    *out = audit->newest;
    pthread_mutex_unlock(&audit->lock);
    return status;
}
