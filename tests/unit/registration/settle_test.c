/* SPDX-License-Identifier: Apache-2.0 */
/* Cards in applications: what a reader read takes the place of what was typed, or contradicts it.
 */
#include "application_fixture.h"

static struct smg_fields *specimen(void)
{
    struct smg_fields *card = fields_new();

    assert_non_null(card);
    assert_true(fields_set_text(card, "document.type", SMG_STR("resident_id")));
    assert_true(fields_set_text(card, "document.number", SMG_STR("11010519491231002X")));
    assert_true(fields_set_text(card, "name", SMG_STR("甲乙")));
    assert_true(fields_set_date(card, "birth", (struct smg_date){ 1949, 12, 31 }));
    assert_true(fields_set_text(card, "chip.verified", SMG_STR("yes")));
    return card;
}

/* Read a body in which %s stands for the specimen's token. */
static void read_with_token(struct reading *reading, const char *format, const char *token)
{
    struct buf own = { 0 }, body = { 0 };
    const char *place = strstr(format, "%s");

    if (token == NULL) {
        struct smg_fields *card = specimen();

        card_token(card, &own);
        fields_free(card);
        token = own.at;
    }
    assert_non_null(place);
    buf_put(&body, format, (size_t)(place - format));
    buf_text(&body, token);
    buf_text(&body, place + 2);
    read_body(reading, body.at);
    buf_fini(&own);
    buf_fini(&body);
}

static void expect_text(const struct reading *reading, const char *name, const char *text)
{
    struct smg_str found = fields_text(reading->application.fields, name);

    if (!str_is(found, text))
        fail_msg("%s is %.*s, not %s", name, (int)found.len, found.at, text);
}

static void expect_only_problem(struct reading *reading, const char *pointer, const char *code)
{
    char wanted[200];

    snprintf(wanted, sizeof wanted, "{\"pointer\":\"%s\",\"code\":\"%s\",", pointer, code);
    if (reading->problems.count != 1 || strstr(reading->problems.json.at, wanted) == NULL)
        fail_msg("%s at %s was meant, not %s", code, pointer,
                 reading->problems.count == 0 ? "nothing" : reading->problems.json.at);
}

static void test_card_fills_the_fields_of_its_person(void **state)
{
    static const char *const people[] = { "customer", "proxy", "guardian", "handler",
                                          "organisation" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof people / sizeof *people; i++) {
        struct reading reading;
        char body[120], name[64];

        snprintf(body, sizeof body, "{'operation':'mobile.open','%s':{'document':{'token':'%%s'}}}",
                 people[i]);
        read_with_token(&reading, body, NULL);
        assert_true(reading.good);
        snprintf(name, sizeof name, "%s.document.number", people[i]);
        expect_text(&reading, name, "11010519491231002X");
        snprintf(name, sizeof name, "%s.chip.verified", people[i]);
        expect_text(&reading, name, "yes");
        snprintf(name, sizeof name, "%s.document.origin", people[i]);
        expect_text(&reading, name, "chip");
        snprintf(name, sizeof name, "%s.document.reader", people[i]);
        expect_text(&reading, name, "desk-1");
        end_reading(&reading);
    }
}

static void test_card_of_a_user_goes_to_that_user(void **state)
{
    struct reading reading;

    (void)state;
    read_with_token(&reading,
                    "{'operation':'mobile.open','users':[{'name':'丙'},"
                    "{'document':{'token':'%s'}}]}",
                    NULL);
    assert_true(reading.good);
    expect_text(&reading, "users.1.name", "丙");
    expect_text(&reading, "users.2.name", "甲乙");
    expect_text(&reading, "users.2.document.origin", "chip");
    assert_null(fields_get(reading.application.fields, SMG_STR("users.1.document.origin")));
    end_reading(&reading);
}

/* What a reader says it read a document by is told on; what it does not say was a chip, and a word
 * of its own is worth no more than typing. */
