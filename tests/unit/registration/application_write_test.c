/* SPDX-License-Identifier: Apache-2.0 */
/* Applications out of fields: what is written is read again as the same fields, whatever they hold;
 * and what no application says is named. */
#include "application_fixture.h"

#include "policy/number.h"
#include "registration/application_write.h"
#include "registration/member.h"

#define ID "01890000-0000-7000-8000-00000000000a"

/* ---- fields as reading gives them ---- */

static unsigned seed;

static unsigned below(unsigned limit)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % limit;
}

/* Between 1 and limit bytes, of all that is awkward in JSON. */
static void odd_text(char *out, size_t limit)
{
    static const char *const pieces[] = {
        "a",   "\"", "\\", "\n",           "\t", "\x01",    "\x7f", "é", "甲",
        "བོད་", "/",  "{}", "\xe2\x80\xa8", "😀",  "\\u0000", " ",    "'", "["
    };
    size_t wanted = below(3) == 0 ? limit : 1 + below(12), len = 0;

    out[0] = '\0';
    for (;;) {
        const char *piece = pieces[below(sizeof pieces / sizeof *pieces)];

        if (len + strlen(piece) > limit || len >= wanted)
            break;
        strcpy(out + len, piece);
        len += strlen(piece);
    }
    if (len == 0)
        strcpy(out, "x");
}

static void set_odd(struct smg_fields *fields, const char *name, size_t limit)
{
    char text[512];

    odd_text(text, limit > 400 ? 400 : limit);
    assert_true(fields_set_text(fields, name, str_of(text)));
}

static void set_day(struct smg_fields *fields, const char *name)
{
    struct smg_date day = date_from_days((int32_t)below(40000) - 10000);

    assert_true(fields_set_date(fields, name, day));
}

static void set_true(struct smg_fields *fields, const char *path, const char *part)
{
    char name[256];

    snprintf(name, sizeof name, "%s.%s", path, part);
    assert_true(fields_set_bool(fields, name, true));
}

static void set_words(struct smg_fields *fields, const char *path, const char *part,
                      const char *text)
{
    char name[160];

    snprintf(name, sizeof name, "%s.%s", path, part);
    assert_true(fields_set_text(fields, name, str_of(text)));
}

static const struct document_info *some_document(void)
{
    return policy_document(policies, below((unsigned)policy_document_count(policies)));
}

/* A kind of document and a number of it, as reading leaves them. */
static void set_document(struct smg_fields *fields, const char *who)
{
    const struct document_info *kind = some_document();
    struct number_wish wish = { .kind = NUMBER_GOOD };
    char number[64];

    set_words(fields, who, "document.type", kind->type);
    set_words(fields, who, "document.origin", "typed");
    assert_true(number_example(str_of(kind->number), &wish, date_of(NOW), number));
    if (below(2) == 0)
        set_words(fields, who, "document.number", number);
}

static bool is_special(const char *name)
{
    static const char *const special[] = { "token", "type", "read", "evidence" };
    size_t i;

    for (i = 0; i < sizeof special / sizeof *special; i++)
        if (strcmp(name, special[i]) == 0)
            return true;
    return false;
}

static void set_members(struct smg_fields *fields, const struct member *members, const char *path);

static void set_member(struct smg_fields *fields, const struct member *member, const char *name)
{
    if (is_special(member->name) || strcmp(name, "number") == 0 || strcmp(name, "region") == 0)
        return;
    switch (member->type) {
    case MEMBER_TEXT:
        /* A number alone is of no kind, and so of no format. */
        set_odd(fields, name, member->limit);
        return;
    case MEMBER_BOOLEAN:
        assert_true(fields_set_bool(fields, name, below(2) == 0));
        return;
    case MEMBER_DATE:
        set_day(fields, name);
        return;
    case MEMBER_OBJECT:
        set_members(fields, member->members, name);
        if (member_is_told(member->members))
            set_true(fields, name, "given");
        return;
    default:
        return;
    }
}

static void set_members(struct smg_fields *fields, const struct member *members, const char *path)
{
    char name[160];

    for (; members->name != NULL; members++) {
        snprintf(name, sizeof name, "%s%s%s", path, path[0] == '\0' ? "" : ".", members->name);
        if (below(2) == 0)
            set_member(fields, members, name);
    }
}

