/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of registrations: each row against the newest leaf that tells of it. */
#include "audit/verify.h"

#include <stdlib.h>

#include "base/id.h"

/* Eight bytes of a keyed digest: who cannot compute it cannot aim at it either. */
enum { TAG_BYTES = 8 };

enum { USED = 1, HAS_ROW = 2, HAS_LEAF = 4, HAS_DIGEST = 8, DESTROYED = 16 };

struct record_entry {
    struct id id;
    uint8_t row[TAG_BYTES], leaf[TAG_BYTES];
    int64_t at_ms; /* of the newest leaf, and where it stands */
    uint64_t sequence;
    uint32_t stream;
    uint32_t flags;
};

/* Open addressing; ids end in random bits, which serve as the hash. */
struct records {
    struct record_entry *entries;
    size_t count, room; /* room is a power of two */
};

struct records *records_new(void)
{
    return calloc(1, sizeof(struct records));
}

void records_free(struct records *records)
{
    if (records == NULL)
        return;
    free(records->entries);
    free(records);
}

static struct record_entry *find_place(struct record_entry *entries, size_t room, struct id id)
{
    uint64_t hash;
    size_t i;

    memcpy(&hash, id.bytes + 8, sizeof hash);
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    i = (size_t)(hash >> 20) & (room - 1);
    while (entries[i].flags != 0 && memcmp(entries[i].id.bytes, id.bytes, sizeof id.bytes) != 0)
        i = (i + 1) & (room - 1);
    return &entries[i];
}

static bool grow(struct records *records)
{
    size_t i, room = records->room == 0 ? 1024 : 2 * records->room;
    struct record_entry *entries = calloc(room, sizeof *entries);

    if (entries == NULL)
        return false;
    for (i = 0; i < records->room; i++)
        if (records->entries[i].flags != 0)
            *find_place(entries, room, records->entries[i].id) = records->entries[i];
    free(records->entries);
    records->entries = entries;
    records->room = room;
    return true;
}

/* The entry of this id, made when there is none; NULL: out of memory. */
static struct record_entry *find_entry(struct records *records, struct id id)
{
    struct record_entry *entry;

    if (4 * records->count >= 3 * records->room && !grow(records))
        return NULL;
    entry = find_place(records->entries, records->room, id);
    if (entry->flags == 0) {
        entry->id = id;
        entry->flags = USED;
        records->count++;
    }
    return entry;
}

static int tag_row(struct verifier *verifier, struct smg_str row, uint8_t out[TAG_BYTES],
                   struct smg_err *err)
{
    uint8_t digest[32];
    int status = keyed_digest(verifier->sealer, KEY_AUDIT, &row, 1, digest, err);

    if (status == SMG_OK)
        memcpy(out, digest, TAG_BYTES);
    return status;
}

struct reading {
    struct verifier *verifier;
    struct smg_err *err;
    int status;
};

static bool take_row(void *ctx, struct smg_str key, struct smg_str value)
{
    struct reading *reading = ctx;
    struct verifier *verifier = reading->verifier;
    struct record_entry *entry;
    struct id id;

    verifier->totals->records++;
    if (key.len != sizeof id.bytes) {
        verifier_find(verifier, "", 0, "a registration whose key is no id");
        return true;
    }
    memcpy(id.bytes, key.at, sizeof id.bytes);
    entry = find_entry(verifier->records, id);
    if (entry == NULL) {
        reading->status = smg_fail(reading->err, SMG_E_MEMORY, "audit: out of memory");
        return false;
    }
    entry->flags |= HAS_ROW;
    reading->status = tag_row(verifier, value, entry->row, reading->err);
    return reading->status == SMG_OK;
}

int records_read_rows(struct verifier *verifier, struct smg_err *err)
{
    struct reading reading = { .verifier = verifier, .err = err };
    struct smg_str open_end = { "", 0 };
    int status = verifier_scan(verifier, SMG_SPACE_REGISTRATION, open_end, open_end, take_row,
                               &reading, err);

    return status == SMG_OK ? reading.status : status;
}

