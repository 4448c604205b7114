/* SPDX-License-Identifier: Apache-2.0 */
/* Records, their pictures and first answers: each opens in its own place with its own key only. */
#include "fresh_keys.h"

#include "registration/evidence.h"
#include "registration/idempotency.h"
#include "registration/record.h"

#define NOW INT64_C(1795500000000) /* 2026-11-24 in China */

static struct fresh_keys keys;

static int make_keys(void **state)
{
    (void)state;
    fresh_keys_make(&keys);
    return 0;
}

static int remove_keys(void **state)
{
    (void)state;
    fresh_keys_remove(&keys);
    return 0;
}

/* A registration of a specimen, as rows. */
struct made {
    struct id id;
    struct unit *unit;
    struct data_key key;
};

static void make_record(struct made *made, bool accepted)
{
    struct smg_fields *fields = fields_new();
    struct record record = { .id = id_new(NOW),
                             .kept = { .at_ms = NOW,
                                       .on = { 2026, 11, 24 },
                                       .begun = { 2026, 11, 23 },
                                       .staff = SMG_STR("S-9"),
                                       .dealer = SMG_STR("D-17"),
                                       .region = SMG_STR("540102"),
                                       .set = SMG_STR("sha256:00"),
                                       .outline = SMG_STR("verdict accepted\n"),
                                       .facts = SMG_STR("operation=mobile.open\n") },
                             .decision = SMG_STR("\"verdict\":\"accepted\""),
                             .accepted = accepted };
    struct smg_err err = { 0 };

    assert_non_null(fields);
    assert_true(fields_set_text(fields, "number", SMG_STR("+8613989000001")));
    assert_true(fields_set_text(fields, "customer.name", SMG_STR("甲乙")));
    assert_true(fields_set_text(fields, "customer.document.number", SMG_STR("11010519491231002X")));
    assert_true(fields_set_date(fields, "customer.birth", (struct smg_date){ 1949, 12, 31 }));
    made->id = record.id;
    made->unit = unit_new();
    assert_int_equal(record_put(keys.sealer, &record, fields, made->unit, &made->key, &err),
                     SMG_OK);
    assert_int_equal(unit_failed(made->unit), SMG_OK);
    fields_free(fields);
}

static struct smg_str value_in(const struct unit *unit, enum smg_space space, struct id id)
{
    const struct smg_row *row = row_of(unit, space, id_view(&id));

    assert_non_null(row);
    assert_int_equal(row->when, SMG_NEW);
    return row->value;
}

static int try_open(struct id id, struct smg_str key_row, struct smg_str row)
{
    struct smg_fields *fields = NULL;
    struct buf decision = { 0 };
    struct data_key key = { { 0 } };
    struct smg_err err = { 0 };
    int status = record_open(keys.sealer, id, key_row, row, &fields, &decision, &key, &err);

    assert_true((status == SMG_OK) == (fields != NULL));
    fields_free(fields);
    buf_fini(&decision);
    return status;
}

static void test_record_opens_as_it_was_put(void **state)
{
    struct made made;
    struct smg_fields *fields = NULL;
    struct buf decision = { 0 };
    struct data_key key;
    struct smg_err err = { 0 };

    (void)state;
    make_record(&made, true);
    assert_int_equal(record_open(keys.sealer, made.id, value_in(made.unit, SMG_SPACE_KEY, made.id),
                                 value_in(made.unit, SMG_SPACE_REGISTRATION, made.id), &fields,
                                 &decision, &key, &err),
                     SMG_OK);
    assert_int_equal(fields_count(fields), 4);
    assert_true(str_is(fields_text(fields, "customer.name"), "甲乙"));
    assert_string_equal(decision.at, "\"verdict\":\"accepted\"");
    assert_memory_equal(&key, &made.key, sizeof key);
    fields_free(fields);
    buf_fini(&decision);
    unit_free(made.unit);
}

static void test_case_opens_as_it_was_kept_and_nowhere_else(void **state)
{
    struct made a, b;
    struct kept_case kept;
    struct buf plain = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    make_record(&a, true);
    make_record(&b, true);
    assert_int_equal(record_case_open(keys.sealer, a.id, value_in(a.unit, SMG_SPACE_CASE, a.id),
                                      &plain, &kept, &err),
                     SMG_OK);
    assert_true(kept.at_ms == NOW);
    assert_int_equal(date_compare(kept.on, (struct smg_date){ 2026, 11, 24 }), 0);
    assert_int_equal(date_compare(kept.begun, (struct smg_date){ 2026, 11, 23 }), 0);
    assert_false(kept.broken);
    assert_true(str_is(kept.staff, "S-9"));
    assert_true(str_is(kept.dealer, "D-17"));
    assert_true(str_is(kept.region, "540102"));
    assert_true(str_is(kept.set, "sha256:00"));
    assert_true(str_is(kept.outline, "verdict accepted\n"));
    assert_true(str_is(kept.facts, "operation=mobile.open\n"));
    assert_int_equal(record_case_open(keys.sealer, a.id, value_in(b.unit, SMG_SPACE_CASE, b.id),
                                      &plain, &kept, &err),
                     SMG_E_DENIED);
    buf_fini(&plain);
    unit_free(a.unit);
    unit_free(b.unit);
}

