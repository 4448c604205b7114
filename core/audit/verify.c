/* SPDX-License-Identifier: Apache-2.0 */
/* Verification: finding the streams, and the rows that belong to none. */
#include "audit/verify.h"

#include <stdlib.h>

enum { PAGE_ROWS = 256, KEY_LIMIT = 255 };

void verifier_find(struct verifier *verifier, const char *stream, uint64_t sequence,
                   const char *fmt, ...)
{
    char what[256];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    verifier->findings++;
    verifier->tell(verifier->tell_ctx, stream, sequence, what);
}

struct page {
    smg_row_fn fn;
    void *ctx;
    uint32_t rows;
    bool ended;
    char next[KEY_LIMIT + 1]; /* the key right after the last one seen */
    size_t next_len;
};

static bool show_row(void *ctx, struct smg_str key, struct smg_str value)
{
    struct page *page = ctx;

    page->rows++;
    if (key.len > KEY_LIMIT) {
        page->ended = true;
        return false;
    }
    memcpy(page->next, key.at, key.len);
    page->next[key.len] = '\0';
    page->next_len = key.len + 1;
    page->ended = !page->fn(page->ctx, key, value);
    return !page->ended;
}

int verifier_scan(struct verifier *verifier, enum smg_space space, struct smg_str from,
                  struct smg_str to, smg_row_fn fn, void *ctx, struct smg_err *err)
{
    struct smg_scan scan = { .space = space, .from = from, .to = to, .limit = PAGE_ROWS };
    struct page page = { .fn = fn, .ctx = ctx };
    char start[KEY_LIMIT + 1];
    int status;

    for (;;) {
        page.rows = 0;
        status = verifier->ops->scan(verifier->session, &scan, show_row, &page, err);
        if (status != SMG_OK || page.ended || page.rows < PAGE_ROWS)
            return status;
        memcpy(start, page.next, page.next_len);
        scan.from = str_bytes(start, page.next_len);
    }
}

static bool tell_stray(void *ctx, struct smg_str key, struct smg_str value)
{
    struct verifier *verifier = ctx;
    struct buf hex = { 0 };

    (void)value;
    buf_hex(&hex, str_bytes(key.at, key.len < 64 ? key.len : 64));
    verifier_find(verifier, "", 0, "a row that belongs to no stream: key %s",
                  hex.failed ? "?" : hex.at);
    buf_fini(&hex);
    return true;
}

/* Rows that are neither checkpoint, head nor leaf. */
static int find_strays(struct verifier *verifier, struct smg_err *err)
{
    static const char *const gaps[][2] = { { "", "C" }, { "D", "H" }, { "I", "L" }, { "M", "" } };
    int status = SMG_OK;
    size_t i;

    for (i = 0; status == SMG_OK && i < sizeof gaps / sizeof *gaps; i++)
        status = verifier_scan(verifier, SMG_SPACE_AUDIT, str_of(gaps[i][0]), str_of(gaps[i][1]),
                               tell_stray, verifier, err);
    return status;
}

struct streams {
    struct verifier *verifier;
    enum row_kind kind;
    char **names;
    size_t count, room;
    bool more, failed;
    struct buf from; /* where to look for the next one */
};

static void add_stream(struct streams *streams, struct smg_str name)
{
    char **names = streams->names;
    size_t i, room = streams->room == 0 ? 16 : 2 * streams->room;

    for (i = 0; i < streams->count; i++)
        if (str_is(name, names[i]))
            return;
    if (streams->count == streams->room) {
        names = realloc(names, room * sizeof *names);
        if (names == NULL) {
            streams->failed = true;
            return;
        }
        streams->names = names;
        streams->room = room;
    }
    names[streams->count] = strndup(name.at, name.len);
    if (names[streams->count] == NULL)
        streams->failed = true;
    else
        streams->count++;
}

