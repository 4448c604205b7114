/* SPDX-License-Identifier: Apache-2.0 */
/* Verification finds every change to what is stored, and names the place. */
#include "journal.h"

enum { LEAVES = 9 };

static const char *const streams[] = { "gate-1", "gate-1.cli" };

/* Two streams of nine leaves, with three checkpoints each. */
static int set_up(void **state)
{
    struct journal *journal = calloc(1, sizeof *journal);
    size_t i, j;

    assert_non_null(journal);
    journal_open(journal);
    for (i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct audit *audit = journal_attach(journal, streams[i]);

        for (j = 0; j < LEAVES; j++) {
            clock_set_ms(JOURNAL_TIME + (int64_t)j * 400);
            journal_note(journal, audit, j % 2 == 0 ? "staff.added" : "case.opened");
        }
        audit_free(audit);
    }
    *state = journal;
    return 0;
}

static int tear_down(void **state)
{
    journal_close(*state);
    free(*state);
    return 0;
}

static struct memory_rows *rows_of(struct journal *journal)
{
    return &journal->storage.memory->rows;
}

/* Where a finding about this row should stand. */
static void locate(const struct memory_row *row, char stream[64], uint64_t *sequence)
{
    size_t len = row->key[0] == ROW_HEAD ? row->key_len - 1 : row->key_len - 10;

    memcpy(stream, row->key + 1, len);
    stream[len] = '\0';
    *sequence = 0;
    if (row->key[0] != ROW_HEAD)
        assert_true(row_key_number((struct smg_str){ row->key, row->key_len }, stream, sequence));
}

static void assert_named(struct journal *journal, const char *stream, uint64_t sequence)
{
    struct journal_findings findings = journal_verify(journal, false);

    assert_int_equal(findings.status, SMG_E_DENIED);
    if (!journal_names(&findings, stream, sequence)) {
        size_t i;

        print_error("not named: %s %llu\n", stream, (unsigned long long)sequence);
        for (i = 0; i < findings.count && i < 64; i++)
            print_error("  %s %llu: %s\n", findings.stream[i],
                        (unsigned long long)findings.sequence[i], findings.what[i]);
        fail();
    }
}

static void test_an_untouched_log_is_whole(void **state)
{
    struct journal_findings findings = journal_verify(*state, true);

    assert_int_equal(findings.status, SMG_OK);
    assert_int_equal(findings.count, 0);
    assert_true(findings.totals.streams == 2);
    assert_true(findings.totals.leaves == 2 * LEAVES);
    assert_true(findings.totals.checkpoints == 2 * 3);
    journal_assert_whole(*state);
}

static void test_any_byte_of_any_row_altered_is_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    char stream[64];
    uint64_t sequence;
    size_t i, j;

    for (i = 0; i < rows->count; i++) {
        locate(&rows->at[i], stream, &sequence);
        for (j = 0; j < rows->at[i].value_len; j++) {
            rows->at[i].value[j] ^= (char)(1 << (j % 8));
            assert_named(journal, stream, sequence);
            rows->at[i].value[j] ^= (char)(1 << (j % 8));
        }
    }
    journal_assert_whole(journal);
}

static void test_only_the_altered_leaf_is_named(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    struct journal_findings findings;
    size_t i, j;

    for (i = 0; i < rows->count; i++) {
        if (rows->at[i].key[0] != ROW_LEAF)
            continue;
        /* Its text, then its MAC. */
        for (j = 0; j < 2; j++) {
            char *byte = &rows->at[i].value[j == 0 ? 12 : rows->at[i].value_len - 1];

            *byte ^= 4;
            findings = journal_verify(journal, false);
            /* The head knows the newest leaf's MAC, but it is not what was altered. */
            assert_int_equal(findings.count, 1);
            *byte ^= 4;
        }
    }
}

static void test_any_row_cut_short_or_made_longer_is_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    char stream[64];
    uint64_t sequence;
    size_t i, len;

    for (i = 0; i < rows->count; i++) {
        locate(&rows->at[i], stream, &sequence);
        len = rows->at[i].value_len;
        for (rows->at[i].value_len = 0; rows->at[i].value_len < len; rows->at[i].value_len += 7)
            assert_named(journal, stream, sequence);
        /* memory_copy left one more byte, a NUL. */
        rows->at[i].value_len = len + 1;
        assert_named(journal, stream, sequence);
        rows->at[i].value_len = len;
    }
    journal_assert_whole(journal);
}