static void test_record_shows_nothing_of_the_person_in_any_row(void **state)
{
    struct made made;

    (void)state;
    make_record(&made, true);
    assert_false(unit_holds(made.unit, SMG_STR("甲乙")));
    assert_false(unit_holds(made.unit, SMG_STR("11010519491231002X")));
    assert_false(unit_holds(made.unit, SMG_STR("13989000001")));
    assert_false(unit_holds(made.unit, str_bytes(made.key.bytes, sizeof made.key.bytes)));
    assert_true(unit_holds(made.unit, SMG_STR("registration.accepted")));
    unit_free(made.unit);
}

static void test_record_moved_to_another_id_does_not_open(void **state)
{
    struct made a, b;
    struct smg_str key_a, key_b, row_a, row_b;

    (void)state;
    make_record(&a, true);
    make_record(&b, true);
    key_a = value_in(a.unit, SMG_SPACE_KEY, a.id);
    key_b = value_in(b.unit, SMG_SPACE_KEY, b.id);
    row_a = value_in(a.unit, SMG_SPACE_REGISTRATION, a.id);
    row_b = value_in(b.unit, SMG_SPACE_REGISTRATION, b.id);
    assert_int_equal(try_open(a.id, key_a, row_a), SMG_OK);
    assert_int_equal(try_open(b.id, key_a, row_a), SMG_E_DENIED);
    assert_int_equal(try_open(a.id, key_a, row_b), SMG_E_DENIED);
    assert_int_equal(try_open(a.id, key_b, row_a), SMG_E_DENIED);
    assert_int_equal(try_open(a.id, key_b, row_b), SMG_E_DENIED);
    assert_int_not_equal(try_open(a.id, (struct smg_str){ NULL, 0 }, row_a), SMG_OK);
    assert_int_not_equal(try_open(a.id, key_a, (struct smg_str){ NULL, 0 }), SMG_OK);
    unit_free(a.unit);
    unit_free(b.unit);
}

static void test_record_is_found_by_number_and_identity(void **state)
{
    uint8_t number[INDEX_PREFIX_BYTES], identity[INDEX_PREFIX_BYTES];
    struct smg_err err = { 0 };
    struct buf key = { 0 };
    struct made made;

    (void)state;
    make_record(&made, true);
    assert_int_equal(rows_in(made.unit, SMG_SPACE_INDEX), 2);
    assert_int_equal(record_index_number(keys.sealer, SMG_STR("+8613989000001"), number, &err),
                     SMG_OK);
    buf_put(&key, number, sizeof number);
    buf_str(&key, id_view(&made.id));
    assert_non_null(row_of(made.unit, SMG_SPACE_INDEX, buf_view(&key)));
    buf_clear(&key);
    assert_int_equal(
        record_index_identity(keys.sealer, SMG_STR("11010519491231002X"), identity, &err), SMG_OK);
    buf_put(&key, identity, sizeof identity);
    buf_str(&key, id_view(&made.id));
    assert_non_null(row_of(made.unit, SMG_SPACE_INDEX, buf_view(&key)));
    /* A telephone number and an identity of the same digits are not mixed up. */
    assert_int_equal(record_index_identity(keys.sealer, SMG_STR("+8613989000001"), identity, &err),
                     SMG_OK);
    assert_memory_not_equal(number + 1, identity + 1, sizeof number - 1);
    buf_fini(&key);
    unit_free(made.unit);
}