/* The first row from streams->from on: whose is it, and where can the next stream begin? */
static bool take_stream(void *ctx, struct smg_str key, struct smg_str value)
{
    struct streams *streams = ctx;
    struct smg_str name = str_bytes(key.at + 1, key.len - 1);
    const char *end = memchr(name.at, '\0', name.len);

    streams->more = true;
    buf_clear(&streams->from);
    if (streams->kind != ROW_HEAD)
        name.len = end == NULL ? 0 : (size_t)(end - name.at);
    if (row_is_stream(name)) {
        add_stream(streams, name);
        buf_put(&streams->from, key.at, 1 + name.len);
        buf_byte(&streams->from, streams->kind == ROW_HEAD ? 0 : 1);
    } else {
        tell_stray(streams->verifier, key, value);
        buf_str(&streams->from, key);
        buf_byte(&streams->from, 0);
    }
    return false;
}

/* Jump from stream to stream without reading what lies between. */
static int find_streams(struct streams *streams, enum row_kind kind, struct smg_err *err)
{
    const struct smg_storage_ops *ops = streams->verifier->ops;
    char to[] = { (char)(kind + 1), '\0' };
    int status;

    streams->kind = kind;
    buf_clear(&streams->from);
    buf_byte(&streams->from, (unsigned char)kind);
    do {
        struct smg_scan scan = {
            .space = SMG_SPACE_AUDIT, .from = buf_view(&streams->from), .to = str_of(to), .limit = 1
        };
        struct buf from = { 0 };

        /* take_stream writes the next start, so the scan keeps this one. */
        buf_str(&from, scan.from);
        scan.from = buf_view(&from);
        streams->more = false;
        status = ops->scan(streams->verifier->session, &scan, take_stream, streams, err);
        if (from.failed || streams->from.failed || streams->failed)
            status = smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
        buf_fini(&from);
    } while (status == SMG_OK && streams->more);
    return status;
}

static int verify_all(struct verifier *verifier, struct smg_err *err)
{
    struct streams streams = { .verifier = verifier };
    int status = SMG_OK;
    size_t i;

    if (verifier->records != NULL)
        status = records_read_rows(verifier, err);
    if (status == SMG_OK)
        status = find_strays(verifier, err);
    if (status == SMG_OK)
        status = find_streams(&streams, ROW_CHECKPOINT, err);
    if (status == SMG_OK)
        status = find_streams(&streams, ROW_HEAD, err);
    if (status == SMG_OK)
        status = find_streams(&streams, ROW_LEAF, err);
    verifier->totals->streams = streams.count;
    for (i = 0; status == SMG_OK && i < streams.count; i++)
        status = stream_verify(verifier, streams.names[i], (uint32_t)i, err);
    if (status == SMG_OK && verifier->records != NULL)
        status = records_compare(verifier, (const char *const *)streams.names, err);
    for (i = 0; i < streams.count; i++)
        free(streams.names[i]);
    free(streams.names);
    buf_fini(&streams.from);
    return status;
}

int audit_verify(struct instance *storage, const struct keyring *keyring, bool records,
                 audit_tell_fn tell, void *ctx, struct audit_totals *totals, struct smg_err *err)
{
    struct verifier verifier = {
        .keyring = keyring, .totals = totals, .tell = tell, .tell_ctx = ctx
    };
    void *self;
    int status;

    *totals = (struct audit_totals){ 0 };
    verifier.ops = instance_storage(storage, &self);
    verifier.sealer = sealer_new(keyring, err);
    if (verifier.sealer == NULL)
        return err->code;
    if (records)
        verifier.records = records_new();
    status = records && verifier.records == NULL
                 ? smg_fail(err, SMG_E_MEMORY, "audit: out of memory")
                 : verifier.ops->session_open(self, &verifier.session, err);
    if (status == SMG_OK) {
        status = verify_all(&verifier, err);
        verifier.ops->session_close(verifier.session);
    }
    records_free(verifier.records);
    sealer_free(verifier.sealer);
    if (status == SMG_OK && verifier.findings > 0)
        status = smg_fail(err, SMG_E_DENIED, "audit: %llu findings",
                          (unsigned long long)verifier.findings);
    return status;
}