static void test_any_row_taken_out_is_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    size_t i, count = rows->count;
    uint64_t sequence;
    char stream[64];

    for (i = 0; i < count; i++) {
        struct memory_rows before;
        bool is_checkpoint = rows->at[i].key[0] == ROW_CHECKPOINT;
        struct journal_findings findings;

        memory_rows_copy(rows, &before);
        locate(&rows->at[i], stream, &sequence);
        memory_erase(rows, i);
        /* A missing checkpoint is noticed by the one after it, or by the head. */
        findings = journal_verify(journal, false);
        assert_int_equal(findings.status, SMG_E_DENIED);
        assert_string_equal(findings.stream[0], stream);
        if (!is_checkpoint)
            assert_true(journal_names(&findings, stream, sequence));
        memory_rows_free(rows);
        *rows = before;
    }
    journal_assert_whole(journal);
}

static void swap_values(struct memory_row *a, struct memory_row *b)
{
    char *value = a->value;
    size_t len = a->value_len;

    a->value = b->value;
    a->value_len = b->value_len;
    b->value = value;
    b->value_len = len;
}

static void test_any_two_rows_swapped_are_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    char stream[2][64];
    uint64_t sequence[2];
    size_t i, j;

    for (i = 0; i < rows->count; i++)
        for (j = i + 1; j < rows->count; j++) {
            locate(&rows->at[i], stream[0], &sequence[0]);
            locate(&rows->at[j], stream[1], &sequence[1]);
            swap_values(&rows->at[i], &rows->at[j]);
            assert_named(journal, stream[0], sequence[0]);
            assert_named(journal, stream[1], sequence[1]);
            swap_values(&rows->at[i], &rows->at[j]);
        }
    journal_assert_whole(journal);
}

static void test_any_byte_of_any_key_altered_is_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    size_t i, j, count = rows->count;

    for (i = 0; i < count; i++) {
        for (j = 0; j < rows->at[i].key_len; j++) {
            struct memory_rows before;
            struct memory_row row = rows->at[i];
            char *key = memory_copy(row.key, row.key_len);
            struct journal_findings findings;

            memory_rows_copy(rows, &before);
            key[j] ^= 1;
            memory_put(rows, SMG_SPACE_AUDIT, (struct smg_str){ key, row.key_len },
                       (struct smg_str){ row.value, row.value_len });
            key[j] ^= 1;
            memory_erase(rows,
                         memory_seek(rows, SMG_SPACE_AUDIT, (struct smg_str){ key, row.key_len }));
            free(key);
            findings = journal_verify(journal, false);
            assert_int_equal(findings.status, SMG_E_DENIED);
            memory_rows_free(rows);
            *rows = before;
        }
    }
    journal_assert_whole(journal);
}

static void test_a_cut_tail_is_found_where_it_was_cut(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    struct buf key = { 0 };
    uint64_t i;

    for (i = LEAVES; i-- > 0;) {
        buf_clear(&key);
        row_key(ROW_LEAF, streams[0], i, &key);
        memory_erase(rows, memory_seek(rows, SMG_SPACE_AUDIT, buf_view(&key)));
        assert_named(journal, streams[0], i);
    }
    buf_fini(&key);
}

/* An older head is genuine, and so is each leaf it knows: what it does not know gives it away. */
static void test_an_older_state_put_back_is_found_by_what_is_newer(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    struct smg_str head_key = SMG_STR("Hgate-1");
    struct memory_row *head = memory_find(rows, SMG_SPACE_AUDIT, head_key);
    struct buf old = { 0 }, key = { 0 };
    struct audit *audit = journal_attach(journal, streams[0]);

    buf_put(&old, head->value, head->value_len);
    clock_set_ms(JOURNAL_TIME + 60000);
    journal_note(journal, audit, "staff.added");
    memory_put(rows, SMG_SPACE_AUDIT, head_key, buf_view(&old));
    assert_named(journal, streams[0], LEAVES);
    /* Without the leaf, the checkpoint still knows. */
    row_key(ROW_LEAF, streams[0], LEAVES, &key);
    memory_erase(rows, memory_seek(rows, SMG_SPACE_AUDIT, buf_view(&key)));
    assert_named(journal, streams[0], LEAVES + 1);
    buf_fini(&old);
    buf_fini(&key);
    audit_free(audit);
}

/* The log is set back, goes on, and then the leaf of the lost past is put in again: a fork. */
static void test_a_leaf_of_another_past_is_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal), before;
    struct buf key = { 0 }, lost = { 0 };
    struct audit *audit = journal_attach(journal, streams[0]);
    struct memory_row *leaf;

    memory_rows_copy(rows, &before);
    journal_note(journal, audit, "staff.added");
    row_key(ROW_LEAF, streams[0], LEAVES, &key);
    leaf = memory_find(rows, SMG_SPACE_AUDIT, buf_view(&key));
    buf_put(&lost, leaf->value, leaf->value_len);
    audit_free(audit);

    memory_rows_free(rows);
    *rows = before;
    audit = journal_attach(journal, streams[0]);
    journal_note(journal, audit, "case.opened");
    journal_note(journal, audit, "case.opened");
    journal_assert_whole(journal);
    memory_put(rows, SMG_SPACE_AUDIT, buf_view(&key), buf_view(&lost));
    /* Its own MAC is genuine; the leaf after it, the tree and the head say otherwise. */
    assert_named(journal, streams[0], LEAVES + 1);
    buf_fini(&key);
    buf_fini(&lost);
    audit_free(audit);
}

