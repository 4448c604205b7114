/* SPDX-License-Identifier: Apache-2.0 */
/* Socket addresses: what is one, what is none, and which two are the same. */
#include "base/address.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static struct address read_address(const char *text)
{
    struct address address;
    struct smg_err err = { 0 };

    if (address_read(text, &address, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return address;
}

static struct smg_str bytes_of(const struct address *address)
{
    return str_bytes(&address->any, address->len);
}

static void test_three_families_are_read(void **state)
{
    struct address local = read_address("unix:/run/pcscd/pcscd.comm");
    struct address four = read_address("192.0.2.7:4000"), six = read_address("[2001:db8::7]:65535");

    (void)state;
    assert_int_equal(local.any.sa_family, AF_UNIX);
    assert_string_equal(local.local.sun_path, "/run/pcscd/pcscd.comm");
    assert_int_equal(four.any.sa_family, AF_INET);
    assert_int_equal(ntohl(four.four.sin_addr.s_addr), 0xc0000207);
    assert_int_equal(ntohs(four.four.sin_port), 4000);
    assert_int_equal(six.any.sa_family, AF_INET6);
    assert_int_equal(ntohs(six.six.sin6_port), 65535);
    assert_int_equal(six.six.sin6_addr.s6_addr[15], 7);
}

static void test_everything_else_is_refused_with_a_reason(void **state)
{
    static const char *const wrong[][2] = {
        { "", "port" },
        { "unix:", "absolute" },
        { "unix:run/x", "absolute" },
        { "unix:@abstract", "absolute" },
        { "192.0.2.7", "port" },
        { "192.0.2.7:", "port" },
        { "192.0.2.7:0", "port" },
        { "192.0.2.7:65536", "port" },
        { "192.0.2.7:-1", "port" },
        { "192.0.2.7:4000x", "port" },
        { "192.0.2:4000", "number of one host" },
        { "0.0.0.0:4000", "number of one host" },
        { "[::]:4000", "number of one host" },
        { "::1:4000", "number of one host" },
        { "[::1:4000", "number of one host" },
        { "[:4000", "number of one host" },
        { "]:4000", "number of one host" },
        { ":4000", "number of one host" },
        { "counter.example:4000", "number of one host" },
        { "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:1", "number of one host" },
    };
    char longest[160] = "unix:/";
    struct smg_err err = { 0 };
    struct address address;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(address_read(wrong[i][0], &address, &err), SMG_E_INVALID);
        if (strstr(err.text, wrong[i][1]) == NULL)
            fail_msg("%s: %s", wrong[i][0], err.text);
    }
    memset(longest + 6, 'x', 106);
    assert_int_equal(address_read(longest, &address, &err), SMG_OK);
    longest[112] = 'x';
    assert_int_equal(address_read(longest, &address, &err), SMG_E_INVALID);
    assert_non_null(strstr(err.text, "107 bytes"));
}

static void test_an_address_is_itself_and_no_other(void **state)
{
    static const char *const texts[] = { "unix:/run/a", "unix:/run/b",       "unix:/run/aa",
                                         "unix:/run",   "127.0.0.1:1",       "127.0.0.1:2",
                                         "127.0.0.2:1", "[::1]:1",           "[::1]:2",
                                         "[::2]:1",     "[::ffff:1.2.3.4]:1" };
    enum { COUNT = sizeof texts / sizeof *texts };

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            struct address one = read_address(texts[i]), other = read_address(texts[j]);

            if (address_is(&one, bytes_of(&other)) != (i == j))
                fail_msg("%s and %s", texts[i], texts[j]);
        }
}

static void test_a_strangers_bytes_are_looked_at_to_their_end_only(void **state)
{
    struct address local = read_address("unix:/run/a"), four = read_address("127.0.0.1:1");
    struct address asked = local, nameless = { .any.sa_family = AF_UNIX };
    char longer[200] = "";

    (void)state;
    /* without the NUL, and with what stood behind it */
    assert_true(address_is(&local, str_bytes(&asked.any, local.len - 1)));
    assert_false(address_is(&local, str_bytes(&asked.any, local.len - 2)));
    memcpy(asked.local.sun_path + 7, "z", 1);
    assert_true(address_is(&local, str_bytes(&asked.local, sizeof asked.local)));
    for (size_t len = 0; len < four.len; len++)
        assert_false(address_is(&four, str_bytes(&four.any, len)));
    assert_false(address_is(&local, str_bytes(&nameless.any, sizeof(sa_family_t))));
    memcpy(longer, &local.any, local.len);
    assert_false(address_is(&local, str_bytes(longer, sizeof longer)));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_three_families_are_read),
    cmocka_unit_test(test_everything_else_is_refused_with_a_reason),
    cmocka_unit_test(test_an_address_is_itself_and_no_other),
    cmocka_unit_test(test_a_strangers_bytes_are_looked_at_to_their_end_only),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
