/* SPDX-License-Identifier: Apache-2.0 */
/* A driver's sockets: the configured address is reached as if by connect(2), and no other is. */
#include "counter.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/address.h"

/* A device behind a socket: answers 'P' to every 'p', one call after the other, on its thread. */
struct device {
    struct address address;
    char folder[40];
    char name[80];  /* "unix:/tmp/.../device", "127.0.0.1:4711" */
    char place[80]; /* as the test's plugin calls it */
    int listening;
    pthread_t thread;
};

static void *answer_calls(void *ctx)
{
    struct device *device = ctx;
    char byte;
    int fd;

    while ((fd = accept(device->listening, NULL, NULL)) >= 0) {
        while (read(fd, &byte, 1) == 1 && byte == 'p')
            if (write(fd, "P", 1) != 1)
                break;
        close(fd);
    }
    return NULL;
}

static void begin_listening(struct device *device, int family)
{
    device->listening = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(device->listening >= 0);
    assert_int_equal(bind(device->listening, &device->address.any, device->address.len), 0);
    assert_int_equal(listen(device->listening, 64), 0);
    assert_int_equal(getsockname(device->listening, &device->address.any, &device->address.len), 0);
    assert_int_equal(pthread_create(&device->thread, NULL, answer_calls, device), 0);
}

static void listen_local(struct device *device)
{
    struct smg_err err = { 0 };

    *device = (struct device){ .folder = "/tmp/shiming-door-XXXXXX" };
    assert_non_null(mkdtemp(device->folder));
    snprintf(device->name, sizeof device->name, "unix:%s/device", device->folder);
    memcpy(device->place, device->name, sizeof device->place);
    assert_int_equal(address_read(device->name, &device->address, &err), SMG_OK);
    begin_listening(device, AF_UNIX);
}

static void listen_four(struct device *device)
{
    *device = (struct device){ .address = { .len = sizeof(struct sockaddr_in) } };
    device->address.four.sin_family = AF_INET;
    device->address.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    begin_listening(device, AF_INET);
    snprintf(device->name, sizeof device->name, "127.0.0.1:%d",
             ntohs(device->address.four.sin_port));
    snprintf(device->place, sizeof device->place, "4:%d", ntohs(device->address.four.sin_port));
}

static void listen_six(struct device *device)
{
    *device = (struct device){ .address = { .len = sizeof(struct sockaddr_in6) } };
    device->address.six.sin6_family = AF_INET6;
    device->address.six.sin6_addr = in6addr_loopback;
    begin_listening(device, AF_INET6);
    snprintf(device->name, sizeof device->name, "\"[::1]:%d\"",
             ntohs(device->address.six.sin6_port));
    snprintf(device->place, sizeof device->place, "6:%d", ntohs(device->address.six.sin6_port));
}

static void end_listening(struct device *device)
{
    shutdown(device->listening, SHUT_RDWR);
    pthread_join(device->thread, NULL);
    close(device->listening);
    if (device->folder[0] != '\0') {
        unlink(device->address.local.sun_path);
        rmdir(device->folder);
    }
}

static void read_through(struct loop *loop, const char *allowed, const char *call, const char *way,
                         struct result *out)
{
    struct counter counter;
    char yaml[400];

    snprintf(yaml, sizeof yaml, "device: %s\ncall: %s\nway: %s\n", allowed, call, way);
    open_counter(&counter, loop, TEST_PLUGIN("caller"), yaml);
    assert_non_null(counter.reader);
    read_card(&counter, 20000);
    *out = counter.result;
    counter.result = (struct result){ 0 };
    close_counter(&counter);
}

static void assert_connected(const struct result *result, bool blocks)
{
    if (result->code != SMG_OK)
        fail_msg("%d %s", result->code, result->text);
    assert_int_equal(result_int(result, "connect"), 0);
    assert_int_equal(result_int(result, "talk"), 0);
    assert_int_equal(result_int(result, "again"), EISCONN);
    assert_int_equal(result_int(result, "closes"), 1);
    assert_int_equal(result_int(result, "blocks"), blocks);
}

static void (*const listeners[])(struct device *device) = { listen_local, listen_four, listen_six };

static void test_a_driver_reaches_its_socket_with_plain_connect(void **state)
{
    for (size_t i = 0; i < sizeof listeners / sizeof *listeners; i++) {
        struct device device;
        struct result result;

        listeners[i](&device);
        read_through(*state, device.name, device.place, "plain", &result);
        assert_connected(&result, true);
        result_fini(&result);
        read_through(*state, device.name, device.place, "waiting", &result);
        assert_connected(&result, false);
        result_fini(&result);
        end_listening(&device);
    }
}

