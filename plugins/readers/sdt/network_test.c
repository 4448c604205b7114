/* SPDX-License-Identifier: Apache-2.0 */
/* A reader behind a network bridge: found, read, cut off, and found again. */
#include "bench.h"

#include "emulate/bridge.h"

/* The bridge at work on a thread of its own; nothing of it is touched while it runs. */
struct site {
    struct bench *bench;
    struct bridge bridge;
    pthread_t thread;
    int wake[2];
    int served; /* how serving ended */
    bool is_served;
};

static void *serve_bridge(void *arg)
{
    struct site *site = arg;
    struct smg_err err;

    site->served = bridge_serve(&site->bridge, &site->bench->sam, site->wake[0], &err);
    return NULL;
}

static void run_bridge(struct site *site)
{
    assert_int_equal(pipe(site->wake), 0);
    assert_int_equal(pthread_create(&site->thread, NULL, serve_bridge, site), 0);
    site->is_served = true;
}

static void rest_bridge(struct site *site)
{
    if (!site->is_served)
        return;
    assert_int_equal(write(site->wake[1], "x", 1), 1);
    pthread_join(site->thread, NULL);
    close(site->wake[0]);
    close(site->wake[1]);
    site->is_served = false;
}

static void open_bridge(struct site *site, const char *address)
{
    struct smg_err err = { 0 };

    if (bridge_open(&site->bridge, address, &err) != SMG_OK)
        fail_msg("%s", err.text);
}

/* A bridge with a card before it, and the plugin opened but not started. */
static struct site *site_new(void)
{
    struct site *site = calloc(1, sizeof *site);

    assert_non_null(site);
    site->bench = bench_new();
    site->bench->live = true;
    open_bridge(site, "127.0.0.1:0");
    site->bench->config.device = NULL;
    site->bench->config.address = site->bridge.address;
    site->bench->config.speed = "auto"; /* the bridge's affair */
    site->bench->config.find_every = 20;
    return site;
}

static int start_plugin(struct site *site)
{
    struct smg_err err = { 0 };

    return smg_plugin_sdt.start(site->bench->self, &err);
}

static struct site *site_ready(void)
{
    struct site *site = site_new();

    run_bridge(site);
    assert_int_equal(start_plugin(site), SMG_OK);
    return site;
}

static void site_free(struct site *site)
{
    rest_bridge(site);
    bench_free(site->bench);
    bridge_close(&site->bridge);
    free(site);
}

static void present(struct site *site, const char *fault)
{
    rest_bridge(site);
    bench_present(site->bench, fault);
    run_bridge(site);
}

/* The connection ends as when a bridge restarts: the driver hears nothing until it asks. */
static void drop_connection(struct site *site)
{
    rest_bridge(site);
    line_close(&site->bridge.line);
    bench_present(site->bench, NULL);
    run_bridge(site);
}

static void expect_card(struct site *site)
{
    int rc = bench_read(site->bench);

    if (rc != SMG_OK)
        fail_msg("%d: %s", rc, site->bench->err.text);
    bench_expect_text(site->bench, "document.number", "540102198803140016");
    bench_expect_text(site->bench, "name", "扎西·示例");
    bench_expect_text(site->bench, "chip.verified", "yes");
    bench_expect_text(site->bench, "device.id", "050001002a5b32013930000087d61200");
    assert_int_equal(fields_count(site->bench->fields), 16);
}

static void test_card_is_read_over_the_network(void **state)
{
    struct site *site = site_ready();

    (void)state;
    expect_card(site);
    present(site, "split:any:1");
    expect_card(site);
    site_free(site);
}

static void test_connection_dropped_between_reads_is_made_anew_unnoticed(void **state)
{
    struct site *site = site_ready();

    (void)state;
    for (int i = 0; i < 3; i++) {
        drop_connection(site);
        expect_card(site);
    }
    site_free(site);
}

static void test_silent_connection_is_made_anew_once(void **state)
{
    struct site *site = site_ready();

    (void)state;
    site->bench->config.find_timeout = 300;
    present(site, "silence:find:0:2"); /* asked twice before it counts as dead */
    expect_card(site);
    present(site, "silence:any");
    assert_int_equal(bench_read(site->bench), SMG_E_GONE);
    present(site, NULL);
    expect_card(site);
    site_free(site);
}

static void test_bridge_that_vanishes_is_gone_until_it_is_back(void **state)
{
    struct site *site = site_ready();
    char address[sizeof site->bridge.address];

    (void)state;
    memcpy(address, site->bridge.address, sizeof address);
    rest_bridge(site);
    bridge_close(&site->bridge);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(bench_read(site->bench), SMG_E_GONE);
        assert_non_null(strstr(site->bench->err.text, address));
    }
    open_bridge(site, address);
    bench_present(site->bench, NULL);
    run_bridge(site);
    expect_card(site);
    site_free(site);
}

