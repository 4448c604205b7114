/* SPDX-License-Identifier: Apache-2.0 */
/* A USB reader, as far as libusb can tell: umockdev answers the calls a program makes to usbfs, and
 * behind it is the virtual module. What it plays is the kernel's side of libusb; how a particular
 * reader fills its transfers is not known here. */
#include "bench.h"

#include <linux/usbdevice_fs.h>
#include <umockdev.h>

enum { URBS_MAX = 4, IN = 0x81, OUT = 0x02 };

#define NODE "/dev/bus/usb/001/002"

struct urb {
    UMockdevIoctlData *data; /* the caller's struct usbdevfs_urb; NULL: free */
    bool is_in, discarded;
};

struct device {
    struct bench *bench;
    UMockdevTestbed *bed;
    UMockdevIoctlBase *handler;
    struct urb urbs[URBS_MAX];
    struct buf answer; /* not yet fetched */
    size_t at;
    size_t packet;   /* bytes a transfer carries at most */
    bool stalls;     /* the next transfer in is refused once */
    bool vanished;   /* transfers end as when the plug was pulled */
    unsigned claims; /* interfaces held */
};

static struct usbdevfs_urb *urb_of(const struct urb *urb)
{
    return (struct usbdevfs_urb *)(void *)urb->data->data;
}

static void take_request(struct device *device, const uint8_t *at, size_t len)
{
    struct sam_reply reply = { 0 };

    for (size_t i = 0; i < len; i++) {
        if (!sam_take(&device->bench->sam, at[i], &reply))
            continue;
        buf_clear(&device->answer);
        device->at = 0;
        buf_str(&device->answer, buf_view(&reply.bytes));
    }
    buf_fini(&reply.bytes);
}

static bool submit_urb(struct device *device, UMockdevIoctlData *arg)
{
    UMockdevIoctlData *data =
        umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_urb), NULL);
    const struct usbdevfs_urb *said = (const struct usbdevfs_urb *)(void *)data->data;
    UMockdevIoctlData *buffer = umockdev_ioctl_data_resolve(
        data, offsetof(struct usbdevfs_urb, buffer), (gsize)said->buffer_length, NULL);

    for (size_t i = 0; i < URBS_MAX; i++) {
        struct urb *urb = &device->urbs[i];

        if (urb->data != NULL)
            continue;
        *urb = (struct urb){ .data = data, .is_in = (said->endpoint & 0x80) != 0 };
        if (!urb->is_in && said->endpoint == OUT)
            take_request(device, buffer->data, (size_t)said->buffer_length);
        return said->endpoint == OUT || said->endpoint == IN;
    }
    return false;
}

static int send_some(struct device *device, const struct urb *urb)
{
    UMockdevIoctlData *buffer = umockdev_ioctl_data_resolve(
        urb->data, offsetof(struct usbdevfs_urb, buffer), (gsize)urb_of(urb)->buffer_length, NULL);
    size_t len = device->answer.len - device->at;

    if (len > (size_t)urb_of(urb)->buffer_length)
        len = (size_t)urb_of(urb)->buffer_length;
    if (len > device->packet)
        len = device->packet;
    umockdev_ioctl_data_update(buffer, 0, (guint8 *)device->answer.at + device->at, (gint)len);
    device->at += len;
    return (int)len;
}

/* Is this transfer over, and how? */
static bool end_urb(struct device *device, const struct urb *urb, int *status, int *len)
{
    *status = 0;
    *len = urb->is_in ? 0 : urb_of(urb)->buffer_length;
    if (urb->discarded) {
        *status = -ENOENT;
    } else if (device->vanished) {
        *status = -ESHUTDOWN;
    } else if (urb->is_in && device->stalls) {
        device->stalls = false;
        *status = -EPIPE;
    } else if (urb->is_in) {
        if (device->at >= device->answer.len)
            return false;
        *len = send_some(device, urb);
    }
    return true;
}

