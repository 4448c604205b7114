/* SPDX-License-Identifier: Apache-2.0 */
/* Applications: what was meant becomes fields, and every mistake is said at its place. */
#include "application_fixture.h"

#define ID "01890000-0000-7000-8000-000000000001"

static bool has_problem(const struct reading *reading, const char *pointer, const char *code)
{
    char wanted[256];

    snprintf(wanted, sizeof wanted, "{\"pointer\":\"%s\",\"code\":\"%s\",", pointer, code);
    return reading->problems.count > 0 && strstr(reading->problems.json.at, wanted) != NULL;
}

static void expect_problem(const char *body, const char *pointer, const char *code)
{
    struct reading reading;

    read_body(&reading, body);
    if (reading.problems.count != 1 || !has_problem(&reading, pointer, code))
        fail_msg("%s: %s at %s was meant, not %s", body, code, pointer,
                 reading.problems.count == 0 ? "nothing" : reading.problems.json.at);
    end_reading(&reading);
}

static void expect_good(struct reading *reading, const char *body)
{
    read_body(reading, body);
    if (!reading->good)
        fail_msg("%s: %s", body, reading->problems.json.at);
}

static void expect_text(const struct reading *reading, const char *name, const char *text)
{
    struct smg_str found = fields_text(reading->application.fields, name);

    if (!str_is(found, text))
        fail_msg("%s is %.*s, not %s", name, (int)found.len, found.at, text);
}

static const struct smg_value *value_of(const struct reading *reading, const char *name)
{
    return fields_get(reading->application.fields, str_of(name));
}

static bool is_told(const struct reading *reading, const char *name)
{
    const struct smg_value *value = value_of(reading, name);

    return value != NULL && value->type == SMG_BOOL && value->boolean;
}

static void test_members_become_fields_of_their_type(void **state)
{
    struct reading reading;
    const struct smg_value *birth;

    (void)state;
    expect_good(&reading, "{'operation':'mobile.open','number':'+8613989000001','data':true,"
                          "'customer':{'name':'甲乙','birth':'1949-12-31','present':false}}");
    expect_text(&reading, "operation", "mobile.open");
    expect_text(&reading, "number", "+8613989000001");
    expect_text(&reading, "customer.name", "甲乙");
    birth = value_of(&reading, "customer.birth");
    assert_true(birth != NULL && birth->type == SMG_DATE);
    assert_int_equal(date_compare(birth->date, (struct smg_date){ 1949, 12, 31 }), 0);
    assert_true(is_told(&reading, "data"));
    assert_false(is_told(&reading, "customer.present"));
    assert_non_null(value_of(&reading, "customer.present"));
    assert_true(is_told(&reading, "customer.given"));
    assert_null(value_of(&reading, "proxy.given"));
    end_reading(&reading);
}

static void test_wrong_types_are_said_at_their_place(void **state)
{
    (void)state;
    expect_problem("{'operation':7}", "/operation", "wrong_type");
    expect_problem("{'operation':['mobile.open']}", "/operation", "wrong_type");
    expect_problem("{'operation':'mobile.open','data':'true'}", "/data", "wrong_type");
    expect_problem("{'operation':'mobile.open','data':1}", "/data", "wrong_type");
    expect_problem("{'operation':'mobile.open','customer':'甲'}", "/customer", "wrong_type");
    expect_problem("{'operation':'mobile.open','customer':[]}", "/customer", "wrong_type");
    expect_problem("{'operation':'mobile.open','customer':{'document':{'number':12}}}",
                   "/customer/document/number", "wrong_type");
    expect_problem("{'operation':'mobile.open','users':{}}", "/users", "wrong_type");
    expect_problem("{'operation':'mobile.open','users':[{},7]}", "/users/1", "wrong_type");
    expect_problem("{'operation':'mobile.open','users':[{},{'document':{'long_term':'yes'}}]}",
                   "/users/1/document/long_term", "wrong_type");
    expect_problem("{'operation':'mobile.open','evidence':{}}", "/evidence", "wrong_type");
    expect_problem("{'operation':'mobile.open','evidence':[7]}", "/evidence/0", "wrong_type");
}