static void test_connection_cut_at_every_byte_of_an_answer_gives_no_fields(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 1295; at += at < 20 ? 1 : 85) {
        struct site *site = site_ready();
        char fault[64];

        snprintf(fault, sizeof fault, "unplug:read:%u:1", at);
        present(site, fault);
        /* The bridge itself goes with the cut: nobody is there to connect to again. */
        assert_int_equal(bench_read(site->bench), SMG_E_GONE);
        assert_int_equal(fields_count(site->bench->fields), 0);
        pthread_join(site->thread, NULL);
        site->is_served = false;
        close(site->wake[0]);
        close(site->wake[1]);
        assert_int_equal(site->served, SMG_E_GONE);
        site_free(site);
    }
}

static void test_nobody_at_the_address_is_gone(void **state)
{
    struct site *site = site_new();
    struct smg_err err = { 0 };

    (void)state;
    bridge_close(&site->bridge);
    assert_int_equal(smg_plugin_sdt.start(site->bench->self, &err), SMG_E_GONE);
    assert_non_null(strstr(err.text, site->bridge.address));
    site_free(site);
}

/* A full queue of connections does what a host behind a broken wire does: nothing. */
static void test_host_that_does_not_answer_is_given_up(void **state)
{
    struct site *site = site_new();
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    struct smg_err err = { 0 };
    int waiting[8];
    int64_t began;

    (void)state;
    assert_int_equal(listen(site->bridge.listener, 0), 0);
    assert_int_equal(getsockname(site->bridge.listener, (struct sockaddr *)&at, &len), 0);
    for (size_t i = 0; i < 8; i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        assert_true(waiting[i] >= 0);
        (void)connect(waiting[i], (struct sockaddr *)&at, len);
    }
    began = now_ms();
    assert_int_equal(smg_plugin_sdt.start(site->bench->self, &err), SMG_E_GONE);
    assert_true(now_ms() - began >= CONNECT_MS);
    assert_non_null(strstr(err.text, "no connection within"));
    for (size_t i = 0; i < 8; i++)
        close(waiting[i]);
    site_free(site);
}

static void test_addresses_that_are_none_are_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        ":",
        ":4001",
        "192.0.2.7",
        "192.0.2.7:",
        "192.0.2.7:0",
        "192.0.2.7:65536",
        "192.0.2.7:4001x",
        "192.0.2.7: 4001",
        "192.0.2.7:-1",
        "192.0.2:4001",
        "reader.example:4001",
        "[::1]",
        "[::1:4001",
        "::1:4001",
        "[::1]x:4001",
        "[192.0.2.7]:4001",
        "unix:/run/reader",
        "[2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8]:4001"
    };
    struct site *site = site_new();

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct smg_err err = { 0 };

        site->bench->config.address = wrong[i];
        assert_int_equal(smg_plugin_sdt.start(site->bench->self, &err), SMG_E_INVALID);
        assert_non_null(strstr(err.text, "ADDRESS:PORT"));
    }
    site_free(site);
}

static void test_both_kinds_of_address_are_understood(void **state)
{
    union address address;
    socklen_t len;

    (void)state;
    assert_true(parse_address("192.0.2.7:4001", &address, &len));
    assert_int_equal(address.ip4.sin_family, AF_INET);
    assert_int_equal(ntohl(address.ip4.sin_addr.s_addr), 0xC0000207);
    assert_int_equal(ntohs(address.ip4.sin_port), 4001);
    assert_int_equal(len, sizeof address.ip4);
    assert_true(parse_address("[::1]:65535", &address, &len));
    assert_int_equal(address.ip6.sin6_family, AF_INET6);
    assert_true(IN6_IS_ADDR_LOOPBACK(&address.ip6.sin6_addr));
    assert_int_equal(ntohs(address.ip6.sin6_port), 65535);
    assert_int_equal(len, sizeof address.ip6);
}

static void test_reader_is_in_one_place(void **state)
{
    struct site *site = site_new();
    struct config *config = &site->bench->config;
    struct smg_err err = { 0 };

    (void)state;
    config->device = site->bench->pty.path;
    assert_int_equal(start_plugin(site), SMG_E_INVALID);
    config->address = config->device = NULL;
    assert_int_equal(smg_plugin_sdt.start(site->bench->self, &err), SMG_E_INVALID);
    assert_non_null(strstr(err.text, "device, address"));
    site_free(site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card_is_read_over_the_network),
        cmocka_unit_test(test_connection_dropped_between_reads_is_made_anew_unnoticed),
        cmocka_unit_test(test_silent_connection_is_made_anew_once),
        cmocka_unit_test(test_bridge_that_vanishes_is_gone_until_it_is_back),
        cmocka_unit_test(test_connection_cut_at_every_byte_of_an_answer_gives_no_fields),
        cmocka_unit_test(test_nobody_at_the_address_is_gone),
        cmocka_unit_test(test_host_that_does_not_answer_is_given_up),
        cmocka_unit_test(test_addresses_that_are_none_are_refused),
        cmocka_unit_test(test_both_kinds_of_address_are_understood),
        cmocka_unit_test(test_reader_is_in_one_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
