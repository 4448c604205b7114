/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of one stream: its leaves one after the other, its checkpoints beside them. */
#include "audit/verify.h"

enum {
    CHECKPOINT_PAGE = 64,
    LAST_ROWS = 64 /* how many odd rows may stand behind the last good one */
};

struct walk {
    struct verifier *verifier;
    const char *name;
    uint32_t number;
    struct smg_err *err;
    int status;

    struct head head;
    bool has_head; /* and it is genuine */
    uint64_t end;  /* leaves the head knows of; what comes later is not looked at */

    uint64_t next; /* sequence */
    struct merkle tree;
    bool broken;                     /* something was found: the tree cannot match any more */
    bool unchained;                  /* the leaf before is missing, so its MAC is not known */
    bool doubted;                    /* the leaf before does not fit its MAC: */
    uint8_t stored[ROW_MAC_BYTES];   /* either what is stored is right */
    uint8_t computed[ROW_MAC_BYTES]; /* or what should have been */

    struct audit_checkpoint checkpoint[CHECKPOINT_PAGE]; /* read ahead */
    size_t at, count;
    bool more;
    uint64_t newest; /* size of the last checkpoint read */
};

/* The last row of a kind: its number, while what is no row of the stream is told on the way. */
struct last_row {
    struct walk *walk;
    bool found;
    uint64_t number;
};

static void tell_odd_key(struct walk *walk, uint64_t sequence)
{
    verifier_find(walk->verifier, walk->name, sequence, "a row whose key has no number");
}

static bool take_last(void *ctx, struct smg_str key, struct smg_str value)
{
    struct last_row *last = ctx;

    (void)value;
    last->found = row_key_number(key, last->walk->name, &last->number);
    if (!last->found)
        tell_odd_key(last->walk, 0);
    return !last->found;
}

/* Where to go on: right after the row of this number, or with the stream's first row of the kind,
 * odd ones included. */
static void start_after(enum row_kind kind, const char *name, bool begun, uint64_t number,
                        struct buf *out)
{
    if (begun) {
        row_key(kind, name, number, out);
    } else {
        buf_byte(out, (unsigned char)kind);
        buf_text(out, name);
    }
    buf_byte(out, 0);
}

static int find_last(struct walk *walk, enum row_kind kind, struct last_row *last)
{
    struct verifier *verifier = walk->verifier;
    struct buf from = { 0 }, to = { 0 };
    struct smg_scan scan = { .space = SMG_SPACE_AUDIT, .backward = true, .limit = LAST_ROWS };
    int status;

    *last = (struct last_row){ .walk = walk };
    start_after(kind, walk->name, false, 0, &from);
    row_key_end(kind, walk->name, &to);
    scan.from = buf_view(&from);
    scan.to = buf_view(&to);
    status = from.failed || to.failed
                 ? smg_fail(walk->err, SMG_E_MEMORY, "audit: out of memory")
                 : verifier->ops->scan(verifier->session, &scan, take_last, last, walk->err);
    buf_fini(&from);
    buf_fini(&to);
    return status;
}

static bool copy_value(void *ctx, struct smg_str key, struct smg_str value)
{
    struct buf *out = ctx;

    (void)key;
    buf_str(out, value);
    return true;
}

static int read_head(struct walk *walk)
{
    struct verifier *verifier = walk->verifier;
    struct buf key = { 0 }, value = { 0 };
    struct smg_str view;
    int status;

    row_key(ROW_HEAD, walk->name, 0, &key);
    view = buf_view(&key);
    status = verifier->ops->get(verifier->session, SMG_SPACE_AUDIT, &view, 1, copy_value, &value,
                                walk->err);
    if (status != SMG_OK)
        goto out;
    if (value.at == NULL) {
        verifier_find(verifier, walk->name, 0, "the head is missing");
        goto out;
    }
    status = head_read(verifier->sealer, walk->name, buf_view(&value), &walk->head, walk->err);
    walk->has_head = status == SMG_OK;
    if (status == SMG_E_DENIED) {
        verifier_find(verifier, walk->name, 0, "the head was altered");
        status = SMG_OK;
    }
out:
    buf_fini(&key);
    buf_fini(&value);
    return status;
}

/* Where the stream ends. The head is read after the last rows, so on a log that grows meanwhile it
 * knows of at least as much as they say. */
