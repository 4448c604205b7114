/* SPDX-License-Identifier: Apache-2.0 */
/* Staff and dealers: a token is shown once and stored nowhere; a contract holds on its days. */
#include "fresh_keys.h"

#include "supervision/dealer.h"
#include "supervision/name.h"
#include "supervision/staff.h"

#define NOW INT64_C(1795500000000)

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

static const struct staff clerk = {
    .id = "S-9", .dealer = "D-1", .role = ROLE_CLERK, .client_key = "ab12", .added_ms = NOW
};

static struct unit *add_staff(const struct staff *staff, struct buf *token)
{
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };

    assert_int_equal(staff_add(keys.sealer, staff, "admin", unit, token, &err), SMG_OK);
    assert_int_equal(unit_failed(unit), SMG_OK);
    return unit;
}

static void test_token_leads_to_its_staff_member(void **state)
{
    struct buf token = { 0 }, key = { 0 };
    struct unit *unit = add_staff(&clerk, &token);
    const struct smg_row *row;
    struct smg_err err = { 0 };
    struct staff found;

    (void)state;
    assert_true(staff_token_key(keys.sealer, buf_view(&token), &key));
    row = row_of(unit, SMG_SPACE_STAFF, buf_view(&key));
    assert_non_null(row);
    assert_int_equal(staff_open(keys.sealer, buf_view(&key), row->value, &found, &err), SMG_OK);
    assert_string_equal(found.id, "S-9");
    assert_string_equal(found.dealer, "D-1");
    assert_string_equal(found.client_key, "ab12");
    assert_int_equal(found.role, ROLE_CLERK);
    assert_int_equal(found.added_ms, NOW);
    key.at[key.len - 1] ^= 1; /* moved to the token of somebody else */
    assert_int_equal(staff_open(keys.sealer, buf_view(&key), row->value, &found, &err),
                     SMG_E_DENIED);
    unit_free(unit);
    buf_fini(&token);
    buf_fini(&key);
}

static void test_token_is_in_no_row(void **state)
{
    struct buf token = { 0 }, secret = { 0 };
    struct unit *unit = add_staff(&clerk, &token);

    (void)state;
    assert_true(str_starts(buf_view(&token), "smg_"));
    assert_true(buf_unbase64url(&secret, str_bytes(token.at + 4, token.len - 4)));
    assert_int_equal(secret.len, 32);
    assert_int_equal(rows_in(unit, SMG_SPACE_STAFF), 2);
    assert_false(unit_holds(unit, str_bytes(token.at + 4, token.len - 4)));
    assert_false(unit_holds(unit, buf_view(&secret)));
    assert_false(unit_holds(unit, str_bytes(secret.at, 8)));
    assert_true(unit_holds(unit, SMG_STR("staff.added")));
    unit_free(unit);
    buf_fini(&token);
    buf_fini(&secret);
}

static void test_token_is_appended_to_what_is_there(void **state)
{
    struct buf out = { 0 }, key = { 0 };
    struct unit *unit;

    (void)state;
    buf_text(&out, "token: ");
    unit = add_staff(&clerk, &out);
    assert_true(str_starts(buf_view(&out), "token: smg_"));
    assert_true(staff_token_key(keys.sealer, str_bytes(out.at + 7, out.len - 7), &key));
    assert_non_null(row_of(unit, SMG_SPACE_STAFF, buf_view(&key)));
    unit_free(unit);
    buf_fini(&out);
    buf_fini(&key);
}

static void test_id_is_given_once_and_every_token_is_another(void **state)
{
    struct buf a = { 0 }, b = { 0 };
    struct unit *unit_a = add_staff(&clerk, &a), *unit_b = add_staff(&clerk, &b);
    const struct smg_row *row = row_of(unit_a, SMG_SPACE_STAFF, SMG_STR("SS-9"));

    (void)state;
    assert_false(str_eq(buf_view(&a), buf_view(&b)));
    assert_non_null(row);
    assert_int_equal(row->when, SMG_NEW); /* the second is refused by the store */
    assert_non_null(row_of(unit_b, SMG_SPACE_STAFF, SMG_STR("SS-9")));
    unit_free(unit_a);
    unit_free(unit_b);
    buf_fini(&a);
    buf_fini(&b);
}

