/* SPDX-License-Identifier: Apache-2.0 */
/* Both kinds of scanner. The serial one is a pseudo-terminal. The one that types is a pipe that
 * carries the kernel's event structures, since a test machine has no input devices: only its grab
 * is made up. */
#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>

static int made_up_ioctl(int fd, unsigned long request, int value, ...);
#define ioctl(...) made_up_ioctl(__VA_ARGS__, 0)
#include "keyboard.c"
#include "scan.c"
#include "source.c"
#include "mrz.c"
#undef ioctl

#include "base/fields.h"

#include <poll.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <cmocka.h>

#define PASSPORT                                                                                   \
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r"                                               \
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define PERMIT                                                                                     \
    "C<CHNH01234567701<<<<<<<<<<<<<\r"                                                             \
    "8803148F3004308CHN<<<<<<<<<<<7\r"                                                             \
    "SHILI<<DAWA<<<<<<<<<<<<<<<<<<<"

static int grabbed; /* by EVIOCGRAB, minus 1 when the kernel refuses it */

static int made_up_ioctl(int fd, unsigned long request, int value, ...)
{
    if (request != EVIOCGRAB)
        return ioctl(fd, request, value);
    if (grabbed < 0) {
        errno = EBUSY;
        return -1;
    }
    grabbed += value;
    return 0;
}

struct bench {
    struct smg_host host;
    struct config config;
    void *self;
    int scanner; /* our end of the line */
    char folder[64], fifo[80];
    const char *next; /* what is scanned once the plugin waits */
    size_t next_len;
    int64_t patience; /* of the last wait */
    unsigned cancel_at, waits;
    struct smg_fields *fields;
    unsigned dones;
    struct smg_err err;
    char logged[512];
};

static void on_log(const struct smg_host *host, enum smg_level level, const char *fmt, ...)
{
    struct bench *bench = host->priv;
    va_list args;

    (void)level;
    va_start(args, fmt);
    vsnprintf(bench->logged, sizeof bench->logged, fmt, args);
    va_end(args);
}

static void on_answer(const struct smg_host *host, struct smg_op *op, const char *field,
                      const struct smg_value *value)
{
    struct bench *bench = host->priv;

    (void)op;
    assert_int_equal(bench->dones, 0);
    assert_true(fields_set(bench->fields, str_of(field), value));
}

static void on_done(const struct smg_host *host, struct smg_op *op, const struct smg_err *err)
{
    struct bench *bench = host->priv;

    (void)op;
    bench->dones++;
    if (err != NULL)
        bench->err = *err;
}

/* Nobody waits for real: what is to come comes now, and then there is silence. */
static int on_wait(const struct smg_host *host, struct smg_op *op, int fd, unsigned ready,
                   int64_t timeout_ms)
{
    struct bench *bench = host->priv;
    struct pollfd poller = { .fd = fd, .events = POLLIN };

    (void)op;
    assert_int_equal(ready, SMG_READABLE);
    bench->patience = timeout_ms;
    if (++bench->waits == bench->cancel_at)
        return SMG_E_CANCELLED;
    if (bench->next != NULL)
        assert_int_equal(write(bench->scanner, bench->next, bench->next_len), bench->next_len);
    bench->next = NULL;
    if (poll(&poller, 1, 50) > 0)
        return SMG_READABLE;
    return timeout_ms < 0 ? SMG_E_TIMEOUT : 0;
}

static struct bench *make_bench(const char *connection)
{
    struct bench *bench = calloc(1, sizeof *bench);

    assert_non_null(bench);
    bench->host = (struct smg_host){ .size = sizeof bench->host,
                                     .priv = bench,
                                     .log = on_log,
                                     .answer = on_answer,
                                     .done = on_done,
                                     .wait = on_wait };
    bench->config = (struct config){ .connection = connection, .speed = "9600", .pause = 500 };
    bench->fields = fields_new();
    bench->scanner = -1;
    assert_non_null(bench->fields);
    grabbed = 0;
    return bench;
}

