/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: what a good one says, and where each of many bad ones is wrong. */
#include "config/load.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#define FILE_NAME SOURCE_DIR "/conf/test.yaml"
/* Files and folders that exist beside it. */
#define FOLDER "../docs"
#define EXISTS "shiming.yaml"

/* A good file, line by line; a bad one is this with one line replaced. */
static const char *const good[] = {
    "gateway:",                              /* 1 */
    "  operator: 拉萨示例电信",              /* 2 */
    "  licence: A2.B1-20180001",             /* 3 */
    "  region: \"540102\"",                  /* 4 */
    "  listen: 127.0.0.1:8080",              /* 5 */
    "policies:",                             /* 6 */
    "  path: .",                             /* 7 */
    "  stack: [cn-54/2018]",                 /* 8 */
    "storage:",                              /* 9 */
    "  plugin: sqlite",                      /* 10 */
    "  options: { path: shiming.db }",       /* 11 */
    "readers:",                              /* 12 */
    "  - name: counter-1",                   /* 13 */
    "    plugin: sdt",                       /* 14 */
    "    deadline: 15s",                     /* 15 */
    "    options: { device: /dev/ttyUSB0 }", /* 16 */
    "keys:",                                 /* 17 */
    "  path: keys",                          /* 18 */
};

enum { GOOD_LINES = sizeof good / sizeof good[0] };

struct mistake {
    size_t line; /* the line of the good file to replace; 0: the whole file */
    const char *with;
    unsigned at_line, at_column;
    const char *says;
};

