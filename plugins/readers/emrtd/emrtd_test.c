/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin between a made-up host and a made-up PC/SC: what it answers, how it waits, and what
 * pcscd, readers and documents can do to it. */
#include "bench.h"
#include "emrtd.c"
#include "pcsc.c"
#include "specimen.h"

#include "base/fields.h"

/* PC/SC as this test plays it, in place of the library. */
static struct {
    bool gone;           /* pcscd does not answer */
    const char *readers; /* names, each ended by NUL, then one more */
    bool present;
    unsigned presentation; /* how often a document came and went */
    LONG connects[8];      /* what the next connections end with; SCARD_S_SUCCESS after them */
    unsigned connected;
    unsigned torn_at; /* the command that is answered with nothing, as a card that leaves does */
    unsigned commands;
    char used[MAX_READERNAME];
    struct passport passport;
    struct chip chip;
} world;

/* The host: its time passes only while the plugin waits. */
static struct {
    struct smg_host table;
    struct smg_fields *given, *answered;
    struct smg_err err;
    unsigned dones, waits;
    unsigned cancel_at; /* the wait that is cancelled; 0: none */
    unsigned remove_at, insert_at, late_at;
    enum smg_state state;
} host;

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT context)
{
    (void)scope, (void)a, (void)b;
    *context = 7;
    return world.gone ? SCARD_E_NO_SERVICE : SCARD_S_SUCCESS;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
    return context == 7 ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR names, LPDWORD len)
{
    size_t used = 1;

    (void)context, (void)groups;
    if (world.readers == NULL)
        return SCARD_E_NO_READERS_AVAILABLE;
    for (const char *name = world.readers; *name != '\0'; name += strlen(name) + 1)
        used += strlen(name) + 1;
    assert_true(used <= *len);
    memcpy(names, world.readers, used);
    *len = used;
    return SCARD_S_SUCCESS;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states,
                          DWORD count)
{
    (void)context;
    assert_int_equal(count, 1);
    assert_int_equal(timeout, 0); /* only the host waits */
    states->dwEventState =
        (DWORD)world.presentation << 16 | (world.present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY);
    if (world.readers == NULL)
        states->dwEventState = SCARD_STATE_UNKNOWN;
    return SCARD_S_SUCCESS;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD mode, DWORD protocols,
                  LPSCARDHANDLE handle, LPDWORD protocol)
{
    LONG code = world.connected < 8 ? world.connects[world.connected] : SCARD_S_SUCCESS;

    (void)context, (void)protocols;
    assert_int_equal(mode, SCARD_SHARE_SHARED);
    snprintf(world.used, sizeof world.used, "%.*s", MAX_READERNAME - 1, reader);
    world.connected++;
    *handle = 9;
    *protocol = SCARD_PROTOCOL_T1;
    chip_reset(&world.chip);
    return code;
}