static void start(struct bench *bench)
{
    struct smg_err err = { 0 };

    assert_int_equal(smg_plugin_mrz.open(&bench->host, &bench->config, &bench->self, &err), SMG_OK);
    if (smg_plugin_mrz.start(bench->self, &err) != SMG_OK)
        fail_msg("%s", err.text);
}

static int make_serial(void **state)
{
    struct bench *bench = make_bench("serial");

    bench->scanner = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(bench->scanner >= 0 && grantpt(bench->scanner) == 0 &&
                unlockpt(bench->scanner) == 0);
    assert_int_equal(ptsname_r(bench->scanner, bench->fifo, sizeof bench->fifo), 0);
    bench->config.device = bench->fifo;
    start(bench);
    *state = bench;
    return 0;
}

static int make_keyboard(void **state)
{
    struct bench *bench = make_bench("keyboard");
    const char *folder = getenv("TMPDIR");

    snprintf(bench->folder, sizeof bench->folder, "%s/mrz-XXXXXX",
             folder == NULL ? "/tmp" : folder);
    assert_non_null(mkdtemp(bench->folder));
    snprintf(bench->fifo, sizeof bench->fifo, "%s/event0", bench->folder);
    assert_int_equal(mkfifo(bench->fifo, 0600), 0);
    bench->scanner = open(bench->fifo, O_RDWR | O_CLOEXEC);
    assert_true(bench->scanner >= 0);
    bench->config.device = bench->fifo;
    start(bench);
    *state = bench;
    return 0;
}

static int free_bench(void **state)
{
    struct bench *bench = *state;

    smg_plugin_mrz.stop(bench->self);
    smg_plugin_mrz.close(bench->self);
    if (bench->scanner >= 0)
        close(bench->scanner);
    if (bench->folder[0] != '\0') {
        (void)unlink(bench->fifo);
        (void)rmdir(bench->folder);
    }
    fields_free(bench->fields);
    free(bench);
    return 0;
}

/* Read while these bytes come over the line. */
static void read_bytes(struct bench *bench, const void *bytes, size_t len)
{
    bench->next = bytes;
    bench->next_len = len;
    bench->dones = bench->waits = 0;
    bench->err = (struct smg_err){ 0 };
    fields_free(bench->fields);
    bench->fields = fields_new();
    assert_non_null(bench->fields);
    smg_plugin_mrz.reader->read(bench->self, NULL);
    assert_int_equal(bench->dones, 1);
}

static void read_text(struct bench *bench, const char *text)
{
    read_bytes(bench, text, strlen(text));
}

static void expect_text(struct bench *bench, const char *field, const char *text)
{
    if (!str_is(fields_text(bench->fields, field), text))
        fail_msg("%s is not %s: %s", field, text, bench->err.text);
}

static void expect_day(struct bench *bench, const char *field, int year, int month, int day)
{
    const struct smg_value *value = fields_get(bench->fields, str_of(field));

    assert_non_null(value);
    assert_int_equal(value->type, SMG_DATE);
    assert_int_equal(value->date.year, year);
    assert_int_equal(value->date.month, month);
    assert_int_equal(value->date.day, day);
}

