/* SPDX-License-Identifier: Apache-2.0 */
/* The application's members as one table, and the walk that turns JSON into fields by it. */
#include "registration/walk.h"

#include "registration/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

enum member_type { TEXT, BOOLEAN, DATE, OBJECT, PEOPLE, PICTURES, FREE };

struct member {
    const char *name;
    enum member_type type;
    size_t limit; /* TEXT: bytes; lists: items */
    const struct member *members;
};

#define END                                                                                        \
    {                                                                                              \
        NULL, TEXT, 0, NULL                                                                        \
    }

static const struct member document[] = {
    { "token", TEXT, 65536, NULL }, { "type", TEXT, 64, NULL },
    { "number", TEXT, 64, NULL },   { "address", TEXT, 400, NULL },
    { "issuer", TEXT, 200, NULL },  { "valid_from", DATE, 0, NULL },
    { "valid_to", DATE, 0, NULL },  { "long_term", BOOLEAN, 0, NULL },
    { "examined", TEXT, 32, NULL }, END,
};

static const struct member person[] = {
    { "kind", TEXT, 32, NULL },
    { "name", TEXT, 200, NULL },
    { "birth", DATE, 0, NULL },
    { "sex", TEXT, 16, NULL },
    { "nationality", TEXT, 3, NULL },
    { "address", TEXT, 400, NULL },
    { "work_unit", TEXT, 200, NULL },
    { "present", BOOLEAN, 0, NULL },
    { "relation", TEXT, 32, NULL },
    { "phone", TEXT, 32, NULL },
    { "refuses", TEXT, 32, NULL },
    { "document", OBJECT, 0, document },
    END,
};

static const struct member authorization[] = { { "evidence", TEXT, 36, NULL }, END };

static const struct member organisation[] = {
    { "name", TEXT, 200, NULL },
    { "address", TEXT, 400, NULL },
    { "refuses", TEXT, 32, NULL },
    { "document", OBJECT, 0, document },
    { "authorization", OBJECT, 0, authorization },
    END,
};

static const struct member household_register[] = {
    { "number", TEXT, 64, NULL },
    { "shown", BOOLEAN, 0, NULL },
    { "lists_customer", BOOLEAN, 0, NULL },
    END,
};

static const struct member channel[] = {
    { "kind", TEXT, 32, NULL },  { "outlet", TEXT, 63, NULL },      { "dealer", TEXT, 63, NULL },
    { "staff", TEXT, 63, NULL }, { "disclosed", BOOLEAN, 0, NULL }, END,
};

static const struct member application[] = {
    { "operation", TEXT, 64, NULL },
    { "number", TEXT, 32, NULL },
    { "data", BOOLEAN, 0, NULL },
    { "region", TEXT, 6, NULL },
    { "channel", OBJECT, 0, channel },
    { "customer", OBJECT, 0, person },
    { "proxy", OBJECT, 0, person },
    { "guardian", OBJECT, 0, person },
    { "household_register", OBJECT, 0, household_register },
    { "organisation", OBJECT, 0, organisation },
    { "handler", OBJECT, 0, person },
    { "users", PEOPLE, 200, person },
    { "install_address", TEXT, 400, NULL },
    { "evidence", PICTURES, EVIDENCE_MAX, NULL },
    { "extra", FREE, 0, NULL },
    END,
};

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
    buf_printf(&walk->pointer, "/%s", pointer);
    buf_printf(&walk->name, "%s%s", walk->name.len == 0 ? "" : ".", name);
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

/* One word of letters, digits, '_' and '.', so that it can be part of a field's name. */
static bool is_word(const cJSON *node, size_t room)
{
    const char *c;

    if (!cJSON_IsString(node) || node->valuestring[0] == '\0' || strlen(node->valuestring) >= room)
        return false;
    for (c = node->valuestring; *c != '\0'; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_' || *c == '.'))
            return false;
    return true;
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
    if (!is_word(kind, sizeof link->kind) || !is_word(of, sizeof link->of) || !cJSON_IsString(id) ||
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

static void read_member(struct walk *walk, const struct member *member, const cJSON *node)
{
    if (cJSON_IsNull(node))
        return; /* not given */
    switch (member->type) {
    case TEXT:
        read_text(walk, member, node);
        return;
    case BOOLEAN:
        if (!cJSON_IsBool(node))
            complain(walk, "wrong_type", "应为 true 或 false", "this must be true or false");
        else
            walk_keep(walk, fields_set_bool(walk->out->fields, walk->name.at, cJSON_IsTrue(node)));
        return;
    case DATE:
        read_date(walk, node);
        return;
    case OBJECT:
        read_object(walk, member->members, node);
        return;
    case PEOPLE:
        read_people(walk, member, node);
        return;
    case PICTURES:
        read_pictures(walk, member, node);
        return;
    case FREE: {
        char *text = cJSON_PrintUnformatted(node);

        walk_keep(walk,
                  text != NULL && fields_set_text(walk->out->fields, walk->name.at, str_of(text)));
        if (text != NULL)
            str_wipe(text, strlen(text));
        cJSON_free(text);
        return;
    }
    }
}

static const struct member *find_member(const struct member *members, const char *name)
{
    for (; members->name != NULL; members++)
        if (strcmp(members->name, name) == 0)
            return members;
    return NULL;
}

static void complain_unknown(struct walk *walk, const struct member *members, const char *name)
{
    const char *names[32];
    const char *near;
    size_t count = 0, pointer_len = walk->pointer.len;
    struct buf escaped = { 0 };
    const char *c;

    for (; members->name != NULL && count < sizeof names / sizeof *names; members++)
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
        const struct member *member = find_member(members, child->string);

        if (member == NULL) {
            complain_unknown(walk, members, child->string);
            continue;
        }
        step_in(walk, member->name, member->name);
        read_member(walk, member, child);
        step_out(walk, pointer_len, name_len);
    }
    if (members == person || members == organisation || members == household_register) {
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
    read_object(&walk, application, tree);
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