static bool reap_urb(struct device *device, UMockdevIoctlData *arg)
{
    for (size_t i = 0; i < URBS_MAX; i++) {
        struct urb *urb = &device->urbs[i];
        int status, len;

        if (urb->data == NULL || !end_urb(device, urb, &status, &len))
            continue;
        umockdev_ioctl_data_update(urb->data, offsetof(struct usbdevfs_urb, status),
                                   (guint8 *)&status, sizeof status);
        umockdev_ioctl_data_update(urb->data, offsetof(struct usbdevfs_urb, actual_length),
                                   (guint8 *)&len, sizeof len);
        umockdev_ioctl_data_set_ptr(umockdev_ioctl_data_resolve(arg, 0, sizeof(void *), NULL), 0,
                                    urb->data);
        urb->data = NULL;
        return true;
    }
    return false;
}

static bool discard_urb(struct device *device, const UMockdevIoctlData *arg)
{
    gulong address;

    memcpy(&address, arg->data, sizeof address);
    for (size_t i = 0; i < URBS_MAX; i++)
        if (device->urbs[i].data != NULL && device->urbs[i].data->client_addr == address) {
            device->urbs[i].discarded = true;
            return true;
        }
    return false;
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer ctx)
{
    struct device *device = ctx;
    UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
    gulong request = umockdev_ioctl_client_get_request(client);
    int error = 0;

    (void)base;
    if (request == USBDEVFS_SUBMITURB)
        error = submit_urb(device, arg) ? 0 : EINVAL;
    else if (request == USBDEVFS_REAPURBNDELAY || request == USBDEVFS_REAPURB)
        error = reap_urb(device, arg) ? 0 : EAGAIN;
    else if (request == USBDEVFS_DISCARDURB)
        error = discard_urb(device, arg) ? 0 : EINVAL;
    else if (request == USBDEVFS_CLAIMINTERFACE || request == USBDEVFS_DISCONNECT_CLAIM)
        device->claims++;
    else if (request == USBDEVFS_RELEASEINTERFACE)
        device->claims--;
    else if (request == USBDEVFS_CONTROL)
        error = EPIPE;
    else if (request == USBDEVFS_IOCTL)
        error = ENODATA; /* no driver of the kernel's holds it */
    umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
    return TRUE;
}

/* Device 0400:C35A, one configuration, one interface, bulk 81 in and 02 out. */
static const char descriptors[] = "12010002ff00004000045ac3000100000001"
                                  "09022000010100c032"
                                  "0904000002ffffff00"
                                  "07058102400000"
                                  "07050202400000";

static void add_usb(UMockdevTestbed *bed, const char *number, const char *hex)
{
    g_autofree char *contents = g_ascii_strup(hex, -1);
    g_autofree char *text = g_strdup_printf("P: /devices/usb1/1-%s\nN: bus/usb/001/00%s=%s\n"
                                            "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
                                            "E: BUSNUM=001\nE: DEVNUM=00%s\n",
                                            number, number, contents, number);
    GError *error = NULL;

    if (!umockdev_testbed_add_from_string(bed, text, &error))
        fail_msg("%s", error->message);
}

static struct device *device_new(const char *hex)
{
    struct device *device = calloc(1, sizeof *device);
    GError *error = NULL;

    assert_non_null(device);
    device->packet = 64;
    device->bench = bench_new();
    device->bench->live = true;
    device->bench->config.device = NULL;
    device->bench->config.usb = "/dev/bus/usb";
    device->bench->config.usb_ids = USB_IDS;
    device->bench->config.find_every = 20;
    device->bench->config.read_timeout = 5000;
    device->bed = umockdev_testbed_new();
    add_usb(device->bed, "1", "12010002090000406b1d0200010403020101");
    add_usb(device->bed, "2", hex);
    device->handler = g_object_new(UMOCKDEV_TYPE_IOCTL_BASE, NULL);
    g_signal_connect(device->handler, "handle-ioctl", G_CALLBACK(on_ioctl), device);
    if (!umockdev_testbed_attach_ioctl(device->bed, NODE, device->handler, &error))
        fail_msg("%s", error->message);
    return device;
}

static int device_start(struct device *device, struct smg_err *err)
{
    return smg_plugin_sdt.start(device->bench->self, err);
}

static struct device *device_ready(void)
{
    struct device *device = device_new(descriptors);
    struct smg_err err = { 0 };

    if (device_start(device, &err) != SMG_OK)
        fail_msg("%s", err.text);
    return device;
}