static void expect_failure(struct bench *bench, int code, const char *text)
{
    assert_int_equal(bench->err.code, code);
    if (strstr(bench->err.text, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, bench->err.text);
    assert_int_equal(fields_count(bench->fields), 0);
}

static void expect_passport(struct bench *bench)
{
    expect_text(bench, "document.origin", "mrz");
    expect_text(bench, "document.type", "passport");
    expect_text(bench, "document.number", "L898902C3");
    expect_text(bench, "document.issuer", "UTO");
    expect_day(bench, "document.valid_to", 2012, 4, 15);
    expect_text(bench, "name_latin", "ERIKSSON, ANNA MARIA");
    expect_text(bench, "nationality", "UTO");
    expect_text(bench, "sex", "female");
    expect_day(bench, "birth", 1974, 8, 12);
    expect_text(bench, "access.mrz",
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
                "L898902C36UTO7408122F1204159ZE184226B<<<<<10");
    assert_int_equal(fields_count(bench->fields), 10);
}

static void test_a_passport_is_answered_field_by_field(void **state)
{
    struct bench *bench = *state;

    read_text(bench, PASSPORT "\r");
    expect_passport(bench);
    assert_string_equal(bench->logged, "");
}

static void test_a_permit_is_told_by_its_number(void **state)
{
    struct bench *bench = *state;

    read_text(bench, PERMIT "\r\n");
    expect_text(bench, "document.type", "hk_macau_permit");
    expect_text(bench, "document.number", "H01234567");
    expect_text(bench, "nationality", "CHN");
    expect_day(bench, "document.valid_to", 2030, 4, 30);
}

/* However a scanner ends its lines, or does not. */
static void test_ends_of_lines(void **state)
{
    static const char *const ends[] = { PASSPORT "\n", "\x02" PASSPORT "\x03", PASSPORT "\t",
                                        PASSPORT };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        read_text(bench, ends[i]);
        expect_passport(bench);
        assert_int_equal(bench->patience, i == 3 ? 500 : bench->waits == 1 ? -1 : 500);
    }
}

static void test_what_was_scanned_before_the_read_is_forgotten(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(write(bench->scanner, PERMIT "\r", strlen(PERMIT) + 1), strlen(PERMIT) + 1);
    read_text(bench, PASSPORT "\r");
    expect_passport(bench);
}

static void test_a_bad_scan_is_said_and_the_next_one_read(void **state)
{
    struct bench *bench = *state;

    read_text(bench, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r"
                     "L898902C37UTO7408122F1204159ZE184226B<<<<<10\r");
    expect_failure(bench, SMG_E_CARD, "the document number and its check digit disagree");
    read_text(bench, "P<UTOERIKSSON<<ANNA<MARIA\r");
    expect_failure(bench, SMG_E_CARD, "25 characters where 90, 72 or 88 belong");
    read_text(bench, PASSPORT "\r");
    expect_passport(bench);
}

static void test_corrected_letters_are_logged(void **state)
{
    struct bench *bench = *state;

    read_text(bench, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r"
                     "L898902C36UTO74O8I22F1204159ZE184226B<<<<<10\r");
    expect_passport(bench);
    assert_non_null(strstr(bench->logged, "corrected"));
}

static void test_documents_that_prove_nothing_are_refused(void **state)
{
    struct bench *bench = *state;

    read_text(bench, "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r"
                     "L8988901C4XXX4009078F96121096ZE184226B<<<<<<\r");
    expect_failure(bench, SMG_E_UNSUPPORTED, "this is a visa");
    read_text(bench, "I<UTOD231458907<<<<<<<<<<<<<<<\r7408122F1204159UTO<<<<<<<<<<<6\r"
                     "ERIKSSON<<ANNA<MARIA<<<<<<<<<<\r");
    expect_failure(bench, SMG_E_UNSUPPORTED, "proves no identity here");
}

static void test_days_with_parts_left_out_are_not_answered(void **state)
{
    struct bench *bench = *state;

    read_text(bench, "P<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<\r"
                     "L898902C36UTO7408<<7<<<<<<<0<<<<<<<<<<<<<<08\r");
    expect_text(bench, "sex", "unknown");
    assert_null(fields_get(bench->fields, SMG_STR("birth")));
    assert_null(fields_get(bench->fields, SMG_STR("document.valid_to")));
    assert_null(fields_get(bench->fields, SMG_STR("document.long_term")));
}

static void test_nothing_scanned_and_a_cancelled_read(void **state)
{
    struct bench *bench = *state;

    read_text(bench, "");
    expect_failure(bench, SMG_E_NO_CARD, "no document was scanned");
    bench->cancel_at = 2;
    read_text(bench, "P<UTO");
    expect_failure(bench, SMG_E_CANCELLED, "the read was ended");
}