static void test_every_mistake_is_said_in_one_answer(void **state)
{
    struct reading reading;

    (void)state;
    read_body(&reading, "{'operation':7,'data':1,'customer':{'birth':'x','document':{'typ':'y'}}}");
    assert_int_equal(reading.problems.count, 4);
    assert_true(has_problem(&reading, "/operation", "wrong_type"));
    assert_true(has_problem(&reading, "/data", "wrong_type"));
    assert_true(has_problem(&reading, "/customer/birth", "wrong_date"));
    assert_true(has_problem(&reading, "/customer/document/typ", "unknown_member"));
    end_reading(&reading);
}

static void test_operation_must_be_said(void **state)
{
    (void)state;
    expect_problem("{}", "/operation", "missing");
    expect_problem("{'operation':''}", "/operation", "missing");
    expect_problem("{'operation':null}", "/operation", "missing");
    expect_problem("{'operation':'a','operation':'b'}", "", "duplicate_name");
    expect_problem("", "", "malformed_json");
}

static void test_unknown_member_is_answered_with_the_nearest_name(void **state)
{
    struct reading reading;

    (void)state;
    read_body(&reading, "{'operation':'mobile.open','custmer':{}}");
    assert_true(has_problem(&reading, "/custmer", "unknown_member"));
    assert_non_null(strstr(reading.problems.json.at, "did you mean customer?"));
    end_reading(&reading);
    read_body(&reading, "{'operation':'mobile.open','customer':{'document':{'nomber':'1'}}}");
    assert_true(has_problem(&reading, "/customer/document/nomber", "unknown_member"));
    assert_non_null(strstr(reading.problems.json.at, "did you mean number?"));
    end_reading(&reading);
    read_body(&reading, "{'operation':'mobile.open','zzzzzzzzzz':1}");
    assert_true(has_problem(&reading, "/zzzzzzzzzz", "unknown_member"));
    assert_null(strstr(reading.problems.json.at, "did you mean"));
    end_reading(&reading);
}

static void test_pointer_to_an_odd_name_is_escaped(void **state)
{
    (void)state;
    expect_problem("{'operation':'mobile.open','a/b~c':1}", "/a~1b~0c", "unknown_member");
    expect_problem("{'operation':'mobile.open','customer':{'x\\ny':1}}", "/customer/x\\ny",
                   "unknown_member");
    /* One that goes on for ever is left out. */
    expect_problem("{'operation':'mobile.open','customer':{"
                   "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa':1}}",
                   "/customer", "unknown_member");
}

static void test_gateway_fields_cannot_be_said_by_an_application(void **state)
{
    (void)state;
    expect_problem("{'operation':'mobile.open','customer':{'given':true}}", "/customer/given",
                   "unknown_member");
    expect_problem("{'operation':'mobile.open','customer':{'chip':{'verified':'yes'}}}",
                   "/customer/chip", "unknown_member");
    expect_problem("{'operation':'mobile.open','customer':{'chip.verified':'yes'}}",
                   "/customer/chip.verified", "unknown_member");
    expect_problem("{'operation':'mobile.open','customer.document.origin':'chip'}",
                   "/customer.document.origin", "unknown_member");
    expect_problem("{'operation':'mobile.open','customer':{'document':{'origin':'chip'}}}",
                   "/customer/document/origin", "unknown_member");
}

static void test_days_are_days_of_the_calendar(void **state)
{
    static const char *const wrong[] = {
        "'19491231'",   "'1949-2-1'", "'1949-02-29'",          "'31.12.1949'",
        "'0000-00-00'", "19491231",   "'1949-12-31T00:00:00Z'"
    };
    struct reading reading;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char body[160];

        snprintf(body, sizeof body, "{'operation':'mobile.open','customer':{'birth':%s}}",
                 wrong[i]);
        expect_problem(body, "/customer/birth", "wrong_date");
    }
    expect_good(&reading, "{'operation':'mobile.open','customer':{'birth':'2024-02-29'}}");
    end_reading(&reading);
}

static void test_null_and_empty_text_are_not_given(void **state)
{
    struct reading reading;

    (void)state;
    expect_good(&reading,
                "{'operation':'mobile.open','number':null,'proxy':null,'users':null,"
                "'evidence':null,'extra':null,'data':null,"
                "'customer':{'name':'','birth':null,'document':{'type':'','number':''}}}");
    assert_null(value_of(&reading, "number"));
    assert_null(value_of(&reading, "data"));
    assert_null(value_of(&reading, "proxy.given"));
    assert_null(value_of(&reading, "users.count"));
    assert_null(value_of(&reading, "extra"));
    assert_null(value_of(&reading, "customer.name"));
    assert_null(value_of(&reading, "customer.birth"));
    assert_null(value_of(&reading, "customer.document.type"));
    assert_null(value_of(&reading, "customer.document.origin"));
    end_reading(&reading);
}

