/* SPDX-License-Identifier: Apache-2.0 */
/* Two services that have nothing in common, each by its options alone: JSON over POST; and a form
 * that is signed, answered in XML that is signed and dated. */
#include "mapping.c"
#include "mapping_answer.c"
#include "reply.c"
#include "template.c"

#include "base/fields.h"

#include <setjmp.h>
#include <cmocka.h>

static const int64_t now = 1767575523000; /* 2026-01-05T09:12:03+08:00 */

struct bench {
    struct smg_host host;
    struct config config;
    struct smg_fields *subject;
    char folder[32], key[64];
    struct mapping *mapping;
    struct inquiry inquiry;
};

static bool bench_get(const struct smg_host *host, const struct smg_fields *fields,
                      const char *field, struct smg_value *out)
{
    const struct smg_value *value = fields_get(fields, (struct smg_str){ field, strlen(field) });

    (void)host;
    if (value != NULL)
        *out = *value;
    return value != NULL;
}

static void write_key(const struct bench *bench, mode_t mode)
{
    int fd = open(bench->key, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_int_equal(write(fd, "shared key\n", 11), 11);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void set_bytes(struct smg_fields *fields, const char *name, struct smg_str bytes)
{
    struct smg_value value = { .type = SMG_BYTES, .str = bytes };

    assert_true(fields_set(fields, (struct smg_str){ name, strlen(name) }, &value));
}

static int make_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    assert_non_null(bench);
    strcpy(bench->folder, "/tmp/shiming-mapping-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    snprintf(bench->key, sizeof bench->key, "%s/key", bench->folder);
    write_key(bench, 0600);
    bench->host = (struct smg_host){ .size = sizeof bench->host, .get = bench_get };
    bench->subject = fields_new();
    assert_true(fields_set_text(bench->subject, "name", SMG_STR("示例\"甲")));
    assert_true(fields_set_text(bench->subject, "document.number", SMG_STR("542425194001010018")));
    bench->config = (struct config){
        .request = "{\"id\":\"{request.id}\",\"name\":\"{name}\",\"no\":\"{document.number}\"}",
        .request_type = "json",
        .sign_digest = "sha256",
        .answer_type = "json",
        .verdict = "/result/code",
        .match = "00, 0",
        .mismatch = "01",
        .unknown = "02,03",
        .receipt = "/result/serial",
        .answer_age = 60000,
    };
    *state = bench;
    return 0;
}

static int free_bench(void **state)
{
    struct bench *bench = *state;

    mapping_close(bench->mapping);
    bytes_fini(&bench->inquiry.body);
    fields_free(bench->subject);
    unlink(bench->key);
    rmdir(bench->folder);
    free(bench);
    return 0;
}

static int open_mapping(struct bench *bench, struct smg_err *err)
{
    return mapping_open(&bench->config, &bench->mapping, err);
}

static void write_question(struct bench *bench)
{
    struct smg_err err = { 0 };

    if (open_mapping(bench, &err) != SMG_OK ||
        mapping_write(bench->mapping, &bench->host, bench->subject, &bench->inquiry, &err) !=
            SMG_OK)
        fail_msg("%s", err.text);
}

static int read_answer(struct bench *bench, int status, const char *headers, const char *body,
                       struct verdict *out, struct smg_err *err)
{
    struct https_answer answer = { .status = status,
                                   .body = { body, strlen(body) },
                                   .headers = { headers, strlen(headers) } };

    *out = (struct verdict){ 0 };
    *err = (struct smg_err){ 0 };
    return mapping_read(bench->mapping, &bench->inquiry, &answer, now, out, err);
}

static void test_json_is_asked_and_answered(void **state)
{
    static const struct {
        const char *body, *verdict, *receipt;
    } answers[] = {
        { "{\"result\":{\"code\":\"00\",\"serial\":\"R-7\"}}", "match", "R-7" },
        { "{\"result\":{\"code\":0,\"serial\":8}}", "match", "8" },
        { "{\"result\":{\"code\":\"01\",\"serial\":\"R-9\"}}", "mismatch", "R-9" },
        { "{\"result\":{\"code\":\"03\"}}", "unknown", NULL },
    };
    struct bench *bench = *state;
    struct verdict verdict;
    struct smg_err err;
    char wanted[256];

    write_question(bench);
    assert_int_equal(strlen(bench->inquiry.id), ID_BYTES);
    snprintf(wanted, sizeof wanted,
             "{\"id\":\"%s\",\"name\":\"示例\\\"甲\",\"no\":\"542425194001010018\"}",
             bench->inquiry.id);
    assert_int_equal(bench->inquiry.body.len, strlen(wanted));
    assert_memory_equal(bench->inquiry.body.at, wanted, strlen(wanted));
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        assert_int_equal(read_answer(bench, 200, "", answers[i].body, &verdict, &err), SMG_OK);
        assert_string_equal(verdict.verdict, answers[i].verdict);
        if (answers[i].receipt != NULL)
            assert_string_equal(verdict.receipt, answers[i].receipt);
    }
    snprintf(wanted, sizeof wanted, "request:%s", bench->inquiry.id);
    assert_string_equal(verdict.receipt, wanted); /* the service gave none: our name for it */
}

static void test_what_is_no_verdict_is_an_error_without_a_word_of_the_answer(void **state)
{
    static const struct {
        int status;
        const char *body;
        int code;
    } answers[] = {
        { 200, "{\"result\":{\"code\":\"44 secret\"}}", SMG_E_PROTOCOL },
        { 200, "{\"result\":\"secret\"}", SMG_E_PROTOCOL },
        { 200, "secret", SMG_E_PROTOCOL },
        { 200, "", SMG_E_PROTOCOL },
        { 204, "", SMG_E_PROTOCOL },
        { 302, "secret", SMG_E_PROTOCOL },
        { 400, "secret", SMG_E_INVALID },
        { 404, "secret", SMG_E_INVALID },
        { 401, "secret", SMG_E_DENIED },
        { 403, "secret", SMG_E_DENIED },
        { 418, "secret", SMG_E_PROTOCOL },
        { 429, "secret", SMG_E_BUSY },
        { 500, "{\"result\":{\"code\":\"00\"}}", SMG_E_IO },
        { 503, "secret", SMG_E_IO },
    };
    struct bench *bench = *state;
    struct verdict verdict;
    struct smg_err err;

    write_question(bench);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        assert_int_equal(read_answer(bench, answers[i].status, "", answers[i].body, &verdict, &err),
                         answers[i].code);
        assert_null(strstr(err.text, "secret"));
    }
}

