/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the log: sequence, restarts, rivals, failures, checkpoints. */
#include "journal.h"

#include <pthread.h>

static int set_up(void **state)
{
    struct journal *journal = calloc(1, sizeof *journal);

    assert_non_null(journal);
    journal_open(journal);
    *state = journal;
    return 0;
}

static int tear_down(void **state)
{
    journal_close(*state);
    free(*state);
    return 0;
}

static void test_a_batch_becomes_leaves_in_the_order_of_its_units(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct unit *units[] = { unit_new(), unit_new() };
    static const char *const actions[] = { "one", "two", "three" };
    struct smg_err err = { 0 };
    uint64_t i;

    for (i = 0; i < 3; i++) {
        struct audit_event event = journal_event(actions[i], "");

        audit_note(units[i / 2], &event);
    }
    assert_int_equal(journal_commit(journal, audit, units, 2, &err), SMG_OK);
    for (i = 0; i < 3; i++) {
        struct buf key = { 0 };
        const struct memory_row *row;
        struct audit_event event;

        row_key(ROW_LEAF, "gate-1", i, &key);
        row = memory_find(&journal->storage.memory->rows, SMG_SPACE_AUDIT, buf_view(&key));
        assert_non_null(row);
        assert_true(leaf_read(str_bytes(row->value, row->value_len - ROW_MAC_BYTES), &event));
        assert_true(str_is(event.action, actions[i]));
        assert_true(event.at_ms == JOURNAL_TIME);
        buf_fini(&key);
    }
    journal_assert_whole(journal);
    unit_free(units[0]);
    unit_free(units[1]);
    audit_free(audit);
}

static void test_a_batch_without_events_writes_nothing(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };

    assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_OK);
    assert_int_equal(journal->storage.memory->rows.count, 0);
    unit_free(unit);
    audit_free(audit);
}

static void test_a_restart_goes_on_where_the_stream_ended(void **state)
{
    struct journal *journal = *state;
    struct journal_findings findings;
    int i;

    for (i = 0; i < 20; i++) {
        struct audit *audit = journal_attach(journal, "gate-1");

        clock_set_ms(JOURNAL_TIME + i * 400);
        journal_note(journal, audit, "gateway.started");
        audit_free(audit);
    }
    journal_assert_whole(journal);
    findings = journal_verify(journal, false);
    assert_true(findings.totals.leaves == 20);
    assert_true(findings.totals.streams == 1);
}

static void test_two_writers_of_one_stream_do_not_fork_it(void **state)
{
    struct journal *journal = *state;
    struct audit *audit[] = { journal_attach(journal, "gate-1"),
                              journal_attach(journal, "gate-1") };
    struct audit_checkpoint checkpoint;
    struct journal_findings findings;
    struct smg_err err = { 0 };
    int i;

    for (i = 0; i < 40; i++) {
        clock_set_ms(JOURNAL_TIME + i * 300);
        journal_note(journal, audit[(i / 3) % 2], "staff.added");
        if (i % 7 == 0)
            assert_int_equal(audit_checkpoint(audit[i % 2], clock_now_ms(), &checkpoint, &err),
                             SMG_OK);
    }
    journal_assert_whole(journal);
    findings = journal_verify(journal, false);
    assert_true(findings.totals.leaves == 40);
    audit_free(audit[0]);
    audit_free(audit[1]);
}

static void test_a_refused_unit_leaves_no_leaf_behind(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct unit *units[] = { unit_new(), unit_new() };
    struct audit_event event = journal_event("registration.accepted", "");
    struct journal_findings findings;
    struct smg_err err = { 0 };

    memory_put(&journal->storage.memory->rows, SMG_SPACE_INDEX, SMG_STR("taken"), SMG_STR("x"));
    unit_put_new(units[0], SMG_SPACE_INDEX, SMG_STR("taken"), SMG_STR("y"));
    audit_note(units[0], &event);
    audit_note(units[1], &event);
    assert_int_equal(journal_commit(journal, audit, units, 2, &err), SMG_E_EXISTS);
    assert_int_equal(journal_commit(journal, audit, units + 1, 1, &err), SMG_OK);
    findings = journal_verify(journal, false);
    assert_int_equal(findings.status, SMG_OK);
    assert_true(findings.totals.leaves == 1);
    unit_free(units[0]);
    unit_free(units[1]);
    audit_free(audit);
}

