/* SPDX-License-Identifier: Apache-2.0 */
/* The answer: is it the service's, is it fresh, and which verdict is in it. */
#include "mapping_inside.h"

#include <math.h>
#include <openssl/crypto.h>
#include <time.h>

enum { VALUE_BYTES = 128 };

/* ---- signed and fresh ---- */

/* answer.body, answer.header.NAME, request.id: of a header that is not there once, nothing. */
static bool answer_value(void *ctx, struct smg_str name, struct smg_value *out)
{
    static const char header[] = "answer.header.";
    struct sources *sources = ctx;
    const size_t len = sizeof header - 1;
    char text[64];

    *out = (struct smg_value){ .type = SMG_TEXT };
    if (name.len == 10 && memcmp(name.at, "request.id", 10) == 0) {
        out->str = (struct smg_str){ sources->inquiry->id, ID_BYTES };
        return true;
    }
    if (name.len == 11 && memcmp(name.at, "answer.body", 11) == 0) {
        out->str = sources->answer->body;
        return true;
    }
    if (name.len <= len || name.len - len >= sizeof text || memcmp(name.at, header, len) != 0)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)(name.len - len), name.at + len);
    return https_header(sources->answer, text, &out->str);
}

/* Hexadecimal or base64, whichever the service writes. */
static bool same_signature(const struct sources *sources, struct smg_str said)
{
    char hex[2 * EVP_MAX_MD_SIZE + 1], lower[2 * EVP_MAX_MD_SIZE + 1] = { 0 };
    unsigned char base64[EVP_MAX_MD_SIZE * 2];
    size_t hex_len = 2 * sources->signature_len;
    int base64_len;

    for (size_t i = 0; i < sources->signature_len; i++)
        snprintf(hex + 2 * i, 3, "%02x", sources->signature[i]);
    for (size_t i = 0; i < said.len && said.len == hex_len; i++)
        lower[i] = said.at[i] >= 'A' && said.at[i] <= 'F' ? (char)(said.at[i] | 0x20) : said.at[i];
    base64_len = EVP_EncodeBlock(base64, sources->signature, (int)sources->signature_len);
    return (said.len == hex_len && CRYPTO_memcmp(lower, hex, hex_len) == 0) ||
           (said.len == (size_t)base64_len && CRYPTO_memcmp(said.at, base64, said.len) == 0);
}

static int check_signature(const struct mapping *mapping, struct sources *sources,
                           struct smg_err *err)
{
    const struct config *config = mapping->config;
    struct smg_str said;

    if (config->answer_sign == NULL)
        return SMG_OK;
    if (!https_header(sources->answer, config->answer_signature, &said))
        return smg_fail(err, SMG_E_PROTOCOL, "the answer is not signed");
    if (!mapping_sign(mapping, config->answer_sign, answer_value, sources, err))
        return smg_fail(err, SMG_E_PROTOCOL, "the answer lacks something that should be signed");
    return same_signature(sources, said)
               ? SMG_OK
               : smg_fail(err, SMG_E_PROTOCOL, "the answer's signature is wrong");
}

/* Seconds, milliseconds, or YYYYMMDDhhmmss in UTC+8, by the number of digits. */
static bool read_time(struct smg_str text, int64_t *out)
{
    int64_t number = 0;
    struct tm parts = { 0 };

    for (size_t i = 0; i < text.len && text.len <= 14; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        number = number * 10 + (text.at[i] - '0');
    }
    if (text.len == 10 || text.len == 13) {
        *out = text.len == 10 ? number * 1000 : number;
        return true;
    }
    parts.tm_sec = (int)(number % 100);
    parts.tm_min = (int)(number / 100 % 100);
    parts.tm_hour = (int)(number / 10000 % 100);
    parts.tm_mday = (int)(number / 1000000 % 100);
    parts.tm_mon = (int)(number / 100000000 % 100) - 1;
    parts.tm_year = (int)(number / 10000000000) - 1900;
    *out = ((int64_t)timegm(&parts) - 8 * 3600) * 1000;
    return text.len == 14;
}

static int check_time(const struct mapping *mapping, const struct https_answer *answer,
                      int64_t now_ms, struct smg_err *err)
{
    const struct config *config = mapping->config;
    struct smg_str text;
    int64_t then;

    if (config->answer_time == NULL)
        return SMG_OK;
    if (!https_header(answer, config->answer_time, &text) || !read_time(text, &then))
        return smg_fail(err, SMG_E_PROTOCOL, "the answer does not say when it was made");
    if (then - now_ms > config->answer_age || now_ms - then > config->answer_age)
        return smg_fail(err, SMG_E_PROTOCOL,
                        "the answer is not of now: it is old, or the clocks are apart");
    return SMG_OK;
}

/* ---- the verdict ---- */

static const char *find_verdict(const struct config *config, const char *value)
{
    struct smg_str word = { value, strlen(value) };

    if (mapping_lists(config->match, word))
        return "match";
    if (mapping_lists(config->mismatch, word))
        return "mismatch";
    return mapping_lists(config->unknown, word) ? "unknown" : NULL;
}