static void test_a_score_decides_whether_a_match_is_one(void **state)
{
    static const struct {
        const char *body, *verdict;
    } answers[] = {
        { "{\"code\":\"00\",\"score\":80}", "match" },
        { "{\"code\":\"00\",\"score\":\"93.25\"}", "match" },
        { "{\"code\":\"00\",\"score\":79.9}", "unknown" },
        { "{\"code\":\"00\",\"score\":40}", "unknown" },
        { "{\"code\":\"00\",\"score\":39.99}", "mismatch" },
        { "{\"code\":\"01\",\"score\":99}", "mismatch" },
        { "{\"code\":\"02\"}", "unknown" },
        { "{\"code\":\"00\"}", NULL },
        { "{\"code\":\"00\",\"score\":\"nan\"}", NULL },
        { "{\"code\":\"00\",\"score\":\"high\"}", NULL },
    };
    struct bench *bench = *state;
    struct verdict verdict;
    struct smg_err err;

    bench->config.verdict = "/code";
    bench->config.score = "/score";
    bench->config.score_match = "80";
    bench->config.score_mismatch = "40.0";
    write_question(bench);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        int code = read_answer(bench, 200, "", answers[i].body, &verdict, &err);

        assert_int_equal(code, answers[i].verdict == NULL ? SMG_E_PROTOCOL : SMG_OK);
        if (answers[i].verdict != NULL)
            assert_string_equal(verdict.verdict, answers[i].verdict);
    }
}

/* The second service. */
static void speak_signed(struct bench *bench)
{
    bench->config.request = "xm={name}&zjhm={document.number}&lsh={request.id}";
    bench->config.request_type = "form";
    bench->config.headers = "X-App: shiming\nX-Time: {request.time_digits}\n"
                            "X-Sign: {request.signature:hex}\n";
    bench->config.sign = "{request.time_digits}|{request.body}";
    bench->config.sign_key = bench->key;
    bench->config.answer_type = "xml";
    bench->config.verdict = "jg";
    bench->config.receipt = "lsh";
    bench->config.answer_sign = "{answer.header.X-Time}|{answer.body}";
    bench->config.answer_signature = "X-Sign";
    bench->config.answer_time = "X-Time";
}