/* Whichever way an unknown outcome turned out, the next batch fits. */
static void test_an_unknown_outcome_is_read_back_before_the_next_batch(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct audit_event event = journal_event("case.opened", "");
    struct journal_findings findings;
    struct smg_err err = { 0 };
    int i;

    for (i = 0; i < 6; i++) {
        struct unit *unit = unit_new();

        audit_note(unit, &event);
        journal->storage.memory->apply_code = i % 3 == 2 ? SMG_OK : SMG_E_UNKNOWN;
        journal->storage.memory->apply_anyway = i % 3 == 0;
        assert_int_equal(journal_commit(journal, audit, &unit, 1, &err),
                         i % 3 == 2 ? SMG_OK : SMG_E_UNKNOWN);
        unit_free(unit);
    }
    findings = journal_verify(journal, false);
    assert_int_equal(findings.status, SMG_OK);
    assert_true(findings.totals.leaves == 4);
    audit_free(audit);
}

static void test_a_storage_that_does_not_answer_fails_the_batch_until_it_does(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct audit_event event = journal_event("case.opened", "");
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };

    audit_note(unit, &event);
    journal->storage.memory->apply_code = SMG_E_IO;
    assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_E_IO);
    journal->storage.memory->read_code = SMG_E_IO;
    assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_E_IO);
    journal->storage.memory->open_code = SMG_E_BUSY;
    assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_E_BUSY);
    journal->storage.memory->open_code = journal->storage.memory->read_code = SMG_OK;
    assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_OK);
    journal_assert_whole(journal);
    unit_free(unit);
    audit_free(audit);
}

static void test_a_session_that_died_while_idle_is_opened_again(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct audit_event event = journal_event("case.opened", "");
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    unsigned opened;
    int i;

    audit_note(unit, &event);
    for (i = 0; i < 2; i++) {
        /* The head must be read again, the second time on a session that is cut. */
        journal->storage.memory->apply_code = SMG_E_IO;
        assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_E_IO);
        opened = journal->storage.memory->opened;
        journal->storage.memory->broken_reads = (unsigned)i;
        assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_OK);
        assert_int_equal(journal->storage.memory->opened, opened + 1);
    }
    journal_assert_whole(journal);
    unit_free(unit);
    audit_free(audit);
}

static void test_an_altered_head_is_refused_at_start(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct smg_err err = { 0 };
    struct memory_row *head;

    journal_note(journal, audit, "staff.added");
    audit_free(audit);
    head = memory_find(&journal->storage.memory->rows, SMG_SPACE_AUDIT, SMG_STR("Hgate-1"));
    assert_non_null(head);
    head->value[8] ^= 1;
    audit = audit_new(journal->keyring, "gate-1", &err);
    assert_int_equal(audit_attach(audit, &journal->storage, &err), SMG_E_DENIED);
    audit_free(audit);
}

static void test_a_log_set_back_under_a_running_gateway_stops_its_writes(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct audit_event event = journal_event("case.opened", "");
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    struct memory_rows before;

    audit_note(unit, &event);
    journal_note(journal, audit, "staff.added");
    memory_rows_copy(&journal->storage.memory->rows, &before);
    journal_note(journal, audit, "staff.added");
    memory_rows_free(&journal->storage.memory->rows);
    journal->storage.memory->rows = before;
    assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_E_DENIED);
    unit_free(unit);
    audit_free(audit);
}