static const struct mistake mistakes[] = {
    /* keys and sections */
    { 2, "  operater: x\n  operator: y", 2, 3,
      "gateway.operater: unknown key; did you mean \"operator\"?" },
    { 1, "colour: red\ngateway:", 1, 1, "colour: unknown key; expected one of gateway, tls" },
    { 12, "reader:\n  - x\nreaders:", 12, 1, "reader: unknown key; did you mean \"readers\"?" },
    { 14, "    plugin: sdt\n    isolate: true", 15, 5,
      "readers[0].isolate: unknown key; expected one of name, plugin, deadline, "
      "without_landlock, options" },
    { 14, "    plugin: sdt\n    option: {}", 15, 5, "did you mean \"options\"?" },
    { 7, "  path: .\n  path: .", 8, 3, "the key stands in line 7 already" },
    { 2, "", 2, 3, "gateway: \"operator\" is required; expected a text (the operator's name)" },
    { 3, "", 2, 3, "\"licence\" is required" },
    { 4, "", 2, 3, "\"region\" is required; expected a text (six digits" },
    { 7, "", 7, 3, "policies: \"path\" is required; expected a path" },
    { 8, "", 7, 3, "policies: \"stack\" is required" },
    { 18, "  suite: sm4", 18, 3, "keys: \"path\" is required" },
    { 10, "", 10, 3, "storage: \"plugin\" is required" },
    { 14, "    plugin: sdt\n    plugin: sim", 15, 5,
      "readers[0].plugin: the key stands in line 14 already" },
    { 9, "tls:\n  client_ca: " EXISTS "\nstorage:", 10, 14,
      "is of no use without certificate and key" },
    { 13, "  -", 14, 5, "readers[0]: \"name\" is required" },
    /* shapes */
    { 5, "  listen: [127.0.0.1]", 5, 11, "gateway.listen: is a list; expected a text" },
    { 5, "  listen: { port: 1 }", 5, 11, "gateway.listen: is a map; expected a text" },
    { 5, "  listen:", 5, 3, "gateway.listen: has no value; expected a text, or remove the key" },
    { 3, "  licence: \"\"", 3, 12, "gateway.licence: is empty; expected a text" },
    { 12, "limits: 5\nreaders:", 12, 9, "limits: is a single value; expected a map" },
    { 12, "limits: [5]\nreaders:", 12, 9, "limits: is a list; expected a map" },
    { 16, "    options: sdt", 16, 14, "readers[0].options: is not a map" },
    { 16, "    options: {}\nverifiers: public-security", 17, 12,
      "verifiers: is not a list; expected entries" },
    { 16, "    options: {}\nverifiers:\n  - sim", 18, 5,
      "verifiers[0]: is a single value; expected a map" },
    /* gateway */
    { 4, "  region: 54010", 4, 11, "\"54010\" is no region; expected six digits" },
    { 4, "  region: 54010x", 4, 11, "\"54010x\" is no region" },
    { 5, "  listen: 8080", 5, 11, "\"8080\" has no port; write 127.0.0.1:8080" },
    { 5, "  listen: 127.0.0.1:65536", 5, 11, "\"65536\" is not a port; expected 0 to 65535" },
    { 5, "  listen: \"127.0.0.1:\"", 5, 11, "\"\" is not a port" },
    { 5, "  listen: 127.0.0.1:80a", 5, 11, "\"80a\" is not a port" },
    { 5, "  listen: localhost:80", 5, 11, "\"localhost:80\" does not begin with an IP address" },
    { 5, "  listen: \"::1:8080\"", 5, 11, "does not begin with an IP address" },
    { 5, "  listen: \"[::1\"", 5, 11, "does not begin with an IP address" },
    { 5, "  listen: \"[::1]8080\"", 5, 11, "has no port" },
    { 5, "  listen: \"[::g]:8080\"", 5, 11, "does not begin with an IP address" },
    { 5, "  listen: 127.1:8080", 5, 11, "does not begin with an IP address" },
    { 5, "  listen: 0.0.0.0:8443", 5, 11,
      "is open to other machines and nothing is encrypted; add a section tls" },
    { 5, "  listen: \"[::]:8443\"", 5, 11, "is open to other machines" },
    { 5, "  listen: 10.0.0.1:8443", 5, 11, "or listen on 127.0.0.1" },
    { 5, "  workers: many", 5, 12,
      "gateway.workers: is no number of threads; expected auto, or 1 to 64" },
    { 5, "  workers: 0", 5, 12, "expected auto, or 1 to 64" },
    { 5, "  workers: 65", 5, 12, "expected auto, or 1 to 64" },
    { 5, "  workers: [1]", 5, 12, "expected auto, or 1 to 64" },
    { 5, "  token_ttl: 900", 5, 14, "\"900\" has no unit; write 900s or 900000ms" },
    { 5, "  token_ttl: 30ms", 5, 14,
      "\"30ms\" is out of range; expected a duration such as 15s of 1s to 1d" },
    { 5, "  node: \"counter 1\"", 5, 9, "\"counter 1\" is no good name; expected at most 59" },
    { 5, "  node: .hidden", 5, 9, "is no good name" },
    { 5, "  plugins: nowhere", 5, 12, "nowhere: No such file or directory; expected a folder" },
    { 5, "  plugins: " EXISTS, 5, 12, "is not a folder" },
    /* tls */
    { 17, "tls:\n  certificate: " EXISTS "\nkeys:", 18, 3,
      "tls: has a certificate without its key; add key" },
    { 17, "tls:\n  key: " EXISTS "\nkeys:", 18, 3,
      "tls: has a key without a certificate; add certificate" },
    { 17, "tls:\n  key: " EXISTS "\n  certificate: no.pem\nkeys:", 19, 16,
      "no.pem: No such file or directory; expected a file" },
    { 17, "tls:\n  key: " FOLDER "\n  certificate: " EXISTS "\nkeys:", 18, 8,
      "is a folder; expected a file" },
    { 17, "tls: { key: " EXISTS ", certificate: " EXISTS ", client_ca: no.pem }\nkeys:", 17, 65,
      "no.pem" },
    /* portraits */
    { 17, "portraits: { decoder: nobody }\nkeys:", 17, 23,
      "No such file or directory; expected a file that can be read" },
    { 17, "portraits: { decoder: " FOLDER " }\nkeys:", 17, 23, "is a folder; expected a file" },
    { 17, "portraits: { decoder: " EXISTS " }\nkeys:", 17, 23,
      "cannot be run; expected a program" },
    { 17, "portraits: { timeout: 2 }\nkeys:", 17, 23, "unit" },
    { 17, "portraits: { decode: x }\nkeys:", 17, 14, "did you mean \"decoder\"?" },
    /* limits */
    { 17, "limits: { body: 64KB }\nkeys:", 17, 17,
      "\"64KB\": \"KB\" is no unit; expected one of B, KiB, MiB, GiB" },
    { 17, "limits: { body: 16MiB1 }\nkeys:", 17, 17, "is no unit" },
    { 17, "limits: { body: large }\nkeys:", 17, 17, "\"large\" is not a size" },
    { 17, "limits: { body: 100 }\nkeys:", 17, 17,
      "\"100\" is out of range; expected a size such as 64KiB of 1KiB to 16MiB" },
    { 17, "limits: { evidence: 9223372036854775807GiB }\nkeys:", 17, 21, "is too large" },
    { 17, "limits: { connections: 4k }\nkeys:", 17, 24, "\"4k\" is not a whole number" },
    { 17, "limits: { connections: 0 }\nkeys:", 17, 24,
      "\"0\" is out of range; expected a whole number of 1 to 65536" },
    { 17, "limits: { connections: 010 }\nkeys:", 17, 24, "\"010\" begins with a zero; write 10" },
    { 17, "limits: { idle: 1.5m }\nkeys:", 17, 17,
      "\"1.5m\" is not a duration; expected a whole number and a unit" },
    { 17, "limits: { idle: 15sec }\nkeys:", 17, 17,
      "\"sec\" is no unit; expected one of ms, s, m, h, d" },
    { 17, "limits: { request: -5s }\nkeys:", 17, 20, "\"-5s\" is not a duration" },
    { 17, "limits: { request: 0 }\nkeys:", 17, 20, "\"0\" has no unit; write 0s or 0ms" },
    /* policies */
    { 7, "  path: nowhere", 7, 9, "/conf/nowhere: No such file or directory; expected a folder" },
    { 7, "  path: " EXISTS, 7, 9, "is not a folder" },
    { 7, "  path: .\n  trust: all", 8, 10, "\"all\" is not known; expected one of any, signed" },
    { 7, "  path: .\n  trust: sined", 8, 10, "\"sined\" is not known; did you mean \"signed\"?" },
    { 7, "  path: .\n  trust: signed", 8, 10, "policies.trust: needs \"keys\"" },
    { 7, "  path: .\n  keys: policies.pub", 8, 9, "policies.keys: is no list of 1 to 8 keys" },
    { 7, "  path: .\n  keys: [ { path: nowhere.pub } ]", 8, 19,
      "expected a file that can be read" },
    { 7, "  path: .\n  keys: [ { path: " EXISTS ", unitl: 2027-01-01 } ]", 8,
      19 + sizeof EXISTS + 1, "unknown key; did you mean \"until\"?" },
    { 7, "  path: .\n  keys: [ { from: soon, path: " EXISTS " } ]", 8, 19,
      "\"soon\" is no day; expected the form 2026-01-31" },
    { 7, "  path: .\n  shadow: { path: nowhere }", 8, 19, "policies.shadow.path: " },
    { 7, "  path: .\n  shadow: { path: ., stack: [] }", 8, 29,
      "policies.shadow.stack: is no list of regulations" },
    { 8, "  stack: cn-54/2018", 8, 10, "policies.stack: is no list of regulations" },
    { 8, "  stack: []", 8, 10, "is no list of regulations; expected one such as [cn-54/2018]" },
    { 8, "  stack: [cn-54]", 8, 11, "policies.stack[0]: \"cn-54\" is no regulation's id" },
    { 8, "  stack: [cn-54/2018, ../../secret]", 8, 23,
      "policies.stack[1]: \"../../secret\" is no" },
    { 8, "  stack: [../2018]", 8, 11, "is no regulation's id; expected the form cn-54/2018" },
    { 8, "  stack: [cn/2013, cn/2013]", 8, 20, "is in the stack already; remove one" },
    { 8, "  stack: [[cn/2013]]", 8, 11, "is no regulation's id" },
    /* instances */
    { 13, "  - name: counter 1", 13, 11,
      "readers[0].name: \"counter 1\" is no good name; expected at most 63" },
    { 13, "  - name: 柜台", 13, 11, "is no good name" },
    { 13, "  - name: storage", 13, 11,
      "\"storage\" is the name of what stands in line 10 already" },
    { 16, "    options: {}\nverifiers: [ { name: counter-1, plugin: sim } ]", 17, 22,
      "verifiers[0].name: \"counter-1\" is the name of what stands in line 13 already" },
    { 14, "    plugin: \"s d t\"", 14, 13, "\"s d t\" is no plugin's name" },
    { 14, "    plugin: ./sdt.so", 14, 13, "/conf/sdt.so: No such file or directory" },
    { 14, "    plugin: ", 14, 5, "readers[0].plugin: has no value" },
    { 15, "    deadline: 15", 15, 15,
      "readers[0].deadline: \"15\" has no unit; write 15s or 15000ms" },
    { 15, "    deadline: 2h", 15, 15,
      "\"2h\" is out of range; expected a duration such as 15s of 1ms to 1h" },
    { 15, "    deadline: soon", 15, 15, "\"soon\" is not a duration" },
    { 18, "  path: keys\n  suite: aes-128", 19, 10, "\"aes-128\" is not known" },
    { 18, "  path: \"\"", 18, 9, "keys.path: is empty; expected a path" },
    /* YAML */
    { 3, "  licence: &a A2", 3, 12, "an anchor (&); remove it" },
    { 3, "  licence: !!str A2", 3, 12, "a tag (!); remove it" },
    { 3, "  licence: *a", 3, 12, "gateway.licence: an alias (*); write the value itself" },
    { 3, "  licence: \"a\\0b\"", 3, 12, "a text with a NUL in it" },
    { 3, "  ? [a]\n  : b", 3, 5, "a key that is not a word; expected key: value" },
    { 3, "\tlicence: A2", 3, 1, "not YAML: found a tab character that violates indentation" },
    { 3, "  licence: \"A2", 4, 12, "not YAML: did not find expected key" },
    { 3, "  licence: a\x01z", 3, 13, "not YAML: control characters are not allowed" },
    { 3, "  licence: 许\xff", 3, 13, "not UTF-8; save the file as UTF-8" },
    { 18, "  path: keys\n---\na: b", 19, 1, "a second document; expected one in a file" },
    { 0, "", 1, 1, "the file is empty; expected lines of the form key: value" },
    { 0, "# nothing\n", 1, 1, "the file is empty" },
    { 0, "- a\n- b\n", 1, 1, "not a map; expected lines of the form key: value" },
    { 0, "gateway\n", 1, 1, "not a map" },
};