static void test_origin_is_what_the_reader_says(void **state)
{
    static const struct {
        const char *said, *origin;
    } cases[] = { { NULL, "chip" }, { "chip", "chip" }, { "mrz", "mrz" }, { "ocr", "typed" } };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct smg_fields *card = specimen();
        struct reading reading;
        struct buf token = { 0 };

        if (cases[i].said != NULL)
            assert_true(fields_set_text(card, "document.origin", str_of(cases[i].said)));
        card_token(card, &token);
        read_with_token(&reading,
                        "{'operation':'mobile.open','customer':{'document':{'token':'%s'}}}",
                        token.at);
        assert_true(reading.good);
        expect_text(&reading, "customer.document.origin", cases[i].origin);
        end_reading(&reading);
        buf_fini(&token);
        fields_free(card);
    }
}

/* It is a second copy of the document's data, for the chip and nobody else. */
static void test_what_opens_a_chip_is_not_kept(void **state)
{
    struct smg_fields *card = specimen();
    struct reading reading;
    struct buf token = { 0 };

    (void)state;
    assert_true(fields_set_text(card, "access.mrz", SMG_STR("P<UTOERIKSSON<<ANNA<MARIA")));
    card_token(card, &token);
    read_with_token(&reading, "{'operation':'mobile.open','customer':{'document':{'token':'%s'}}}",
                    token.at);
    assert_true(reading.good);
    assert_null(fields_get(reading.application.fields, SMG_STR("customer.access.mrz")));
    expect_text(&reading, "customer.document.number", "11010519491231002X");
    end_reading(&reading);
    buf_fini(&token);
    fields_free(card);
}

static void test_token_itself_is_not_kept(void **state)
{
    struct reading reading;
    struct buf all = { 0 };

    (void)state;
    read_with_token(&reading, "{'operation':'mobile.open','customer':{'document':{'token':'%s'}}}",
                    NULL);
    assert_true(reading.good);
    fields_write(reading.application.fields, &all);
    assert_false(bytes_hold(buf_view(&all), SMG_STR("card_")));
    assert_false(bytes_hold(buf_view(&all), SMG_STR("token")));
    buf_fini(&all);
    end_reading(&reading);
}

static void test_typed_fields_that_say_the_same_are_fine(void **state)
{
    struct reading reading;

    (void)state;
    read_with_token(&reading,
                    "{'operation':'mobile.open','customer':{'name':'甲乙','birth':'1949-12-31',"
                    "'address':'某路1号','document':{'token':'%s','type':'resident_id',"
                    "'number':'11010519491231002X'}}}",
                    NULL);
    assert_true(reading.good);
    expect_text(&reading, "customer.address", "某路1号");
    expect_text(&reading, "customer.document.origin", "chip");
    end_reading(&reading);
}

static void test_typed_fields_that_say_otherwise_are_named_without_their_values(void **state)
{
    struct reading reading;

    (void)state;
    read_with_token(&reading,
                    "{'operation':'mobile.open','customer':{'name':'丙丁','birth':'1949-12-30',"
                    "'document':{'token':'%s'}}}",
                    NULL);
    assert_false(reading.good);
    assert_int_equal(reading.problems.count, 2);
    assert_non_null(strstr(reading.problems.json.at, "the card says: customer.name\""));
    assert_non_null(strstr(reading.problems.json.at, "the card says: customer.birth\""));
    assert_null(strstr(reading.problems.json.at, "甲乙"));
    assert_null(strstr(reading.problems.json.at, "丙丁"));
    assert_null(strstr(reading.problems.json.at, "1949"));
    end_reading(&reading);
    read_with_token(&reading,
                    "{'operation':'mobile.open','guardian':{'document':{'token':'%s',"
                    "'type':'passport'}}}",
                    NULL);
    expect_only_problem(&reading, "/guardian/document/token", "contradicts_card");
    end_reading(&reading);
}

