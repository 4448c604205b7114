/* SPDX-License-Identifier: Apache-2.0 */
/* A port for the plugin, the device behind it, and a trace of what passes; and whose card it was.
 */
#include "kit/record.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/address.h"
#include "base/log.h"
#include "base/sha256.h"
#include "emulate/card.h"
#include "emulate/scanner.h"
#include "kit/stand.h"
#include "loop/clock.h"

enum { DEADLINE_MS = 15000, COARSE_MS = 10, PAUSE_MS = 30, NUMBER_AT = 122, LAYOUT_AT = 248 };

struct recording {
    struct stand_plugin plugin;
    struct stand stand;
    struct stand *stands[1];
    struct loop_watch *watch;
    int device;
    speed_t speed;
    struct trace *trace;
    int64_t last_us, deadline_ms;
    bool full;
};

/* The number on a card, as it lies on its chip: UTF-16, 18 places, 15 on the card of 2017. */
static void take_number(const struct card *card, char out[RECORD_NUMBER_BYTES])
{
    size_t places = card->text[LAYOUT_AT] == 'I' ? 15 : 18, len = 0;

    for (size_t i = 0; i < places; i++) {
        char c = (char)card->text[NUMBER_AT + 2 * i];

        if (c != ' ')
            out[len++] = c;
    }
    out[len] = '\0';
}

/* The number in a zone: nine places, and more in the optional data when no check digit follows them
 * (ICAO 9303-5 and 9303-6, note to the document number). */
static bool take_zone_number(struct smg_str zone, char out[RECORD_NUMBER_BYTES])
{
    char text[96];
    size_t len = 0, used = 0, number, optional, end;

    for (size_t i = 0; i < zone.len && len < sizeof text; i++)
        if (zone.at[i] != '\r' && zone.at[i] != '\n')
            text[len++] = zone.at[i];
    number = len == 90 ? 5 : len == 72 ? 36 : 44;
    optional = len == 90 ? 15 : len == 72 ? 64 : 0;
    if (len != 90 && len != 72 && len != 88)
        return false;
    for (size_t i = number; i < number + 9; i++)
        if (text[i] != '<')
            out[used++] = text[i];
    end = optional;
    while (optional > 0 && text[number + 9] == '<' && end < len && text[end] != '<')
        end++;
    for (size_t i = optional; i + 1 < end && used + 1 < RECORD_NUMBER_BYTES; i++)
        out[used++] = text[i];
    out[used] = '\0';
    return used > 0;
}

static bool is_zone_file(const char *path)
{
    struct config_errors errors = { 0 };
    struct config_tree *tree = config_tree_load(path, &errors);
    bool is = tree != NULL && config_find(config_tree_top(tree), "line1") != NULL;

    config_tree_free(tree);
    config_errors_fini(&errors);
    return is;
}

static bool allow_zone(struct record_numbers *numbers, const char *path,
                       struct config_errors *errors)
{
    struct buf zone = { 0 };
    bool good = scanner_load(path, &zone, errors);

    if (good && !take_zone_number(buf_view(&zone), numbers->number[numbers->number_count])) {
        config_complain(errors, NULL, "%s: no machine readable zone of 88, 72 or 90 characters",
                        path);
        good = false;
    }
    numbers->number_count += good;
    buf_fini(&zone);
    return good;
}

bool record_allow_card(struct record_numbers *numbers, const char *path,
                       struct config_errors *errors)
{
    struct card card;

    if (numbers->number_count == RECORD_NUMBERS) {
        config_complain(errors, NULL, "%s: more than %d test cards", path, RECORD_NUMBERS);
        return false;
    }
    if (is_zone_file(path))
        return allow_zone(numbers, path, errors);
    if (!card_load(path, &card, errors))
        return false;
    take_number(&card, numbers->number[numbers->number_count++]);
    return true;
}