static void put_list(struct buf *out, const char *name, const char *item, size_t count)
{
    size_t i;

    buf_printf(out, "{'operation':'mobile.open','%s':[", name);
    for (i = 0; i < count; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : ",", item);
    buf_text(out, "]}");
}

static void test_lists_have_an_end(void **state)
{
    static const char picture[] = "{'id':'" ID "','kind':'portrait','of':'customer'}";
    struct reading reading;
    struct buf body = { 0 };

    (void)state;
    put_list(&body, "users", "{}", 200);
    expect_good(&reading, body.at);
    assert_int_equal(value_of(&reading, "users.count")->integer, 200);
    assert_true(is_told(&reading, "users.200.given"));
    assert_null(value_of(&reading, "users.0.given"));
    end_reading(&reading);
    buf_clear(&body);
    put_list(&body, "users", "{}", 201);
    expect_problem(body.at, "/users", "too_many");
    buf_clear(&body);
    put_list(&body, "evidence", picture, EVIDENCE_MAX);
    expect_good(&reading, body.at);
    assert_int_equal(reading.application.evidence_count, EVIDENCE_MAX);
    end_reading(&reading);
    buf_clear(&body);
    put_list(&body, "evidence", picture, EVIDENCE_MAX + 1);
    expect_problem(body.at, "/evidence", "too_many");
    buf_fini(&body);
}

static void test_texts_have_an_end(void **state)
{
    struct reading reading;
    char name[202], body[300];

    (void)state;
    memset(name, 'n', sizeof name);
    name[200] = '\0';
    snprintf(body, sizeof body, "{'operation':'mobile.open','customer':{'name':'%s'}}", name);
    expect_good(&reading, body);
    end_reading(&reading);
    name[200] = 'n';
    name[201] = '\0';
    snprintf(body, sizeof body, "{'operation':'mobile.open','customer':{'name':'%s'}}", name);
    expect_problem(body, "/customer/name", "too_long");
}

static void test_more_fields_than_a_record_holds_are_a_problem(void **state)
{
    struct reading reading;
    struct buf body = { 0 };

    (void)state;
    put_list(
        &body, "users",
        "{'kind':'k','name':'n','birth':'2000-01-01','sex':'male','nationality':'CHN',"
        "'address':'a','work_unit':'w','present':true,'relation':'r','phone':'p','refuses':'no',"
        "'document':{'issuer':'i','address':'a','valid_from':'2020-01-01',"
        "'valid_to':'2030-01-01','long_term':false,'examined':'genuine','number':'1'}}",
        200);
    read_body(&reading, body.at);
    assert_true(reading.good || strstr(reading.problems.json.at, "too_large") != NULL);
    end_reading(&reading);
    buf_fini(&body);
}

static void test_free_additions_are_fields_of_their_names(void **state)
{
    struct reading reading;
    const struct smg_value *count;

    (void)state;
    expect_good(&reading, "{'operation':'mobile.open','extra':{'shelf':[1,{'a':null}],'x':'é',"
                          "'own_income':true,'count':-7,'half':0.5,'none':null,'empty':''}}");
    expect_text(&reading, "extra.shelf", "[1,{\"a\":null}]");
    expect_text(&reading, "extra.x", "é");
    expect_text(&reading, "extra.half", "0.5");
    assert_true(is_told(&reading, "extra.own_income"));
    count = value_of(&reading, "extra.count");
    assert_true(count != NULL && count->type == SMG_INT && count->integer == -7);
    assert_null(value_of(&reading, "extra.none"));
    assert_null(value_of(&reading, "extra.empty"));
    end_reading(&reading);
    expect_problem("{'operation':'mobile.open','extra':[1]}", "/extra", "wrong_type");
    expect_problem("{'operation':'mobile.open','extra':{'a.b':1}}", "/extra", "wrong_name");
    expect_problem("{'operation':'mobile.open','extra':{'A':1}}", "/extra", "wrong_name");
    expect_problem("{'operation':'mobile.open','extra':{'':1}}", "/extra", "wrong_name");
}

