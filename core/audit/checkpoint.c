/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: what a tree was at a moment, as signed text that may leave the house. */
#include "audit/rows.h"

#include "base/date.h"

static const char ORIGIN[] = "shiming/";

/* What is signed. */
static void write_statement(const struct audit_checkpoint *checkpoint, struct buf *out)
{
    buf_printf(out, "%s%s\n%llu\n", ORIGIN, checkpoint->stream,
               (unsigned long long)checkpoint->size);
    buf_base64url(out, str_bytes(checkpoint->root, sizeof checkpoint->root));
    buf_byte(out, '\n');
    time_write(checkpoint->at_ms, out);
    buf_byte(out, '\n');
}

void audit_checkpoint_write(const struct audit_checkpoint *checkpoint, struct buf *out)
{
    write_statement(checkpoint, out);
    buf_base64url(out, str_bytes(checkpoint->signature, sizeof checkpoint->signature));
    buf_byte(out, '\n');
}

static bool take_line(struct smg_str *view, struct smg_str *line)
{
    const char *end = view->len == 0 ? NULL : memchr(view->at, '\n', view->len);
    struct smg_str newline;

    return end != NULL && take_bytes(view, (size_t)(end - view->at), line) &&
           take_bytes(view, 1, &newline);
}

static bool read_base64url(struct smg_str text, uint8_t *out, size_t len)
{
    struct buf bytes = { 0 };
    bool good = buf_unbase64url(&bytes, text) && bytes.len == len;

    if (good)
        memcpy(out, bytes.at, len);
    buf_fini(&bytes);
    return good;
}

bool audit_checkpoint_read(struct smg_str text, struct audit_checkpoint *out)
{
    struct smg_str whole = text, stream, size, root, at, signature;
    struct buf again = { 0 };
    size_t skip = sizeof ORIGIN - 1;
    int64_t number;
    bool good;

    *out = (struct audit_checkpoint){ 0 };
    if (!take_line(&text, &stream) || !take_line(&text, &size) || !take_line(&text, &root) ||
        !take_line(&text, &at) || !take_line(&text, &signature) || text.len != 0 ||
        !str_starts(stream, ORIGIN) ||
        !row_is_stream(str_bytes(stream.at + skip, stream.len - skip)) ||
        !str_to_int(size, &number) || !read_base64url(root, out->root, sizeof out->root) ||
        !time_parse(at, &out->at_ms) ||
        !read_base64url(signature, out->signature, sizeof out->signature))
        return false;
    memcpy(out->stream, stream.at + skip, stream.len - skip);
    out->size = (uint64_t)number;
    /* Numbers and times have other spellings; what is signed has one. */
    audit_checkpoint_write(out, &again);
    good = !again.failed && str_eq(buf_view(&again), whole);
    buf_fini(&again);
    return good;
}

bool audit_checkpoint_is_signed(const struct audit_checkpoint *checkpoint,
                                const struct keyring *keyring)
{
    struct buf statement = { 0 };
    bool good;

    write_statement(checkpoint, &statement);
    good =
        !statement.failed && keyring_verify(keyring, buf_view(&statement), checkpoint->signature);
    buf_fini(&statement);
    return good;
}

int checkpoint_sign(const struct keyring *keyring, const struct merkle *tree, int64_t now_ms,
                    struct audit_checkpoint *checkpoint, struct smg_err *err)
{
    struct buf statement = { 0 };
    int status;

    checkpoint->size = tree->size;
    checkpoint->at_ms = now_ms;
    merkle_root(tree, checkpoint->root);
    write_statement(checkpoint, &statement);
    status = statement.failed
                 ? smg_fail(err, SMG_E_MEMORY, "audit: out of memory")
                 : keyring_sign(keyring, buf_view(&statement), checkpoint->signature, err);
    buf_fini(&statement);
    return status;
}

static int row_mac(struct sealer *sealer, const char *stream, struct smg_str content,
                   uint8_t out[ROW_MAC_BYTES], struct smg_err *err)
{
    struct smg_str parts[] = { SMG_STR("checkpoint"), str_of(stream), content };

    return keyed_digest(sealer, KEY_AUDIT, parts, sizeof parts / sizeof *parts, out, err);
}

int checkpoint_row_write(struct sealer *sealer, const struct audit_checkpoint *checkpoint,
                         uint64_t previous, struct buf *out, struct smg_err *err)
{
    uint8_t mac[ROW_MAC_BYTES];
    int status;

    buf_u64(out, previous);
    audit_checkpoint_write(checkpoint, out);
    if (out->failed)
        return smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    status = row_mac(sealer, checkpoint->stream, buf_view(out), mac, err);
    buf_put(out, mac, sizeof mac);
    return status == SMG_OK && out->failed ? smg_fail(err, SMG_E_MEMORY, "audit: out of memory")
                                           : status;
}

int checkpoint_row_read(struct sealer *sealer, const char *stream, uint64_t size,
                        struct smg_str value, struct audit_checkpoint *out, uint64_t *previous,
                        struct smg_err *err)
{
    uint8_t mac[ROW_MAC_BYTES];
    struct smg_str content, written;
    int status;

    if (value.len < ROW_MAC_BYTES)
        return smg_fail(err, SMG_E_DENIED, "audit: a checkpoint of %s was altered", stream);
    content = str_bytes(value.at, value.len - ROW_MAC_BYTES);
    written = str_bytes(value.at + content.len, ROW_MAC_BYTES);
    status = row_mac(sealer, stream, content, mac, err);
    if (status != SMG_OK)
        return status;
    if (!str_eq_secret(written, str_bytes(mac, sizeof mac)) || !take_u64(&content, previous) ||
        !audit_checkpoint_read(content, out) || strcmp(out->stream, stream) != 0 ||
        out->size != size)
        return smg_fail(err, SMG_E_DENIED, "audit: a checkpoint of %s was altered", stream);
    return SMG_OK;
}