int records_add_leaf(struct records *records, uint32_t stream, uint64_t sequence,
                     const struct audit_event *event, struct smg_err *err)
{
    static const uint8_t none[32];
    bool has_digest = memcmp(event->digest, none, sizeof none) != 0;
    bool destroyed = str_is(event->action, "registration.destroyed");
    struct record_entry *entry;
    struct id id;

    if (!str_starts(event->action, "registration.") || (!has_digest && !destroyed) ||
        !id_parse(event->object, &id))
        return SMG_OK;
    entry = find_entry(records, id);
    if (entry == NULL)
        return smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    /* In one stream the order is the sequence's, between streams the clock's. */
    if ((entry->flags & HAS_LEAF) != 0 && entry->stream != stream && entry->at_ms > event->at_ms)
        return SMG_OK;
    entry->flags &= ~(uint32_t)(HAS_DIGEST | DESTROYED);
    entry->flags |= HAS_LEAF;
    if (has_digest)
        entry->flags |= HAS_DIGEST;
    if (destroyed)
        entry->flags |= DESTROYED;
    entry->at_ms = event->at_ms;
    entry->stream = stream;
    entry->sequence = sequence;
    memcpy(entry->leaf, event->digest, sizeof entry->leaf);
    return SMG_OK;
}

/* What is wrong, or NULL. */
static const char *judge(const struct record_entry *entry)
{
    bool same = (entry->flags & HAS_DIGEST) != 0 && memcmp(entry->row, entry->leaf, TAG_BYTES) == 0;

    if ((entry->flags & HAS_ROW) == 0)
        return (entry->flags & (HAS_LEAF | DESTROYED)) == HAS_LEAF ? "is missing" : NULL;
    if ((entry->flags & HAS_LEAF) == 0)
        return "is in no leaf";
    if (same)
        return NULL;
    return (entry->flags & DESTROYED) != 0 ? "was destroyed and is there again"
                                           : "is not what its leaf tells of";
}

static bool take_row_again(void *ctx, struct smg_str key, struct smg_str value)
{
    struct buf *out = ctx;

    (void)key;
    /* A first byte, so that an empty value is not taken for none. */
    buf_byte(out, 0);
    buf_str(out, value);
    return true;
}

static int look_again(struct verifier *verifier, struct record_entry *entry, struct smg_err *err)
{
    struct smg_str key = id_view(&entry->id);
    struct buf value = { 0 };
    int status = verifier->ops->get(verifier->session, SMG_SPACE_REGISTRATION, &key, 1,
                                    take_row_again, &value, err);

    entry->flags &= ~(uint32_t)HAS_ROW;
    if (status == SMG_OK && value.failed)
        status = smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    if (status == SMG_OK && value.len > 0) {
        entry->flags |= HAS_ROW;
        status = tag_row(verifier, str_bytes(value.at + 1, value.len - 1), entry->row, err);
    }
    buf_fini(&value);
    return status;
}

int records_compare(struct verifier *verifier, const char *const *names, struct smg_err *err)
{
    struct records *records = verifier->records;
    size_t i;

    for (i = 0; i < records->room; i++) {
        struct record_entry *entry = &records->entries[i];
        struct buf id = { 0 };
        const char *wrong;
        int status;

        if (entry->flags == 0 || judge(entry) == NULL)
            continue;
        status = look_again(verifier, entry, err);
        if (status != SMG_OK)
            return status;
        wrong = judge(entry);
        id_write(entry->id, &id);
        if (wrong != NULL && !id.failed)
            verifier_find(verifier, (entry->flags & HAS_LEAF) != 0 ? names[entry->stream] : "",
                          entry->sequence, "registration %s %s", id.at, wrong);
        status = id.failed ? smg_fail(err, SMG_E_MEMORY, "audit: out of memory") : SMG_OK;
        buf_fini(&id);
        if (status != SMG_OK)
            return status;
    }
    return SMG_OK;
}