static void test_of_two_sockets_both_are_reached(void **state)
{
    struct device first, second;
    struct counter counter;
    char yaml[400];

    listen_local(&first);
    listen_four(&second);
    for (int i = 0; i < 2; i++) {
        snprintf(yaml, sizeof yaml, "device: %s\nsecond: %s\ncall: %s\n", first.name, second.name,
                 i == 0 ? first.place : second.place);
        open_counter(&counter, *state, TEST_PLUGIN("caller"), yaml);
        read_card(&counter, 20000);
        assert_connected(&counter.result, true);
        close_counter(&counter);
    }
    end_listening(&first);
    end_listening(&second);
}

/* Another socket is there and would answer; only the configuration says no. */
static void test_no_other_socket_is_reached(void **state)
{
    for (size_t i = 0; i < sizeof listeners / sizeof *listeners; i++) {
        static const char *const ways[] = { "plain", "waiting" };
        struct device device, other;
        struct result result;

        listeners[i](&device);
        listeners[i](&other);
        for (size_t way = 0; way < 2; way++) {
            read_through(*state, device.name, other.place, ways[way], &result);
            assert_int_equal(result.code, SMG_OK);
            assert_int_equal(result_int(&result, "connect"), EACCES);
            result_fini(&result);
        }
        end_listening(&device);
        end_listening(&other);
    }
}

static void test_an_abstract_socket_and_another_family_are_not_reached(void **state)
{
    struct device device;
    struct result result;

    listen_local(&device);
    read_through(*state, device.name, "unix:@shiming", "plain", &result);
    assert_int_equal(result_int(&result, "connect"), EACCES);
    result_fini(&result);
    read_through(*state, device.name, "4:80", "plain", &result);
    assert_int_equal(result_int(&result, "socket"), EPERM);
    result_fini(&result);
    end_listening(&device);
}

static void test_without_the_option_there_is_no_socket(void **state)
{
    struct counter counter;

    open_counter(&counter, *state, TEST_PLUGIN("caller"), "call: unix:/tmp\n");
    read_card(&counter, 20000);
    assert_int_equal(result_int(&counter.result, "socket"), EPERM);
    close_counter(&counter);
}

static void test_data_sent_ahead_opens_no_connection(void **state)
{
    struct device device;
    struct result result;

    listen_four(&device);
    read_through(*state, device.name, device.place, "early", &result);
    assert_int_equal(result_int(&result, "connect"), EPERM);
    result_fini(&result);
    end_listening(&device);
}

static void test_a_wrong_pointer_is_an_error_and_no_crash(void **state)
{
    struct device device;
    struct result result;

    listen_four(&device);
    read_through(*state, device.name, device.place, "nowhere", &result);
    assert_int_equal(result.code, SMG_OK);
    assert_int_equal(result_int(&result, "connect"), EFAULT);
    result_fini(&result);
    end_listening(&device);
}

static void test_nobody_there_is_refused_as_everywhere(void **state)
{
    static const char *const ways[] = { "plain", "waiting" };
    struct device device;
    struct result result;

    listen_four(&device);
    end_listening(&device);
    for (size_t i = 0; i < 2; i++) {
        read_through(*state, device.name, device.place, ways[i], &result);
        assert_int_equal(result_int(&result, "connect"), ECONNREFUSED);
        result_fini(&result);
    }
    read_through(*state, "unix:/nowhere/device", "unix:/nowhere/device", "plain", &result);
    assert_int_equal(result_int(&result, "connect"), ENOENT);
    result_fini(&result);
}

/* Calls that nobody takes, until there is no room for another. */
static size_t fill_queue(const struct device *device, int calls[], size_t room)
{
    size_t count = 0;

    while (count < room) {
        calls[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_true(calls[count] >= 0);
        if (connect(calls[count++], &device->address.any, device->address.len) != 0)
            return count;
    }
    fail_msg("the queue takes every call");
    return count;
}

static void *answer_later(void *ctx)
{
    poll(NULL, 0, 100); /* so that the driver usually finds the queue full */
    return answer_calls(ctx);
}

/* As pcscd's, which is one call long, when several readers start at the same time. */
static void test_a_full_queue_is_waited_for(void **state)
{
    struct device device = { .folder = "/tmp/shiming-door-XXXXXX" };
    struct result result;
    struct smg_err err = { 0 };
    int calls[64];
    size_t count;

    assert_non_null(mkdtemp(device.folder));
    snprintf(device.name, sizeof device.name, "unix:%s/device", device.folder);
    assert_int_equal(address_read(device.name, &device.address, &err), SMG_OK);
    device.listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(device.listening, &device.address.any, device.address.len), 0);
    assert_int_equal(listen(device.listening, 1), 0);
    count = fill_queue(&device, calls, sizeof calls / sizeof *calls);
    read_through(*state, device.name, device.name, "waiting", &result);
    assert_int_equal(result_int(&result, "connect"), EAGAIN);
    result_fini(&result);
    while (count > 0)
        close(calls[--count]); /* they stay in the queue */
    assert_int_equal(pthread_create(&device.thread, NULL, answer_later, &device), 0);
    read_through(*state, device.name, device.name, "plain", &result);
    assert_connected(&result, true);
    result_fini(&result);
    end_listening(&device);
}

