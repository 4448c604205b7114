/* SPDX-License-Identifier: Apache-2.0 */
/* The device's side of a trace: what is next is sent when the plugin has asked what it asked then.
 */
#include "kit/replay.h"

#include "base/log.h"
#include "kit/stand.h"

enum { DEADLINE_MS = 15000, FINDING_MS = 5000, SHOWN = 16 };

struct replaying {
    const struct trace *trace;
    struct stand_plugin plugin;
    struct stand stand;
    struct stand *stands[1];
    struct config_tree *options;
    size_t event, offset; /* what the plugin is expected to send next */
    struct buf pending;   /* it sent while the device had not finished */
    struct loop_timer *timer;
    bool reading;      /* the read was asked for */
    char strayed[320]; /* where the plugin first asked otherwise */
};

static struct smg_str bytes_of(const struct trace *trace, const struct trace_event *event)
{
    return event->len == 0 ? (struct smg_str){ "", 0 }
                           : str_bytes(trace->bytes.at + event->from, event->len);
}

static void stray(struct replaying *replaying, struct smg_str got)
{
    const struct trace *trace = replaying->trace;
    struct buf text = { 0 };

    if (replaying->strayed[0] != '\0')
        return;
    buf_hex(&text, str_bytes(got.at, got.len < SHOWN ? got.len : SHOWN));
    if (replaying->event < trace->count) {
        const struct trace_event *event = &trace->events[replaying->event];
        struct smg_str left = bytes_of(trace, event);

        left = str_bytes(left.at + replaying->offset, left.len - replaying->offset);
        buf_printf(&text, ", where line %u has ", event->line);
        buf_hex(&text, str_bytes(left.at, left.len < SHOWN ? left.len : SHOWN));
    } else {
        buf_text(&text, " behind the end of the trace");
    }
    snprintf(replaying->strayed, sizeof replaying->strayed, "it asks %s",
             text.at == NULL ? "otherwise" : text.at);
    buf_fini(&text);
}

static void match(struct replaying *replaying);

/* Say what the device said, up to the plugin's next turn, or to the read. */
static void play(void *ctx)
{
    struct replaying *replaying = ctx;
    const struct trace *trace = replaying->trace;

    replaying->timer = NULL;
    for (; replaying->event < trace->count; replaying->event++) {
        const struct trace_event *event = &trace->events[replaying->event];
        bool paused = event->kind == TRACE_PAUSE && replaying->event + 1 < trace->count &&
                      event[1].kind != TRACE_TO_DEVICE && event[1].kind != TRACE_READ;

        if (event->kind == TRACE_TO_DEVICE || (event->kind == TRACE_READ && !replaying->reading))
            break;
        if (event->kind == TRACE_TO_PLUGIN)
            cable_add(&replaying->stand.cable, bytes_of(trace, event));
        if (event->kind == TRACE_UNPLUG)
            cable_unplug(&replaying->stand.cable);
        if (paused) {
            replaying->event++;
            replaying->timer = loop_after(replaying->plugin.loop, event->ms, play, replaying);
            return;
        }
    }
    match(replaying);
}

/* Take what the plugin sent, as far as it is what it sent then. */
static void match(struct replaying *replaying)
{
    const struct trace *trace = replaying->trace;
    struct smg_str got = buf_view(&replaying->pending);

    while (got.len > 0 && replaying->strayed[0] == '\0' && replaying->timer == NULL) {
        const struct trace_event *event =
            replaying->event < trace->count ? &trace->events[replaying->event] : NULL;
        struct smg_str wanted = { NULL, 0 };
        size_t len;

        if (event != NULL && event->kind == TRACE_READ)
            return; /* it is kept until the read has begun */
        if (event != NULL && event->kind == TRACE_TO_DEVICE)
            wanted = bytes_of(trace, event);
        len = wanted.len - replaying->offset;
        len = len < got.len ? len : got.len;
        if (len == 0 || memcmp(wanted.at + replaying->offset, got.at, len) != 0) {
            stray(replaying, got);
            break;
        }
        got = str_bytes(got.at + len, got.len - len);
        replaying->offset += len;
        if (replaying->offset == wanted.len) {
            struct buf rest = { 0 };

            replaying->offset = 0;
            replaying->event++;
            buf_str(&rest, got);
            buf_fini(&replaying->pending);
            replaying->pending = rest;
            play(replaying);
            return;
        }
    }
    buf_clear(&replaying->pending);
}