static void write_file(struct buf *out, size_t replaced, const char *with)
{
    size_t i;

    if (replaced == 0) {
        buf_text(out, with);
        return;
    }
    for (i = 0; i < GOOD_LINES; i++) {
        if (i + 1 == replaced && with[0] == '\0')
            continue;
        buf_text(out, i + 1 == replaced ? with : good[i]);
        buf_byte(out, '\n');
    }
}

static struct config *load(size_t replaced, const char *with, struct config_errors *errors)
{
    struct buf file = { 0 };
    struct config *config;

    write_file(&file, replaced, with);
    config = load_bytes(FILE_NAME, buf_view(&file), errors);
    buf_fini(&file);
    return config;
}

static void test_every_mistake_is_told_once_with_its_place(void **state)
{
    size_t i, wrong = 0;

    (void)state;
    for (i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        const struct mistake *mistake = &mistakes[i];
        struct config_errors errors = { 0 };
        struct config *config = load(mistake->line, mistake->with, &errors);
        const char *text = errors.text.at == NULL ? "" : errors.text.at;
        char place[300];

        snprintf(place, sizeof place, "%s:%u:%u: ", FILE_NAME, mistake->at_line,
                 mistake->at_column);
        if (config != NULL || errors.count != 1 || strncmp(text, place, strlen(place)) != 0 ||
            strstr(text, mistake->says) == NULL) {
            print_error("with line %zu as\n%s\nexpected %s...%s...\ngot %u: %s", mistake->line,
                        mistake->with, place, mistake->says, errors.count, text);
            wrong++;
        }
        config_free(config);
        config_errors_fini(&errors);
    }
    assert_int_equal(wrong, 0);
}