/* A match is one only when the score says so too. */
static const char *weigh(const struct mapping *mapping, const struct reply *reply)
{
    char text[VALUE_BYTES], *end;
    double score;

    if (!reply_text(reply, mapping->config->score, text, sizeof text))
        return NULL;
    score = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(score))
        return NULL;
    return score >= mapping->score_match     ? "match"
           : score < mapping->score_mismatch ? "mismatch"
                                             : "unknown";
}

/* Without a receipt of the service's own, its name for the question is ours. */
static void take_receipt(const struct mapping *mapping, const struct inquiry *inquiry,
                         const struct reply *reply, char out[RECEIPT_BYTES])
{
    const char *place = mapping->config->receipt;

    if (place == NULL || !reply_text(reply, place, out, RECEIPT_BYTES) || out[0] == '\0')
        snprintf(out, RECEIPT_BYTES, "request:%s", inquiry->id);
}

static int read_body(const struct mapping *mapping, const struct inquiry *inquiry,
                     const struct https_answer *answer, struct verdict *out, struct smg_err *err)
{
    struct reply *reply = reply_open(mapping->form, answer->body);
    char value[VALUE_BYTES];
    int code = SMG_OK;

    if (reply == NULL)
        return smg_fail(err, SMG_E_PROTOCOL, "the answer is no %s", mapping->config->answer_type);
    if (!reply_text(reply, mapping->config->verdict, value, sizeof value))
        code = smg_fail(err, SMG_E_PROTOCOL, "the answer has no verdict at %s",
                        mapping->config->verdict);
    else if ((out->verdict = find_verdict(mapping->config, value)) == NULL)
        code = smg_fail(err, SMG_E_PROTOCOL, "the answer's verdict is in none of the lists");
    else if (mapping->config->score != NULL && strcmp(out->verdict, "match") == 0 &&
             (out->verdict = weigh(mapping, reply)) == NULL)
        code =
            smg_fail(err, SMG_E_PROTOCOL, "the answer has no score at %s", mapping->config->score);
    else
        take_receipt(mapping, inquiry, reply, out->receipt);
    explicit_bzero(value, sizeof value);
    reply_close(reply);
    return code;
}

static int check_status(int status, struct smg_err *err)
{
    switch (status) {
    case 200:
        return SMG_OK;
    case 400:
    case 404:
    case 409:
    case 413:
    case 422:
        return smg_fail(err, SMG_E_INVALID, "the service refused the question with status %d",
                        status);
    case 401:
    case 403:
        return smg_fail(err, SMG_E_DENIED, "the service refused us with status %d", status);
    case 429:
        return smg_fail(err, SMG_E_BUSY, "the service is asked too often: status 429");
    default:
        if (status >= 500)
            return smg_fail(err, SMG_E_IO, "the service failed with status %d", status);
        return smg_fail(err, SMG_E_PROTOCOL, "status %d is no answer", status);
    }
}

int mapping_read(const struct mapping *mapping, const struct inquiry *inquiry,
                 const struct https_answer *answer, int64_t now_ms, struct verdict *out,
                 struct smg_err *err)
{
    struct sources sources = {
        .mapping = mapping, .inquiry = inquiry, .answer = answer, .now_ms = now_ms
    };
    int code = check_status(answer->status, err);

    if (code == SMG_OK)
        code = check_signature(mapping, &sources, err);
    if (code == SMG_OK)
        code = check_time(mapping, answer, now_ms, err);
    if (code == SMG_OK)
        code = read_body(mapping, inquiry, answer, out, err);
    return code;
}

/* ---- opening ---- */

static bool read_number(const char *text, double *out)
{
    char *end = NULL;

    *out = text == NULL ? 0 : strtod(text, &end);
    return text != NULL && end != text && *end == '\0' && isfinite(*out);
}

int mapping_open_answer(struct mapping *mapping, struct smg_err *err)
{
    const struct config *config = mapping->config;
    bool json = strcmp(config->answer_type, "json") == 0;

    mapping->form = json                                       ? REPLY_JSON
                    : strcmp(config->answer_type, "form") == 0 ? REPLY_FORM
                                                               : REPLY_XML;
    if (json &&
        (config->verdict[0] != '/' || (config->receipt != NULL && config->receipt[0] != '/') ||
         (config->score != NULL && config->score[0] != '/')))
        return smg_fail(err, SMG_E_INVALID,
                        "verdict, receipt, score: in JSON a place is a pointer, /result/code");
    if (config->score != NULL && (!read_number(config->score_match, &mapping->score_match) ||
                                  !read_number(config->score_mismatch, &mapping->score_mismatch) ||
                                  mapping->score_mismatch > mapping->score_match))
        return smg_fail(err, SMG_E_INVALID,
                        "score_match, score_mismatch: a score needs both, the first not the lower");
    if ((config->answer_sign == NULL) != (config->answer_signature == NULL))
        return smg_fail(err, SMG_E_INVALID,
                        "answer_sign, answer_signature: both are needed, or neither");
    return SMG_OK;
}
