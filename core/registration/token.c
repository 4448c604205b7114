/* SPDX-License-Identifier: Apache-2.0 */
/* Card-read tokens. */
#include "registration/token.h"

static const char PREFIX[] = "card_";
enum { VERSION = 1, CLOCKS_APART_MS = 60000 };

static void put_name(struct buf *out, const char *name)
{
    buf_byte(out, (unsigned char)strlen(name));
    buf_text(out, name);
}

int token_make(struct sealer *sealer, const struct smg_fields *card, const char *reader,
               const char *staff, int64_t now_ms, struct buf *out, struct smg_err *err)
{
    struct buf plain = { 0 }, sealed = { 0 };
    int status;

    if (strlen(reader) >= TOKEN_NAME_BYTES || strlen(staff) >= TOKEN_NAME_BYTES)
        return smg_fail(err, SMG_E_INVALID, "token: a name is too long");
    buf_byte(&plain, VERSION);
    buf_u64(&plain, (uint64_t)now_ms);
    put_name(&plain, reader);
    put_name(&plain, staff);
    fields_write(card, &plain);
    if (plain.failed)
        status = smg_fail(err, SMG_E_MEMORY, "token: out of memory");
    else
        status = seal(sealer, KEY_TOKEN, SMG_STR("card-token"), buf_view(&plain), &sealed, err);
    if (status == SMG_OK) {
        buf_text(out, PREFIX);
        buf_base64url(out, buf_view(&sealed));
        if (out->failed)
            status = smg_fail(err, SMG_E_MEMORY, "token: out of memory");
    }
    buf_fini(&plain);
    buf_fini(&sealed);
    return status;
}

static bool take_name(struct smg_str *view, char out[TOKEN_NAME_BYTES])
{
    struct smg_str name;
    uint8_t len;

    if (!take_u8(view, &len) || len >= TOKEN_NAME_BYTES || !take_bytes(view, len, &name))
        return false;
    memcpy(out, name.at, name.len);
    out[name.len] = '\0';
    return true;
}

static enum token_verdict read_plain(struct smg_str view, const char *staff, int64_t now_ms,
                                     int64_t ttl_ms, struct smg_fields **card, int64_t *read_ms,
                                     char reader[TOKEN_NAME_BYTES])
{
    char owner[TOKEN_NAME_BYTES];
    struct smg_err err;
    uint64_t made;
    uint8_t version;

    if (!take_u8(&view, &version) || version != VERSION || !take_u64(&view, &made) ||
        !take_name(&view, reader) || !take_name(&view, owner))
        return TOKEN_ALTERED;
    if (strcmp(owner, staff) != 0)
        return TOKEN_OF_OTHER_STAFF;
    if (now_ms - (int64_t)made > ttl_ms || (int64_t)made - now_ms > CLOCKS_APART_MS)
        return TOKEN_EXPIRED;
    *read_ms = (int64_t)made;
    *card = fields_read(view, &err);
    return *card == NULL ? TOKEN_ALTERED : TOKEN_OK;
}

enum token_verdict token_open(struct sealer *sealer, struct smg_str text, const char *staff,
                              int64_t now_ms, int64_t ttl_ms, struct smg_fields **card,
                              int64_t *read_ms, char reader[TOKEN_NAME_BYTES])
{
    struct buf sealed = { 0 }, plain = { 0 };
    enum token_verdict verdict = TOKEN_ALTERED;
    size_t prefix = sizeof PREFIX - 1;
    struct smg_err err;

    *card = NULL;
    if (str_starts(text, PREFIX) &&
        buf_unbase64url(&sealed, str_bytes(text.at + prefix, text.len - prefix)) &&
        unseal(sealer, KEY_TOKEN, SMG_STR("card-token"), buf_view(&sealed), &plain, &err) == SMG_OK)
        verdict = read_plain(buf_view(&plain), staff, now_ms, ttl_ms, card, read_ms, reader);
    buf_fini(&sealed);
    buf_fini(&plain);
    return verdict;
}

void token_problem(struct problems *problems, const char *pointer, enum token_verdict verdict)
{
    static const struct {
        const char *code, *zh, *en;
    } words[] = {
        [TOKEN_ALTERED] = { "token_altered", "读卡凭据无效或已被改动，请重新读卡",
                            "this card-read token is not one of ours or was altered; read the card "
                            "again" },
        [TOKEN_EXPIRED] = { "token_expired", "读卡凭据已过期，请重新读卡",
                            "this card-read token has expired; read the card again" },
        [TOKEN_OF_OTHER_STAFF] = { "token_of_other_staff", "读卡凭据属于另一名工作人员，请重新读卡",
                                   "this card was read for another staff member; read it again" },
    };

    problem_add(problems, pointer, words[verdict].code, words[verdict].zh, words[verdict].en);
}