static int find_end(struct walk *walk)
{
    struct last_row leaf, checkpoint;
    int status = find_last(walk, ROW_LEAF, &leaf);

    if (status == SMG_OK)
        status = find_last(walk, ROW_CHECKPOINT, &checkpoint);
    if (status == SMG_OK)
        status = read_head(walk);
    if (status != SMG_OK)
        return status;
    walk->end = walk->has_head ? walk->head.tree.size : UINT64_MAX;
    if (leaf.found && leaf.number >= walk->end)
        verifier_find(walk->verifier, walk->name, walk->end,
                      "the head is set back: it does not know of the leaves from here to %llu",
                      (unsigned long long)leaf.number);
    if (checkpoint.found && checkpoint.number > walk->end)
        verifier_find(walk->verifier, walk->name, checkpoint.number,
                      "the log is set back: a checkpoint tells of %llu leaves, the head of %llu",
                      (unsigned long long)checkpoint.number, (unsigned long long)walk->end);
    return SMG_OK;
}

static bool take_checkpoint(void *ctx, struct smg_str key, struct smg_str value)
{
    struct walk *walk = ctx;
    struct verifier *verifier = walk->verifier;
    struct audit_checkpoint *checkpoint = &walk->checkpoint[walk->count];
    uint64_t size, previous;
    int status;

    if (!row_key_number(key, walk->name, &size)) {
        tell_odd_key(walk, walk->newest);
        return true;
    }
    if (size > walk->end)
        return false;
    verifier->totals->checkpoints++;
    status = checkpoint_row_read(verifier->sealer, walk->name, size, value, checkpoint, &previous,
                                 walk->err);
    if (status == SMG_E_DENIED)
        verifier_find(verifier, walk->name, size, "the checkpoint was altered");
    else if (status != SMG_OK)
        walk->status = status;
    else if (!audit_checkpoint_is_signed(checkpoint, verifier->keyring))
        verifier_find(verifier, walk->name, size, "the checkpoint's signature is not genuine");
    else
        walk->count++;
    if (status == SMG_OK && previous != walk->newest)
        verifier_find(verifier, walk->name, size,
                      "checkpoints are missing: %llu comes before this one, not %llu",
                      (unsigned long long)previous, (unsigned long long)walk->newest);
    walk->newest = size;
    if (walk->count == CHECKPOINT_PAGE)
        walk->more = true;
    return walk->status == SMG_OK && walk->count < CHECKPOINT_PAGE;
}

/* Read checkpoints ahead: those after the newest one read. */
static int read_checkpoints(struct walk *walk)
{
    struct buf from = { 0 }, to = { 0 };
    int status;

    walk->at = walk->count = 0;
    walk->more = false;
    start_after(ROW_CHECKPOINT, walk->name, walk->newest > 0, walk->newest, &from);
    row_key_end(ROW_CHECKPOINT, walk->name, &to);
    status = from.failed || to.failed
                 ? smg_fail(walk->err, SMG_E_MEMORY, "audit: out of memory")
                 : verifier_scan(walk->verifier, SMG_SPACE_AUDIT, buf_view(&from), buf_view(&to),
                                 take_checkpoint, walk, walk->err);
    buf_fini(&from);
    buf_fini(&to);
    return status == SMG_OK ? walk->status : status;
}

static void compare_checkpoints(struct walk *walk)
{
    uint8_t root[32];

    for (; walk->at < walk->count && walk->checkpoint[walk->at].size <= walk->next; walk->at++) {
        const struct audit_checkpoint *checkpoint = &walk->checkpoint[walk->at];

        if (walk->broken || checkpoint->size != walk->next)
            continue;
        merkle_root(&walk->tree, root);
        if (memcmp(root, checkpoint->root, sizeof root) != 0)
            verifier_find(walk->verifier, walk->name, checkpoint->size,
                          "the checkpoint is of other leaves than those stored");
    }
}

/* Is this the MAC of this leaf here? The leaf before may be wrong in its text or in its MAC; the
 * one this leaf was chained to tells which, so only the wrong leaf is named. */
static int judge_mac(struct walk *walk, struct smg_str leaf, struct smg_str mac, bool *good)
{
    struct sealer *sealer = walk->verifier->sealer;
    uint8_t expected[ROW_MAC_BYTES], other[ROW_MAC_BYTES];
    int status;

    status = leaf_mac(sealer, walk->name, walk->next, walk->stored, leaf, expected, walk->err);
    *good = status == SMG_OK && str_eq_secret(mac, str_bytes(expected, sizeof expected));
    if (status == SMG_OK && !*good && walk->doubted) {
        status = leaf_mac(sealer, walk->name, walk->next, walk->computed, leaf, other, walk->err);
        *good = status == SMG_OK && str_eq_secret(mac, str_bytes(other, sizeof other));
    }
    /* After a gap there is nothing to hold it against. */
    if (walk->unchained)
        *good = true;
    walk->doubted = !*good;
    walk->unchained = false;
    memcpy(walk->stored, mac.at, mac.len);
    memcpy(walk->computed, expected, sizeof expected);
    return status;
}