static void hmac_hex(const EVP_MD *digest, const char *text, char out[129])
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    assert_non_null(
        HMAC(digest, "shared key", 10, (const unsigned char *)text, strlen(text), mac, &len));
    for (unsigned int i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", mac[i]);
}

static void test_a_form_is_signed_each_time_it_is_sent(void **state)
{
    struct bench *bench = *state;
    struct header_lines lines;
    char text[512], mac[129], wanted[160];
    struct smg_err err;

    speak_signed(bench);
    write_question(bench);
    assert_int_equal(mapping_headers(bench->mapping, &bench->inquiry, now, &lines, &err), SMG_OK);
    snprintf(text, sizeof text, "20260105091203|%.*s", (int)bench->inquiry.body.len,
             bench->inquiry.body.at);
    assert_non_null(
        strstr(text, "|xm=%E7%A4%BA%E4%BE%8B%22%E7%94%B2&zjhm=542425194001010018&lsh="));
    hmac_hex(EVP_sha256(), text, mac);
    snprintf(wanted, sizeof wanted, "X-Sign: %s", mac);
    assert_string_equal(lines.lines[0], "X-App: shiming");
    assert_string_equal(lines.lines[1], "X-Time: 20260105091203");
    assert_string_equal(lines.lines[2], wanted);
    assert_string_equal(lines.lines[3], "Content-Type: application/x-www-form-urlencoded");
    assert_null(lines.lines[4]);
    bytes_fini(&lines.text);
}

static int answer_signed(struct bench *bench, const EVP_MD *digest, const char *time,
                         const char *signed_body, const char *body, struct smg_err *err)
{
    char text[512], mac[129], headers[256];
    struct verdict verdict;

    snprintf(text, sizeof text, "%s|%s", time, signed_body);
    hmac_hex(digest, text, mac);
    snprintf(headers, sizeof headers, "HTTP/1.1 200 OK\r\nX-Time: %s\r\nx-sign:  %s \r\n\r\n", time,
             mac);
    return read_answer(bench, 200, headers, body, &verdict, err);
}

static void test_an_answer_counts_only_signed_and_fresh(void **state)
{
    static const char body[] = "<r><jg>00</jg><lsh>A1</lsh></r>";
    static const char other[] = "<r><jg>01</jg><lsh>A1</lsh></r>";
    struct bench *bench = *state;
    struct verdict verdict;
    struct smg_err err;

    speak_signed(bench);
    write_question(bench);
    assert_int_equal(answer_signed(bench, EVP_sha256(), "20260105091203", body, body, &err),
                     SMG_OK);
    assert_int_equal(answer_signed(bench, EVP_sha256(), "1767575583", body, body, &err), SMG_OK);
    assert_int_equal(answer_signed(bench, EVP_sha256(), "1767575463000", body, body, &err), SMG_OK);
    assert_int_equal(answer_signed(bench, EVP_sha256(), "20260105091303", other, body, &err),
                     SMG_E_PROTOCOL);
    assert_string_equal(err.text, "the answer's signature is wrong");
    assert_int_equal(answer_signed(bench, EVP_sha256(), "20260105091304", body, body, &err),
                     SMG_E_PROTOCOL);
    assert_int_equal(answer_signed(bench, EVP_sha256(), "20260105091102", body, body, &err),
                     SMG_E_PROTOCOL);
    assert_int_equal(answer_signed(bench, EVP_sha256(), "yesterday", body, body, &err),
                     SMG_E_PROTOCOL);
    assert_int_equal(read_answer(bench, 200, "X-Time: 20260105091203\r\n", body, &verdict, &err),
                     SMG_E_PROTOCOL);
    assert_string_equal(err.text, "the answer is not signed");
}

static void test_signatures_may_be_of_the_other_digest(void **state)
{
    static const char body[] = "<r><jg>00</jg></r>";
    struct bench *bench = *state;
    struct smg_err err;

    speak_signed(bench);
    bench->config.sign_digest = "sm3";
    write_question(bench);
    assert_int_equal(answer_signed(bench, EVP_sm3(), "20260105091203", body, body, &err), SMG_OK);
    assert_int_equal(answer_signed(bench, EVP_sha256(), "20260105091203", body, body, &err),
                     SMG_E_PROTOCOL);
}