static void test_what_is_no_token_has_no_key(void **state)
{
    static const char *const wrong[] = {
        "",
        "smg_",
        "smg",
        "smg_AAAA",
        "card_AAAA",
        "smg_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",  /* left-over bits */
        "smg_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", /* padding */
        "SMG_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "smg_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    };
    struct buf key = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(staff_token_key(keys.sealer, str_of(wrong[i]), &key));
    assert_int_equal(key.len, 0);
    assert_true(staff_token_key(keys.sealer,
                                SMG_STR("smg_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &key));
    buf_fini(&key);
}

static void test_odd_ids_are_refused_before_anything_is_made(void **state)
{
    static const char *const wrong[] = { "", "a b", "a/b", "张", "a\n" };
    struct smg_err err = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct staff staff = clerk;
        struct unit *unit = unit_new();
        struct buf token = { 0 };

        snprintf(staff.id, sizeof staff.id, "%s", wrong[i]);
        assert_int_equal(staff_add(keys.sealer, &staff, "admin", unit, &token, &err),
                         SMG_E_INVALID);
        assert_int_equal(token.len, 0);
        assert_int_equal(unit->count, 0);
        unit_free(unit);
    }
}

static void test_ids_have_one_to_sixty_three_plain_characters(void **state)
{
    char text[65];
    int c;

    (void)state;
    memset(text, 'a', sizeof text);
    assert_false(name_is_id(str_bytes(text, 0)));
    assert_true(name_is_id(str_bytes(text, 1)));
    assert_true(name_is_id(str_bytes(text, 63)));
    assert_false(name_is_id(str_bytes(text, 64)));
    for (c = 0; c < 256; c++) {
        bool plain = c != 0 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_.",
                                      c) != NULL;

        text[1] = (char)c;
        assert_true(name_is_id(str_bytes(text, 3)) == plain);
    }
}

static void test_roles_are_said_by_their_words(void **state)
{
    static const enum role roles[] = { ROLE_CLERK, ROLE_AUDITOR, ROLE_ADMIN };
    static const char *const wrong[] = { "", "Clerk", "clerk ", "cler", "nobody", "clerks" };
    enum role role;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof roles / sizeof *roles; i++) {
        assert_true(role_parse(str_of(role_name(roles[i])), &role));
        assert_int_equal(role, roles[i]);
    }
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(role_parse(str_of(wrong[i]), &role));
}

static const struct dealer dealer = { .id = "D-1",
                                      .name = "示例商店",
                                      .contract_from = { 2026, 1, 1 },
                                      .contract_to = { 2026, 12, 31 },
                                      .able = true };

static void test_contract_holds_from_its_first_to_its_last_day(void **state)
{
    struct dealer none = dealer;

    (void)state;
    assert_string_equal(dealer_contract(&dealer, (struct smg_date){ 2025, 12, 31 }), "not_yet");
    assert_string_equal(dealer_contract(&dealer, (struct smg_date){ 2026, 1, 1 }), "in_force");
    assert_string_equal(dealer_contract(&dealer, (struct smg_date){ 2026, 12, 31 }), "in_force");
    assert_string_equal(dealer_contract(&dealer, (struct smg_date){ 2027, 1, 1 }), "expired");
    none.contract_from = none.contract_to = DATE_NONE;
    assert_string_equal(dealer_contract(&none, (struct smg_date){ 2026, 6, 1 }), "none");
    assert_string_equal(dealer_contract(NULL, (struct smg_date){ 2026, 6, 1 }), "none");
}

