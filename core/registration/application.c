/* SPDX-License-Identifier: Apache-2.0 */
/* The walk that turns JSON into fields, by the table of members. */
#include "registration/walk.h"

#include "registration/json.h"
#include "registration/member.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static void complain(struct walk *walk, const char *code, const char *zh, const char *en)
{
    problem_add(walk->problems,
                walk->pointer.failed || walk->pointer.at == NULL ? "" : walk->pointer.at, code, zh,
                en);
}

static void complain_named(struct walk *walk, const char *code, const char *zh, const char *en,
                           const char *name)
{
    problem_add_named(walk->problems,
                      walk->pointer.failed || walk->pointer.at == NULL ? "" : walk->pointer.at,
                      code, zh, en, name);
}

static void step_in(struct walk *walk, const char *pointer, const char *name)
{
    buf_byte(&walk->pointer, '/');
    buf_text(&walk->pointer, pointer);
    if (walk->name.len > 0)
        buf_byte(&walk->name, '.');
    buf_text(&walk->name, name);
}

static void step_out(struct walk *walk, size_t pointer_len, size_t name_len)
{
    walk->pointer.len = pointer_len;
    walk->name.len = name_len;
    if (walk->pointer.at != NULL)
        walk->pointer.at[pointer_len] = '\0';
    if (walk->name.at != NULL)
        walk->name.at[name_len] = '\0';
}

void walk_keep(struct walk *walk, bool kept)
{
    if (!kept || walk->name.failed)
        complain(walk, "too_large", "内容过多，无法处理", "there is too much to hold");
}

static void read_text(struct walk *walk, const struct member *member, const cJSON *node)
{
    struct smg_str text;

    if (!cJSON_IsString(node)) {
        complain(walk, "wrong_type", "应为字符串", "this must be a string");
        return;
    }
    text = str_of(node->valuestring);
    if (text.len > member->limit) {
        complain(walk, "too_long", "内容过长", "this text is too long");
        return;
    }
    if (text.len == 0)
        return; /* an empty box on a form: not given */
    walk_keep(walk, fields_set_text(walk->out->fields, walk->name.at, text));
}

static void read_date(struct walk *walk, const cJSON *node)
{
    struct smg_date date;

    if (!cJSON_IsString(node) || !date_parse(str_of(node->valuestring), &date))
        complain(walk, "wrong_date", "应为日历上存在的日期，格式 YYYY-MM-DD",
                 "this must be a day of the calendar, written YYYY-MM-DD");
    else
        walk_keep(walk, fields_set_date(walk->out->fields, walk->name.at, date));
}

static void read_object(struct walk *walk, const struct member *members, const cJSON *node);

static void read_people(struct walk *walk, const struct member *member, const cJSON *node)
{
    size_t pointer_len = walk->pointer.len, name_len = walk->name.len, i = 0;
    const cJSON *child;

    if (!cJSON_IsArray(node)) {
        complain(walk, "wrong_type", "应为数组", "this must be a list");
        return;
    }
    cJSON_ArrayForEach(child, node)
    {
        char pointer[24], name[24];

        if (i >= member->limit) {
            complain(walk, "too_many", "数量过多", "there are too many of these");
            return;
        }
        snprintf(pointer, sizeof pointer, "%zu", i);
        snprintf(name, sizeof name, "%zu", ++i);
        step_in(walk, pointer, name);
        read_object(walk, member->members, child);
        step_out(walk, pointer_len, name_len);
    }
    walk_keep(walk, fields_set_int(walk->out->fields, "users.count", (int64_t)i));
}

static bool is_name(const cJSON *node, size_t room)
{
    return cJSON_IsString(node) && strlen(node->valuestring) < room &&
           member_is_name(str_of(node->valuestring));
}

static void read_picture(struct walk *walk, const cJSON *node, size_t i)
{
    static const char *const known[] = { "id", "kind", "of" };
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(node, "id");
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive(node, "kind");
    const cJSON *of = cJSON_GetObjectItemCaseSensitive(node, "of");
    struct evidence_link *link = &walk->out->evidence[walk->out->evidence_count];
    const cJSON *child;

    if (!cJSON_IsObject(node)) {
        complain(walk, "wrong_type", "应为对象", "this must be an object");
        return;
    }
    cJSON_ArrayForEach(child, node)
    {
        if (strcmp(child->string, "id") != 0 && strcmp(child->string, "kind") != 0 &&
            strcmp(child->string, "of") != 0) {
            const char *near = str_nearest(str_of(child->string), known, 3);

            complain_named(walk, "unknown_member",
                           "有未知成员；照片只有 id、kind、of（最接近：%s）",
                           "an unknown member; a picture has id, kind and of (nearest: %s)",
                           near == NULL ? "-" : near);
            return;
        }
    }
    if (!is_name(kind, sizeof link->kind) || !is_name(of, sizeof link->of) || !cJSON_IsString(id) ||
        !id_parse(str_of(id->valuestring), &link->id)) {
        complain(
            walk, "wrong_evidence",
            "照片须有 id（上传时的编号）、kind（如 portrait）和 of（如 customer）",
            "a picture needs an id (as answered on upload), a kind (portrait) and of (customer)");
        return;
    }
    snprintf(link->kind, sizeof link->kind, "%s", kind->valuestring);
    snprintf(link->of, sizeof link->of, "%s", of->valuestring);
    snprintf(link->pointer, sizeof link->pointer, "/evidence/%zu", i);
    walk->out->evidence_count++;
}