static size_t count_checkpoints(const struct journal *journal)
{
    const struct memory_rows *rows = &journal->storage.memory->rows;
    size_t i, count = 0;

    for (i = 0; i < rows->count; i++)
        count += rows->at[i].space == SMG_SPACE_AUDIT && rows->at[i].key[0] == 'C';
    return count;
}

static void test_checkpoints_come_at_most_once_a_second(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    int i;

    for (i = 0; i < 50; i++) {
        clock_set_ms(JOURNAL_TIME + i * 100);
        journal_note(journal, audit, "staff.added");
    }
    assert_int_equal(count_checkpoints(journal), 5);
    /* A clock set back does not stop them. */
    clock_set_ms(JOURNAL_TIME - 3600000);
    journal_note(journal, audit, "staff.added");
    assert_int_equal(count_checkpoints(journal), 6);
    journal_assert_whole(journal);
    audit_free(audit);
}

static void test_a_checkpoint_asked_for_tells_of_every_durable_leaf(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct audit_checkpoint checkpoint, again;
    struct smg_err err = { 0 };
    size_t before;

    assert_int_equal(audit_checkpoint(audit, JOURNAL_TIME, &checkpoint, &err), SMG_E_NOT_FOUND);
    journal_note(journal, audit, "staff.added");
    journal_note(journal, audit, "staff.added");
    before = count_checkpoints(journal);
    assert_int_equal(audit_checkpoint(audit, JOURNAL_TIME, &checkpoint, &err), SMG_OK);
    assert_true(checkpoint.size == 2);
    assert_string_equal(checkpoint.stream, "gate-1");
    assert_true(audit_checkpoint_is_signed(&checkpoint, journal->keyring));
    assert_int_equal(audit_checkpoint(audit, JOURNAL_TIME + 5, &again, &err), SMG_OK);
    assert_memory_equal(&checkpoint, &again, sizeof again);
    journal_note(journal, audit, "staff.added");
    assert_int_equal(count_checkpoints(journal), before + 1);
    journal_assert_whole(journal);
    audit_free(audit);
}

static void test_the_newest_checkpoint_outlives_a_restart(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct audit_checkpoint before, after;
    struct smg_err err = { 0 };

    journal_note(journal, audit, "staff.added");
    assert_int_equal(audit_checkpoint(audit, JOURNAL_TIME, &before, &err), SMG_OK);
    audit_free(audit);
    audit = journal_attach(journal, "gate-1");
    assert_int_equal(audit_checkpoint(audit, JOURNAL_TIME + 9, &after, &err), SMG_OK);
    assert_memory_equal(&before, &after, sizeof after);
    audit_free(audit);
}

static void test_a_checkpoint_text_comes_back_and_only_in_its_one_form(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct audit_checkpoint checkpoint, back;
    struct smg_err err = { 0 };
    struct buf text = { 0 };
    size_t i;

    journal_note(journal, audit, "staff.added");
    assert_int_equal(audit_checkpoint(audit, JOURNAL_TIME, &checkpoint, &err), SMG_OK);
    audit_checkpoint_write(&checkpoint, &text);
    assert_true(str_starts(buf_view(&text), "shiming/gate-1\n1\n"));
    assert_true(audit_checkpoint_read(buf_view(&text), &back));
    assert_memory_equal(&checkpoint, &back, sizeof back);
    for (i = 0; i < text.len; i++) {
        text.at[i] ^= 1;
        assert_false(audit_checkpoint_read(buf_view(&text), &back) &&
                     audit_checkpoint_is_signed(&back, journal->keyring));
        text.at[i] ^= 1;
        assert_false(audit_checkpoint_read(str_bytes(text.at, i), &back));
    }
    buf_fini(&text);
    audit_free(audit);
}

static void test_a_stream_has_a_plain_name(void **state)
{
    static const char *const bad[] = {
        "", "a b", "a/b", "caf\xC3\xA9",
        "a234567890123456789012345678901234567890123456789012345678901234"
    };
    struct journal *journal = *state;
    struct smg_err err = { 0 };
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(audit_new(journal->keyring, bad[i], &err));
}

