/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of registrations: each row and the leaf that tells of it. */
#include "journal.h"

struct office {
    struct journal journal;
    struct audit *audit;
    struct sealer *sealer;
};

static int set_up(void **state)
{
    struct office *office = calloc(1, sizeof *office);
    struct smg_err err = { 0 };

    assert_non_null(office);
    journal_open(&office->journal);
    office->audit = journal_attach(&office->journal, "gate-1");
    office->sealer = sealer_new(office->journal.keyring, &err);
    assert_non_null(office->sealer);
    *state = office;
    return 0;
}

static int tear_down(void **state)
{
    struct office *office = *state;

    sealer_free(office->sealer);
    audit_free(office->audit);
    journal_close(&office->journal);
    free(office);
    return 0;
}

/* A unit that says `action` of a registration, and puts `value` as its row, or erases it (NULL). */
static void tell(struct office *office, struct audit *audit, struct id id, const char *action,
                 const char *value)
{
    struct buf text = { 0 };
    struct unit *unit = unit_new();
    struct audit_event event;
    struct smg_err err = { 0 };

    id_write(id, &text);
    event = journal_event(action, text.at);
    if (value != NULL) {
        struct smg_str part = str_of(value);

        unit_put(unit, SMG_SPACE_REGISTRATION, id_view(&id), part);
        assert_int_equal(keyed_digest(office->sealer, KEY_AUDIT, &part, 1, event.digest, &err),
                         SMG_OK);
    } else {
        unit_erase(unit, SMG_SPACE_REGISTRATION, id_view(&id));
    }
    audit_note(unit, &event);
    assert_int_equal(journal_commit(&office->journal, audit, &unit, 1, &err), SMG_OK);
    unit_free(unit);
    buf_fini(&text);
}

/* Exactly one finding, at this place, that ends so. */
static void assert_finding(struct office *office, const char *stream, uint64_t sequence,
                           const char *end)
{
    struct journal_findings findings = journal_verify(&office->journal, true);
    size_t len = strlen(findings.what[0]);

    assert_int_equal(findings.status, SMG_E_DENIED);
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.stream[0], stream);
    assert_true(findings.sequence[0] == sequence);
    assert_true(len > strlen(end));
    assert_string_equal(findings.what[0] + len - strlen(end), end);
}

static void test_registrations_and_their_leaves_agree(void **state)
{
    struct office *office = *state;
    struct journal_findings findings;
    int i;

    /* More than one scan shows and than the table begins with. */
    for (i = 0; i < 1500; i++)
        tell(office, office->audit, id_new(JOURNAL_TIME), "registration.accepted", "sealed");
    findings = journal_verify(&office->journal, true);
    assert_int_equal(findings.status, SMG_OK);
    assert_true(findings.totals.records == 1500);
}

static void test_an_altered_registration_is_found(void **state)
{
    struct office *office = *state;
    struct id id = id_new(JOURNAL_TIME);

    journal_note(&office->journal, office->audit, "gateway.started");
    tell(office, office->audit, id, "registration.accepted", "sealed");
    memory_put(&office->journal.storage.memory->rows, SMG_SPACE_REGISTRATION, id_view(&id),
               SMG_STR("sealeD"));
    assert_finding(office, "gate-1", 1, "is not what its leaf tells of");
}

static void test_a_registration_taken_out_is_found(void **state)
{
    struct office *office = *state;
    struct memory_rows *rows = &office->journal.storage.memory->rows;
    struct id id = id_new(JOURNAL_TIME);

    tell(office, office->audit, id, "registration.refused", "sealed");
    memory_erase(rows, memory_seek(rows, SMG_SPACE_REGISTRATION, id_view(&id)));
    assert_finding(office, "gate-1", 0, "is missing");
}

static void test_a_registration_slipped_in_is_found(void **state)
{
    struct office *office = *state;
    struct id id = id_new(JOURNAL_TIME);

    memory_put(&office->journal.storage.memory->rows, SMG_SPACE_REGISTRATION, id_view(&id),
               SMG_STR("sealed"));
    assert_finding(office, "", 0, "is in no leaf");
}

static void test_a_row_whose_key_is_no_id_is_found(void **state)
{
    struct office *office = *state;

    memory_put(&office->journal.storage.memory->rows, SMG_SPACE_REGISTRATION, SMG_STR("x"),
               SMG_STR("sealed"));
    assert_finding(office, "", 0, "registration whose key is no id");
}

static void test_the_newest_leaf_counts_and_reads_do_not(void **state)
{
    struct office *office = *state;
    struct audit *other = journal_attach(&office->journal, "gate-0");
    struct id id = id_new(JOURNAL_TIME);

    tell(office, office->audit, id, "registration.accepted", "first");
    clock_set_ms(JOURNAL_TIME + 1);
    tell(office, other, id, "registration.corrected", "second");
    clock_set_ms(JOURNAL_TIME + 2);
    journal_note(&office->journal, office->audit, "registration.read");
    journal_assert_whole(&office->journal);
    /* The first state, put back. */
    memory_put(&office->journal.storage.memory->rows, SMG_SPACE_REGISTRATION, id_view(&id),
               SMG_STR("first"));
    assert_finding(office, "gate-0", 0, "is not what its leaf tells of");
    audit_free(other);
}

static void test_a_destroyed_registration_is_not_missed_but_may_not_come_back(void **state)
{
    struct office *office = *state;
    struct id id = id_new(JOURNAL_TIME);

    tell(office, office->audit, id, "registration.accepted", "sealed");
    tell(office, office->audit, id, "registration.destroyed", NULL);
    journal_assert_whole(&office->journal);
    memory_put(&office->journal.storage.memory->rows, SMG_SPACE_REGISTRATION, id_view(&id),
               SMG_STR("sealed"));
    assert_finding(office, "gate-1", 1, "was destroyed and is there again");
}

static void register_more(void *ctx)
{
    tell(ctx, ((struct office *)ctx)->audit, id_new(JOURNAL_TIME), "registration.accepted", "new");
}

static void test_registrations_made_meanwhile_are_no_finding(void **state)
{
    struct office *office = *state;
    int i;

    office->journal.storage.memory->on_scan = register_more;
    office->journal.storage.memory->on_scan_ctx = office;
    for (i = 0; i < 10; i++)
        journal_assert_whole(&office->journal);
    office->journal.storage.memory->on_scan = NULL;
    journal_assert_whole(&office->journal);
}

int main(void)
{
#define OFFICE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        OFFICE_TEST(test_registrations_and_their_leaves_agree),
        OFFICE_TEST(test_an_altered_registration_is_found),
        OFFICE_TEST(test_a_registration_taken_out_is_found),
        OFFICE_TEST(test_a_registration_slipped_in_is_found),
        OFFICE_TEST(test_a_row_whose_key_is_no_id_is_found),
        OFFICE_TEST(test_the_newest_leaf_counts_and_reads_do_not),
        OFFICE_TEST(test_a_destroyed_registration_is_not_missed_but_may_not_come_back),
        OFFICE_TEST(test_registrations_made_meanwhile_are_no_finding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