static void test_a_socket_does_nothing_but_connect(void **state)
{
    static const char *const refused[] = { "local", "packets", "raw",    "paths",
                                           "six",   "bind",    "listen", "mark" };
    struct result result;

    read_through(*state, "127.0.0.1:4711", "4:4711", "otherwise", &result);
    assert_int_equal(result.code, SMG_OK);
    assert_int_equal(result_int(&result, "tcp"), 0);
    assert_int_equal(result_int(&result, "no_delay"), 0);
    assert_int_equal(result_int(&result, "file"), ENOTSOCK);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (result_int(&result, refused[i]) != EPERM)
            fail_msg("%s: %d", refused[i], (int)result_int(&result, refused[i]));
    result_fini(&result);
}

static void test_a_driver_that_asks_without_end_is_killed(void **state)
{
    static const char *const ways[] = { "flood", "deaf" };

    for (size_t i = 0; i < 2; i++) {
        struct counter counter;
        struct device device;
        char yaml[400];
        size_t before;

        listen_local(&device);
        snprintf(yaml, sizeof yaml, "device: %s\ncall: %s\nway: %s\n", device.name, device.place,
                 ways[i]);
        open_counter(&counter, *state, TEST_PLUGIN("caller"), yaml);
        run_until(*state, is_ready, &counter);
        before = count_descriptors();
        read_card(&counter, 20000);
        assert_int_equal(counter.result.code, SMG_E_PROTOCOL);
        run_until(*state, is_ready, &counter);
        assert_int_equal(status_of(&counter).restarts, 1);
        assert_in_range(count_descriptors(), before - 1, before + 1); /* the device's own */
        close_counter(&counter);
        end_listening(&device);
    }
}

static void test_a_path_may_be_read_and_nothing_else(void **state)
{
    static const char *const refused[] = { "write", "cut", "create", "beside" };
    char folder[] = "/tmp/shiming-paths-XXXXXX", path[64], yaml[200];
    struct counter counter;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/certificates", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/certificates/card.txt", folder);
    fclose(fopen(path, "w"));
    snprintf(path, sizeof path, "%s/beside.txt", folder);
    fclose(fopen(path, "w"));
    snprintf(yaml, sizeof yaml, "folder: %s/certificates\nway: files\n", folder);
    open_counter(&counter, *state, TEST_PLUGIN("caller"), yaml);
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    assert_int_equal(result_int(&counter.result, "read"), 0);
    assert_int_equal(result_int(&counter.result, "list"), 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (result_int(&counter.result, refused[i]) != EACCES)
            fail_msg("%s: %d", refused[i], (int)result_int(&counter.result, refused[i]));
    close_counter(&counter);
    unlink(path);
    snprintf(path, sizeof path, "%s/certificates/card.txt", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/certificates", folder);
    rmdir(path);
    rmdir(folder);
}

#define ON_A_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)
static const struct CMUnitTest tests[] = {
    ON_A_LOOP(test_a_driver_reaches_its_socket_with_plain_connect),
    ON_A_LOOP(test_of_two_sockets_both_are_reached),
    ON_A_LOOP(test_no_other_socket_is_reached),
    ON_A_LOOP(test_an_abstract_socket_and_another_family_are_not_reached),
    ON_A_LOOP(test_without_the_option_there_is_no_socket),
    ON_A_LOOP(test_data_sent_ahead_opens_no_connection),
    ON_A_LOOP(test_a_wrong_pointer_is_an_error_and_no_crash),
    ON_A_LOOP(test_nobody_there_is_refused_as_everywhere),
    ON_A_LOOP(test_a_full_queue_is_waited_for),
    ON_A_LOOP(test_a_socket_does_nothing_but_connect),
    ON_A_LOOP(test_a_driver_that_asks_without_end_is_killed),
    ON_A_LOOP(test_a_path_may_be_read_and_nothing_else),
};

COUNTER_MAIN(tests)
