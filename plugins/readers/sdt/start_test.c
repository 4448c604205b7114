/* SPDX-License-Identifier: Apache-2.0 */
/* Starting on a port: absent, taken, at every speed, silent, and with a module that is ill. */
#include "bench.h"

static void add_fault(struct bench *bench, const char *text)
{
    struct sam_fault fault;
    struct smg_err err = { 0 };

    assert_int_equal(sam_fault_parse(text, &fault, &err), SMG_OK);
    assert_true(sam_add_fault(&bench->sam, fault));
}

static void test_start_asks_for_status_and_number(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    assert_int_equal(bench->sam.counts[SAM_STATUS], 1);
    assert_int_equal(bench->sam.counts[SAM_NUMBER], 1);
    assert_int_equal(bench->state, 0);
    bench_free(bench);
}

static void test_every_speed_is_found(void **state)
{
    static const unsigned speeds_of_readers[] = { 115200, 57600, 9600 };

    (void)state;
    for (size_t i = 0; i < sizeof speeds_of_readers / sizeof *speeds_of_readers; i++) {
        struct bench *bench = bench_new();
        struct smg_err err = { 0 };

        bench->config.speed = "auto";
        bench->sam.speed = speeds_of_readers[i];
        assert_int_equal(bench_start(bench, &err), SMG_OK);
        assert_int_equal(bench_read(bench), SMG_OK);
        bench_free(bench);
    }
}

static void test_speed_that_is_set_is_used_alone(void **state)
{
    static const char *const names[] = { "115200", "57600", "38400", "19200", "9600" };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct bench *bench = bench_new();
        struct smg_err err = { 0 };

        bench->config.speed = names[i];
        bench->sam.speed = (unsigned)strtoul(names[i], NULL, 10);
        assert_int_equal(bench_start(bench, &err), SMG_OK);
        bench_free(bench);
    }
}

static void test_silent_port_fails_the_start_and_leaves_nothing_open(void **state)
{
    struct bench *bench = bench_new();
    struct smg_err err = { 0 };

    (void)state;
    add_fault(bench, "silence:any");
    assert_int_equal(bench_start(bench, &err), SMG_E_IO);
    assert_int_equal(((struct sdt *)bench->self)->port.fd, -1);
    bench->sam.fault_count = 0;
    assert_int_equal(bench_start(bench, &err), SMG_OK);
    bench_free(bench);
}

static void test_absent_port_is_gone(void **state)
{
    struct bench *bench = bench_new();
    struct smg_err err = { 0 };

    (void)state;
    bench->config.device = "/dev/no-such-port";
    assert_int_equal(bench_start(bench, &err), SMG_E_GONE);
    assert_non_null(strstr(err.text, "/dev/no-such-port"));
    bench_free(bench);
}

static void test_file_that_is_no_port_is_refused(void **state)
{
    struct bench *bench = bench_new();
    struct smg_err err = { 0 };

    (void)state;
    bench->config.device = "/dev/null";
    assert_int_equal(bench_start(bench, &err), SMG_E_IO);
    assert_non_null(strstr(err.text, "not a serial port"));
    bench_free(bench);
}

static void test_port_in_use_is_busy_until_it_is_free(void **state)
{
    struct bench *bench = bench_ready();
    struct sdt other = { .host = &bench->host, .config = &bench->config, .port = { .fd = -1 } };
    struct smg_err err = { 0 };

    (void)state;
    assert_int_not_equal(sdt_start(&other, &err), SMG_OK);
    assert_int_equal(other.port.fd, -1);
    sdt_stop(bench->self);
    assert_int_equal(bench_start(bench, &err), SMG_OK);
    bench_free(bench);
}

