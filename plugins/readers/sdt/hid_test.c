/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of the HID class. What the kernel's hidraw device does to reads and writes (one report
 * each, its number before what is written) is played with a socket that keeps packets apart. */
#include "bench.h"

#include <sys/socket.h>

enum { KERNEL_QUEUE = 64 }; /* reports the kernel keeps for a reader of the device */

static int driver_end = -1;

static int open_played(struct port *port, struct smg_op *op, const char *device,
                       struct smg_err *err)
{
    (void)op;
    (void)device;
    (void)err;
    port->fd = dup(driver_end);
    assert_true(port->fd >= 0);
    return SMG_OK;
}

struct device {
    struct bench *bench;
    struct transport played; /* the driver's, but for open */
    int end;
    size_t lead; /* bytes of reports are moved on by so many bytes of noise */
    size_t reports_in, reports_out;
    bool vanish; /* in the middle of the next answer */
    pthread_t thread;
};

static bool send_reports(struct device *device, const struct buf *answer)
{
    uint8_t report[REPORT_BYTES];
    size_t at = 0, lead = device->lead, reports = 0;

    while (at < answer->len) {
        size_t len = answer->len - at;

        memset(report, 0, sizeof report);
        if (len > sizeof report - lead)
            len = sizeof report - lead;
        memcpy(report + lead, answer->at + at, len);
        device->reports_in++; /* before the driver can have it */
        if (send(device->end, report, sizeof report, 0) != sizeof report)
            return false;
        at += len;
        lead = 0;
        assert_true(++reports <= KERNEL_QUEUE);
        if (device->vanish)
            return false;
    }
    return true;
}

static void *play(void *arg)
{
    struct device *device = arg;
    struct sam_reply reply = { 0 };
    uint8_t report[256];
    bool here = true;

    while (here) {
        ssize_t got = recv(device->end, report, sizeof report, 0);

        if (got <= 0)
            break;
        /* The number, then the report: the kernel takes no other length from these readers. */
        assert_int_equal(got, 1 + REPORT_BYTES);
        assert_int_equal(report[0], 0);
        device->reports_out++;
        for (ssize_t i = 1; i < got && here; i++)
            if (sam_take(&device->bench->sam, report[i], &reply))
                here = send_reports(device, &reply.bytes);
    }
    close(device->end);
    buf_fini(&reply.bytes);
    return NULL;
}

static struct device *device_new(const char *fault)
{
    struct device *device = calloc(1, sizeof *device);
    int ends[2];

    assert_non_null(device);
    device->bench = bench_new();
    bench_present(device->bench, fault);
    device->bench->live = true;
    device->bench->config.device = NULL;
    device->bench->config.hid = "/dev/hidraw0";
    device->bench->config.find_every = 20;
    device->bench->config.find_timeout = 500;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    device->end = ends[0];
    driver_end = ends[1];
    fcntl(driver_end, F_SETFL, O_NONBLOCK);
    return device;
}

/* Only the opening is not the driver's own: a socket has no path. */
static int device_start(struct device *device, struct smg_err *err)
{
    struct sdt *sdt = device->bench->self;
    int rc;

    assert_int_equal(pthread_create(&device->thread, NULL, play, device), 0);
    device->played = transport_hid;
    device->played.open = open_played;
    rc = port_open(&sdt->port, sdt->host, NULL, &device->played, "played", err);
    assert_int_equal(rc, SMG_OK);
    return dialogue_start(sdt, NULL, err);
}

static struct device *device_ready(const char *fault)
{
    struct device *device = device_new(fault);
    struct smg_err err = { 0 };

    if (device_start(device, &err) != SMG_OK)
        fail_msg("%s", err.text);
    return device;
}

static void device_free(struct device *device)
{
    close(driver_end);
    smg_plugin_sdt.stop(device->bench->self);
    pthread_join(device->thread, NULL);
    device->played.close = transport_serial.close;
    bench_free(device->bench);
    free(device);
}