static void on_plugin(void *ctx, enum cable_way way, struct smg_str bytes)
{
    struct replaying *replaying = ctx;

    (void)way;
    buf_str(&replaying->pending, bytes);
    if (replaying->timer == NULL)
        match(replaying);
}

static void on_read(void *ctx)
{
    struct replaying *replaying = ctx;

    loop_stop(replaying->plugin.loop);
}

/* The fuzzer is in a hurry; what it found is given time to happen again. */
static int64_t deadline_of(const struct trace *trace)
{
    int64_t least_ms = trace->finding[0] == '\0' ? 0 : FINDING_MS;

    for (size_t i = 0; i < trace->count; i++)
        if (trace->events[i].kind == TRACE_READ && trace->events[i].ms > 0)
            return trace->events[i].ms > least_ms ? trace->events[i].ms : least_ms;
    return DEADLINE_MS;
}

/* Does the device speak first in the read? Then only a plugin that listens hears it. */
static bool speaks_first(const struct trace *trace, size_t event)
{
    while (event < trace->count &&
           (trace->events[event].kind == TRACE_READ || trace->events[event].kind == TRACE_PAUSE))
        event++;
    return event < trace->count && trace->events[event].kind == TRACE_TO_PLUGIN;
}

static void on_up(void *ctx)
{
    struct replaying *replaying = ctx;
    bool waits = speaks_first(replaying->trace, replaying->event);

    if (replaying->stand.read.wrongs & 1u << STAND_NOT_UP) {
        if (replaying->pending.len > 0)
            stray(replaying, buf_view(&replaying->pending));
        loop_stop(replaying->plugin.loop);
        return;
    }
    stand_read_clear(&replaying->stand.read);
    replaying->reading = true;
    if (waits && cable_is_plugged(&replaying->stand.cable))
        cable_add(&replaying->stand.cable, SMG_STR("\r")); /* goes with what was there before */
    stand_read(&replaying->stand, deadline_of(replaying->trace), -1, on_read, replaying);
    if (waits)
        stand_listen(&replaying->stand, play, replaying);
    else if (replaying->timer == NULL)
        play(replaying);
}

static void hear(void *ctx, enum smg_level level, const char *who, const char *message)
{
    struct replaying *replaying = ctx;

    stand_hear(replaying->stands, 1, level, who, message);
}

/* "name text 扎** sha256:…": the line of a field in a text of answers, or { NULL, 0 }. */
static struct smg_str find_line(const struct buf *answers, struct smg_str name)
{
    struct smg_str text = buf_view(answers);

    while (text.len > 0) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.at);

        if (len > name.len && memcmp(text.at, name.at, name.len) == 0 && text.at[name.len] == ' ')
            return str_bytes(text.at, len);
        len += end != NULL;
        text = str_bytes(text.at + len, text.len - len);
    }
    return (struct smg_str){ NULL, 0 };
}

/* The line without its field's name and its digest: what a person may see. */
static struct smg_str shown(struct smg_str line, struct smg_str name)
{
    size_t len = line.len;

    while (len > name.len + 1 && line.at[len - 1] != ' ')
        len--;
    return str_bytes(line.at + name.len + 1, len > name.len + 1 ? len - name.len - 2 : 0);
}

static void compare_side(const struct buf *these, const struct buf *others, bool then,
                         struct replay_result *result)
{
    struct smg_str text = buf_view(these);

    while (text.len > 0) {
        const char *end = memchr(text.at, '\n', text.len), *space;
        size_t len = end == NULL ? text.len : (size_t)(end - text.at);
        struct smg_str line = str_bytes(text.at, len), name = line, other;

        space = memchr(line.at, ' ', line.len);
        name.len = space == NULL ? line.len : (size_t)(space - line.at);
        other = find_line(others, name);
        len += end != NULL;
        text = str_bytes(text.at + len, text.len - len);
        if (other.at != NULL && str_eq(line, other)) {
            result->fields += then;
            continue;
        }
        if (!then && other.at != NULL)
            continue; /* told from the other side */
        result->changed = true;
        buf_printf(&result->said, "plugin: field %.*s", (int)name.len, name.at);
        if (other.at == NULL) {
            buf_text(&result->said, then ? " is missing\n" : " is new\n");
            continue;
        }
        buf_printf(&result->said, " differs: was %.*s, is %.*s\n", (int)shown(line, name).len,
                   shown(line, name).at, (int)shown(other, name).len, shown(other, name).at);
    }
}