static void read_believing(struct reading *reading, const char *body)
{
    struct application_context context = context_of("S-9", NOW);

    context.believes_cards = true;
    *reading = (struct reading){ .good = false };
    reading->good =
        application_read(str_of(body), &context, &reading->application, &reading->problems);
}

static const char carded[] =
    "{\"operation\":\"mobile.open\",\"customer\":{\"document\":{\"examined\":\"genuine\","
    "\"read\":{\"name\":\"甲\",\"birth\":\"1949-12-31\",\"chip.verified\":\"yes\","
    "\"document.type\":\"resident_id\",\"document.number\":\"540102194912310011\","
    "\"document.long_term\":true}}}}";

static void test_a_card_that_is_only_told_is_no_member_of_an_application(void **state)
{
    struct reading reading;
    struct application_context context = context_of("S-9", NOW);

    (void)state;
    reading = (struct reading){ .good = false };
    assert_false(
        application_read(str_of(carded), &context, &reading.application, &reading.problems));
    assert_int_equal(reading.problems.count, 1);
    assert_true(has_problem(&reading, "/customer/document/read", "unknown_member"));
    end_reading(&reading);
    /* Nor is it ever what somebody is told they meant. */
    read_body(&reading, "{'operation':'mobile.open','customer':{'document':{'reed':{}}}}");
    assert_null(strstr(reading.problems.json.at, "did you mean read"));
    end_reading(&reading);
}

static void test_where_cards_are_believed_one_may_be_told(void **state)
{
    struct reading reading;

    (void)state;
    read_believing(&reading, carded);
    if (!reading.good)
        fail_msg("%s", reading.problems.json.at);
    expect_text(&reading, "customer.name", "甲");
    expect_text(&reading, "customer.chip.verified", "yes");
    expect_text(&reading, "customer.document.origin", "chip");
    expect_text(&reading, "customer.document.examined", "genuine");
    /* The number's check digit is wrong: what a card says is for the rules, not for the form. */
    expect_text(&reading, "customer.document.number", "540102194912310011");
    assert_true(is_told(&reading, "customer.document.long_term"));
    assert_int_equal(value_of(&reading, "customer.birth")->type, SMG_DATE);
    assert_null(value_of(&reading, "customer.document.read"));
    end_reading(&reading);
}

static void test_a_scan_may_be_told_like_a_card(void **state)
{
    struct reading reading;

    (void)state;
    read_believing(&reading, "{\"operation\":\"mobile.open\",\"customer\":{\"document\":{\"read\":"
                             "{\"document.origin\":\"mrz\",\"document.type\":\"passport\"}}}}");
    assert_true(reading.good);
    expect_text(&reading, "customer.document.origin", "mrz");
    end_reading(&reading);
}

static void expect_card_refused(const char *read, const char *pointer, const char *code)
{
    struct reading reading;
    char body[300];

    snprintf(
        body, sizeof body,
        "{\"operation\":\"mobile.open\",\"customer\":{\"name\":\"乙\",\"document\":{\"read\":%s}}}",
        read);
    read_believing(&reading, body);
    if (!has_problem(&reading, pointer, code))
        fail_msg("%s: %s", body, reading.problems.count > 0 ? reading.problems.json.at : "good");
    end_reading(&reading);
}

static void test_a_told_card_is_held_to_its_form(void **state)
{
    (void)state;
    expect_card_refused("7", "/customer/document/read", "wrong_type");
    expect_card_refused("{\"birth\":\"yesterday\"}", "/customer/document/read", "wrong_card");
    expect_card_refused("{\"a\":{\"b\":1}}", "/customer/document/read", "wrong_card");
    expect_card_refused("{\"A b\":\"x\"}", "/customer/document/read", "wrong_card");
    expect_card_refused("{\"work_unit\":\"x\"}", "/customer/document/read", "wrong_card");
    expect_card_refused("{\"document.origin\":\"typed\"}", "/customer/document/read", "wrong_card");
    expect_card_refused("{\"document.origin\":7}", "/customer/document/read", "wrong_card");
    expect_card_refused("{\"name\":\"甲\"}", "/customer/document/read", "contradicts_card");
}

