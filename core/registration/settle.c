/* SPDX-License-Identifier: Apache-2.0 */
/* What an application says once all of it was read: cards, numbers, the letter of authorization. */
#include "registration/walk.h"

#include "policy/number.h"
#include "registration/json.h"
#include "registration/member.h"
#include "registration/token.h"

#include <cjson/cJSON.h>

static bool same_value(const struct smg_value *a, const struct smg_value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case SMG_BOOL:
        return a->boolean == b->boolean;
    case SMG_INT:
        return a->integer == b->integer;
    case SMG_DATE:
        return date_compare(a->date, b->date) == 0;
    default:
        return str_eq(a->str, b->str);
    }
}

/* The card's fields take the place of typed ones; typed ones that say otherwise are refused. */
static void lay_card(struct walk *walk, const char *who, const char *pointer,
                     const struct smg_fields *card)
{
    size_t i;

    for (i = 0; i < fields_count(card); i++) {
        struct smg_str part = fields_name(card, i);
        const struct smg_value *typed;
        char name[160];

        if (str_starts(part, "access."))
            continue; /* it opens the chip of the document, and has no use in a registration */
        snprintf(name, sizeof name, "%s.%.*s", who, (int)part.len, part.at);
        typed = fields_get(walk->out->fields, str_of(name));
        if (typed != NULL && !same_value(typed, fields_value(card, i))) {
            problem_add_named(walk->problems, pointer, "contradicts_card",
                              "填写的内容与读卡结果不一致：%s",
                              "what was typed is not what the card says: %s", name);
            continue;
        }
        walk_keep(walk, fields_set(walk->out->fields, str_of(name), fields_value(card, i)));
    }
}

static void open_token(struct walk *walk, const char *who, const char *pointer, struct smg_str text)
{
    const struct application_context *context = walk->context;
    char reader[TOKEN_NAME_BYTES], name[64];
    struct smg_fields *card = NULL;
    enum token_verdict verdict = TOKEN_ALTERED;
    int64_t read_ms;

    if (context->sealer != NULL)
        verdict = token_open(context->sealer, text, context->staff, context->now_ms,
                             context->token_ttl_ms, &card, &read_ms, reader);
    if (verdict != TOKEN_OK) {
        token_problem(walk->problems, pointer, verdict);
        return;
    }
    if (read_ms < walk->out->begun_ms)
        walk->out->begun_ms = read_ms;
    lay_card(walk, who, pointer, card);
    snprintf(name, sizeof name, "%s.document.reader", who);
    walk_keep(walk, fields_set_text(walk->out->fields, name, str_of(reader)));
    fields_free(card);
}

/* What a device of ours reads a document by: its chip, or the print of its machine readable zone.
 */
static bool is_read(struct smg_str origin)
{
    return str_is(origin, "chip") || str_is(origin, "mrz");
}

/* One field of a card as JSON; false when no card says such a thing. */
static bool take_card_field(const cJSON *node, struct smg_fields *card)
{
    struct smg_str name = str_of(node->string);
    struct smg_date date;

    if (str_is(name, "document.origin"))
        return cJSON_IsString(node) && is_read(str_of(node->valuestring)) &&
               fields_set_text(card, node->string, str_of(node->valuestring));
    if (!member_is_name(name) || member_is_typed(name))
        return false;
    if (member_is_date(name))
        return cJSON_IsString(node) && date_parse(str_of(node->valuestring), &date) &&
               fields_set_date(card, node->string, date);
    if (cJSON_IsBool(node))
        return fields_set_bool(card, node->string, cJSON_IsTrue(node));
    return cJSON_IsString(node) && fields_set_text(card, node->string, str_of(node->valuestring));
}

/* "read": what a card is believed to say, where there are no tokens. */
static void open_read(struct walk *walk, const char *who, const char *pointer, struct smg_str text)
{
    struct smg_fields *card = fields_new();
    cJSON *tree = json_parse(text, walk->problems);
    const cJSON *child;
    bool good = card != NULL && tree != NULL;

    cJSON_ArrayForEach(child, tree)
    {
        good = good && take_card_field(child, card);
    }
    if (good)
        lay_card(walk, who, pointer, card);
    else
        problem_add(walk->problems, pointer, "wrong_card",
                    "应为读卡所得字段，如 {\"name\":\"…\",\"document.type\":\"resident_id\"}",
                    "this must be the fields of a card, {\"name\": \"...\", \"document.type\": "
                    "\"resident_id\"}");
    fields_free(card);
    cJSON_Delete(tree);
}

/* A typed number that its own format refutes is a slip of the hand: said at once, before any rule.
 * A number that is well formed but not acceptable is for the rules. */
static void check_number(struct walk *walk, const char *who, const char *pointer)
{
    char name[64], place[96];
    const struct document_info *kind;
    struct number_says says;
    struct smg_str type, number;

    snprintf(name, sizeof name, "%s.document.type", who);
    type = fields_text(walk->out->fields, name);
    if (type.len == 0)
        return;
    kind = policy_document_find(walk->context->policies, type);
    if (kind == NULL) {
        snprintf(place, sizeof place, "%s/type", pointer);
        problem_add(walk->problems, place, "unknown_document",
                    "未知的证件类别；可用类别见 shiming document check --help",
                    "an unknown kind of document; shiming document check --help lists the kinds");
        return;
    }
    snprintf(name, sizeof name, "%s.document.number", who);
    number = fields_text(walk->out->fields, name);
    if (number.len == 0)
        return;
    number_format(str_of(kind->number))(number, walk->context->on, &says);
    if (says.verdict != NUMBER_OK && says.verdict != NUMBER_RETIRED &&
        says.verdict != NUMBER_UNSUITABLE) {
        snprintf(place, sizeof place, "%s/number", pointer);
        problem_add(walk->problems, place, number_verdict_name(says.verdict), number_text(&says).zh,
                    number_text(&says).en);
    } else if (says.verdict == NUMBER_OK) {
        walk_keep(walk, fields_set_text(walk->out->fields, name, str_of(says.normal)));
    }
    str_wipe(&says, sizeof says);
}