/* What a reader of ours may answer, the typed rest beside it. */
static void set_card(struct smg_fields *fields, const char *who)
{
    static const char *const texts[] = { "name",
                                         "name_latin",
                                         "sex",
                                         "nation",
                                         "address",
                                         "document.type",
                                         "document.number",
                                         "document.reader",
                                         "document.issuer",
                                         "chip.verified" };
    char name[160];
    size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; i++)
        if (below(3) != 0) {
            snprintf(name, sizeof name, "%s.%s", who, texts[i]);
            set_odd(fields, name, 100);
        }
    snprintf(name, sizeof name, "%s.birth", who);
    set_day(fields, name);
    snprintf(name, sizeof name, "%s.document.valid_to", who);
    set_day(fields, name);
    set_words(fields, who, "document.origin", below(3) == 0 ? "mrz" : "chip");
    set_words(fields, who, "document.examined", "genuine");
    set_words(fields, who, "phone", "139");
    set_true(fields, who, "present");
    set_true(fields, who, "given");
}

static void set_somebody(struct smg_fields *fields, const char *who)
{
    const struct member *person = member_find(application_members, "customer");
    char name[160];

    if (below(4) == 0) {
        set_card(fields, who);
        return;
    }
    set_members(fields, person->members, who);
    set_true(fields, who, "given");
    snprintf(name, sizeof name, "%s.document.number", who);
    if (below(2) == 0) {
        fields_erase(fields, name);
        set_document(fields, who);
    }
}

static void set_pictures(struct smg_fields *fields)
{
    static const char *const names[] = { "evidence.portrait.customer",
                                         "evidence.document_photo.users.2",
                                         "evidence.authorization.organisation", "evidence.a.b" };
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (below(2) == 0)
            assert_true(fields_set_bool(fields, names[i], true));
}

static void set_extra(struct smg_fields *fields)
{
    if (below(2) == 0)
        set_odd(fields, "extra.note", 300);
    if (below(2) == 0)
        assert_true(fields_set_int(fields, "extra.count", (int64_t)below(30000) - 15000));
    if (below(2) == 0)
        assert_true(fields_set_bool(fields, "extra.own_income", below(2) == 0));
}

static struct smg_fields *some_fields(void)
{
    static const char *const people[] = { "customer", "proxy", "guardian", "handler" };
    struct smg_fields *fields = fields_new();
    unsigned count = below(4), i;
    char who[32];

    assert_non_null(fields);
    set_members(fields, application_members, "");
    for (i = 0; i < sizeof people / sizeof *people; i++)
        if (below(2) == 0)
            set_somebody(fields, people[i]);
    if (below(3) == 0) {
        assert_true(fields_set_text(fields, "organisation.authorization.evidence", SMG_STR(ID)));
        assert_true(fields_set_bool(fields, "evidence.authorization.organisation", true));
        set_true(fields, "organisation", "given");
    }
    if (count > 0 || below(2) == 0)
        assert_true(fields_set_int(fields, "users.count", count));
    for (i = 1; i <= count; i++) {
        snprintf(who, sizeof who, "users.%u", i);
        set_somebody(fields, who);
    }
    set_pictures(fields);
    set_extra(fields);
    assert_true(fields_set_text(fields, "operation", SMG_STR("mobile.open")));
    assert_true(fields_set_text(fields, "region", SMG_STR("540121")));
    if (below(2) == 0)
        assert_true(fields_set_text(fields, "number", SMG_STR("+8613989000001")));
    return fields;
}

/* ---- there and back ---- */

static bool same_value(const struct smg_value *a, const struct smg_value *b)
{
    return a != NULL && b != NULL && a->type == b->type &&
           (a->type == SMG_BOOL   ? a->boolean == b->boolean
            : a->type == SMG_INT  ? a->integer == b->integer
            : a->type == SMG_DATE ? date_compare(a->date, b->date) == 0
                                  : str_eq(a->str, b->str));
}

static void expect_same(const struct smg_fields *wanted, const struct smg_fields *found,
                        const char *json)
{
    size_t i;

    for (i = 0; i < fields_count(wanted); i++)
        if (!same_value(fields_value(wanted, i), fields_get(found, fields_name(wanted, i))))
            fail_msg("%.*s came back otherwise: %s", (int)fields_name(wanted, i).len,
                     fields_name(wanted, i).at, json);
    for (i = 0; i < fields_count(found); i++)
        if (fields_get(wanted, fields_name(found, i)) == NULL)
            fail_msg("%.*s came from nowhere: %s", (int)fields_name(found, i).len,
                     fields_name(found, i).at, json);
}

static void expect_back(const struct smg_fields *fields)
{
    struct application_context context = context_of("S-9", NOW);
    struct application application;
    struct problems problems = { 0 };
    struct smg_err err = { 0 };
    struct buf json = { 0 };
    size_t i;

    context.believes_cards = true;
    if (application_write(fields, &json, &err) != SMG_OK)
        fail_msg("%s", err.text);
    if (!application_read(buf_view(&json), &context, &application, &problems))
        fail_msg("%s: %s", problems.json.at, json.at);
    for (i = 0; i < application.evidence_count; i++)
        assert_true(evidence_field(application.fields, &application.evidence[i]));
    expect_same(fields, application.fields, json.at);
    application_fini(&application);
    problems_fini(&problems);
    buf_fini(&json);
}