int record_allow_digests(struct record_numbers *numbers, struct smg_str text, struct smg_err *err)
{
    while (text.len > 0) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.at);
        struct buf bytes = { 0 };
        bool good = len == 0 || text.at[0] == '#';

        if (!good && len >= 64 && numbers->digest_count < RECORD_NUMBERS &&
            buf_unhex(&bytes, str_bytes(text.at, 64))) {
            memcpy(numbers->digest[numbers->digest_count++], bytes.at, 32);
            good = true;
        }
        buf_fini(&bytes);
        if (!good)
            return smg_fail(err, SMG_E_INVALID, "a line is no SHA-256 in hex, or there are over %d",
                            RECORD_NUMBERS);
        len += end != NULL;
        text = str_bytes(text.at + len, text.len - len);
    }
    return SMG_OK;
}

static bool may_record(const struct record_numbers *numbers, struct smg_str number)
{
    unsigned char digest[32];
    struct sha256 hash;

    for (size_t i = 0; number.len > 0 && i < numbers->number_count; i++)
        if (str_is(number, numbers->number[i]))
            return true;
    sha256_init(&hash);
    sha256_put(&hash, number);
    sha256_end(&hash, digest);
    for (size_t i = 0; number.len > 0 && i < numbers->digest_count; i++)
        if (memcmp(digest, numbers->digest[i], sizeof digest) == 0)
            return true;
    return false;
}

/* Is the number of a test card among the bytes, as text or as UTF-16? */
static bool is_heard(const struct record_numbers *numbers, const struct trace *trace)
{
    for (size_t i = 0; trace->bytes.len > 0 && i < numbers->number_count; i++) {
        const char *number = numbers->number[i];
        char wide[2 * RECORD_NUMBER_BYTES] = "";
        size_t len = strlen(number);

        for (size_t k = 0; k < len; k++)
            wide[2 * k] = number[k];
        if (len >= 6 && (memmem(trace->bytes.at, trace->bytes.len, number, len) != NULL ||
                         memmem(trace->bytes.at, trace->bytes.len, wide, 2 * len) != NULL))
            return true;
    }
    return false;
}

static void keep(struct recording *recording, enum trace_kind kind, struct smg_str bytes)
{
    int64_t now_us = clock_mono_us(), pause_ms = (now_us - recording->last_us) / 1000;

    recording->last_us = now_us;
    if (pause_ms >= PAUSE_MS && recording->trace->count > 0)
        recording->full |= !trace_add(recording->trace, TRACE_PAUSE, (struct smg_str){ NULL, 0 },
                                      pause_ms / COARSE_MS * COARSE_MS);
    recording->full |= !trace_add(recording->trace, kind, bytes, 0);
}

static void on_tap(void *ctx, enum cable_way way, struct smg_str bytes)
{
    keep(ctx, way == CABLE_TO_DEVICE ? TRACE_TO_DEVICE : TRACE_TO_PLUGIN, bytes);
}

/* The device hears at the speed the plugin set. */
static void match_speed(struct recording *recording)
{
    struct termios wanted, mode;

    if (tcgetattr(recording->stand.cable.pty.slave, &wanted) != 0 ||
        cfgetospeed(&wanted) == recording->speed || tcgetattr(recording->device, &mode) != 0)
        return;
    recording->speed = cfgetospeed(&wanted);
    cfmakeraw(&mode);
    mode.c_cflag |= CLOCAL | CREAD;
    if (cfsetispeed(&mode, recording->speed) == 0 && cfsetospeed(&mode, recording->speed) == 0)
        (void)tcsetattr(recording->device, TCSANOW, &mode);
}

static void on_plugin(void *ctx, enum cable_way way, struct smg_str bytes)
{
    struct recording *recording = ctx;

    (void)way;
    match_speed(recording);
    while (bytes.len > 0) {
        ssize_t put = write(recording->device, bytes.at, bytes.len);

        if (put <= 0)
            return; /* a device that takes nothing is silent, which the plugin must bear */
        bytes = str_bytes(bytes.at + put, bytes.len - (size_t)put);
    }
}

