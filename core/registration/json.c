/* SPDX-License-Identifier: Apache-2.0 */
/* A strict check of JSON by one descent over the bytes, then the library's tree. */
#include "registration/json.h"

#include <cjson/cJSON.h>

/* The library reads no more of a number than this, and would stop in the middle of a longer one. */
enum { NUMBER_BYTES = 63 };

struct scan {
    struct smg_str text;
    size_t at;
    unsigned level;
    const char *why;
};

static bool fail(struct scan *scan, const char *why)
{
    if (scan->why == NULL)
        scan->why = why;
    return false;
}

static int peek(const struct scan *scan)
{
    return scan->at < scan->text.len ? (unsigned char)scan->text.at[scan->at] : -1;
}

static void skip_space(struct scan *scan)
{
    while (peek(scan) == ' ' || peek(scan) == '\t' || peek(scan) == '\n' || peek(scan) == '\r')
        scan->at++;
}

static bool skip_word(struct scan *scan, const char *word)
{
    struct smg_str rest = { scan->text.at + scan->at, scan->text.len - scan->at };

    if (!str_starts(rest, word))
        return fail(scan, "not a JSON value");
    scan->at += strlen(word);
    return true;
}

static bool skip_digits(struct scan *scan)
{
    size_t from = scan->at;

    while (peek(scan) >= '0' && peek(scan) <= '9')
        scan->at++;
    return scan->at > from || fail(scan, "a digit is missing in a number");
}

static bool skip_number_parts(struct scan *scan)
{
    if (peek(scan) == '-')
        scan->at++;
    if (peek(scan) == '0')
        scan->at++;
    else if (!skip_digits(scan))
        return false;
    if (peek(scan) == '.') {
        scan->at++;
        if (!skip_digits(scan))
            return false;
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-')
            scan->at++;
        return skip_digits(scan);
    }
    return true;
}

static bool skip_number(struct scan *scan)
{
    size_t from = scan->at;

    if (!skip_number_parts(scan))
        return false;
    return scan->at - from <= NUMBER_BYTES || fail(scan, "a number is too long");
}

/* The four hex digits of \uXXXX; at stands behind the u. */
static bool take_unit(struct scan *scan, unsigned *out)
{
    size_t i;

    *out = 0;
    for (i = 0; i < 4; i++, scan->at++) {
        int c = peek(scan);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return fail(scan, "\\u needs four hex digits");
        *out = *out << 4 | (unsigned)digit;
    }
    return true;
}

static bool skip_escape(struct scan *scan)
{
    unsigned high, low;
    int c = peek(scan);

    if (c <= 0 || strchr("\"\\/bfnrtu", c) == NULL)
        return fail(scan, "an unknown escape");
    scan->at++;
    if (c != 'u')
        return true;
    if (!take_unit(scan, &high))
        return false;
    if (high == 0)
        return fail(scan, "a NUL character in a string");
    if (high >= 0xDC00 && high <= 0xDFFF)
        return fail(scan, "half a surrogate pair");
    if (high < 0xD800 || high > 0xDBFF)
        return true;
    if (!skip_word(scan, "\\u") || !take_unit(scan, &low))
        return false;
    return (low >= 0xDC00 && low <= 0xDFFF) || fail(scan, "half a surrogate pair");
}

static bool skip_string(struct scan *scan)
{
    if (peek(scan) != '"')
        return fail(scan, "a string is missing");
    scan->at++;
    for (;;) {
        int c = peek(scan);

        if (c < 0)
            return fail(scan, "a string without an end");
        if (c < 0x20)
            return fail(scan, "a control character in a string");
        scan->at++;
        if (c == '"')
            return true;
        if (c == '\\' && !skip_escape(scan))
            return false;
    }
}

static bool skip_value(struct scan *scan);