static void device_free(struct device *device)
{
    bench_free(device->bench);
    assert_int_equal(device->claims, 0);
    g_object_unref(device->bed);
    g_object_unref(device->handler);
    buf_fini(&device->answer);
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

static void test_listed_reader_is_found_and_read_in_transfers_of_any_size(void **state)
{
    static const size_t sizes[] = { 64, 7, 63, 512, 4096 };
    struct device *device = device_ready();

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        device->packet = sizes[i];
        bench_present(device->bench, NULL);
        expect_card(device);
    }
    device_free(device);
}

static void test_reader_may_be_named_by_its_file(void **state)
{
    struct device *device = device_new(descriptors);
    struct smg_err err = { 0 };

    (void)state;
    device->bench->config.usb = NODE;
    device->bench->config.usb_ids = "";
    if (device_start(device, &err) != SMG_OK)
        fail_msg("%s", err.text);
    expect_card(device);
    device_free(device);
}

static void test_reader_that_is_not_listed_is_left_alone(void **state)
{
    struct device *device = device_new(descriptors);
    struct smg_err err = { 0 };

    (void)state;
    device->bench->config.usb_ids = "10c4:8a1b, 0400:c35b";
    assert_int_equal(device_start(device, &err), SMG_E_GONE);
    assert_int_equal(device->claims, 0);
    device->bench->config.usb_ids = "10c4:8a1b, 0400:C35A";
    if (device_start(device, &err) != SMG_OK)
        fail_msg("%s", err.text);
    device_free(device);
}

static void test_transfer_that_stalls_is_survived_once(void **state)
{
    struct device *device = device_ready();

    (void)state;
    device->stalls = true;
    expect_card(device);
    device_free(device);
}

static void test_plug_pulled_out_is_gone(void **state)
{
    struct device *device = device_ready();

    (void)state;
    device->vanished = true;
    assert_int_equal(bench_read(device->bench), SMG_E_GONE);
    assert_int_equal(fields_count(device->bench->fields), 0);
    device_free(device);
}

static void test_silent_reader_fails_the_read_in_time(void **state)
{
    struct device *device = device_ready();

    (void)state;
    bench_present(device->bench, "silence:any");
    device->bench->config.find_timeout = 100;
    assert_int_equal(bench_read(device->bench), SMG_E_IO);
    device->bench->config.find_timeout = 1000;
    bench_present(device->bench, "short:read:600:1");
    device->bench->card.find_again = true;
    expect_card(device);
    device_free(device);
}

static void test_device_without_a_pair_of_bulk_endpoints_is_refused(void **state)
{
    static const char interrupt[] = "12010002ff00004000045ac3000100000001"
                                    "09022000010100c032"
                                    "0904000002ffffff00"
                                    "0705810340000a"
                                    "07050202400000";
    struct device *device = device_new(interrupt);
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(device_start(device, &err), SMG_E_UNSUPPORTED);
    device_free(device);
}

/* Calls must pass umockdev before they reach the C library: this program once more, with it in
 * front. */
static int run_in_testbed(char **argv)
{
    const char *asan = getenv("ASAN_OPTIONS");
    char text[512];

    snprintf(text, sizeof text, "%s:verify_asan_link_order=0:detect_leaks=0",
             asan == NULL ? "" : asan);
    setenv("ASAN_OPTIONS", text, 1);
    setenv("LD_PRELOAD", "libumockdev-preload.so.0", 1);
    execv("/proc/self/exe", argv);
    return 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listed_reader_is_found_and_read_in_transfers_of_any_size),
        cmocka_unit_test(test_reader_may_be_named_by_its_file),
        cmocka_unit_test(test_reader_that_is_not_listed_is_left_alone),
        cmocka_unit_test(test_transfer_that_stalls_is_survived_once),
        cmocka_unit_test(test_plug_pulled_out_is_gone),
        cmocka_unit_test(test_silent_reader_fails_the_read_in_time),
        cmocka_unit_test(test_device_without_a_pair_of_bulk_endpoints_is_refused),
    };

    (void)argc;
    if (!umockdev_in_mock_environment() && getenv("LD_PRELOAD") == NULL)
        return run_in_testbed(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