static void test_bad_text_is_written_as_far_as_it_may_be(void **state)
{
    struct audit_event event = { .actor = SMG_STR("S-9\nadmin"), .action = SMG_STR("a\xFFz") };
    struct audit_event back;
    uint8_t leaf[ROW_LEAF_LIMIT];
    char longer[300];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof longer; i++)
        longer[i] = "\xE8\x97\x8F"[i % 3];
    event.object = str_bytes(longer, sizeof longer);
    event.purpose = SMG_STR("\xE8\x97\x8F ok");
    assert_true(leaf_read(str_bytes(leaf, leaf_write(&event, leaf)), &back));
    assert_true(str_is(back.actor, "S-9?admin"));
    assert_true(str_is(back.action, "a?z"));
    assert_true(str_eq(back.object, str_bytes(longer, 198)));
    assert_true(str_eq(back.purpose, event.purpose));
}

struct asking {
    struct audit *audit;
    struct keyring *keyring;
    bool good;
};

static void *ask_for_checkpoints(void *ctx)
{
    struct asking *asking = ctx;
    struct audit_checkpoint checkpoint;
    struct smg_err err = { 0 };
    uint64_t newest = 0;
    int i;

    asking->good = true;
    for (i = 0; i < 200; i++) {
        int status = audit_checkpoint(asking->audit, JOURNAL_TIME, &checkpoint, &err);

        if (status == SMG_E_NOT_FOUND && newest == 0)
            continue;
        if (status != SMG_OK || checkpoint.size < newest ||
            !audit_checkpoint_is_signed(&checkpoint, asking->keyring))
            asking->good = false;
        newest = checkpoint.size;
    }
    return NULL;
}

static void test_checkpoints_may_be_asked_for_while_batches_are_written(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-1");
    struct asking asking = { .audit = audit, .keyring = journal->keyring };
    pthread_t thread;
    int i;

    assert_int_equal(pthread_create(&thread, NULL, ask_for_checkpoints, &asking), 0);
    for (i = 0; i < 100; i++)
        journal_note(journal, audit, "staff.added");
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(asking.good);
    journal_assert_whole(journal);
    audit_free(audit);
}

int main(void)
{
#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        JOURNAL_TEST(test_a_batch_becomes_leaves_in_the_order_of_its_units),
        JOURNAL_TEST(test_a_batch_without_events_writes_nothing),
        JOURNAL_TEST(test_a_restart_goes_on_where_the_stream_ended),
        JOURNAL_TEST(test_two_writers_of_one_stream_do_not_fork_it),
        JOURNAL_TEST(test_a_refused_unit_leaves_no_leaf_behind),
        JOURNAL_TEST(test_an_unknown_outcome_is_read_back_before_the_next_batch),
        JOURNAL_TEST(test_a_storage_that_does_not_answer_fails_the_batch_until_it_does),
        JOURNAL_TEST(test_a_session_that_died_while_idle_is_opened_again),
        JOURNAL_TEST(test_an_altered_head_is_refused_at_start),
        JOURNAL_TEST(test_a_log_set_back_under_a_running_gateway_stops_its_writes),
        JOURNAL_TEST(test_checkpoints_come_at_most_once_a_second),
        JOURNAL_TEST(test_a_checkpoint_asked_for_tells_of_every_durable_leaf),
        JOURNAL_TEST(test_the_newest_checkpoint_outlives_a_restart),
        JOURNAL_TEST(test_a_checkpoint_text_comes_back_and_only_in_its_one_form),
        JOURNAL_TEST(test_a_stream_has_a_plain_name),
        JOURNAL_TEST(test_checkpoints_may_be_asked_for_while_batches_are_written),
        cmocka_unit_test(test_bad_text_is_written_as_far_as_it_may_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
