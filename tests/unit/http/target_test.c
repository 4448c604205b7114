/* SPDX-License-Identifier: Apache-2.0 */
/* Targets of requests: what is a path, what is a query, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/refusal.h"

static void expect_target(const char *text, const char *path, const char *query)
{
    struct target target;

    if (!target_read(str_of(text), &target))
        fail_msg("%s was refused", text);
    assert_true(str_is(target.path, path));
    assert_true(query == NULL ? target.query.at == NULL : str_is(target.query, query));
}

static void test_paths_and_queries_are_split_at_the_first_question_mark(void **state)
{
    (void)state;
    expect_target("/", "/", NULL);
    expect_target("/a/b", "/a/b", NULL);
    expect_target("/a?b=c?d", "/a", "b=c?d");
    expect_target("/a?", "/a", "");
    expect_target("//a//", "//a//", NULL);
    expect_target("/%E6%8B%89", "/%E6%8B%89", NULL);
    expect_target("/a?x=../..", "/a", "x=../..");
}

static void test_the_absolute_form_loses_its_host(void **state)
{
    (void)state;
    expect_target("http://h.test/a?b", "/a", "b");
    expect_target("HTTPS://h.test:1/a", "/a", NULL);
    expect_target("http://h.test", "/", NULL);
    expect_target("http://h.test?b", "/", "b");
}

static void test_dots_that_are_not_segments_are_allowed(void **state)
{
    (void)state;
    expect_target("/...", "/...", NULL);
    expect_target("/a.b/.c/d..", "/a.b/.c/d..", NULL);
    expect_target("/%2ea", "/%2ea", NULL);
}

static void test_what_could_mean_two_things_is_refused(void **state)
{
    static const char *const refused[] = {
        "",       "*",         "a/b",    "ftp://h/", "http://", "javascript:x", "/..",
        "/.",     "/a/../b",   "/a/..",  "/./a",     "/%2e",    "/.%2E/a",      "/%2e%2e",
        "/a%2fb", "/a%2Fb",    "/a%5cb", "/a\\b",    "/a%00",   "/a%0d%0a",     "/a%7f",
        "/a%",    "/a%4",      "/a%4g",  "/a%zz",    "/a b",    "/a\tb",        "/a#b",
        "/\x7f",  "/\xE6\x8B", "/a?%00", "/a?%",     "/a?b c",  "/a?%4",        "http://h/../a",
    };
    struct target target;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (target_read(str_of(refused[i]), &target))
            fail_msg("%s was taken", refused[i]);
}

static void expect_decoded(const char *query, const char *decoded, size_t len)
{
    struct buf out = { 0 };

    target_decode(str_of(query), &out);
    assert_int_equal(out.len, len);
    if (len > 0)
        assert_memory_equal(out.at, decoded, len);
    buf_fini(&out);
}

static void test_parameters_are_decoded_once(void **state)
{
    (void)state;
    expect_decoded("", "", 0);
    expect_decoded("a=b", "a\0b\0", 4);
    expect_decoded("a=%2541&b=x+y", "a\0%41\0b\0x y\0", 12);
    expect_decoded("&&a&", "a\0\0", 3);
    expect_decoded("a==%3D", "a\0==\0", 5);
    expect_decoded("=v", "\0v\0", 3);
    expect_decoded("n%61me=1", "name\0001\0", 7);
}

static void test_headers_of_an_answer_are_text(void **state)
{
    (void)state;
    assert_true(header_is_clean("ETag", "sha256:00"));
    assert_true(header_is_clean("X-A", ""));
    assert_false(header_is_clean("", "x"));
    assert_false(header_is_clean("X A", "x"));
    assert_false(header_is_clean("X-A", "a\nb"));
    assert_false(header_is_clean("X-A", "a\rb"));
    assert_false(header_is_clean("X-A", "a\x7f"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_and_queries_are_split_at_the_first_question_mark),
        cmocka_unit_test(test_the_absolute_form_loses_its_host),
        cmocka_unit_test(test_dots_that_are_not_segments_are_allowed),
        cmocka_unit_test(test_what_could_mean_two_things_is_refused),
        cmocka_unit_test(test_parameters_are_decoded_once),
        cmocka_unit_test(test_headers_of_an_answer_are_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