static void test_what_is_written_is_read_as_the_same_fields(void **state)
{
    unsigned round;

    (void)state;
    for (round = 0; round < 4000; round++) {
        struct smg_fields *fields;

        seed = round;
        fields = some_fields();
        expect_back(fields);
        fields_free(fields);
    }
}

static void test_a_written_application_looks_like_one(void **state)
{
    struct smg_fields *fields = fields_new();
    struct smg_err err = { 0 };
    struct buf json = { 0 };

    (void)state;
    assert_true(fields_set_bool(fields, "evidence.portrait.customer", true));
    assert_true(fields_set_text(fields, "customer.name", SMG_STR("示例")));
    assert_true(fields_set_text(fields, "operation", SMG_STR("mobile.open")));
    assert_true(fields_set_text(fields, "customer.document.origin", SMG_STR("chip")));
    assert_true(fields_set_text(fields, "customer.chip.verified", SMG_STR("yes")));
    assert_true(fields_set_bool(fields, "proxy.given", false));
    assert_int_equal(application_write(fields, &json, &err), SMG_OK);
    assert_string_equal(json.at, "{\n"
                                 "  \"operation\": \"mobile.open\",\n"
                                 "  \"customer\": {\n"
                                 "    \"document\": {\n"
                                 "      \"read\": {\n"
                                 "        \"name\": \"示例\",\n"
                                 "        \"chip.verified\": \"yes\"\n"
                                 "      }\n"
                                 "    }\n"
                                 "  },\n"
                                 "  \"evidence\": [\n"
                                 "    {\"id\": \"01890000-0000-7000-8000-000000000001\", "
                                 "\"kind\": \"portrait\", \"of\": \"customer\"}\n"
                                 "  ]\n"
                                 "}\n");
    buf_fini(&json);
    fields_free(fields);
}

/* ---- what cannot be said ---- */

static void expect_refused(struct smg_fields *fields, const char *why)
{
    struct smg_err err = { 0 };
    struct buf json = { 0 };

    buf_text(&json, "before");
    assert_int_equal(application_write(fields, &json, &err), SMG_E_INVALID);
    assert_string_equal(err.text, why);
    assert_string_equal(json.at, "before");
    buf_fini(&json);
    fields_free(fields);
}

static struct smg_fields *with_text(const char *name, const char *text)
{
    struct smg_fields *fields = fields_new();

    assert_true(fields_set_text(fields, name, str_of(text)));
    return fields;
}

static struct smg_fields *with_bool(struct smg_fields *fields, const char *name, bool boolean)
{
    assert_true(fields_set_bool(fields, name, boolean));
    return fields;
}

static void test_what_no_application_says_is_named(void **state)
{
    char longer[202];
    struct smg_fields *picture = with_text("customer.document.origin", "chip");
    struct smg_value bytes = { .type = SMG_BYTES, .str = { "x", 1 } };

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    expect_refused(with_text("customer.chip.verified", "yes"),
                   "application: no member of it tells customer.chip.verified");
    expect_refused(with_text("customer.document.origin", "typed"),
                   "application: no member of it tells customer.document.origin");
    expect_refused(with_text("users.1.name", "x"),
                   "application: no member of it tells users.1.name");
    expect_refused(with_text("customer.nickname", "x"),
                   "application: no member of it tells customer.nickname");
    expect_refused(with_text("customer.name", ""),
                   "application: customer.name has a value that no application gives it");
    expect_refused(with_text("customer.name", longer),
                   "application: customer.name has a value that no application gives it");
    expect_refused(with_text("customer.birth", "1990-01-01"),
                   "application: customer.birth has a value that no application gives it");
    expect_refused(with_bool(with_text("proxy.name", "x"), "proxy.given", false),
                   "application: proxy.given is not true, yet more is told of it");
    expect_refused(with_bool(fields_new(), "evidence.portrait.customer", false),
                   "application: evidence.portrait.customer is no picture an application names");
    assert_true(fields_set(picture, SMG_STR("customer.portrait"), &bytes));
    expect_refused(picture, "application: customer.portrait cannot be told of a card");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_as_the_same_fields),
        cmocka_unit_test(test_a_written_application_looks_like_one),
        cmocka_unit_test(test_what_no_application_says_is_named),
    };

    return cmocka_run_group_tests(tests, make_context, remove_context);
}