static void test_dealer_opens_as_it_was_put(void **state)
{
    struct unit *unit = unit_new();
    struct buf key = { 0 };
    const struct smg_row *row;
    struct smg_err err = { 0 };
    struct dealer found;

    (void)state;
    assert_int_equal(dealer_put(keys.sealer, &dealer, "admin", NOW, unit, &err), SMG_OK);
    assert_true(dealer_key(SMG_STR("D-1"), &key));
    row = row_of(unit, SMG_SPACE_DEALER, buf_view(&key));
    assert_non_null(row);
    assert_int_equal(row->when, SMG_ALWAYS);
    assert_false(unit_holds(unit, SMG_STR("示例商店")));
    assert_true(unit_holds(unit, SMG_STR("dealer.put")));
    assert_int_equal(dealer_open(keys.sealer, buf_view(&key), row->value, &found, &err), SMG_OK);
    assert_string_equal(found.id, "D-1");
    assert_string_equal(found.name, "示例商店");
    assert_int_equal(date_compare(found.contract_from, dealer.contract_from), 0);
    assert_int_equal(date_compare(found.contract_to, dealer.contract_to), 0);
    assert_true(found.able);
    assert_int_equal(dealer_open(keys.sealer, SMG_STR("DD-2"), row->value, &found, &err),
                     SMG_E_DENIED);
    unit_free(unit);
    buf_fini(&key);
}

static int put_with_days(struct smg_date from, struct smg_date to)
{
    struct dealer made = dealer;
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    int status;

    made.contract_from = from;
    made.contract_to = to;
    status = dealer_put(keys.sealer, &made, "admin", NOW, unit, &err);
    assert_int_equal(unit->count > 0, status == SMG_OK);
    unit_free(unit);
    return status;
}

static void test_contract_has_both_days_in_order_or_none(void **state)
{
    struct smg_date first = { 2026, 1, 1 }, next = { 2026, 1, 2 };

    (void)state;
    assert_int_equal(put_with_days(first, next), SMG_OK);
    assert_int_equal(put_with_days(first, first), SMG_OK);
    assert_int_equal(put_with_days(DATE_NONE, DATE_NONE), SMG_OK);
    assert_int_equal(put_with_days(next, first), SMG_E_INVALID);
    assert_int_equal(put_with_days(first, DATE_NONE), SMG_E_INVALID);
    assert_int_equal(put_with_days(DATE_NONE, first), SMG_E_INVALID);
}

static void test_who_is_removed_loses_the_token_and_keeps_the_id(void **state)
{
    struct buf token = { 0 }, key = { 0 }, name = { 0 };
    struct unit *unit = add_staff(&clerk, &token), *removal = unit_new();
    const struct smg_row *row;

    (void)state;
    assert_true(staff_token_key(keys.sealer, buf_view(&token), &key));
    staff_id_key(SMG_STR("S-9"), &name);
    row = row_of(unit, SMG_SPACE_STAFF, buf_view(&name));
    assert_non_null(row);
    assert_true(str_eq(row->value, buf_view(&key)));
    staff_remove(SMG_STR("S-9"), row->value, "admin", NOW, removal);
    assert_int_equal(unit_failed(removal), SMG_OK);
    assert_int_equal(removal->count, 1);
    assert_int_equal(removal->rows[0].act, SMG_ERASE);
    assert_true(str_eq(removal->rows[0].key, buf_view(&key)));
    assert_int_equal(unit_notes(removal), 1);
    unit_free(unit);
    unit_free(removal);
    buf_fini(&token);
    buf_fini(&key);
    buf_fini(&name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_leads_to_its_staff_member),
        cmocka_unit_test(test_token_is_in_no_row),
        cmocka_unit_test(test_who_is_removed_loses_the_token_and_keeps_the_id),
        cmocka_unit_test(test_token_is_appended_to_what_is_there),
        cmocka_unit_test(test_id_is_given_once_and_every_token_is_another),
        cmocka_unit_test(test_what_is_no_token_has_no_key),
        cmocka_unit_test(test_odd_ids_are_refused_before_anything_is_made),
        cmocka_unit_test(test_ids_have_one_to_sixty_three_plain_characters),
        cmocka_unit_test(test_roles_are_said_by_their_words),
        cmocka_unit_test(test_contract_holds_from_its_first_to_its_last_day),
        cmocka_unit_test(test_dealer_opens_as_it_was_put),
        cmocka_unit_test(test_contract_has_both_days_in_order_or_none),
    };

    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