static void test_module_that_is_ill_starts_out_of_service(void **state)
{
    static const char *const faults[] = { "error:status:0x60", "error:status:0x66" };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct bench *bench = bench_new();
        struct smg_err err = { 0 };

        add_fault(bench, faults[i]);
        assert_int_equal(bench_start(bench, &err), SMG_OK);
        assert_int_equal(bench->state, SMG_OUT_OF_SERVICE);
        assert_int_equal(bench_read(bench), SMG_E_IO);
        assert_int_equal(bench->sam.counts[SAM_FIND], 0);
        bench_present(bench, NULL);
        assert_int_equal(bench_read(bench), SMG_OK);
        assert_int_equal(bench->state, SMG_READY);
        bench_free(bench);
    }
}

static void test_status_of_another_kind_fails_the_start(void **state)
{
    static const struct {
        const char *fault;
        enum smg_code code;
    } cases[] = { { "error:status:0x24", SMG_E_IO },
                  { "error:status:0x80", SMG_E_IO },
                  { "error:status:0xF1", SMG_E_PROTOCOL } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *bench = bench_new();
        struct smg_err err = { 0 };

        add_fault(bench, cases[i].fault);
        assert_int_equal(bench_start(bench, &err), cases[i].code);
        bench_free(bench);
    }
}

static void test_reader_without_a_number_reads_without_device_id(void **state)
{
    struct bench *bench = bench_new();
    struct smg_err err = { 0 };

    (void)state;
    add_fault(bench, "error:number:0x21");
    assert_int_equal(bench_start(bench, &err), SMG_OK);
    bench_present(bench, NULL);
    assert_int_equal(bench_read(bench), SMG_OK);
    assert_false(bench_has(bench, "device.id"));
    bench_expect_text(bench, "chip.verified", "yes");
    bench_free(bench);
}

static void test_port_unplugged_while_starting_is_gone(void **state)
{
    struct bench *bench = bench_new();
    struct smg_err err = { 0 };

    (void)state;
    add_fault(bench, "unplug:number:5");
    assert_int_equal(bench_start(bench, &err), SMG_E_GONE);
    bench_free(bench);
}

static void test_noise_on_the_line_before_the_start_is_dropped(void **state)
{
    struct bench *bench = bench_new();
    struct smg_err err = { 0 };
    static const uint8_t late[] = { 0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x04, 0, 0, 0x60, 0x64 };

    (void)state;
    assert_int_equal(write(bench->pty.line.fd, late, sizeof late), sizeof late);
    poll(&(struct pollfd){ .fd = bench->pty.slave, .events = POLLIN }, 1, DELIVERY_MS);
    assert_int_equal(bench_start(bench, &err), SMG_OK);
    assert_int_equal(bench->state, 0);
    bench_free(bench);
}

static void test_stopped_plugin_may_be_started_again_many_times(void **state)
{
    struct bench *bench = bench_ready();
    struct smg_err err = { 0 };

    (void)state;
    for (int i = 0; i < 100; i++) {
        smg_plugin_sdt.stop(bench->self);
        assert_int_equal(bench_start(bench, &err), SMG_OK);
    }
    assert_int_equal(bench_read(bench), SMG_OK);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_asks_for_status_and_number),
        cmocka_unit_test(test_every_speed_is_found),
        cmocka_unit_test(test_speed_that_is_set_is_used_alone),
        cmocka_unit_test(test_silent_port_fails_the_start_and_leaves_nothing_open),
        cmocka_unit_test(test_absent_port_is_gone),
        cmocka_unit_test(test_file_that_is_no_port_is_refused),
        cmocka_unit_test(test_port_in_use_is_busy_until_it_is_free),
        cmocka_unit_test(test_module_that_is_ill_starts_out_of_service),
        cmocka_unit_test(test_status_of_another_kind_fails_the_start),
        cmocka_unit_test(test_reader_without_a_number_reads_without_device_id),
        cmocka_unit_test(test_port_unplugged_while_starting_is_gone),
        cmocka_unit_test(test_noise_on_the_line_before_the_start_is_dropped),
        cmocka_unit_test(test_stopped_plugin_may_be_started_again_many_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