static void test_service_ends_once_and_says_when(void **state)
{
    struct made made;
    struct unit *unit = unit_new();
    struct buf key = { 0 };
    const struct smg_row *row;
    struct smg_err err = { 0 };
    struct smg_date due, read_due;
    int64_t ended = 0;

    (void)state;
    make_record(&made, true);
    assert_int_equal(record_terminate(keys.sealer, made.id, NOW, "S-9", NOW + 5, unit, &due, &err),
                     SMG_OK);
    assert_int_equal(date_compare(due, (struct smg_date){ 2028, 11, 24 }), 0);
    record_ended_key(made.id, &key);
    row = row_of(unit, SMG_SPACE_CASE, buf_view(&key));
    assert_non_null(row);
    assert_int_equal(row->when, SMG_NEW); /* the second time is refused by the store */
    assert_int_equal(rows_in(unit, SMG_SPACE_DUE), 1);
    assert_true(unit_holds(unit, SMG_STR("service.terminated")));
    assert_int_equal(record_ended(keys.sealer, made.id, row->value, &ended, &read_due, &err),
                     SMG_OK);
    assert_int_equal(ended, NOW);
    assert_int_equal(date_compare(due, read_due), 0);
    assert_int_equal(record_ended(keys.sealer, id_new(NOW), row->value, &ended, &read_due, &err),
                     SMG_E_DENIED);
    buf_fini(&key);
    unit_free(unit);
    unit_free(made.unit);
}

/* Pictures ----------------------------------------------------------------------------------------
 */

static const struct smg_str picture = { "\xFF\xD8 a picture \0 with a NUL", 24 };

static struct unit *put_picture(struct id *id)
{
    struct image_info info = { .type = "image/png", .width = 640, .height = 480 };
    struct unit *unit = unit_new();
    uint8_t sha256[32], wanted[32];
    struct smg_err err = { 0 };

    assert_int_equal(evidence_put(keys.sealer, picture, &info, "S-9", NOW, unit, id, sha256, &err),
                     SMG_OK);
    digest_sha256(picture, wanted);
    assert_memory_equal(sha256, wanted, sizeof wanted);
    assert_false(unit_holds(unit, SMG_STR("a picture")));
    return unit;
}

static int open_picture(struct id id, struct smg_str key_row, struct smg_str row,
                        const struct data_key *key)
{
    struct buf out = { 0 };
    const char *type = NULL;
    struct smg_err err = { 0 };
    int status = evidence_open(keys.sealer, id, key_row, row, key, &out, &type, &err);

    if (status == SMG_OK) {
        assert_true(str_eq(buf_view(&out), picture));
        assert_string_equal(type, "image/png");
    } else {
        assert_int_equal(out.len, 0);
    }
    buf_fini(&out);
    return status;
}

static void test_picture_opens_loose_and_in_its_own_place_only(void **state)
{
    struct id a, b;
    struct unit *unit_a = put_picture(&a), *unit_b = put_picture(&b);
    struct smg_str key_a = value_in(unit_a, SMG_SPACE_KEY, a);
    struct smg_str key_b = value_in(unit_b, SMG_SPACE_KEY, b);
    struct smg_str row_a = value_in(unit_a, SMG_SPACE_EVIDENCE, a);

    (void)state;
    assert_int_equal(evidence_state(key_a), EVIDENCE_LOOSE);
    assert_int_equal(open_picture(a, key_a, row_a, NULL), SMG_OK);
    assert_int_equal(open_picture(b, key_a, row_a, NULL), SMG_E_DENIED);
    assert_int_equal(open_picture(b, key_b, row_a, NULL), SMG_E_DENIED);
    assert_int_equal(open_picture(a, (struct smg_str){ NULL, 0 }, row_a, NULL), SMG_E_NOT_FOUND);
    unit_free(unit_a);
    unit_free(unit_b);
}

static void test_picture_taken_opens_only_with_the_key_of_its_registration(void **state)
{
    struct id id, owner;
    struct unit *unit = put_picture(&id), *taking = unit_new(), *again = unit_new();
    struct smg_str loose = value_in(unit, SMG_SPACE_KEY, id);
    struct smg_str row = value_in(unit, SMG_SPACE_EVIDENCE, id);
    const struct smg_row *taken;
    struct smg_err err = { 0 };
    struct made made, other;

    (void)state;
    make_record(&made, true);
    make_record(&other, true);
    assert_int_equal(evidence_take(keys.sealer, id, loose, made.id, &made.key, taking, &err),
                     SMG_OK);
    taken = row_of(taking, SMG_SPACE_KEY, id_view(&id));
    assert_non_null(taken);
    assert_int_equal(taken->when, SMG_IS); /* so that only one of two takes it */
    assert_true(str_eq(taken->was, loose));
    assert_int_equal(evidence_state(taken->value), EVIDENCE_TAKEN);
    assert_true(evidence_owner(taken->value, &owner));
    assert_memory_equal(&owner, &made.id, sizeof owner);
    assert_false(evidence_owner(loose, &owner));
    assert_int_equal(open_picture(id, taken->value, row, &made.key), SMG_OK);
    assert_int_equal(open_picture(id, taken->value, row, &other.key), SMG_E_DENIED);
    assert_int_equal(open_picture(id, taken->value, row, NULL), SMG_E_NOT_FOUND);
    assert_int_equal(
        evidence_take(keys.sealer, id, taken->value, other.id, &other.key, again, &err),
        SMG_E_EXISTS);
    assert_int_equal(evidence_take(keys.sealer, id, (struct smg_str){ NULL, 0 }, other.id,
                                   &other.key, again, &err),
                     SMG_E_EXISTS);
    assert_int_equal(again->count, 0);
    unit_free(unit);
    unit_free(taking);
    unit_free(again);
    unit_free(made.unit);
    unit_free(other.unit);
}