LONG SCardBeginTransaction(SCARDHANDLE handle)
{
    return handle == 9 ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG SCardEndTransaction(SCARDHANDLE handle, DWORD disposition)
{
    (void)disposition;
    return handle == 9 ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG SCardDisconnect(SCARDHANDLE handle, DWORD disposition)
{
    assert_int_equal(disposition, SCARD_RESET_CARD); /* or the next program could go on with it */
    return handle == 9 ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST *how, LPCBYTE command, DWORD len,
                   SCARD_IO_REQUEST *back, LPBYTE answer, LPDWORD room)
{
    struct buf said = { 0 };

    (void)handle, (void)back;
    assert_int_equal(how->dwProtocol, SCARD_PROTOCOL_T1);
    if (++world.commands == world.torn_at) {
        *room = 0; /* pcsc-lite calls that a success */
        return SCARD_S_SUCCESS;
    }
    assert_int_equal(chip_transmit(&world.chip, str_bytes(command, len), &said), CHIP_ANSWERS);
    assert_true(said.len <= *room);
    memcpy(answer, said.at, said.len);
    *room = said.len;
    buf_fini(&said);
    return SCARD_S_SUCCESS;
}

const char *pcsc_stringify_error(const LONG code)
{
    return code == SCARD_S_SUCCESS ? "fine" : "not fine";
}

static void take_log(const struct smg_host *table, enum smg_level level, const char *fmt, ...)
{
    char line[512];
    va_list args;

    (void)table, (void)level;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (strstr(line, "L898902C3") != NULL || strstr(line, "ERIKSSON") != NULL)
        fail_msg("in the log: %s", line);
}

static void take_state(const struct smg_host *table, enum smg_state state, const char *why)
{
    (void)table;
    assert_true(why[0] != '\0');
    host.state = state;
}

static void take_answer(const struct smg_host *table, struct smg_op *op, const char *field,
                        const struct smg_value *value)
{
    (void)table, (void)op;
    assert_true(fields_set(host.answered, str_of(field), value));
}

static void take_done(const struct smg_host *table, struct smg_op *op, const struct smg_err *err)
{
    (void)table, (void)op;
    host.dones++;
    host.err = err == NULL ? (struct smg_err){ 0 } : *err;
}

static bool give_field(const struct smg_host *table, const struct smg_fields *fields,
                       const char *field, struct smg_value *value)
{
    const struct smg_value *found = fields_get(fields, str_of(field));

    (void)table;
    if (found != NULL)
        *value = *found;
    return found != NULL;
}

static int wait_a_while(const struct smg_host *table, struct smg_op *op, int fd, unsigned ready,
                        int64_t ms)
{
    (void)table, (void)op, (void)ready;
    assert_int_equal(fd, -1);
    assert_true(ms > 0 && ms <= 200);
    host.waits++;
    if (host.waits == host.remove_at)
        world.present = false;
    if (host.waits == host.insert_at) {
        world.present = true;
        world.presentation += 2;
    }
    if (host.waits == host.cancel_at)
        return SMG_E_CANCELLED;
    return host.late_at != 0 && host.waits >= host.late_at ? SMG_E_TIMEOUT : 0;
}

static const struct smg_fields *give_known(const struct smg_host *table, struct smg_op *op)
{
    (void)table, (void)op;
    return host.given;
}

static struct config settings;
static void *plugin;

static int open_plugin(void **state)
{
    struct passport_sheet sheet = specimen();
    struct smg_err err;

    if (make_authority(state) != 0 ||
        passport_encode(&sheet, (struct smg_str){ "", 0 }, authority, &world.passport, &err) < 0)
        return -1;
    chip_insert(&world.chip, &world.passport);
    host.table = (struct smg_host){ .size = sizeof host.table,
                                    .log = take_log,
                                    .state = take_state,
                                    .answer = take_answer,
                                    .done = take_done,
                                    .get = give_field,
                                    .wait = wait_a_while,
                                    .given = give_known };
    settings = (struct config){ .socket = "unix:/run/pcscd/pcscd.comm",
                                .csca = certificates(),
                                .portrait = true };
    world.readers = "ACS ACR1252 00 00\0Other Reader [CCID] (S-77) 01 00\0";
    return smg_plugin_emrtd.open(&host.table, &settings, &plugin, &err) < 0 ||
           smg_plugin_emrtd.start(plugin, &err) < 0;
}

static int close_plugin(void **state)
{
    smg_plugin_emrtd.stop(plugin);
    smg_plugin_emrtd.close(plugin);
    chip_remove(&world.chip);
    passport_free(&world.passport);
    fields_free(host.given);
    fields_free(host.answered);
    return remove_authority(state);
}

/* Everything as it should be: a document lies there, and its page was read. */
static int lay_down(void **state)
{
    (void)state;
    world.gone = false;
    world.readers = "ACS ACR1252 00 00\0Other Reader [CCID] (S-77) 01 00\0";
    world.present = true;
    world.presentation += 2;
    memset(world.connects, 0, sizeof world.connects);
    world.connected = world.commands = world.torn_at = 0;
    host.cancel_at = host.remove_at = host.insert_at = host.late_at = host.waits = 0;
    host.state = SMG_READY;
    settings.reader = NULL;
    fields_free(host.given);
    host.given = fields_new();
    return !fields_set_text(host.given, "document.number", SMG_STR("L898902C3")) ||
           !fields_set_date(host.given, "birth", (struct smg_date){ 1974, 8, 12 }) ||
           !fields_set_date(host.given, "document.valid_to", (struct smg_date){ 2032, 4, 15 });
}

static int32_t read_once_more(void)
{
    fields_free(host.answered);
    host.answered = fields_new();
    host.dones = 0;
    smg_plugin_emrtd.reader->read(plugin, NULL);
    assert_int_equal(host.dones, 1);
    if (host.err.code != SMG_OK)
        assert_int_equal(fields_count(host.answered), 0);
    return host.err.code;
}

static void expect_text(const char *field, const char *wanted)
{
    if (!str_is(fields_text(host.answered, field), wanted))
        fail_msg("%s: %.*s", field, (int)fields_text(host.answered, field).len,
                 fields_text(host.answered, field).at);
}

static void test_a_document_is_answered_field_by_field(void **state)
{
    (void)state;
    assert_int_equal(read_once_more(), SMG_OK);
    expect_text("document.type", "passport");
    expect_text("document.number", "L898902C3");
    expect_text("document.issuer", "UTO");
    expect_text("nationality", "UTO");
    expect_text("name_latin", "ERIKSSON, ANNA MARIA");
    expect_text("sex", "female");
    expect_text("portrait.format", "jpeg");
    expect_text("chip.authentic", "yes");
    expect_text("chip.signer_trusted", "yes");
    expect_text("chip.verified", "yes");
    assert_int_equal(fields_get(host.answered, SMG_STR("birth"))->date.day, 12);
    assert_int_equal(fields_get(host.answered, SMG_STR("document.valid_to"))->date.year, 2032);
    assert_int_equal(fields_get(host.answered, SMG_STR("portrait"))->type, SMG_BYTES);
    assert_null(fields_get(host.answered, SMG_STR("name"))); /* the page writes it otherwise */
}

static void test_the_reader_is_found_by_a_part_of_its_name_and_known_again(void **state)
{
    char device[33];

    settings.reader = "S-77";
    assert_int_equal(read_once_more(), SMG_OK);
    assert_string_equal(world.used, "Other Reader [CCID] (S-77) 01 00");
    snprintf(device, sizeof device, "%.*s", 32, fields_text(host.answered, "device.id").at);
    lay_down(state);
    world.readers = "Other Reader [CCID] (S-77) 00 00\0"; /* in another slot */
    assert_int_equal(read_once_more(), SMG_OK);
    expect_text("device.id", device);
    lay_down(state);
    assert_int_equal(read_once_more(), SMG_OK);
    assert_string_equal(world.used, "ACS ACR1252 00 00");
    assert_false(str_is(fields_text(host.answered, "device.id"), device));
}

static void test_without_what_the_page_says_the_chip_is_not_asked(void **state)
{
    (void)state;
    fields_free(host.given);
    host.given = NULL;
    assert_int_equal(read_once_more(), SMG_E_INVALID);
    host.given = fields_new();
    assert_true(fields_set_text(host.given, "access.can", SMG_STR("12345x")));
    assert_int_equal(read_once_more(), SMG_E_INVALID);
    assert_true(fields_set_text(host.given, "access.mrz", SMG_STR("P<UTOERIKSSON<<ANNA")));
    assert_int_equal(read_once_more(), SMG_E_DENIED);
    assert_int_equal(world.commands, 0);
}

static void test_a_zone_opens_it_as_well_as_typed_data(void **state)
{
    (void)state;
    assert_true(fields_set_text(host.given, "access.mrz",
                                SMG_STR("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
                                        "L898902C36UTO7408122F3204153<<<<<<<<<<<<<<04")));
    if (read_once_more() != SMG_OK)
        fail_msg("%s", host.err.text);
    assert_true(fields_set_text(host.given, "access.can", SMG_STR("123456")));
    assert_int_equal(read_once_more(), SMG_OK);
}

static void test_it_waits_for_a_document_until_the_host_wants_no_more(void **state)
{
    world.present = false;
    host.insert_at = 5;
    assert_int_equal(read_once_more(), SMG_OK);
    assert_int_equal(host.waits, 5);
    lay_down(state);
    world.present = false;
    host.late_at = 7;
    assert_int_equal(read_once_more(), SMG_E_NO_CARD);
    lay_down(state);
    world.present = false;
    host.cancel_at = 3;
    assert_int_equal(read_once_more(), SMG_E_CANCELLED);
}

static void test_what_passes_is_waited_for(void **state)
{
    (void)state;
    world.connects[0] = SCARD_E_SHARING_VIOLATION;
    world.connects[1] = SCARD_W_UNRESPONSIVE_CARD;
    world.connects[2] = SCARD_E_NO_SMARTCARD;
    world.connects[3] = SCARD_W_REMOVED_CARD;
    world.connects[4] = SCARD_W_UNPOWERED_CARD;
    world.connects[5] = SCARD_E_PROTO_MISMATCH;
    assert_int_equal(read_once_more(), SMG_OK);
    assert_int_equal(world.connected, 7);
    assert_int_equal(host.waits, 6);
}

static void test_what_does_not_pass_ends_the_read(void **state)
{
    world.connects[0] = SCARD_F_COMM_ERROR;
    assert_int_equal(read_once_more(), SMG_E_IO);
    lay_down(state);
    world.connects[0] = SCARD_E_READER_UNAVAILABLE;
    assert_int_equal(read_once_more(), SMG_E_GONE);
    lay_down(state);
    for (size_t i = 0; i < 8; i++)
        world.connects[i] = SCARD_E_SHARING_VIOLATION;
    host.late_at = 4;
    assert_int_equal(read_once_more(), SMG_E_NO_CARD);
}

static void test_a_moved_document_is_read_from_the_beginning(void **state)
{
    unsigned whole;

    assert_int_equal(read_once_more(), SMG_OK);
    whole = world.commands;
    lay_down(state);
    world.torn_at = whole;
    assert_int_equal(read_once_more(), SMG_OK);
    assert_int_equal(world.connected, 2);
    assert_int_equal(world.commands, 2 * whole);
    expect_text("chip.verified", "yes");
    lay_down(state);
    world.torn_at = whole / 2;
    host.remove_at = 1; /* and does not come back */
    host.late_at = 9;
    assert_int_equal(read_once_more(), SMG_E_CARD);
    assert_non_null(strstr(host.err.text, "moved"));
}

static void test_pcscd_and_readers_that_are_gone_are_named(void **state)
{
    world.gone = true;
    assert_int_equal(read_once_more(), SMG_E_IO);
    assert_int_equal(host.state, SMG_OUT_OF_SERVICE);
    assert_non_null(strstr(host.err.text, "pcscd"));
    lay_down(state);
    settings.reader = "Nobody's";
    assert_int_equal(read_once_more(), SMG_E_GONE);
    assert_non_null(strstr(host.err.text, "Nobody's"));
    lay_down(state);
    world.readers = NULL;
    assert_int_equal(read_once_more(), SMG_E_GONE);
    assert_int_equal(host.state, SMG_OUT_OF_SERVICE);
}

static void test_guesses_are_counted_by_document(void **state)
{
    unsigned before;

    (void)state;
    assert_true(fields_set_text(host.given, "document.number", SMG_STR("L898902C4")));
    for (int i = 0; i < TRIES; i++)
        assert_int_equal(read_once_more(), SMG_E_DENIED);
    before = world.commands;
    assert_true(fields_set_text(host.given, "document.number", SMG_STR("L898902C3")));
    assert_int_equal(read_once_more(), SMG_E_DENIED);
    assert_non_null(strstr(host.err.text, "lift"));
    assert_int_equal(world.commands, before);
    world.presentation += 2; /* lifted and laid down again */
    assert_int_equal(read_once_more(), SMG_OK);
}

static void test_only_a_unix_socket_leads_to_pcscd(void **state)
{
    struct config other = { .socket = "127.0.0.1:4000" };
    struct smg_err err;
    void *self = NULL;

    (void)state;
    assert_int_equal(smg_plugin_emrtd.open(&host.table, &other, &self, &err), SMG_E_INVALID);
    assert_string_equal(getenv("PCSCLITE_CSOCK_NAME"), "/run/pcscd/pcscd.comm");
}

#define LAID_DOWN(test) cmocka_unit_test_setup(test, lay_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LAID_DOWN(test_a_document_is_answered_field_by_field),
        LAID_DOWN(test_the_reader_is_found_by_a_part_of_its_name_and_known_again),
        LAID_DOWN(test_without_what_the_page_says_the_chip_is_not_asked),
        LAID_DOWN(test_a_zone_opens_it_as_well_as_typed_data),
        LAID_DOWN(test_it_waits_for_a_document_until_the_host_wants_no_more),
        LAID_DOWN(test_what_passes_is_waited_for),
        LAID_DOWN(test_what_does_not_pass_ends_the_read),
        LAID_DOWN(test_a_moved_document_is_read_from_the_beginning),
        LAID_DOWN(test_pcscd_and_readers_that_are_gone_are_named),
        LAID_DOWN(test_guesses_are_counted_by_document),
        LAID_DOWN(test_only_a_unix_socket_leads_to_pcscd),
    };

    return cmocka_run_group_tests(tests, open_plugin, close_plugin);
}