static void test_region_is_the_gateways_unless_it_is_said(void **state)
{
    struct reading reading;

    (void)state;
    expect_good(&reading, "{'operation':'mobile.open'}");
    expect_text(&reading, "region", "540102");
    end_reading(&reading);
    expect_good(&reading, "{'operation':'mobile.open','region':'542400'}");
    expect_text(&reading, "region", "542400");
    end_reading(&reading);
    expect_problem("{'operation':'mobile.open','region':'5401'}", "/region", "wrong_region");
    expect_problem("{'operation':'mobile.open','region':'54010x'}", "/region", "wrong_region");
    expect_problem("{'operation':'mobile.open','region':'5401020'}", "/region", "too_long");
}

static void test_telephone_number_has_a_country_code(void **state)
{
    static const char *const wrong[] = {
        "13989000001",       "+12345", "+86 13989000001", "+86139890000a", "008613989000001",
        "+1234567890123456", "+"
    };
    char body[160];
    struct reading reading;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(body, sizeof body, "{'operation':'mobile.open','number':'%s'}", wrong[i]);
        expect_problem(body, "/number", "wrong_phone_number");
    }
    expect_good(&reading, "{'operation':'mobile.open','number':'+123456'}");
    end_reading(&reading);
    expect_good(&reading, "{'operation':'mobile.open','number':'+123456789012345'}");
    end_reading(&reading);
}

static void test_typed_number_is_kept_as_it_is_printed(void **state)
{
    struct reading reading;

    (void)state;
    expect_good(&reading, "{'operation':'mobile.open','customer':{'document':"
                          "{'type':'resident_id','number':'11010519491231002x'}}}");
    expect_text(&reading, "customer.document.number", "11010519491231002X");
    expect_text(&reading, "customer.document.origin", "typed");
    end_reading(&reading);
    expect_good(&reading, "{'operation':'mobile.open','users':[{},{'document':"
                          "{'type':'resident_id','number':'11010519491231002x'}}]}");
    expect_text(&reading, "users.2.document.number", "11010519491231002X");
    expect_text(&reading, "users.2.document.origin", "typed");
    end_reading(&reading);
}

static void expect_slip(const char *number, const char *code)
{
    struct reading reading;
    char body[256];

    snprintf(body, sizeof body,
             "{'operation':'mobile.open','users':[{},{'document':{'type':'resident_id',"
             "'number':'%s'}}]}",
             number);
    read_body(&reading, body);
    assert_int_equal(reading.problems.count, 1);
    if (!has_problem(&reading, "/users/1/document/number", code))
        fail_msg("%s was meant, not %s", code, reading.problems.json.at);
    assert_null(strstr(reading.problems.json.at, number));
    assert_null(strstr(reading.problems.json.at, "19491231"));
    end_reading(&reading);
}

static void test_slip_in_a_number_is_named_without_the_number(void **state)
{
    (void)state;
    expect_slip("110105194912310021", "check_digit");
    expect_slip("11010519491231002", "length");
    expect_slip("11010519491231A02X", "character");
    expect_slip("110105194913310021", "date");
}

static void test_unknown_kind_of_document_is_a_problem_of_its_own(void **state)
{
    (void)state;
    expect_problem("{'operation':'mobile.open','proxy':{'document':{'type':'library_card',"
                   "'number':'1'}}}",
                   "/proxy/document/type", "unknown_document");
}

static void test_pictures_are_linked_by_id_kind_and_person(void **state)
{
    struct reading reading;
    struct smg_fields *fields = fields_new();
    const struct evidence_link *link;
    struct id id;

    (void)state;
    assert_true(id_parse(SMG_STR(ID), &id));
    expect_good(&reading, "{'operation':'mobile.open','evidence':["
                          "{'id':'" ID "','kind':'portrait','of':'customer'},"
                          "{'id':'" ID "','kind':'document_photo','of':'users.2'}]}");
    assert_int_equal(reading.application.evidence_count, 2);
    link = &reading.application.evidence[1];
    assert_memory_equal(&link->id, &id, sizeof id);
    assert_string_equal(link->pointer, "/evidence/1");
    /* No evidence before somebody looked whether the picture exists. */
    assert_null(value_of(&reading, "evidence.document_photo.users.2"));
    assert_true(evidence_field(fields, link));
    assert_non_null(fields_get(fields, SMG_STR("evidence.document_photo.users.2")));
    fields_free(fields);
    end_reading(&reading);
}