/* Members of an object or items of an array, up to the closing mark. */
static bool skip_members(struct scan *scan, char close)
{
    if (++scan->level > JSON_LEVELS)
        return fail(scan, "too many levels");
    scan->at++;
    skip_space(scan);
    if (peek(scan) == close) {
        scan->at++;
        scan->level--;
        return true;
    }
    for (;;) {
        skip_space(scan);
        if (close == '}') {
            if (!skip_string(scan))
                return false;
            skip_space(scan);
            if (peek(scan) != ':')
                return fail(scan, "a ':' is missing");
            scan->at++;
        }
        if (!skip_value(scan))
            return false;
        skip_space(scan);
        if (peek(scan) == close) {
            scan->at++;
            scan->level--;
            return true;
        }
        if (peek(scan) != ',')
            return fail(scan, "a ',' or the end is missing");
        scan->at++;
    }
}

static bool skip_value(struct scan *scan)
{
    skip_space(scan);
    switch (peek(scan)) {
    case '{':
        return skip_members(scan, '}');
    case '[':
        return skip_members(scan, ']');
    case '"':
        return skip_string(scan);
    case 't':
        return skip_word(scan, "true");
    case 'f':
        return skip_word(scan, "false");
    case 'n':
        return skip_word(scan, "null");
    default:
        return skip_number(scan);
    }
}

/* Where well-formed UTF-8 ends. */
static size_t find_bad_character(struct smg_str text)
{
    size_t at = 0, len = 1;

    while (at < text.len && len <= 4 && len <= text.len - at) {
        if (str_is_utf8(str_bytes(text.at + at, len))) {
            at += len;
            len = 1;
        } else {
            len++;
        }
    }
    return at;
}

bool json_check(struct smg_str text, size_t *at, const char **why)
{
    struct scan scan = { .text = text };
    bool good = true;

    if (!str_is_utf8(text)) {
        scan.at = find_bad_character(text);
        good = fail(&scan, "not well-formed UTF-8");
    }
    if (good)
        good = skip_value(&scan);
    if (good) {
        skip_space(&scan);
        good = scan.at == text.len || fail(&scan, "something after the end");
    }
    *at = scan.at;
    *why = scan.why;
    return good;
}

/* One name twice in an object: two readers could see two different applications. Also true, with no
 * budget left, when there are too many names to compare. */
static bool has_duplicates(const cJSON *node, unsigned *budget)
{
    const cJSON *child, *other;

    for (child = node->child; child != NULL; child = child->next) {
        for (other = child->next; child->string != NULL && other != NULL; other = other->next) {
            if (*budget == 0 || strcmp(child->string, other->string) == 0)
                return true;
            (*budget)--;
        }
        if (has_duplicates(child, budget))
            return true;
    }
    return false;
}

struct cJSON *json_parse(struct smg_str text, struct problems *problems)
{
    unsigned comparisons = 200000;
    const char *why;
    cJSON *tree;
    size_t at;

    if (!json_check(text, &at, &why)) {
        struct buf where = { 0 };

        buf_printf(&where, "%zu (%s)", at + 1, why);
        problem_add_named(problems, "", "malformed_json",
                          "请求体不是合法的 JSON，错误位于第 %s 字节",
                          "the body is not JSON; look at byte %s", where.failed ? "?" : where.at);
        buf_fini(&where);
        return NULL;
    }
    tree = cJSON_ParseWithLength(text.at, text.len);
    if (tree == NULL) {
        problem_add(problems, "", "too_large", "请求体过大，无法处理",
                    "the body is too large to hold");
        return NULL;
    }
    if (!cJSON_IsObject(tree))
        problem_add(problems, "", "wrong_type", "请求体应为 JSON 对象",
                    "the body must be a JSON object");
    else if (!has_duplicates(tree, &comparisons))
        return tree;
    else if (comparisons == 0)
        problem_add(problems, "", "too_large", "请求体中的成员过多", "there are too many members");
    else
        problem_add(problems, "", "duplicate_name", "同一对象中有重复的成员名",
                    "an object has two members of one name");
    cJSON_Delete(tree);
    return NULL;
}