static void test_an_unplugged_scanner_is_gone(void **state)
{
    struct bench *bench = *state;

    close(bench->scanner);
    bench->scanner = -1;
    read_text(bench, "");
    expect_failure(bench, SMG_E_GONE, "the scanner was unplugged");
}

/* A flood ends; what it held is not a zone. */
static void test_a_scanner_that_says_too_much(void **state)
{
    struct bench *bench = *state;
    char flood[2000];

    memset(flood, '<', sizeof flood);
    read_bytes(bench, flood, sizeof flood);
    expect_failure(bench, SMG_E_CARD, "256 characters");
}

static void expect_start_fails(const char *connection, const char *device, int code,
                               const char *text)
{
    struct bench *bench = make_bench(connection);
    struct smg_err err = { 0 };

    bench->config.device = device;
    assert_int_equal(smg_plugin_mrz.open(&bench->host, &bench->config, &bench->self, &err), SMG_OK);
    if (strcmp(connection, "keyboard") == 0)
        grabbed = -1;
    assert_int_equal(smg_plugin_mrz.start(bench->self, &err), code);
    if (strstr(err.text, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, err.text);
    smg_plugin_mrz.close(bench->self);
    fields_free(bench->fields);
    free(bench);
}

static void test_devices_that_do_not_serve(void **state)
{
    struct bench *bench = *state;

    expect_start_fails("serial", "/nowhere/ttyUSB0", SMG_E_GONE, "nothing is plugged in there");
    expect_start_fails("serial", "/dev/null", SMG_E_INVALID, "not the kind of device");
    expect_start_fails("serial", bench->fifo, SMG_E_BUSY, "in use by another program");
    expect_start_fails("keyboard", "/dev/null", SMG_E_BUSY, "in use by another program");
}

/* ---- typed ---- */

/* The events of one key on the US layout, as scanners send them. */
static size_t put_key(struct input_event *at, unsigned key, bool shift)
{
    size_t count = 0;

    if (shift)
        at[count++] = (struct input_event){ .type = EV_KEY, .code = KEY_LEFTSHIFT, .value = 1 };
    at[count++] = (struct input_event){ .type = EV_MSC, .code = MSC_SCAN, .value = 30 };
    at[count++] = (struct input_event){ .type = EV_KEY, .code = (unsigned short)key, .value = 1 };
    at[count++] = (struct input_event){ .type = EV_SYN, .code = SYN_REPORT };
    at[count++] = (struct input_event){ .type = EV_KEY, .code = (unsigned short)key, .value = 2 };
    at[count++] = (struct input_event){ .type = EV_KEY, .code = (unsigned short)key, .value = 0 };
    if (shift)
        at[count++] = (struct input_event){ .type = EV_KEY, .code = KEY_LEFTSHIFT, .value = 0 };
    at[count++] = (struct input_event){ .type = EV_SYN, .code = SYN_REPORT };
    return count;
}

static unsigned key_of(char c)
{
    static const char rows[] = "QWERTYUIOP\0\0\0\0ASDFGHJKL\0\0\0\0\0ZXCVBNM";
    const char *found = memchr(rows, c, sizeof rows - 1);

    if (c >= '1' && c <= '9')
        return KEY_1 + (unsigned)(c - '1');
    if (c == '0')
        return KEY_0;
    if (c == '<')
        return KEY_COMMA;
    if (c == '\r')
        return KEY_ENTER;
    assert_non_null(found);
    return KEY_Q + (unsigned)(found - rows);
}

struct typing {
    struct input_event events[1024];
    size_t count;
};

static struct typing type_text(const char *text)
{
    struct typing typing = { .count = 0 };

    for (; *text != '\0'; text++)
        typing.count += put_key(typing.events + typing.count, key_of(*text),
                                *text == '<' || (*text >= 'A' && *text <= 'Z'));
    return typing;
}

static void read_typing(struct bench *bench, const struct typing *typing)
{
    read_bytes(bench, typing->events, typing->count * sizeof *typing->events);
}

static void test_a_typed_passport_is_read(void **state)
{
    struct bench *bench = *state;
    struct typing typing = type_text(PASSPORT "\r");

    assert_int_equal(grabbed, 1);
    read_typing(bench, &typing);
    expect_passport(bench);
}

static void test_other_layouts_and_locks(void **state)
{
    struct keyboard keyboard = { 0 };
    static const struct {
        unsigned key;
        bool shift;
        char typed;
    } keys[] = {
        { KEY_102ND, false, '<' },  { KEY_KP7, false, '7' },      { KEY_KPENTER, false, '\n' },
        { KEY_TAB, false, '\n' },   { KEY_Q, false, 'Q' },        { KEY_Q, true, 'Q' },
        { KEY_COMMA, false, '?' },  { KEY_2, true, '?' },         { KEY_SEMICOLON, false, '?' },
        { KEY_F1, false, '?' },     { KEY_CAPSLOCK, false, 0 },   { KEY_NUMLOCK, false, 0 },
        { KEY_LEFTCTRL, false, 0 }, { KEY_RIGHTSHIFT, false, 0 }, { KEY_MAX, false, '?' },
    };

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct input_event shift = { .type = EV_KEY,
                                     .code = KEY_RIGHTSHIFT,
                                     .value = keys[i].shift };
        struct input_event key = { .type = EV_KEY,
                                   .code = (unsigned short)keys[i].key,
                                   .value = 1 };

        assert_int_equal(keyboard_take(&keyboard, &shift), 0);
        assert_int_equal(keyboard_take(&keyboard, &key), keys[i].typed);
    }
}