static void test_picture_with_a_part_missing_or_odd_is_refused(void **state)
{
    static const char *const wrong[] = {
        "{}",
        "{'id':'" ID "','kind':'portrait'}",
        "{'id':'" ID "','of':'customer'}",
        "{'kind':'portrait','of':'customer'}",
        "{'id':'" ID "','kind':'Portrait','of':'customer'}",
        "{'id':'" ID "','kind':'portrait','of':'customer name'}",
        "{'id':'" ID "','kind':'','of':'customer'}",
        "{'id':'x','kind':'portrait','of':'customer'}",
        "{'id':7,'kind':'portrait','of':'customer'}",
        "{'id':'" ID "','kind':'portraitportraitportraitportrait','of':'customer'}",
    };
    char body[256];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(body, sizeof body, "{'operation':'mobile.open','evidence':[%s]}", wrong[i]);
        expect_problem(body, "/evidence/0", "wrong_evidence");
    }
    expect_problem("{'operation':'mobile.open','evidence':[{'idd':'x'}]}", "/evidence/0",
                   "unknown_member");
}

static void test_letter_of_authorization_is_one_more_picture(void **state)
{
    struct reading reading;

    (void)state;
    expect_good(&reading, "{'operation':'mobile.open','organisation':{'authorization':"
                          "{'evidence':'" ID "'}}}");
    assert_int_equal(reading.application.evidence_count, 1);
    assert_string_equal(reading.application.evidence[0].kind, "authorization");
    assert_string_equal(reading.application.evidence[0].of, "organisation");
    end_reading(&reading);
    expect_problem("{'operation':'mobile.open','organisation':{'authorization':{'evidence':'x'}}}",
                   "/organisation/authorization/evidence", "wrong_evidence");
}

static void test_letter_beside_as_many_pictures_as_fit_is_refused(void **state)
{
    struct buf body = { 0 };
    size_t i;

    (void)state;
    buf_text(&body, "{'operation':'mobile.open','organisation':{'authorization':{'evidence':'" ID
                    "'}},'evidence':[");
    for (i = 0; i < EVIDENCE_MAX; i++)
        buf_printf(&body, "%s{'id':'" ID "','kind':'portrait','of':'customer'}", i == 0 ? "" : ",");
    buf_text(&body, "]}");
    expect_problem(body.at, "/organisation/authorization/evidence", "wrong_evidence");
    buf_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_become_fields_of_their_type),
        cmocka_unit_test(test_wrong_types_are_said_at_their_place),
        cmocka_unit_test(test_every_mistake_is_said_in_one_answer),
        cmocka_unit_test(test_operation_must_be_said),
        cmocka_unit_test(test_unknown_member_is_answered_with_the_nearest_name),
        cmocka_unit_test(test_pointer_to_an_odd_name_is_escaped),
        cmocka_unit_test(test_gateway_fields_cannot_be_said_by_an_application),
        cmocka_unit_test(test_days_are_days_of_the_calendar),
        cmocka_unit_test(test_null_and_empty_text_are_not_given),
        cmocka_unit_test(test_lists_have_an_end),
        cmocka_unit_test(test_texts_have_an_end),
        cmocka_unit_test(test_more_fields_than_a_record_holds_are_a_problem),
        cmocka_unit_test(test_free_additions_are_fields_of_their_names),
        cmocka_unit_test(test_a_card_that_is_only_told_is_no_member_of_an_application),
        cmocka_unit_test(test_where_cards_are_believed_one_may_be_told),
        cmocka_unit_test(test_a_scan_may_be_told_like_a_card),
        cmocka_unit_test(test_a_told_card_is_held_to_its_form),
        cmocka_unit_test(test_region_is_the_gateways_unless_it_is_said),
        cmocka_unit_test(test_telephone_number_has_a_country_code),
        cmocka_unit_test(test_typed_number_is_kept_as_it_is_printed),
        cmocka_unit_test(test_slip_in_a_number_is_named_without_the_number),
        cmocka_unit_test(test_unknown_kind_of_document_is_a_problem_of_its_own),
        cmocka_unit_test(test_pictures_are_linked_by_id_kind_and_person),
        cmocka_unit_test(test_picture_with_a_part_missing_or_odd_is_refused),
        cmocka_unit_test(test_letter_of_authorization_is_one_more_picture),
        cmocka_unit_test(test_letter_beside_as_many_pictures_as_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, make_context, remove_context);
}