/* A card in this member of the document: then its text is opened and does not stay, for it would be
 * a second copy. false: there is none. */
static bool settle_card(struct walk *walk, const char *who, const char *where, const char *member,
                        void (*open)(struct walk *, const char *, const char *, struct smg_str))
{
    char name[64], pointer[80];
    struct buf copy = { 0 };

    snprintf(name, sizeof name, "%s.document.%s", who, member);
    snprintf(pointer, sizeof pointer, "/%s/document/%s", where, member);
    if (fields_text(walk->out->fields, name).len == 0)
        return false;
    buf_str(&copy, fields_text(walk->out->fields, name));
    fields_erase(walk->out->fields, name);
    open(walk, who, pointer, buf_view(&copy));
    buf_fini(&copy);
    return true;
}

/* A reader that does not say what it read by read a chip; one that says what we do not know is
 * believed no more than a hand. */
static void put_origin(struct walk *walk, const char *who, bool read)
{
    char name[64];
    struct smg_str told;

    snprintf(name, sizeof name, "%s.document.origin", who);
    told = fields_text(walk->out->fields, name);
    if (read && told.len == 0)
        told = SMG_STR("chip");
    else if (!read || !is_read(told))
        told = SMG_STR("typed");
    else
        return; /* it stands there */
    walk_keep(walk, fields_set_text(walk->out->fields, name, told));
}

/* A person's document: from a card, or typed and checked. */
static void settle_document(struct walk *walk, const char *who, const char *where)
{
    char name[64], pointer[64];
    bool read = settle_card(walk, who, where, "token", open_token);

    snprintf(pointer, sizeof pointer, "/%s/document", where);
    read = settle_card(walk, who, where, "read", open_read) || read;
    if (!read)
        check_number(walk, who, pointer);
    snprintf(name, sizeof name, "%s.document.type", who);
    if (read || fields_text(walk->out->fields, name).len > 0)
        put_origin(walk, who, read);
}

/* "organisation": {"authorization": {"evidence": ID}} is one more picture, said where it belongs.
 */
static void link_authorization(struct walk *walk)
{
    struct application *out = walk->out;
    struct smg_str text = fields_text(out->fields, "organisation.authorization.evidence");
    struct evidence_link *link = &out->evidence[out->evidence_count];

    if (text.len == 0)
        return;
    if (out->evidence_count == EVIDENCE_MAX || !id_parse(text, &link->id)) {
        problem_add(walk->problems, "/organisation/authorization/evidence", "wrong_evidence",
                    "应为上传授权书照片时答复的编号",
                    "this must be the id that was answered on upload");
        return;
    }
    snprintf(link->kind, sizeof link->kind, "authorization");
    snprintf(link->of, sizeof link->of, "organisation");
    snprintf(link->pointer, sizeof link->pointer, "/organisation/authorization");
    out->evidence_count++;
}

void walk_settle(struct walk *walk)
{
    static const struct {
        const char *who, *given;
    } people[] = { { "customer", "customer.given" },
                   { "proxy", "proxy.given" },
                   { "guardian", "guardian.given" },
                   { "handler", "handler.given" },
                   { "organisation", "organisation.given" } };
    const struct smg_value *users = fields_get(walk->out->fields, SMG_STR("users.count"));
    int64_t count = users == NULL ? 0 : users->integer; /* setting fields moves them */
    struct smg_str region = fields_text(walk->out->fields, "region");
    int64_t i, digits;

    for (i = 0; i < 5; i++)
        if (fields_get(walk->out->fields, str_of(people[i].given)) != NULL)
            settle_document(walk, people[i].who, people[i].who);
    link_authorization(walk);
    for (i = 1; i <= count; i++) {
        char who[32], where[32];

        snprintf(who, sizeof who, "users.%d", (int)i);
        snprintf(where, sizeof where, "users/%d", (int)i - 1);
        settle_document(walk, who, where);
    }
    if (region.len == 0)
        walk_keep(walk,
                  fields_set_text(walk->out->fields, "region", str_of(walk->context->region)));
    else if (region.len != 6 || !str_to_int(region, &digits))
        problem_add(walk->problems, "/region", "wrong_region", "应为六位行政区划代码",
                    "this must be a six-digit region code (GB/T 2260)");
}

/* E.164: '+', then 6 to 15 digits. */
void walk_check_phone(struct walk *walk)
{
    struct smg_str number = fields_text(walk->out->fields, "number");
    int64_t digits;

    if (number.len == 0)
        return;
    if (number.at[0] != '+' || number.len < 7 || number.len > 16 ||
        !str_to_int(str_bytes(number.at + 1, number.len - 1), &digits))
        problem_add(walk->problems, "/number", "wrong_phone_number",
                    "应为国际格式的电话号码，如 +8613989000001",
                    "this must be a telephone number with its country code, +8613989000001");
}