static void expect_card(struct device *device)
{
    int rc = bench_read(device->bench);

    if (rc != SMG_OK)
        fail_msg("%d: %s", rc, device->bench->err.text);
    bench_expect_text(device->bench, "document.number", "540102198803140016");
    bench_expect_text(device->bench, "device.id", "050001002a5b32013930000087d61200");
    assert_int_equal(fields_count(device->bench->fields), 16);
}

static void test_card_is_put_together_from_reports(void **state)
{
    struct device *device = device_ready(NULL);

    (void)state;
    expect_card(device);
    /* status, number, find, select and address: one report each; 1,295 bytes: 21 */
    assert_int_equal(device->reports_in, 26);
    assert_int_equal(device->reports_out, 6);
    device_free(device);
}

static void test_longest_answer_fits_into_what_the_kernel_keeps(void **state)
{
    struct device *device = device_new(NULL);
    struct smg_err err = { 0 };

    (void)state;
    device->bench->config.fingerprint = true;
    device->bench->sheet.fingerprint = "1024";
    assert_int_equal(card_encode(&device->bench->sheet, &device->bench->card, &err), SMG_OK);
    assert_int_equal(device_start(device, &err), SMG_OK);
    expect_card(device);
    assert_int_equal(device->reports_in, 5 + 37);
    device_free(device);
}

/* A frame may begin anywhere in a report, so that it ends anywhere in one. */
static void test_frame_is_found_at_every_place_in_a_report(void **state)
{
    (void)state;
    for (size_t lead = 0; lead < REPORT_BYTES; lead++) {
        struct device *device = device_new(NULL);
        struct smg_err err = { 0 };

        device->lead = lead;
        assert_int_equal(device_start(device, &err), SMG_OK);
        expect_card(device);
        device_free(device);
    }
}

static void test_zeros_behind_an_answer_are_not_taken_for_the_next(void **state)
{
    struct device *device = device_ready("error:read:0x41:1");

    (void)state;
    expect_card(device);
    assert_int_equal(device->bench->sam.counts[SAM_FIND], 2);
    device_free(device);
}

static void test_answers_gone_wrong_are_asked_for_again(void **state)
{
    static const char *const faults[] = { "short:read:600:1",   "checksum:read:0:1",
                                          "garbage:read:200:1", "silence:find:0:1",
                                          "drop_aa:any:1",      "extra_aa:any:3",
                                          "noise:any:70" };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct device *device = device_new(faults[i]);
        struct smg_err err = { 0 };

        device->bench->card.find_again = true;
        assert_int_equal(device_start(device, &err), SMG_OK);
        expect_card(device);
        device_free(device);
    }
}

static void test_device_that_vanishes_in_an_answer_is_gone(void **state)
{
    struct device *device = device_ready(NULL);

    (void)state;
    device->vanish = true;
    assert_int_equal(bench_read(device->bench), SMG_E_GONE);
    assert_int_equal(fields_count(device->bench->fields), 0);
    device_free(device);
}

static void test_path_without_a_device_is_gone(void **state)
{
    struct bench *bench = bench_new();
    struct smg_err err = { 0 };

    (void)state;
    bench->config.device = NULL;
    bench->config.hid = "/nonexistent/hidraw0";
    assert_int_equal(smg_plugin_sdt.start(bench->self, &err), SMG_E_GONE);
    assert_non_null(strstr(err.text, "/nonexistent/hidraw0"));
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card_is_put_together_from_reports),
        cmocka_unit_test(test_longest_answer_fits_into_what_the_kernel_keeps),
        cmocka_unit_test(test_frame_is_found_at_every_place_in_a_report),
        cmocka_unit_test(test_zeros_behind_an_answer_are_not_taken_for_the_next),
        cmocka_unit_test(test_answers_gone_wrong_are_asked_for_again),
        cmocka_unit_test(test_device_that_vanishes_in_an_answer_is_gone),
        cmocka_unit_test(test_path_without_a_device_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
