/* SPDX-License-Identifier: Apache-2.0 */
/* Access data from JSON or from the token of another read. */
#include "registration/known.h"

#include "base/date.h"
#include "registration/json.h"
#include "registration/token.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

enum { NUMBER_LONGEST = 22 /* a TD1 number that runs over into the optional data */ };

/* What of another read's fields opens a chip. */
static const char *const opens[] = { "access.mrz", "access.can", "document.number", "birth",
                                     "document.valid_to" };

struct knowing {
    const struct known_context *context;
    struct problems *problems;
    const char *root; /* of pointers: "/access" or "" */
    struct smg_fields *fields;
};

static void complain(struct knowing *knowing, const char *member, const char *code, const char *zh,
                     const char *en)
{
    char pointer[64];

    snprintf(pointer, sizeof pointer, "%s%s%s", knowing->root, member[0] == '\0' ? "" : "/",
             member);
    problem_add(knowing->problems, pointer, code, zh, en);
}

static void keep(struct knowing *knowing, bool kept)
{
    if (!kept)
        complain(knowing, "", "out_of_memory", "内存不足，请稍后再试", "out of memory; try again");
}

static bool is_mrz_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '<';
}

/* Three lines of 30, two of 36 or two of 44 characters, with or without breaks between them. */
static void take_mrz(struct knowing *knowing, const char *text)
{
    struct buf zone = { 0 };
    bool good = strlen(text) < 128;

    for (; good && *text != '\0'; text++) {
        if (is_mrz_character(*text))
            buf_byte(&zone, (unsigned char)*text);
        else
            good = *text == '\n' || *text == '\r';
    }
    good = good && (zone.len == 90 || zone.len == 72 || zone.len == 88);
    if (good)
        keep(knowing, fields_set_text(knowing->fields, "access.mrz", buf_view(&zone)));
    else
        complain(knowing, "mrz", "wrong_mrz", "机读区应为 90、72 或 88 个字符：A-Z、0-9、<",
                 "a machine readable zone has 90, 72 or 88 characters: A-Z, 0-9, <");
    buf_fini(&zone);
}

static void take_can(struct knowing *knowing, const char *text)
{
    if (strlen(text) == 6 && strspn(text, "0123456789") == 6)
        keep(knowing, fields_set_text(knowing->fields, "access.can", str_of(text)));
    else
        complain(knowing, "can", "wrong_can", "卡片访问号应为六位数字",
                 "a card access number has six digits");
}

static void take_number(struct knowing *knowing, const char *text)
{
    size_t len = strlen(text), i = 0;

    while (i < len && is_mrz_character(text[i]))
        i++;
    if (len > 0 && len <= NUMBER_LONGEST && i == len)
        keep(knowing, fields_set_text(knowing->fields, "document.number", str_of(text)));
    else
        complain(knowing, "number", "wrong_number", "证件号码应为 1 至 22 个字符：A-Z、0-9",
                 "a document number has 1 to 22 characters: A-Z, 0-9");
}

static void take_date(struct knowing *knowing, const char *member, const char *field,
                      const char *text)
{
    struct smg_date date;

    if (date_parse(str_of(text), &date))
        keep(knowing, fields_set_date(knowing->fields, field, date));
    else
        complain(knowing, member, "wrong_date", "日期应为 YYYY-MM-DD", "a date is YYYY-MM-DD");
}

/* Of another read only what opens a chip goes on, and not its picture or address. */
static void take_token(struct knowing *knowing, const char *text)
{
    const struct known_context *context = knowing->context;
    char reader[TOKEN_NAME_BYTES];
    struct smg_fields *card = NULL;
    enum token_verdict verdict = TOKEN_ALTERED;
    int64_t read_ms;
    char pointer[64];

    if (context->sealer != NULL)
        verdict = token_open(context->sealer, str_of(text), context->staff, context->now_ms,
                             context->token_ttl_ms, &card, &read_ms, reader);
    if (verdict != TOKEN_OK) {
        snprintf(pointer, sizeof pointer, "%s/token", knowing->root);
        token_problem(knowing->problems, pointer, verdict);
        return;
    }
    for (size_t i = 0; i < sizeof opens / sizeof *opens; i++) {
        const struct smg_value *value = fields_get(card, str_of(opens[i]));

        if (value != NULL)
            keep(knowing, fields_set(knowing->fields, str_of(opens[i]), value));
    }
    fields_free(card);
}