static void test_pictures_go_only_in_a_format_the_service_takes(void **state)
{
    static const char request[] =
        "{\"live\":\"{portrait}\",\"held\":\"{document.portrait|document.photo}\","
        "\"is\":\"{document.portrait.format|document.photo.format}\"}";
    static const char wanted[] = "{\"live\":\"/9j/\",\"held\":\"iVBORw==\",\"is\":\"png\"}";
    struct bench *bench = *state;

    bench->config.request = request;
    bench->config.picture_formats = "jpeg, png";
    set_bytes(bench->subject, "portrait", SMG_STR("\xFF\xD8\xFF"));
    assert_true(fields_set_text(bench->subject, "portrait.format", SMG_STR("jpeg")));
    set_bytes(bench->subject, "document.portrait", SMG_STR("WLf"));
    assert_true(fields_set_text(bench->subject, "document.portrait.format", SMG_STR("wlt")));
    set_bytes(bench->subject, "document.photo", SMG_STR("\x89PNG"));
    assert_true(fields_set_text(bench->subject, "document.photo.format", SMG_STR("png")));
    write_question(bench);
    assert_int_equal(bench->inquiry.body.len, strlen(wanted));
    assert_memory_equal(bench->inquiry.body.at, wanted, strlen(wanted));
    assert_true(mapping_wants(bench->mapping, SMG_STR("portrait")));
    assert_true(mapping_wants(bench->mapping, SMG_STR("document.photo")));
    assert_false(mapping_wants(bench->mapping, SMG_STR("name")));
}

static void test_mistakes_in_the_options_are_found_before_anybody_is_asked(void **state)
{
    static const struct {
        size_t at;
        const char *value, *text;
    } mistakes[] = {
#define OF(field) offsetof(struct config, field)
        { OF(request), "{\"name\":{name}\"}", "request: once filled this is no json" },
        { OF(request), "name", "request: once filled this is no json" },
        { OF(verdict), "result.code", "verdict, receipt, score: in JSON" },
        { OF(receipt), "serial", "verdict, receipt, score: in JSON" },
        { OF(score), "/score", "score_match, score_mismatch: " },
        { OF(headers), "X-Name: {name}", "nothing is known to fill {name} with" },
        { OF(headers), "X-Name", "headers: each line is" },
        { OF(headers), "X-Sign: {request.signature}", "nothing is known to fill" },
        { OF(sign), "{request.body}", "sign_key: " },
        { OF(sign_key), "no-such-file", "sign_key: " },
        { OF(answer_signature), "X-Sign", "answer_sign, answer_signature: " },
#undef OF
    };
    struct bench *bench = *state;
    struct config good = bench->config;
    struct smg_err err;

    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        bench->config = good;
        *(const char **)(void *)((char *)&bench->config + mistakes[i].at) = mistakes[i].value;
        assert_int_equal(open_mapping(bench, &err), SMG_E_INVALID);
        if (strstr(err.text, mistakes[i].text) == NULL)
            fail_msg("%s: %s", mistakes[i].value, err.text);
    }
}

static void test_a_key_that_others_may_read_is_refused(void **state)
{
    struct bench *bench = *state;
    struct smg_err err;

    speak_signed(bench);
    write_key(bench, 0640);
    assert_int_equal(open_mapping(bench, &err), SMG_E_INVALID);
    assert_non_null(strstr(err.text, "chmod 600"));
}

int main(void)
{
#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, make_bench, free_bench)
    const struct CMUnitTest tests[] = {
        ON_BENCH(test_json_is_asked_and_answered),
        ON_BENCH(test_what_is_no_verdict_is_an_error_without_a_word_of_the_answer),
        ON_BENCH(test_a_score_decides_whether_a_match_is_one),
        ON_BENCH(test_a_form_is_signed_each_time_it_is_sent),
        ON_BENCH(test_an_answer_counts_only_signed_and_fresh),
        ON_BENCH(test_signatures_may_be_of_the_other_digest),
        ON_BENCH(test_pictures_go_only_in_a_format_the_service_takes),
        ON_BENCH(test_mistakes_in_the_options_are_found_before_anybody_is_asked),
        ON_BENCH(test_a_key_that_others_may_read_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