/* The rows of a past that was set back, and a present of the same size. */
static void fork_log(struct journal *journal, struct memory_rows *past)
{
    struct memory_rows *rows = rows_of(journal), before;
    int i;

    memory_rows_copy(rows, &before);
    for (i = 0; i < 2; i++) {
        struct audit *audit = journal_attach(journal, streams[0]);

        clock_set_ms(JOURNAL_TIME + 60000);
        journal_note(journal, audit, i == 0 ? "staff.added" : "case.opened");
        audit_free(audit);
        if (i == 0) {
            *past = *rows;
            *rows = before;
        }
    }
    journal_assert_whole(journal);
}

/* Put one row of the past over the present's. */
static void bring_back(struct journal *journal, struct memory_rows *past, enum row_kind kind,
                       uint64_t number)
{
    struct buf key = { 0 };
    const struct memory_row *row;

    row_key(kind, streams[0], number, &key);
    row = memory_find(past, SMG_SPACE_AUDIT, buf_view(&key));
    assert_non_null(row);
    memory_put(rows_of(journal), SMG_SPACE_AUDIT, buf_view(&key),
               (struct smg_str){ row->value, row->value_len });
    buf_fini(&key);
}

static void test_a_head_of_another_past_is_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows past;

    fork_log(journal, &past);
    bring_back(journal, &past, ROW_HEAD, 0);
    assert_named(journal, streams[0], LEAVES + 1);
    memory_rows_free(&past);
}

static void test_a_checkpoint_of_another_past_is_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows past;

    fork_log(journal, &past);
    bring_back(journal, &past, ROW_CHECKPOINT, LEAVES + 1);
    assert_named(journal, streams[0], LEAVES + 1);
    memory_rows_free(&past);
}

/* Somebody who has the master key but not the signing key. */
static void test_a_checkpoint_that_is_not_signed_is_found(void **state)
{
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    struct buf key = { 0 }, value = { 0 };
    struct audit_checkpoint checkpoint;
    struct smg_err err = { 0 };
    struct sealer *sealer = sealer_new(journal->keyring, &err);
    const struct memory_row *row;
    uint64_t previous;

    row_key(ROW_CHECKPOINT, streams[0], 1, &key);
    row = memory_find(rows, SMG_SPACE_AUDIT, buf_view(&key));
    assert_non_null(row);
    assert_int_equal(checkpoint_row_read(sealer, streams[0], 1,
                                         (struct smg_str){ row->value, row->value_len },
                                         &checkpoint, &previous, &err),
                     SMG_OK);
    checkpoint.signature[0] ^= 1;
    assert_int_equal(checkpoint_row_write(sealer, &checkpoint, previous, &value, &err), SMG_OK);
    memory_put(rows, SMG_SPACE_AUDIT, buf_view(&key), buf_view(&value));
    assert_named(journal, streams[0], 1);
    buf_fini(&key);
    buf_fini(&value);
    sealer_free(sealer);
}