/* The kernel says when it threw events away: what is left is no scan. */
static void test_lost_events_spoil_the_scan(void **state)
{
    struct bench *bench = *state;
    struct typing typing = type_text(PASSPORT "\r");

    typing.events[20] = (struct input_event){ .type = EV_SYN, .code = SYN_DROPPED };
    read_typing(bench, &typing);
    expect_failure(bench, SMG_E_CARD, "is none of A-Z, 0-9, <");
}

static void test_a_shift_held_before_the_read_does_not_matter(void **state)
{
    struct bench *bench = *state;
    struct typing typing = type_text(PASSPORT "\r");
    struct input_event shift = { .type = EV_KEY, .code = KEY_LEFTSHIFT, .value = 1 };

    assert_int_equal(write(bench->scanner, &shift, sizeof shift), sizeof shift);
    read_typing(bench, &typing);
    expect_passport(bench);
}

#define SERIAL(test) cmocka_unit_test_setup_teardown(test, make_serial, free_bench)
#define KEYBOARD(test) cmocka_unit_test_setup_teardown(test, make_keyboard, free_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERIAL(test_a_passport_is_answered_field_by_field),
        SERIAL(test_a_permit_is_told_by_its_number),
        SERIAL(test_ends_of_lines),
        SERIAL(test_what_was_scanned_before_the_read_is_forgotten),
        SERIAL(test_a_bad_scan_is_said_and_the_next_one_read),
        SERIAL(test_corrected_letters_are_logged),
        SERIAL(test_documents_that_prove_nothing_are_refused),
        SERIAL(test_days_with_parts_left_out_are_not_answered),
        SERIAL(test_nothing_scanned_and_a_cancelled_read),
        SERIAL(test_an_unplugged_scanner_is_gone),
        SERIAL(test_a_scanner_that_says_too_much),
        SERIAL(test_devices_that_do_not_serve),
        KEYBOARD(test_a_typed_passport_is_read),
        cmocka_unit_test(test_other_layouts_and_locks),
        KEYBOARD(test_lost_events_spoil_the_scan),
        KEYBOARD(test_a_shift_held_before_the_read_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