/* First answers -----------------------------------------------------------------------------------
 */

static void test_first_answer_comes_back_and_knows_its_request(void **state)
{
    uint8_t key[IDEMPOTENCY_KEY_BYTES], other[IDEMPOTENCY_KEY_BYTES];
    struct unit *unit = unit_new();
    struct first_answer first = { 0 }, second = { 0 }, moved = { 0 };
    const struct smg_row *row;
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(idempotency_key(keys.sealer, "S-9", "/v1/x", SMG_STR("k"), key, &err), SMG_OK);
    assert_int_equal(idempotency_put(keys.sealer, key, SMG_STR("{\"a\":1}"), 201,
                                     SMG_STR("{\"id\":7}"), NOW, unit, &err),
                     SMG_OK);
    row = row_of(unit, SMG_SPACE_IDEMPOTENCY, str_bytes(key, sizeof key));
    assert_non_null(row);
    assert_int_equal(row->when, SMG_NEW);
    assert_int_equal(idempotency_time(row->value), NOW);
    assert_false(unit_holds(unit, SMG_STR("\"id\"")));
    assert_int_equal(
        idempotency_open(keys.sealer, key, row->value, SMG_STR("{\"a\":1}"), &first, &err), SMG_OK);
    assert_true(first.same);
    assert_int_equal(first.status, 201);
    assert_string_equal(first.body.at, "{\"id\":7}");
    assert_int_equal(
        idempotency_open(keys.sealer, key, row->value, SMG_STR("{\"a\":2}"), &second, &err),
        SMG_OK);
    assert_false(second.same);
    assert_int_equal(idempotency_key(keys.sealer, "S-8", "/v1/x", SMG_STR("k"), other, &err),
                     SMG_OK);
    assert_memory_not_equal(key, other, sizeof key);
    assert_int_equal(
        idempotency_open(keys.sealer, other, row->value, SMG_STR("{\"a\":1}"), &moved, &err),
        SMG_E_DENIED);
    buf_fini(&first.body);
    buf_fini(&second.body);
    unit_free(unit);
}

static void test_idempotency_key_is_of_staff_path_and_text_apart(void **state)
{
    static const char *const parts[][3] = {
        { "ab", "c", "d" }, { "a", "bc", "d" }, { "ab", "cd", "" }, { "", "abc", "d" }
    };
    uint8_t digest[4][IDEMPOTENCY_KEY_BYTES];
    struct smg_err err = { 0 };
    char text[257];
    size_t i, j;

    (void)state;
    for (i = 0; i < 4; i++)
        assert_int_equal(idempotency_key(keys.sealer, parts[i][0], parts[i][1], str_of(parts[i][2]),
                                         digest[i], &err),
                         SMG_OK);
    for (i = 0; i < 4; i++)
        for (j = 0; j < i; j++)
            assert_memory_not_equal(digest[i], digest[j], sizeof digest[i]);
    memset(text, 'k', sizeof text);
    assert_true(idempotency_is_key(str_bytes(text, 1)));
    assert_true(idempotency_is_key(str_bytes(text, 255)));
    assert_false(idempotency_is_key(str_bytes(text, 256)));
    assert_false(idempotency_is_key(SMG_STR("")));
    assert_false(idempotency_is_key(SMG_STR("a b")));
    assert_false(idempotency_is_key(SMG_STR("a\x7F")));
    assert_false(idempotency_is_key(SMG_STR("é")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_opens_as_it_was_put),
        cmocka_unit_test(test_case_opens_as_it_was_kept_and_nowhere_else),
        cmocka_unit_test(test_record_shows_nothing_of_the_person_in_any_row),
        cmocka_unit_test(test_record_moved_to_another_id_does_not_open),
        cmocka_unit_test(test_record_is_found_by_number_and_identity),
        cmocka_unit_test(test_service_ends_once_and_says_when),
        cmocka_unit_test(test_picture_opens_loose_and_in_its_own_place_only),
        cmocka_unit_test(test_picture_taken_opens_only_with_the_key_of_its_registration),
        cmocka_unit_test(test_first_answer_comes_back_and_knows_its_request),
        cmocka_unit_test(test_idempotency_key_is_of_staff_path_and_text_apart),
    };

    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