static void test_the_good_file_is_good(void **state)
{
    struct config_errors errors = { 0 };
    struct config *config = load(1, good[0], &errors);

    (void)state;
    assert_non_null(config);
    assert_int_equal(errors.count, 0);
    config_free(config);
    config_errors_fini(&errors);
}

static void test_all_mistakes_are_told_at_once(void **state)
{
    static const char text[] = "gateway: { operator: x, licence: y, region: 5, listen: here }\n"
                               "policies: { path: nowhere, stack: [a] }\n"
                               "storage: { plugin: sqlite, deadline: 3 }\n"
                               "key: { path: keys }\n";
    static const char *const pieces[] = {
        ":1:45: gateway.region: \"5\" is no region",
        ":1:56: gateway.listen: \"here\" has no port",
        ":2:19: policies.path: ",
        ":2:36: policies.stack[0]: \"a\" is no regulation's id",
        ":3:38: storage.deadline: \"3\" has no unit; write 3s or 3000ms\n",
        ":4:1: key: unknown key; did you mean \"keys\"?\n",
        ":1:1: \"keys\" is required",
    };
    struct config_errors errors = { 0 };
    size_t i;

    (void)state;
    assert_null(load(0, text, &errors));
    assert_int_equal(errors.count, sizeof pieces / sizeof pieces[0]);
    for (i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        if (strstr(errors.text.at, pieces[i]) == NULL)
            fail_msg("%s\nis missing in\n%s", pieces[i], errors.text.at);
    config_errors_fini(&errors);
}

static void test_missing_sections_are_each_told_once(void **state)
{
    struct config_errors errors = { 0 };

    (void)state;
    assert_null(load(0, "readers:\n", &errors));
    assert_int_equal(errors.count, 4);
    assert_non_null(strstr(errors.text.at, ":1:1: \"gateway\" is required; expected a map with"));
    assert_non_null(strstr(errors.text.at, ":1:1: \"policies\" is required; expected a map with"));
    assert_non_null(strstr(errors.text.at, ":1:1: \"storage\" is required; expected a map with"));
    assert_non_null(strstr(errors.text.at, ":1:1: \"keys\" is required; expected a map with"));
    config_errors_fini(&errors);
}

static void test_a_flood_of_mistakes_is_cut(void **state)
{
    struct config_errors errors = { 0 };
    struct buf file = { 0 };
    size_t i, lines = 0;

    (void)state;
    for (i = 0; i < 500; i++)
        buf_printf(&file, "nonsense%zu: 1\n", i);
    assert_null(load_bytes(FILE_NAME, buf_view(&file), &errors));
    assert_true(errors.count > 500);
    for (i = 0; i < errors.text.len; i++)
        lines += errors.text.at[i] == '\n';
    assert_int_equal(lines, 101);
    assert_non_null(strstr(errors.text.at, "more mistakes follow; correct these first\n"));
    config_errors_fini(&errors);
    buf_fini(&file);
}

static void test_presets_hold_when_nothing_is_said(void **state)
{
    struct config_errors errors = { 0 };
    struct config *config = load(5, "", &errors);

    (void)state;
    assert_non_null(config);
    assert_string_equal(config->gateway.listen, "127.0.0.1:8080");
    assert_string_equal(config->gateway.node, "gateway");
    assert_int_equal(config->gateway.workers, 0);
    assert_int_equal(config->gateway.token_ttl_ms, 15 * 60 * 1000);
    assert_null(config->tls.certificate);
    assert_null(config->tls.key);
    assert_null(config->tls.client_ca);
    assert_int_equal(config->limits.body_bytes, 256 * 1024);
    assert_int_equal(config->limits.evidence_bytes, 8 * 1024 * 1024);
    assert_int_equal(config->limits.header_bytes, 16 * 1024);
    assert_int_equal(config->limits.connections, 4096);
    assert_int_equal(config->limits.idle_ms, 60000);
    assert_int_equal(config->limits.request_ms, 30000);
    assert_string_equal(config->policies.trust, "any");
    assert_string_equal(config->keys.suite, "aes-256-gcm");
    assert_string_equal(config->storage.name, "storage");
    assert_int_equal(config->storage.deadline_ms, 0);
    assert_int_equal(config->verifiers.count, 0);
    assert_int_equal(config->reporters.count, 0);
    config_free(config);
    config_errors_fini(&errors);
}

static const char whole[] =
    "gateway:\n"
    "  operator: 拉萨示例电信\n"
    "  licence: A2.B1-20180001\n"
    "  region: 540102\n"
    "  node: lhasa-2\n"
    "  listen: \"[::]:8443\"\n"
    "  workers: 3\n"
    "  token_ttl: 5m\n"
    "  plugins: " FOLDER "\n"
    "tls: { certificate: " EXISTS ", key: ./" EXISTS ", client_ca: ../conf/" EXISTS " }\n"
    "limits: { body: 4096, evidence: 1MiB, header: 32KiB, connections: 7, idle: 90s,\n"
    "          request: 1500ms }\n"
    "policies: { path: ../policies, stack: [cn/2013, cn-54/2018], trust: signed,\n"
    "            keys: [ { path: " EXISTS ", until: 2027-01-01 }, { path: " EXISTS
    ", from: 2026-12-01 } ],\n"
    "            shadow: { path: ../docs, stack: [cn-54/2027] } }\n"
    "storage: { name: disk, plugin: sqlite, deadline: 2s, options: { path: a.db } }\n"
    "readers:\n"
    "  - { name: counter-1, plugin: sdt, deadline: 10s, options: { device: /dev/ttyUSB0 } }\n"
    "  - name: counter-2\n"
    "    plugin: ./" EXISTS "\n"
    "    options:\n"
    "verifiers: [ { name: public-security, plugin: sim } ]\n"
    "reporters: [ { name: regulator, plugin: file } ]\n"
    "keys: { path: /var/lib/shiming/keys, suite: sm4 }\n";

static void test_a_whole_file_is_read_key_by_key(void **state)
{
    struct config_errors errors = { 0 };
    struct config *config = load(0, whole, &errors);

    (void)state;
    if (config == NULL)
        fail_msg("%s", errors.text.at);
    assert_string_equal(config->gateway.operator_name, "拉萨示例电信");
    assert_string_equal(config->gateway.licence, "A2.B1-20180001");
    assert_string_equal(config->gateway.region, "540102");
    assert_string_equal(config->gateway.node, "lhasa-2");
    assert_string_equal(config->gateway.listen, "[::]:8443");
    assert_string_equal(config->gateway.plugins, SOURCE_DIR "/docs");
    assert_int_equal(config->gateway.workers, 3);
    assert_int_equal(config->gateway.token_ttl_ms, 300000);
    assert_string_equal(config->tls.certificate, SOURCE_DIR "/conf/" EXISTS);
    assert_string_equal(config->tls.key, SOURCE_DIR "/conf/" EXISTS);
    assert_string_equal(config->tls.client_ca, SOURCE_DIR "/conf/" EXISTS);
    assert_int_equal(config->limits.body_bytes, 4096);
    assert_int_equal(config->limits.evidence_bytes, 1048576);
    assert_int_equal(config->limits.header_bytes, 32768);
    assert_int_equal(config->limits.connections, 7);
    assert_int_equal(config->limits.idle_ms, 90000);
    assert_int_equal(config->limits.request_ms, 1500);
    assert_string_equal(config->policies.path, SOURCE_DIR "/policies");
    assert_int_equal(config->policies.stack_count, 2);
    assert_string_equal(config->policies.stack[0], "cn/2013");
    assert_string_equal(config->policies.stack[1], "cn-54/2018");
    assert_string_equal(config->policies.trust, "signed");
    assert_int_equal(config->policies.key_count, 2);
    assert_string_equal(config->policies.keys[1].path, SOURCE_DIR "/conf/" EXISTS);
    assert_int_equal(config->policies.keys[0].until.year, 2027);
    assert_true(date_is_none(config->policies.keys[0].from));
    assert_int_equal(config->policies.keys[1].from.month, 12);
    assert_string_equal(config->policies.shadow, SOURCE_DIR "/docs:" SOURCE_DIR "/policies");
    assert_int_equal(config->policies.shadow_stack_count, 1);
    assert_string_equal(config->policies.shadow_stack[0], "cn-54/2027");
    assert_string_equal(config->keys.path, "/var/lib/shiming/keys");
    assert_string_equal(config->keys.suite, "sm4");
    config_free(config);
    config_errors_fini(&errors);
}

static void test_instances_are_read_in_order_with_their_options(void **state)
{
    struct config_errors errors = { 0 };
    struct config *config = load(0, whole, &errors);
    const struct config_instance *reader;

    (void)state;
    assert_non_null(config);
    assert_string_equal(config->storage.name, "disk");
    assert_string_equal(config->storage.plugin, "sqlite");
    assert_int_equal(config->storage.deadline_ms, 2000);
    assert_string_equal(config_scalar(config_find(config->storage.options, "path")), "a.db");
    assert_int_equal(config->readers.count, 2);
    reader = &config->readers.at[0];
    assert_string_equal(reader->name, "counter-1");
    assert_string_equal(reader->plugin, "sdt");
    assert_int_equal(reader->deadline_ms, 10000);
    assert_int_equal(config_length(reader->options), 1);
    assert_string_equal(config_key(reader->options, 0), "device");
    assert_string_equal(config_scalar(config_item(reader->options, 0)), "/dev/ttyUSB0");
    reader = &config->readers.at[1];
    assert_string_equal(reader->plugin, SOURCE_DIR "/conf/" EXISTS);
    assert_int_equal(reader->deadline_ms, 0);
    assert_null(reader->options);
    assert_non_null(reader->node);
    assert_int_equal(config->verifiers.count, 1);
    assert_string_equal(config->verifiers.at[0].name, "public-security");
    assert_int_equal(config->reporters.count, 1);
    assert_string_equal(config->reporters.at[0].plugin, "file");
    config_free(config);
    config_errors_fini(&errors);
}

static void test_loopback_needs_no_tls_and_anything_else_is_fine_with_it(void **state)
{
    static const char *const listens[] = { "  listen: 127.0.0.1:0", "  listen: 127.9.9.9:65535",
                                           "  listen: \"[::1]:8080\"",
                                           "  listen: 0.0.0.0:443\ntls: { key: " EXISTS
                                           ", certificate: " EXISTS " }" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof listens / sizeof listens[0]; i++) {
        struct config_errors errors = { 0 };
        struct config *config = load(5, listens[i], &errors);

        if (config == NULL)
            fail_msg("%s", errors.text.at);
        config_free(config);
        config_errors_fini(&errors);
    }
}

static void test_plugins_lie_beside_the_program_by_default(void **state)
{
    struct config_errors errors = { 0 };
    struct config *config = load(1, good[0], &errors);
    char *expected = realpath(BINARY_DIR "/plugins", NULL);

    (void)state;
    assert_non_null(config);
    assert_non_null(expected); /* this program is BINARY_DIR/tests/... */
    assert_string_equal(config->gateway.plugins, expected);
    free(expected);
    config_free(config);
    config_errors_fini(&errors);
}

static void test_the_annotated_example_is_a_good_file(void **state)
{
    struct config_errors errors = { 0 };
    struct config *config = config_load(SOURCE_DIR "/conf/shiming.yaml", &errors);

    (void)state;
    if (config == NULL)
        fail_msg("%s", errors.text.at);
    assert_string_equal(config->policies.path, SOURCE_DIR "/policies");
    assert_string_equal(config->storage.plugin, "sqlite");
    assert_string_equal(config->readers.at[0].plugin, "sdt");
    assert_string_equal(config->verifiers.at[0].name, "public-security");
    assert_string_equal(config->reporters.at[0].name, "regulator");
    config_free(config);
    config_errors_fini(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_good_file_is_good),
        cmocka_unit_test(test_every_mistake_is_told_once_with_its_place),
        cmocka_unit_test(test_all_mistakes_are_told_at_once),
        cmocka_unit_test(test_missing_sections_are_each_told_once),
        cmocka_unit_test(test_a_flood_of_mistakes_is_cut),
        cmocka_unit_test(test_presets_hold_when_nothing_is_said),
        cmocka_unit_test(test_a_whole_file_is_read_key_by_key),
        cmocka_unit_test(test_instances_are_read_in_order_with_their_options),
        cmocka_unit_test(test_loopback_needs_no_tls_and_anything_else_is_fine_with_it),
        cmocka_unit_test(test_plugins_lie_beside_the_program_by_default),
        cmocka_unit_test(test_the_annotated_example_is_a_good_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