static int judge_leaf(struct walk *walk, struct smg_str value)
{
    struct verifier *verifier = walk->verifier;
    struct smg_str leaf = value, mac;
    struct audit_event event;
    uint8_t hash[32];
    bool after_doubt = walk->doubted, good = false;
    int status = SMG_OK;

    if (value.len >= ROW_MAC_BYTES) {
        leaf.len -= ROW_MAC_BYTES;
        mac = str_bytes(value.at + leaf.len, ROW_MAC_BYTES);
        status = judge_mac(walk, leaf, mac, &good);
    } else {
        walk->doubted = false;
        walk->unchained = true;
    }
    if (status != SMG_OK)
        return status;
    good = good && leaf_read(leaf, &event);
    if (!good) {
        verifier_find(verifier, walk->name, walk->next, "%s",
                      after_doubt ? "the leaf was altered, or follows another than the one before"
                                  : "the leaf was altered");
        walk->broken = true;
    }
    merkle_leaf(leaf, hash);
    merkle_add(&walk->tree, hash);
    if (good && verifier->records != NULL)
        status = records_add_leaf(verifier->records, walk->number, walk->next, &event, walk->err);
    return status;
}

static bool take_leaf(void *ctx, struct smg_str key, struct smg_str value)
{
    struct walk *walk = ctx;
    uint64_t sequence;

    if (walk->at == walk->count && walk->more)
        return false;
    if (!row_key_number(key, walk->name, &sequence)) {
        tell_odd_key(walk, walk->next);
        return true;
    }
    if (sequence >= walk->end)
        return false;
    if (sequence != walk->next) {
        verifier_find(walk->verifier, walk->name, walk->next, "%llu leaves are missing from here",
                      (unsigned long long)(sequence - walk->next));
        walk->next = sequence;
        walk->broken = walk->unchained = true;
    }
    walk->verifier->totals->leaves++;
    walk->status = judge_leaf(walk, value);
    walk->next++;
    if (walk->status == SMG_OK)
        compare_checkpoints(walk);
    return walk->status == SMG_OK;
}

static int walk_leaves(struct walk *walk)
{
    struct buf from = { 0 }, to = { 0 };
    int status = SMG_OK;

    row_key_end(ROW_LEAF, walk->name, &to);
    do {
        if (walk->at == walk->count && walk->more)
            status = read_checkpoints(walk);
        buf_clear(&from);
        start_after(ROW_LEAF, walk->name, walk->next > 0, walk->next - 1, &from);
        if (from.failed || to.failed)
            status = smg_fail(walk->err, SMG_E_MEMORY, "audit: out of memory");
        if (status == SMG_OK)
            status = verifier_scan(walk->verifier, SMG_SPACE_AUDIT, buf_view(&from), buf_view(&to),
                                   take_leaf, walk, walk->err);
        if (status == SMG_OK)
            status = walk->status;
    } while (status == SMG_OK && walk->at == walk->count && walk->more);
    buf_fini(&from);
    buf_fini(&to);
    return status;
}

static void compare_head(struct walk *walk)
{
    const struct head *head = &walk->head;
    bool same = memcmp(walk->stored, head->mac, sizeof head->mac) == 0;
    unsigned level;

    if (walk->next < walk->end) {
        verifier_find(walk->verifier, walk->name, walk->next,
                      "the tail is cut: %llu leaves are missing from here",
                      (unsigned long long)(walk->end - walk->next));
        return;
    }
    for (level = 0; level < 64; level++)
        if ((head->tree.size >> level & 1) != 0 &&
            memcmp(walk->tree.peak[level], head->tree.peak[level], 32) != 0)
            same = false;
    if (!same && !walk->broken)
        verifier_find(walk->verifier, walk->name, walk->next,
                      "the head is of other leaves than those stored");
}

int stream_verify(struct verifier *verifier, const char *name, uint32_t number, struct smg_err *err)
{
    struct walk walk = {
        .verifier = verifier, .name = name, .number = number, .err = err, .more = true
    };
    int status = find_end(&walk);

    if (status == SMG_OK)
        status = walk_leaves(&walk);
    /* What is left tells of leaves that are missing, or lies beyond the end. */
    while (status == SMG_OK && walk.more)
        status = read_checkpoints(&walk);
    if (status != SMG_OK || !walk.has_head)
        return status;
    compare_head(&walk);
    if (walk.newest < walk.head.checkpoint)
        verifier_find(verifier, name, walk.head.checkpoint, "the newest checkpoint is missing");
    return SMG_OK;
}
