/* SPDX-License-Identifier: Apache-2.0 */
/* One presentation of a card is read once, and never is half a card taken for another's. */
#include "bench.h"

enum { FIRST = 0, SECOND = 1 };

static const char *const numbers[] = { "540102198803140016", "540102199105050028" };

/* Two cards of two people, at first both in nobody's field. */
struct counter {
    struct bench *bench;
    struct card cards[2];
};

static struct counter open_counter(bool find_again)
{
    struct counter counter = { .bench = bench_ready() };
    struct smg_err err = { 0 };

    for (size_t i = 0; i < 2; i++) {
        struct card_sheet sheet = bench_sheet();

        sheet.number = numbers[i];
        sheet.added_address = i == FIRST ? "西藏自治区日喀则市桑珠孜区示例街2号" : NULL;
        sheet.find_again = find_again;
        assert_int_equal(card_encode(&sheet, &counter.cards[i], &err), SMG_OK);
    }
    sam_insert(&counter.bench->sam, NULL);
    return counter;
}

static void lay(struct counter *counter, size_t which)
{
    sam_insert(&counter->bench->sam, &counter->cards[which]);
}

static void lift(struct counter *counter)
{
    sam_insert(&counter->bench->sam, NULL);
}

static void expect_read(struct counter *counter, size_t which)
{
    assert_int_equal(bench_read(counter->bench), SMG_OK);
    bench_expect_text(counter->bench, "document.number", numbers[which]);
    assert_int_equal(bench_has(counter->bench, "printed_address"), which == FIRST);
}

static void expect_no_card(struct counter *counter)
{
    assert_int_equal(bench_read(counter->bench), SMG_E_NO_CARD);
    assert_int_equal(fields_count(counter->bench->fields), 0);
}

/* Whether the module finds a card again that was read is up to its maker. */
static void test_card_is_read_again_only_after_it_left(void **state)
{
    (void)state;
    for (int find_again = 0; find_again < 2; find_again++) {
        struct counter counter = open_counter(find_again != 0);

        for (int i = 0; i < 3; i++) {
            lay(&counter, FIRST);
            expect_read(&counter, FIRST);
            expect_no_card(&counter);
            expect_no_card(&counter);
            lift(&counter);
            expect_no_card(&counter);
        }
        bench_free(counter.bench);
    }
}

static void test_clerk_is_told_to_lift_the_card_that_still_lies(void **state)
{
    struct counter counter = open_counter(true);

    (void)state;
    lay(&counter, FIRST);
    expect_read(&counter, FIRST);
    expect_no_card(&counter);
    assert_non_null(strstr(counter.bench->err.text, "has not been lifted"));
    lift(&counter);
    expect_no_card(&counter);
    assert_null(strstr(counter.bench->err.text, "has not been lifted"));
    bench_free(counter.bench);
}

/* Between two reads nobody looks: a card laid down at once in place of the other is read. */
static void test_cards_changed_between_two_reads_are_both_read(void **state)
{
    (void)state;
    for (int find_again = 0; find_again < 2; find_again++) {
        struct counter counter = open_counter(find_again != 0);

        for (size_t i = 0; i < 6; i++) {
            lay(&counter, i % 2);
            expect_read(&counter, i % 2);
        }
        lay(&counter, SECOND); /* lifted and put down again */
        expect_read(&counter, SECOND);
        bench_free(counter.bench);
    }
}

/* The reader waits while the old card lies, and goes on when it is changed. */
static void test_card_is_waited_for_while_the_old_one_lies(void **state)
{
    struct counter counter = open_counter(true);
    struct sam_fault fault;
    struct smg_err err = { 0 };

    (void)state;
    lay(&counter, FIRST);
    expect_read(&counter, FIRST);
    memset(counter.bench->sam.counts, 0, sizeof counter.bench->sam.counts);
    /* The fifth look finds that it was lifted and put down. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            sam_fault_parse(i == 0 ? "split:read_address:20:4" : "lift:read_address:0:1", &fault,
                            &err),
            SMG_OK);
        assert_true(sam_add_fault(&counter.bench->sam, fault));
    }
    expect_read(&counter, FIRST);
    assert_int_equal(counter.bench->sam.counts[SAM_FIND], 1);
    assert_in_range(counter.bench->sam.counts[SAM_READ_ADDRESS], 6, 8);
    bench_free(counter.bench);
}

static void test_card_changed_in_the_middle_of_a_read_is_never_mixed(void **state)
{
    static const char *const faults[] = { "lift:find:0:1", "lift:select:0:1" };
    struct counter counter = open_counter(false);

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        counter.bench->card = counter.cards[FIRST];
        bench_present(counter.bench, faults[i]);
        assert_int_equal(bench_read(counter.bench), SMG_OK);
        bench_expect_text(counter.bench, "document.number", numbers[FIRST]);
        assert_int_equal(counter.bench->sam.counts[SAM_FIND], 2);
    }
    bench_free(counter.bench);
}

/* The added address is another question: who lies there then may be someone else. */
static void test_added_address_of_another_presentation_is_not_taken(void **state)
{
    struct counter counter = open_counter(false);

    (void)state;
    counter.bench->card = counter.cards[FIRST];
    bench_present(counter.bench, "lift:read:0:1");
    assert_int_equal(bench_read(counter.bench), SMG_OK);
    bench_expect_text(counter.bench, "document.number", numbers[FIRST]);
    bench_expect_text(counter.bench, "address", counter.bench->sheet.address);
    assert_false(bench_has(counter.bench, "printed_address"));
    expect_read(&counter, FIRST); /* it was put down anew */
    bench_free(counter.bench);
}

static void test_reader_that_cannot_tell_leaves_it_to_its_module(void **state)
{
    struct counter counter = open_counter(false);

    (void)state;
    counter.bench->card = counter.cards[FIRST];
    bench_present(counter.bench, "error:read_address:0x21");
    assert_int_equal(bench_read(counter.bench), SMG_OK);
    expect_no_card(&counter);
    assert_int_equal(counter.bench->sam.counts[SAM_READ_ADDRESS], 1);
    lay(&counter, SECOND);
    expect_read(&counter, SECOND);
    bench_free(counter.bench);
}

static void test_module_that_breaks_while_the_card_lies_says_so(void **state)
{
    struct counter counter = open_counter(true);

    (void)state;
    lay(&counter, FIRST);
    expect_read(&counter, FIRST);
    counter.bench->card = counter.cards[FIRST];
    bench_present(counter.bench, "error:read_address:0x60");
    assert_int_equal(bench_read(counter.bench), SMG_E_IO);
    assert_int_equal(counter.bench->state, SMG_OUT_OF_SERVICE);
    bench_free(counter.bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card_is_read_again_only_after_it_left),
        cmocka_unit_test(test_clerk_is_told_to_lift_the_card_that_still_lies),
        cmocka_unit_test(test_cards_changed_between_two_reads_are_both_read),
        cmocka_unit_test(test_card_is_waited_for_while_the_old_one_lies),
        cmocka_unit_test(test_card_changed_in_the_middle_of_a_read_is_never_mixed),
        cmocka_unit_test(test_added_address_of_another_presentation_is_not_taken),
        cmocka_unit_test(test_reader_that_cannot_tell_leaves_it_to_its_module),
        cmocka_unit_test(test_module_that_breaks_while_the_card_lies_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