static void test_rows_that_belong_to_nothing_are_found(void **state)
{
    static const struct smg_str keys[] = {
        { "A", 1 },         { "E", 1 },
        { "K", 1 },         { "Z", 1 },
        { "L", 1 },         { "Lgate-1", 7 },
        { "Hgate 1", 7 },   { "Hgate-1\0x", 9 },
        { "Cgate-1\0", 8 }, { "Lgate-1\0\0", 9 },
        { "\xFF", 1 },      { "Lgate-1\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 17 },
    };
    struct journal *journal = *state;
    struct memory_rows *rows = rows_of(journal);
    size_t i;

    for (i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct journal_findings findings;

        memory_put(rows, SMG_SPACE_AUDIT, keys[i], SMG_STR("x"));
        findings = journal_verify(journal, false);
        assert_int_equal(findings.status, SMG_E_DENIED);
        memory_erase(rows, memory_seek(rows, SMG_SPACE_AUDIT, keys[i]));
    }
    journal_assert_whole(journal);
}

static void test_a_stream_made_with_other_keys_is_found(void **state)
{
    struct journal *journal = *state;
    struct keyring *own = journal->keyring;
    struct smg_err err = { 0 };
    char ring[96];
    struct audit *audit;

    snprintf(ring, sizeof ring, "%s/other", journal->folder);
    assert_int_equal(keyring_init(ring, "aes-256-gcm", &err), SMG_OK);
    journal->keyring = keyring_open(ring, NULL, &err);
    assert_non_null(journal->keyring);
    audit = journal_attach(journal, "gate-2");
    journal_note(journal, audit, "staff.added");
    audit_free(audit);
    keyring_free(journal->keyring);
    journal->keyring = own;
    assert_named(journal, "gate-2", 0);
}

static void test_a_storage_that_cannot_be_read_is_no_finding(void **state)
{
    struct journal *journal = *state;
    struct journal_findings findings;

    journal->storage.memory->read_code = SMG_E_IO;
    findings = journal_verify(journal, false);
    assert_int_equal(findings.status, SMG_E_IO);
    journal->storage.memory->read_code = SMG_OK;
    journal->storage.memory->open_code = SMG_E_BUSY;
    findings = journal_verify(journal, false);
    assert_int_equal(findings.status, SMG_E_BUSY);
    journal->storage.memory->open_code = SMG_OK;
}

struct meanwhile {
    struct journal *journal;
    struct audit *audit;
    int64_t now_ms;
};

static void write_more(void *ctx)
{
    struct meanwhile *meanwhile = ctx;
    struct audit_checkpoint checkpoint;
    struct smg_err err = { 0 };

    meanwhile->now_ms += 700;
    clock_set_ms(meanwhile->now_ms);
    assert_int_equal(audit_checkpoint(meanwhile->audit, meanwhile->now_ms, &checkpoint, &err),
                     SMG_OK);
    journal_note(meanwhile->journal, meanwhile->audit, "case.opened");
}

static void test_a_log_that_grows_meanwhile_is_whole(void **state)
{
    struct journal *journal = *state;
    struct meanwhile meanwhile = { .journal = journal,
                                   .audit = journal_attach(journal, streams[0]),
                                   .now_ms = JOURNAL_TIME + 100000 };
    int i;

    journal->storage.memory->on_scan = write_more;
    journal->storage.memory->on_scan_ctx = &meanwhile;
    for (i = 0; i < 10; i++)
        journal_assert_whole(journal);
    journal->storage.memory->on_scan = NULL;
    audit_free(meanwhile.audit);
}

/* More leaves than one scan shows, more checkpoints than are read ahead. */
static void test_a_long_log_is_walked_page_by_page(void **state)
{
    struct journal *journal = *state;
    struct audit *audit = journal_attach(journal, "gate-3");
    struct journal_findings findings;
    struct memory_row *row;
    struct buf key = { 0 };
    struct smg_err err = { 0 };
    int i, j;

    for (i = 0; i < 200; i++) {
        struct unit *unit = unit_new();

        clock_set_ms(JOURNAL_TIME + i * 1000);
        for (j = 0; j < 5; j++) {
            struct audit_event event = journal_event("case.opened", "");

            audit_note(unit, &event);
        }
        assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_OK);
        unit_free(unit);
    }
    audit_free(audit);
    findings = journal_verify(journal, false);
    assert_int_equal(findings.status, SMG_OK);
    assert_true(findings.totals.leaves == 2 * LEAVES + 1000);
    assert_true(findings.totals.checkpoints == 2 * 3 + 200);
    row_key(ROW_LEAF, "gate-3", 777, &key);
    row = memory_find(rows_of(journal), SMG_SPACE_AUDIT, buf_view(&key));
    row->value[20] ^= 1;
    assert_named(journal, "gate-3", 777);
    buf_fini(&key);
}

int main(void)
{
#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        JOURNAL_TEST(test_an_untouched_log_is_whole),
        JOURNAL_TEST(test_any_byte_of_any_row_altered_is_found),
        JOURNAL_TEST(test_only_the_altered_leaf_is_named),
        JOURNAL_TEST(test_any_row_cut_short_or_made_longer_is_found),
        JOURNAL_TEST(test_any_row_taken_out_is_found),
        JOURNAL_TEST(test_any_two_rows_swapped_are_found),
        JOURNAL_TEST(test_any_byte_of_any_key_altered_is_found),
        JOURNAL_TEST(test_a_cut_tail_is_found_where_it_was_cut),
        JOURNAL_TEST(test_an_older_state_put_back_is_found_by_what_is_newer),
        JOURNAL_TEST(test_a_leaf_of_another_past_is_found),
        JOURNAL_TEST(test_a_head_of_another_past_is_found),
        JOURNAL_TEST(test_a_checkpoint_of_another_past_is_found),
        JOURNAL_TEST(test_a_checkpoint_that_is_not_signed_is_found),
        JOURNAL_TEST(test_rows_that_belong_to_nothing_are_found),
        JOURNAL_TEST(test_a_stream_made_with_other_keys_is_found),
        JOURNAL_TEST(test_a_storage_that_cannot_be_read_is_no_finding),
        JOURNAL_TEST(test_a_log_that_grows_meanwhile_is_whole),
        JOURNAL_TEST(test_a_long_log_is_walked_page_by_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