static void read_pictures(struct walk *walk, const struct member *member, const cJSON *node)
{
    size_t pointer_len = walk->pointer.len, name_len = walk->name.len, i = 0;
    const cJSON *child;

    if (!cJSON_IsArray(node)) {
        complain(walk, "wrong_type", "应为数组", "this must be a list");
        return;
    }
    cJSON_ArrayForEach(child, node)
    {
        char pointer[24];

        if (i >= member->limit) {
            complain(walk, "too_many", "数量过多", "there are too many of these");
            return;
        }
        snprintf(pointer, sizeof pointer, "%zu", i);
        step_in(walk, pointer, pointer);
        read_picture(walk, child, i++);
        step_out(walk, pointer_len, name_len);
    }
}

/* The JSON itself, as a text. */
static void keep_json(struct walk *walk, const cJSON *node)
{
    char *text = cJSON_PrintUnformatted(node);

    walk_keep(walk,
              text != NULL && fields_set_text(walk->out->fields, walk->name.at, str_of(text)));
    if (text != NULL)
        str_wipe(text, strlen(text));
    cJSON_free(text);
}

/* Whole numbers that a double holds exactly. */
static bool is_whole(const cJSON *node)
{
    return cJSON_IsNumber(node) && node->valuedouble > -9e15 && node->valuedouble < 9e15 &&
           node->valuedouble == (double)(int64_t)node->valuedouble;
}

static void read_free_member(struct walk *walk, const cJSON *node)
{
    struct smg_fields *fields = walk->out->fields;

    if (cJSON_IsNull(node) || (cJSON_IsString(node) && node->valuestring[0] == '\0'))
        return; /* not given */
    if (cJSON_IsString(node))
        walk_keep(walk, fields_set_text(fields, walk->name.at, str_of(node->valuestring)));
    else if (cJSON_IsBool(node))
        walk_keep(walk, fields_set_bool(fields, walk->name.at, cJSON_IsTrue(node)));
    else if (is_whole(node))
        walk_keep(walk, fields_set_int(fields, walk->name.at, (int64_t)node->valuedouble));
    else
        keep_json(walk, node);
}

/* Each member is a field of its name; what is a list or an object stays JSON. */
static void read_free(struct walk *walk, const cJSON *node)
{
    size_t pointer_len = walk->pointer.len, name_len = walk->name.len;
    const cJSON *child;

    if (!cJSON_IsObject(node)) {
        complain(walk, "wrong_type", "应为对象", "this must be an object");
        return;
    }
    cJSON_ArrayForEach(child, node)
    {
        if (strlen(child->string) >= MEMBER_FREE_BYTES || strchr(child->string, '.') != NULL ||
            !member_is_name(str_of(child->string))) {
            complain(walk, "wrong_name", "extra 的成员名只能含小写字母、数字和下划线",
                     "names under extra are short and of lower-case letters, digits and '_'");
            return;
        }
        step_in(walk, child->string, child->string);
        read_free_member(walk, child);
        step_out(walk, pointer_len, name_len);
    }
}

/* Laid over the rest when all of it was read: walk_settle. */
static void read_card(struct walk *walk, const cJSON *node)
{
    if (!cJSON_IsObject(node))
        complain(walk, "wrong_type", "应为对象", "this must be an object");
    else
        keep_json(walk, node);
}

static void read_member(struct walk *walk, const struct member *member, const cJSON *node)
{
    if (cJSON_IsNull(node))
        return; /* not given */
    switch (member->type) {
    case MEMBER_TEXT:
        read_text(walk, member, node);
        return;
    case MEMBER_BOOLEAN:
        if (!cJSON_IsBool(node))
            complain(walk, "wrong_type", "应为 true 或 false", "this must be true or false");
        else
            walk_keep(walk, fields_set_bool(walk->out->fields, walk->name.at, cJSON_IsTrue(node)));
        return;
    case MEMBER_DATE:
        read_date(walk, node);
        return;
    case MEMBER_OBJECT:
        read_object(walk, member->members, node);
        return;
    case MEMBER_PEOPLE:
        read_people(walk, member, node);
        return;
    case MEMBER_PICTURES:
        read_pictures(walk, member, node);
        return;
    case MEMBER_FREE:
        read_free(walk, node);
        return;
    case MEMBER_CARD:
        read_card(walk, node);
        return;
    }
}