static void compare(struct replaying *replaying, struct replay_result *result)
{
    const struct trace *trace = replaying->trace;
    struct stand_read *read = &replaying->stand.read;
    struct trace now = { .on = DATE_NONE };

    for (int wrong = 1; wrong < STAND_WRONG_COUNT; wrong++) {
        if ((read->wrongs & 1u << wrong) == 0)
            continue;
        result->wrong = true;
        buf_printf(&result->said, "plugin: %s: %s\n", stand_wrong_text((enum stand_wrong)wrong),
                   read->detail[wrong]);
    }
    if (replaying->strayed[0] != '\0')
        buf_printf(&result->said, "plugin: %s\n", replaying->strayed);
    trace_answer(&now, read->fields, read->code);
    compare_side(&trace->answers, &now.answers, true, result);
    compare_side(&now.answers, &trace->answers, false, result);
    memcpy(result->end, now.end, sizeof result->end);
    if (trace->finding[0] == '\0' && strcmp(trace->end, now.end) != 0) {
        result->changed = true;
        buf_printf(&result->said, "plugin: the read ends with %s (%s), it ended with %s\n", now.end,
                   read->text, trace->end);
    }
    result->card = read->fields;
    read->fields = NULL;
    trace_fini(&now);
}

static int run(struct replaying *replaying, struct replay_result *result, struct smg_err *err)
{
    replaying->stands[0] = &replaying->stand;
    if (stand_open(&replaying->stand, &replaying->plugin, 1, on_plugin, replaying, err) != SMG_OK)
        return err->code;
    /* Up to the plugin's first question. */
    play(replaying);
    stand_prepare(&replaying->stand, on_up, replaying);
    if (loop_run(replaying->plugin.loop, err) != SMG_OK)
        return err->code;
    compare(replaying, result);
    return SMG_OK;
}

static int read_options(struct replaying *replaying, struct smg_err *err)
{
    struct config_errors errors = { 0 };

    if (replaying->trace->options.len == 0)
        return SMG_OK;
    replaying->options =
        config_tree_read("./options", buf_view(&replaying->trace->options), &errors);
    if (replaying->options == NULL)
        smg_fail(err, SMG_E_INVALID, "the options of the trace: %.180s",
                 errors.text.at == NULL ? "out of memory" : errors.text.at);
    config_errors_fini(&errors);
    return err->code;
}

int replay_trace(const struct trace *trace, const char *folder, const char *name,
                 struct replay_result *result, struct smg_err *err)
{
    struct replaying replaying = { .trace = trace };
    struct loop *loop = loop_new("replay", err);

    *result = (struct replay_result){ 0 };
    if (loop == NULL)
        return err->code;
    log_divert(hear, &replaying);
    if (read_options(&replaying, err) == SMG_OK &&
        stand_plugin_load(&replaying.plugin, loop, folder, name,
                          replaying.options == NULL ? NULL : config_tree_top(replaying.options),
                          true, err) == SMG_OK &&
        stand_plugin_place(&replaying.plugin, err) == SMG_OK) {
        if (replaying.plugin.device == NULL)
            smg_fail(err, SMG_E_UNSUPPORTED,
                     "plugin %s has no option for a device, so there is no line on which the trace "
                     "could be played",
                     trace->plugin);
        else
            run(&replaying, result, err);
    }
    stand_close(&replaying.stand);
    log_divert(NULL, NULL);
    stand_read_clear(&replaying.stand.read);
    loop_forget(replaying.timer);
    buf_fini(&replaying.pending);
    config_tree_free(replaying.options);
    stand_plugin_fini(&replaying.plugin);
    loop_free(loop);
    return err->code;
}

void replay_result_fini(struct replay_result *result)
{
    fields_free(result->card);
    buf_fini(&result->said);
    *result = (struct replay_result){ 0 };
}
