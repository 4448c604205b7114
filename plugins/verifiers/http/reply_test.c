/* SPDX-License-Identifier: Apache-2.0 */
/* Answers taken apart: what is there once is found, what could be read in two ways is not. */
#include "reply.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct sample {
    enum reply_form form;
    const char *body, *place, *wanted; /* NULL: nothing to be had */
};

static void check(const struct sample *sample)
{
    size_t len = strlen(sample->body);
    char *copy = malloc(len + 1), out[16]; /* exactly as long: a read beyond it is seen */
    struct reply *reply;
    bool found;

    assert_non_null(copy);
    memcpy(copy, sample->body, len);
    reply = reply_open(sample->form, (struct smg_str){ copy, len });
    found = reply != NULL && reply_text(reply, sample->place, out, sizeof out);
    if (found != (sample->wanted != NULL) || (found && strcmp(out, sample->wanted) != 0))
        fail_msg("%s at %s: %s", sample->body, sample->place, found ? out : "nothing");
    reply_close(reply);
    free(copy);
}

static void test_json(void **state)
{
    static const struct sample samples[] = {
        { REPLY_JSON, "{\"result\":{\"code\":\"00\"}}", "/result/code", "00" },
        { REPLY_JSON, " {\"a\":[{\"b\":1},{\"b\":2.5}]} \r\n", "/a/1/b", "2.5" },
        { REPLY_JSON, "{\"a\":12345678901}", "/a", "12345678901" },
        { REPLY_JSON, "{\"a/b\":{\"m~n\":true}}", "/a~1b/m~0n", "true" },
        { REPLY_JSON, "{\"a\":null}", "/a", NULL },
        { REPLY_JSON, "{\"a\":{}}", "/a", NULL },
        { REPLY_JSON, "{\"a\":\"1\"}", "/b", NULL },
        { REPLY_JSON, "{\"a\":\"1\"}", "/a/b", NULL },
        { REPLY_JSON, "{\"a\":\"1\",\"a\":\"2\"}", "/a", NULL },
        { REPLY_JSON, "{\"a\":\"1234567890123456\"}", "/a", NULL }, /* longer than the room */
        { REPLY_JSON, "{\"a\":[1]}", "/a/x", NULL },
        { REPLY_JSON, "{\"a\":[1]}", "/a/9", NULL },
        { REPLY_JSON, "{\"a\":\"1\"} {}", "/a", NULL },
        { REPLY_JSON, "{\"a\":\"1\"", "/a", NULL },
        { REPLY_JSON, "", "/a", NULL },
        { REPLY_JSON, "<html>", "/a", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        check(&samples[i]);
}

static void test_forms(void **state)
{
    static const struct sample samples[] = {
        { REPLY_FORM, "code=00&serial=A%2f1+b", "serial", "A/1 b" },
        { REPLY_FORM, "code=00\r\nserial=A-1\r\n", "code", "00" },
        { REPLY_FORM, "xcode=1&code=2", "code", "2" },
        { REPLY_FORM, "code=", "code", "" },
        { REPLY_FORM, "code=1&code=2", "code", NULL },
        { REPLY_FORM, "code=%0", "code", NULL },
        { REPLY_FORM, "code=%zz", "code", NULL },
        { REPLY_FORM, "code=%00", "code", NULL },
        { REPLY_FORM, "code", "code", NULL },
        { REPLY_FORM, "a=1", "code", NULL },
        { REPLY_FORM, "code=1234567890123456", "code", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        check(&samples[i]);
}

static void test_xml(void **state)
{
    static const struct sample samples[] = {
        { REPLY_XML, "<?xml version=\"1.0\"?><r><code>00</code></r>", "code", "00" },
        { REPLY_XML, "<r><s:code a='>'> a&amp;b&lt; </s:code></r>", "s:code", "a&b<" },
        { REPLY_XML, "<r><codes>1</codes><code >2</code ></r>", "code", "2" },
        { REPLY_XML, "<r><code></code></r>", "code", "" },
        { REPLY_XML, "<r><code>1</code><code>2</code></r>", "code", NULL },
        { REPLY_XML, "<r><code><x>1</x></code></r>", "code", NULL },
        { REPLY_XML, "<r><code/></r>", "code", NULL },
        { REPLY_XML, "<r><!-- <code>1</code> --></r>", "code", NULL },
        { REPLY_XML, "<r><![CDATA[<code>1</code>]]></r>", "code", NULL },
        { REPLY_XML, "<!DOCTYPE r [<!ENTITY x \"1\">]><r><code>&x;</code></r>", "code", NULL },
        { REPLY_XML, "<r><code>&x;</code></r>", "code", NULL },
        { REPLY_XML, "<r><code>1", "code", NULL },
        { REPLY_XML, "<r><code>1</code", "code", NULL },
        { REPLY_XML, "<r><code", "code", NULL },
        { REPLY_XML, "code", "code", NULL },
        { REPLY_XML, "<", "code", NULL },
        { REPLY_XML, "</", "code", NULL },
        { REPLY_XML, "<r><code>1234567890123456</code></r>", "code", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        check(&samples[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_xml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