/* A member that may stand here: a card is only where cards are believed. */
static const struct member *find_known(const struct walk *walk, const struct member *members,
                                       const char *name)
{
    const struct member *member = member_find(members, name);

    return member != NULL && member->type == MEMBER_CARD && !walk->context->believes_cards ? NULL
                                                                                           : member;
}

static void complain_unknown(struct walk *walk, const struct member *members, const char *name)
{
    const char *names[32];
    const char *near;
    size_t count = 0, pointer_len = walk->pointer.len;
    struct buf escaped = { 0 };
    const char *c;

    for (; members->name != NULL && count < sizeof names / sizeof *names; members++)
        if (members->type != MEMBER_CARD)
            names[count++] = members->name;
    near = str_nearest(str_of(name), names, count);
    for (c = name; *c != '\0'; c++) /* RFC 6901, section 3 */
        buf_text(&escaped, *c == '~' ? "~0" : *c == '/' ? "~1" : (char[]){ *c, '\0' });
    if (escaped.len <= 64 && !escaped.failed && escaped.at != NULL)
        buf_printf(&walk->pointer, "/%s", escaped.at);
    if (near != NULL)
        complain_named(walk, "unknown_member", "未知成员；是否想写 %s？其他内容请放在 extra 之下",
                       "an unknown member; did you mean %s? Free additions go under extra", near);
    else
        complain(walk, "unknown_member", "未知成员；其他内容请放在 extra 之下",
                 "an unknown member; free additions go under extra");
    buf_fini(&escaped);
    step_out(walk, pointer_len, walk->name.len);
}

static void read_object(struct walk *walk, const struct member *members, const cJSON *node)
{
    size_t pointer_len = walk->pointer.len, name_len = walk->name.len;
    const cJSON *child;

    if (!cJSON_IsObject(node)) {
        complain(walk, "wrong_type", "应为对象", "this must be an object");
        return;
    }
    cJSON_ArrayForEach(child, node)
    {
        const struct member *member = find_known(walk, members, child->string);

        if (member == NULL) {
            complain_unknown(walk, members, child->string);
            continue;
        }
        step_in(walk, member->name, member->name);
        read_member(walk, member, child);
        step_out(walk, pointer_len, name_len);
    }
    if (member_is_told(members)) {
        step_in(walk, "", "given");
        walk_keep(walk, fields_set_bool(walk->out->fields, walk->name.at, true));
        step_out(walk, pointer_len, name_len);
    }
}

bool application_read(struct smg_str body, const struct application_context *context,
                      struct application *out, struct problems *problems)
{
    struct walk walk = { .context = context, .out = out, .problems = problems };
    cJSON *tree;

    *out = (struct application){ .fields = fields_new(), .begun_ms = context->now_ms };
    if (out->fields == NULL) {
        problem_add(problems, "", "too_large", "内存不足", "out of memory");
        return false;
    }
    tree = json_parse(body, problems);
    if (tree == NULL)
        return false;
    read_object(&walk, application_members, tree);
    cJSON_Delete(tree);
    if (problems->count == 0)
        walk_settle(&walk);
    if (problems->count == 0)
        walk_check_phone(&walk);
    if (fields_text(out->fields, "operation").len == 0 && problems->count == 0)
        problem_add(problems, "/operation", "missing", "缺少办理的业务，如 mobile.open",
                    "say which operation this is: mobile.open, fixed.install, ...");
    buf_fini(&walk.pointer);
    buf_fini(&walk.name);
    return problems->count == 0;
}

void application_fini(struct application *application_)
{
    fields_free(application_->fields);
    application_->fields = NULL;
}

bool evidence_field(struct smg_fields *fields, const struct evidence_link *link)
{
    char name[96];

    snprintf(name, sizeof name, "evidence.%s.%s", link->kind, link->of);
    return fields_set_bool(fields, name, true);
}

void application_claim(struct application *application, const char *dealer,
                       struct problems *problems)
{
    struct smg_fields *fields = application->fields;
    struct smg_str said = fields_text(fields, "channel.dealer");

    if (dealer[0] == '\0')
        return;
    if (said.len > 0 && !str_is(said, dealer))
        problem_add(problems, "/channel/dealer", "not_your_dealer", "工作人员不属于该代理商",
                    "you do not work for this dealer");
    if (!fields_set_text(fields, "channel.dealer", str_of(dealer)) ||
        !fields_set_text(fields, "channel.kind", SMG_STR("dealer")))
        problem_add(problems, "", "too_large", "内存不足", "out of memory");
}