static void on_device(void *ctx, int fd, unsigned ready)
{
    struct recording *recording = ctx;
    char bytes[512];
    ssize_t got = read(fd, bytes, sizeof bytes);

    (void)ready;
    if (got > 0) {
        cable_add(&recording->stand.cable, str_bytes(bytes, (size_t)got));
        str_wipe(bytes, (size_t)got);
        return;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    keep(recording, TRACE_UNPLUG, (struct smg_str){ NULL, 0 });
    loop_unwatch(recording->watch);
    recording->watch = NULL;
    cable_unplug(&recording->stand.cable);
}

/* Where the configured device is, seen from the configuration file. */
static int open_serial(struct recording *recording, const char *device, const char *config_file,
                       struct smg_err *err)
{
    const char *slash = strrchr(config_file, '/');
    struct buf path = { 0 };
    struct termios mode;

    if (device[0] != '/' && slash != NULL)
        buf_put(&path, config_file, (size_t)(slash - config_file) + 1);
    buf_text(&path, device);
    recording->device =
        path.failed ? -1 : open(path.at, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (recording->device < 0)
        smg_fail(err, SMG_E_IO, "%s: %s", device, strerror(errno));
    else if (tcgetattr(recording->device, &mode) != 0)
        smg_fail(err, SMG_E_UNSUPPORTED,
                 "%s is no serial line (%s): only what passes a line can be recorded, and played "
                 "again on one",
                 device, strerror(errno));
    buf_fini(&path);
    return err->code;
}

/* A bridge passes a line's bytes on as they are. */
static int open_bridge(struct recording *recording, const char *where, struct smg_err *err)
{
    struct address address;
    struct smg_err why = { 0 };
    int rc;

    if (address_read(where, &address, &why) != SMG_OK)
        return smg_fail(err, SMG_E_INVALID, "%.100s %.100s", where, why.text);
    recording->device = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    rc = recording->device < 0 ? -1 : connect(recording->device, &address.any, address.len);
    if (rc != 0 || fcntl(recording->device, F_SETFL, O_NONBLOCK) != 0)
        return smg_fail(err, SMG_E_IO, "%.100s: %s", where, strerror(errno));
    return SMG_OK;
}

/* The option of one kind that the user gave a value; NULL: none. */
static const struct smg_option *find_given(const struct recording *recording,
                                           const struct config_node *options,
                                           enum smg_option_type type)
{
    const struct smg_option *option = library_plugin(recording->plugin.library)->options;

    for (; option->name != NULL; option++)
        if (option->type == type && config_scalar(config_find(options, option->name))[0] != '\0')
            return option;
    return NULL;
}

static int open_device(struct recording *recording, const struct config_instance *reader,
                       const char *config_file, struct smg_err *err)
{
    const struct smg_option *device = find_given(recording, reader->options, SMG_OPT_DEVICE);
    const struct smg_option *bridge = find_given(recording, reader->options, SMG_OPT_SOCKET);
    const char *line = recording->plugin.device;

    if (line == NULL)
        return smg_fail(
            err, SMG_E_UNSUPPORTED,
            "reader %.40s has no option for a device, so there is no line to listen on; what is "
            "encrypted anew each time, as by the chip of a passport, could not be "
            "played again either",
            reader->name);
    if (device != NULL && strcmp(device->name, line) == 0)
        return open_serial(recording, config_scalar(config_find(reader->options, line)),
                           config_file, err);
    if (device == NULL && bridge != NULL) {
        recording->plugin.instead = bridge->name;
        return open_bridge(recording, config_scalar(config_find(reader->options, bridge->name)),
                           err);
    }
    return smg_fail(
        err, SMG_E_UNSUPPORTED,
        "reader %.40s hangs on \"%.40s\"; only a serial line (\"%.40s\") or a bridge to "
        "one can be recorded",
        reader->name, device == NULL ? "nothing" : device->name, line);
}

/* Those that say nothing of this machine and are no secret. */
static void keep_options(struct recording *recording, const struct config_node *options)
{
    const struct smg_option *option = library_plugin(recording->plugin.library)->options;

    for (; option->name != NULL; option++) {
        const struct config_node *node = config_find(options, option->name);

        if (node == NULL || option->type > SMG_OPT_TEXT)
            continue;
        buf_printf(&recording->trace->options, "%s: ", option->name);
        buf_json(&recording->trace->options, str_of(config_scalar(node)));
        buf_byte(&recording->trace->options, '\n');
    }
}

static void on_read(void *ctx)
{
    struct recording *recording = ctx;

    loop_stop(recording->plugin.loop);
}

static void on_up(void *ctx)
{
    struct recording *recording = ctx;

    if (recording->stand.read.wrongs & 1u << STAND_NOT_UP) {
        loop_stop(recording->plugin.loop);
        return;
    }
    stand_read_clear(&recording->stand.read);
    recording->full |= !trace_add(recording->trace, TRACE_READ, (struct smg_str){ NULL, 0 },
                                  recording->deadline_ms);
    recording->last_us = clock_mono_us();
    stand_read(&recording->stand, recording->deadline_ms, -1, on_read, recording);
}

static void hear(void *ctx, enum smg_level level, const char *who, const char *message)
{
    struct recording *recording = ctx;

    stand_hear(recording->stands, 1, level, who, message);
}

static int run(struct recording *recording, const struct config_instance *reader,
               struct smg_err *err)
{
    recording->stands[0] = &recording->stand;
    if (stand_open(&recording->stand, &recording->plugin, 1, on_plugin, recording, err) != SMG_OK)
        return err->code;
    recording->stand.cable.tap = on_tap;
    recording->stand.cable.tap_ctx = recording;
    recording->watch =
        loop_watch(recording->plugin.loop, recording->device, SMG_READABLE, on_device, recording);
    if (recording->watch == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    keep_options(recording, reader->options);
    snprintf(recording->trace->plugin, sizeof recording->trace->plugin, "%s",
             library_plugin(recording->plugin.library)->name);
    recording->last_us = clock_mono_us();
    stand_prepare(&recording->stand, on_up, recording);
    if (loop_run(recording->plugin.loop, err) != SMG_OK)
        return err->code;
    if (recording->stand.read.wrongs & 1u << STAND_NOT_UP)
        return smg_fail(err, SMG_E_IO, "%.200s", recording->stand.read.detail[STAND_NOT_UP]);
    return recording->full ? smg_fail(err, SMG_E_FULL, "more than a trace may hold") : SMG_OK;
}

/* Whose card it was decides whether anything is kept. */
static int settle(struct recording *recording, const struct record_numbers *numbers,
                  struct smg_fields **card, struct smg_err *err)
{
    struct stand_read *read = &recording->stand.read;

    if (read->fields != NULL ? !may_record(numbers, fields_text(read->fields, "document.number"))
                             : !is_heard(numbers, recording->trace))
        return smg_fail(err, SMG_E_DENIED,
                        read->fields != NULL
                            ? "this card is not declared as a test card; nothing was kept"
                            : "the read failed, and no test card was heard; nothing was kept");
    trace_answer(recording->trace, read->fields, read->code);
    *card = read->fields;
    read->fields = NULL;
    return SMG_OK;
}

int record_read(const struct config *config, const struct config_instance *reader,
                const char *config_file, const struct record_numbers *numbers, struct trace *out,
                struct smg_fields **card, struct smg_err *err)
{
    struct recording recording = { .device = -1, .trace = out };
    struct loop *loop = loop_new("record", err);

    *out = (struct trace){ .on = DATE_NONE };
    *card = NULL;
    if (loop == NULL)
        return err->code;
    recording.deadline_ms = reader->deadline_ms > 0 ? reader->deadline_ms : DEADLINE_MS;
    recording.plugin.file = config_file;
    log_divert(hear, &recording);
    if (stand_plugin_load(&recording.plugin, loop, config->gateway.plugins, reader->plugin,
                          reader->options, true, err) == SMG_OK &&
        open_device(&recording, reader, config_file, err) == SMG_OK &&
        stand_plugin_place(&recording.plugin, err) == SMG_OK &&
        run(&recording, reader, err) == SMG_OK)
        settle(&recording, numbers, card, err);
    if (err->code != SMG_OK)
        trace_fini(out);
    stand_close(&recording.stand);
    log_divert(NULL, NULL);
    stand_read_clear(&recording.stand.read);
    loop_unwatch(recording.watch);
    if (recording.device >= 0)
        close(recording.device);
    stand_plugin_fini(&recording.plugin);
    loop_free(loop);
    return err->code;
}