/* A token of the specimen that was read some time before NOW. */
static void put_token(struct buf *out, int64_t before_ms)
{
    struct smg_fields *card = specimen();
    struct smg_err err = { 0 };

    assert_int_equal(token_make(keys.sealer, card, "desk-1", "S-9", NOW - before_ms, out, &err),
                     SMG_OK);
    fields_free(card);
}

static void test_a_case_begins_with_the_first_card_that_was_read(void **state)
{
    struct reading reading;
    struct buf body = { 0 };

    (void)state;
    read_body(&reading, "{'operation':'mobile.open','extra':{'begun':'2020-01-01'}}");
    assert_true(reading.good);
    assert_true(reading.application.begun_ms == NOW);
    end_reading(&reading);
    buf_text(&body, "{'operation':'mobile.open','customer':{'document':{'token':'");
    put_token(&body, 5000);
    buf_text(&body, "'}},'guardian':{'document':{'token':'");
    put_token(&body, 60000);
    buf_text(&body, "'}},'proxy':{'document':{'token':'");
    put_token(&body, 1000);
    buf_text(&body, "'}}}");
    read_body(&reading, body.at);
    assert_true(reading.good);
    assert_true(reading.application.begun_ms == NOW - 60000);
    end_reading(&reading);
    buf_fini(&body);
    read_body(&reading, "{'operation':'mobile.open','begun':'2020-01-01'}");
    expect_only_problem(&reading, "/begun", "unknown_member");
    end_reading(&reading);
}

static void test_token_that_does_not_open_says_why(void **state)
{
    static const char body[] = "{'operation':'mobile.open','customer':{'document':{'token':'%s'}}}";
    static const struct {
        const char *staff;
        int64_t at_ms;
        const char *code;
    } wrong[] = { { "S-8", NOW, "token_of_other_staff" },
                  { "S-9", NOW - 600001, "token_expired" } };
    struct smg_fields *card = specimen();
    struct smg_err err = { 0 };
    struct reading reading;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buf token = { 0 };

        assert_int_equal(
            token_make(keys.sealer, card, "desk-1", wrong[i].staff, wrong[i].at_ms, &token, &err),
            SMG_OK);
        read_with_token(&reading, body, token.at);
        expect_only_problem(&reading, "/customer/document/token", wrong[i].code);
        end_reading(&reading);
        buf_fini(&token);
    }
    read_with_token(&reading, body, "card_AAAA");
    expect_only_problem(&reading, "/customer/document/token", "token_altered");
    end_reading(&reading);
    fields_free(card);
}

static void test_without_keys_no_token_opens(void **state)
{
    struct application_context context = context_of("S-9", NOW);
    struct smg_fields *card = specimen();
    struct buf body = { 0 };
    struct reading reading = { .good = true };

    (void)state;
    context.sealer = NULL;
    buf_text(&body, "{\"operation\":\"mobile.open\",\"customer\":{\"document\":{\"token\":\"");
    card_token(card, &body);
    buf_text(&body, "\"}}}");
    assert_false(
        application_read(buf_view(&body), &context, &reading.application, &reading.problems));
    expect_only_problem(&reading, "/customer/document/token", "token_altered");
    end_reading(&reading);
    fields_free(card);
    buf_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card_fills_the_fields_of_its_person),
        cmocka_unit_test(test_card_of_a_user_goes_to_that_user),
        cmocka_unit_test(test_origin_is_what_the_reader_says),
        cmocka_unit_test(test_what_opens_a_chip_is_not_kept),
        cmocka_unit_test(test_token_itself_is_not_kept),
        cmocka_unit_test(test_typed_fields_that_say_the_same_are_fine),
        cmocka_unit_test(test_typed_fields_that_say_otherwise_are_named_without_their_values),
        cmocka_unit_test(test_a_case_begins_with_the_first_card_that_was_read),
        cmocka_unit_test(test_token_that_does_not_open_says_why),
        cmocka_unit_test(test_without_keys_no_token_opens),
    };

    return cmocka_run_group_tests(tests, make_context, remove_context);
}