/* Exactly the members of one form. */
static bool has_form(const cJSON *access, const char *const *members, int count)
{
    int found = 0;

    for (int i = 0; i < count; i++)
        found += cJSON_IsString(cJSON_GetObjectItemCaseSensitive(access, members[i]));
    return found == count && cJSON_GetArraySize(access) == count;
}

static const char *member_of(const cJSON *access, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(access, name)->valuestring;
}

static void take_access(struct knowing *knowing, const cJSON *access)
{
    static const char *const mrz[] = { "mrz" }, *const can[] = { "can" },
                             *const token[] = { "token" };
    static const char *const typed[] = { "number", "birth", "valid_to" };

    if (has_form(access, mrz, 1)) {
        take_mrz(knowing, member_of(access, "mrz"));
    } else if (has_form(access, can, 1)) {
        take_can(knowing, member_of(access, "can"));
    } else if (has_form(access, token, 1)) {
        take_token(knowing, member_of(access, "token"));
    } else if (has_form(access, typed, 3)) {
        take_number(knowing, member_of(access, "number"));
        take_date(knowing, "birth", "birth", member_of(access, "birth"));
        take_date(knowing, "valid_to", "document.valid_to", member_of(access, "valid_to"));
    } else {
        complain(knowing, "", "wrong_access",
                 "应为 mrz、can、token 之一，或 number、birth、valid_to 三项",
                 "this must be {\"mrz\"}, {\"can\"}, {\"token\"} or {\"number\", \"birth\", "
                 "\"valid_to\"}, all texts");
    }
}

/* cJSON frees without wiping. */
static void wipe_tree(cJSON *tree)
{
    cJSON *child;

    cJSON_ArrayForEach(child, tree)
    {
        if (child->valuestring != NULL)
            str_wipe(child->valuestring, strlen(child->valuestring));
        wipe_tree(child);
    }
}

static struct smg_fields *end(struct knowing *knowing, cJSON *tree)
{
    wipe_tree(tree);
    cJSON_Delete(tree);
    if (knowing->problems->count == 0 && fields_count(knowing->fields) > 0)
        return knowing->fields;
    fields_free(knowing->fields);
    return NULL;
}

struct smg_fields *known_read(const struct known_context *context, struct smg_str text,
                              struct problems *problems)
{
    struct knowing knowing = { .context = context, .problems = problems, .root = "" };
    cJSON *tree = json_parse(text, problems);

    knowing.fields = fields_new();
    keep(&knowing, knowing.fields != NULL);
    if (problems->count == 0)
        take_access(&knowing, tree);
    return end(&knowing, tree);
}

struct smg_fields *known_read_body(const struct known_context *context, struct smg_str body,
                                   struct problems *problems)
{
    struct knowing knowing = { .context = context, .problems = problems, .root = "/access" };
    const cJSON *access;
    cJSON *tree;

    if (body.len == 0)
        return NULL;
    tree = json_parse(body, problems);
    access = cJSON_GetObjectItemCaseSensitive(tree, "access");
    if (tree != NULL && cJSON_GetArraySize(tree) != (access == NULL ? 0 : 1))
        problem_add(problems, "", "unknown_member", "只能有 access 一项",
                    "only access belongs here");
    knowing.fields = fields_new();
    keep(&knowing, knowing.fields != NULL);
    if (problems->count == 0 && access != NULL)
        take_access(&knowing, access);
    return end(&knowing, tree);
}
