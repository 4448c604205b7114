/* SPDX-License-Identifier: Apache-2.0 */
/* Traces as text. */
#include "kit/trace.h"

#include <stdlib.h>

#include "base/sha256.h"
#include "registration/record.h"

enum { HEX_LINE = 32, DIGEST_SHOWN = 16, LONGEST_MS = 3600000, TYPES = SMG_BYTES + 1 };

static const char magic[] = "shiming-trace 1";

static const char *const type_names[TYPES] = { [SMG_BOOL] = "bool",
                                               [SMG_INT] = "int",
                                               [SMG_DATE] = "date",
                                               [SMG_TEXT] = "text",
                                               [SMG_BYTES] = "bytes" };

bool trace_add(struct trace *trace, enum trace_kind kind, struct smg_str bytes, int64_t ms)
{
    struct trace_event *last = trace->count > 0 ? &trace->events[trace->count - 1] : NULL;

    if (trace->bytes.len + bytes.len > TRACE_BYTES)
        return false;
    buf_str(&trace->bytes, bytes);
    if (trace->bytes.failed)
        return false;
    if (last != NULL && last->kind == kind && kind <= TRACE_TO_PLUGIN) {
        last->len += bytes.len;
        return true;
    }
    if (trace->count == TRACE_EVENTS)
        return false;
    if ((trace->count & (trace->count - 1)) == 0) {
        size_t room = trace->count == 0 ? 1 : 2 * trace->count;
        struct trace_event *events = realloc(trace->events, room * sizeof *events);

        if (events == NULL)
            return false;
        trace->events = events;
    }
    trace->events[trace->count++] = (struct trace_event){
        .kind = kind, .from = trace->bytes.len - bytes.len, .len = bytes.len, .ms = ms
    };
    return true;
}

const char *trace_code_name(int32_t code)
{
    switch (code) {
    case SMG_OK:
        return "ok";
#define CODE_NAME(name, number, text)                                                              \
    case -(number):                                                                                \
        return #name;
        SMG_ERRORS(CODE_NAME)
#undef CODE_NAME
    default:
        return "?";
    }
}

static void put_digest(const struct smg_value *value, struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    struct smg_fields *one = fields_new();
    struct buf plain = { 0 };
    struct sha256 hash;

    /* The value as it is stored has one form for every type. */
    if (one != NULL && fields_set(one, SMG_STR("value"), value))
        fields_write(one, &plain);
    sha256_init(&hash);
    sha256_put(&hash, buf_view(&plain));
    sha256_end(&hash, digest);
    buf_text(out, "sha256:");
    buf_hex(out, str_bytes(digest, DIGEST_SHOWN / 2));
    fields_free(one);
    buf_fini(&plain);
}

void trace_put_field(struct smg_str name, const struct smg_value *value, struct buf *out)
{
    buf_str(out, name);
    buf_printf(out, " %s ", type_names[value->type]);
    if (value->type == SMG_BYTES)
        buf_printf(out, "%zu", value->str.len);
    else
        record_mask(name, value, out);
    buf_byte(out, ' ');
    put_digest(value, out);
}

void trace_answer(struct trace *trace, const struct smg_fields *fields, int32_t code)
{
    for (size_t i = 0; fields != NULL && i < fields_count(fields); i++) {
        trace_put_field(fields_name(fields, i), fields_value(fields, i), &trace->answers);
        buf_byte(&trace->answers, '\n');
    }
    snprintf(trace->end, sizeof trace->end, "%s", trace_code_name(code));
}

void trace_find(struct trace *trace, const char *what, const char *detail)
{
    char *at = trace->finding;
    size_t len;

    snprintf(at, sizeof trace->finding, "%s: %s", what, detail);
    len = strlen(at);
    /* It may have been cut in the middle of a character. */
    for (int cut = 0; cut < 3 && len > 0 && !str_is_utf8(str_bytes(at, len)); cut++)
        len--;
    len = str_is_utf8(str_bytes(at, len)) ? len : strlen(at);
    at[len] = '\0';
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)at[i] < ' ' || at[i] == 0x7F ||
            ((unsigned char)at[i] >= 0x80 && !str_is_utf8(str_bytes(at, len))))
            at[i] = '?';
}

/* Every line of a text with a word before it. */
static void put_lines(const char *word, const struct buf *text, struct buf *out)
{
    struct smg_str rest = buf_view(text);

    while (rest.len > 0) {
        const char *end = memchr(rest.at, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.at);

        buf_printf(out, "%s ", word);
        buf_put(out, rest.at, len);
        buf_byte(out, '\n');
        len += end != NULL;
        rest = str_bytes(rest.at + len, rest.len - len);
    }
}

static void put_bytes(char sign, struct smg_str bytes, struct buf *out)
{
    for (size_t at = 0; at < bytes.len; at += HEX_LINE) {
        size_t left = bytes.len - at;

        buf_byte(out, (unsigned char)sign);
        buf_byte(out, ' ');
        buf_hex(out, str_bytes(bytes.at + at, left < HEX_LINE ? left : HEX_LINE));
        buf_byte(out, '\n');
    }
}

static void put_event(const struct trace *trace, const struct trace_event *event, struct buf *out)
{
    struct smg_str bytes = { NULL, 0 };

    if (event->len > 0)
        bytes = str_bytes(trace->bytes.at + event->from, event->len);
    switch (event->kind) {
    case TRACE_TO_DEVICE:
        put_bytes('>', bytes, out);
        break;
    case TRACE_TO_PLUGIN:
        put_bytes('<', bytes, out);
        break;
    case TRACE_PAUSE:
        buf_printf(out, "pause %lld\n", (long long)event->ms);
        break;
    case TRACE_READ:
        buf_printf(out, "read %lld\n", (long long)event->ms);
        break;
    case TRACE_UNPLUG:
        buf_text(out, "unplug\n");
        break;
    }
}

void trace_write(const struct trace *trace, struct buf *out)
{
    buf_printf(out, "%s\nplugin %s\n", magic, trace->plugin);
    put_lines("option", &trace->options, out);
    for (size_t i = 0; i < trace->count; i++)
        put_event(trace, &trace->events[i], out);
    put_lines("answer", &trace->answers, out);
    if (trace->end[0] != '\0')
        buf_printf(out, "end %s\n", trace->end);
    if (trace->finding[0] != '\0')
        buf_printf(out, "finding %s\n", trace->finding);
    put_lines("application", &trace->application, out);
    if (!date_is_none(trace->on)) {
        buf_text(out, "case ");
        date_write(trace->on, out);
        buf_printf(out, " %s\n", trace->region);
    }
    put_lines("decision", &trace->decision, out);
}

/* ---- reading: each of these takes the rest of a line, and returns what is wrong of it or NULL */

static const char too_much[] = "there is more than a trace may hold";
static const char twice[] = "it stands there already";

static const char *take_hex(struct trace *trace, enum trace_kind kind, struct smg_str hex)
{
    struct buf bytes = { 0 };
    const char *wrong = NULL;

    if (hex.len == 0 || !buf_unhex(&bytes, hex))
        wrong = "bytes are pairs of hex digits";
    else if (!trace_add(trace, kind, buf_view(&bytes), 0))
        wrong = too_much;
    buf_fini(&bytes);
    return wrong;
}

static const char *take_ms(struct trace *trace, enum trace_kind kind, struct smg_str text)
{
    int64_t ms;

    if (!str_to_int(text, &ms) || ms > LONGEST_MS)
        return "a time is milliseconds, at most an hour";
    return trace_add(trace, kind, (struct smg_str){ NULL, 0 }, ms) ? NULL : too_much;
}

static const char *take_to_device(struct trace *trace, struct smg_str rest)
{
    return take_hex(trace, TRACE_TO_DEVICE, rest);
}

static const char *take_to_plugin(struct trace *trace, struct smg_str rest)
{
    return take_hex(trace, TRACE_TO_PLUGIN, rest);
}

static const char *take_pause(struct trace *trace, struct smg_str rest)
{
    return take_ms(trace, TRACE_PAUSE, rest);
}

static const char *take_read(struct trace *trace, struct smg_str rest)
{
    return take_ms(trace, TRACE_READ, rest);
}

static const char *take_unplug(struct trace *trace, struct smg_str rest)
{
    if (rest.len > 0)
        return "nothing follows that word";
    return trace_add(trace, TRACE_UNPLUG, rest, 0) ? NULL : too_much;
}

static bool consists_of(struct smg_str text, const char *characters)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(characters, text.at[i]) == NULL)
            return false;
    return text.len > 0;
}

static bool keep_text(char *room, size_t size, struct smg_str text)
{
    if (text.len == 0 || text.len >= size)
        return false;
    memcpy(room, text.at, text.len);
    room[text.len] = '\0';
    return true;
}

/* A name and no path: a trace does not choose which file is loaded. */
static const char *take_plugin(struct trace *trace, struct smg_str rest)
{
    if (trace->plugin[0] != '\0')
        return twice;
    if (!consists_of(rest, "abcdefghijklmnopqrstuvwxyz0123456789_") ||
        !keep_text(trace->plugin, sizeof trace->plugin, rest))
        return "a plugin's name is made of a-z, 0-9 and _";
    return NULL;
}

static const char *keep_line(struct buf *out, struct smg_str text)
{
    if (out->len + text.len >= TRACE_BYTES)
        return too_much;
    buf_str(out, text);
    buf_byte(out, '\n');
    return out->failed ? "out of memory" : NULL;
}

static const char *take_option(struct trace *trace, struct smg_str rest)
{
    const char *colon = rest.len == 0 ? NULL : memchr(rest.at, ':', rest.len);

    if (colon == NULL || !consists_of(str_bytes(rest.at, (size_t)(colon - rest.at)),
                                      "abcdefghijklmnopqrstuvwxyz0123456789_"))
        return "an option is NAME: \"VALUE\"";
    return keep_line(&trace->options, rest);
}

/* The word in front; `rest` is what follows it and a space. */
static struct smg_str take_word(struct smg_str *rest)
{
    const char *space = rest->len == 0 ? NULL : memchr(rest->at, ' ', rest->len);
    struct smg_str word = *rest;

    if (space == NULL) {
        *rest = (struct smg_str){ "", 0 };
        return word;
    }
    word.len = (size_t)(space - word.at);
    *rest = str_bytes(space + 1, rest->len - word.len - 1);
    return word;
}

static const char *take_answer(struct trace *trace, struct smg_str rest)
{
    static const char form[] = "an answer is FIELD TYPE VALUE sha256:DIGEST, of 16 hex digits";
    static const char mark[] = " sha256:";
    enum { TAIL = sizeof mark - 1 + DIGEST_SHOWN };
    struct smg_str left = rest, name = take_word(&left), type = take_word(&left);
    size_t i = 0;

    while (i < TYPES && (type_names[i] == NULL || !str_is(type, type_names[i])))
        i++;
    if (name.len == 0 || i == TYPES || left.len < TAIL ||
        memcmp(left.at + left.len - TAIL, mark, sizeof mark - 1) != 0 ||
        !consists_of(str_bytes(left.at + left.len - DIGEST_SHOWN, DIGEST_SHOWN),
                     "0123456789abcdef"))
        return form;
    return keep_line(&trace->answers, rest);
}

static const char *take_end(struct trace *trace, struct smg_str rest)
{
    if (trace->end[0] != '\0')
        return twice;
    for (int32_t code = SMG_E_CARD; code <= SMG_OK; code++)
        if (str_is(rest, trace_code_name(code)))
            return keep_text(trace->end, sizeof trace->end, rest) ? NULL : too_much;
    return "a read ends with \"ok\" or the name of an error of plugin.h";
}

static const char *take_finding(struct trace *trace, struct smg_str rest)
{
    if (trace->finding[0] != '\0')
        return twice;
    return keep_text(trace->finding, sizeof trace->finding, rest)
               ? NULL
               : "a finding is a text of at most 255 bytes";
}

static const char *take_application(struct trace *trace, struct smg_str rest)
{
    return keep_line(&trace->application, rest);
}

static const char *take_case(struct trace *trace, struct smg_str rest)
{
    struct smg_str day = take_word(&rest);

    if (!date_is_none(trace->on))
        return twice;
    if (!date_parse(day, &trace->on) || rest.len != 6 || !consists_of(rest, "0123456789") ||
        !keep_text(trace->region, sizeof trace->region, rest))
        return "a case is a day and a region: 2026-01-01 540102";
    return NULL;
}

static const char *take_decision(struct trace *trace, struct smg_str rest)
{
    return keep_line(&trace->decision, rest);
}

static const struct {
    const char *word;
    const char *(*take)(struct trace *trace, struct smg_str rest);
} words[] = {
    { ">", take_to_device },       { "<", take_to_plugin },   { "pause", take_pause },
    { "read", take_read },         { "unplug", take_unplug }, { "plugin", take_plugin },
    { "option", take_option },     { "answer", take_answer }, { "end", take_end },
    { "finding", take_finding },   { "case", take_case },     { "application", take_application },
    { "decision", take_decision },
};

/* Texts of a trace are shown to people, on terminals. */
static bool is_shown_safely(struct smg_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (((unsigned char)line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] == 0x7F)
            return false;
    return str_is_utf8(line);
}

static const char *take_line(struct trace *trace, struct smg_str line)
{
    struct smg_str word;

    if (line.len > 0 && line.at[line.len - 1] == '\r') /* it came through another system */
        line.len--;
    if (line.len == 0 || line.at[0] == '#')
        return NULL;
    if (!is_shown_safely(line))
        return "it holds a control character, or is not UTF-8";
    word = take_word(&line);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(word, words[i].word))
            return words[i].take(trace, line);
    return "it begins with no word of a trace";
}

static struct smg_str next_line(struct smg_str *text)
{
    const char *end = memchr(text->at, '\n', text->len);
    size_t len = end == NULL ? text->len : (size_t)(end - text->at);
    struct smg_str line = str_bytes(text->at, len);

    len += end != NULL;
    *text = str_bytes(text->at + len, text->len - len);
    return line;
}

static bool is_first_line(struct smg_str line)
{
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return str_is(line, magic);
}

static int fail_line(struct trace *trace, unsigned line, const char *wrong, struct smg_err *err)
{
    trace_fini(trace);
    *trace = (struct trace){ .on = DATE_NONE };
    return smg_fail(err, SMG_E_INVALID, "line %u: %s", line, wrong);
}

int trace_read(struct smg_str text, struct trace *out, struct smg_err *err)
{
    unsigned number = 1;

    *out = (struct trace){ .on = DATE_NONE };
    if (text.len == 0 || !is_first_line(next_line(&text)))
        return smg_fail(err, SMG_E_INVALID, "line 1: it is no trace, whose first line is \"%s\"",
                        magic);
    while (text.len > 0) {
        size_t before = out->count;
        const char *wrong = take_line(out, next_line(&text));

        number++;
        if (wrong != NULL)
            return fail_line(out, number, wrong, err);
        if (out->count > before)
            out->events[before].line = number;
    }
    if (out->plugin[0] == '\0')
        return fail_line(out, number, "it ends here, and no line says which \"plugin\"", err);
    if (out->end[0] == '\0' && out->finding[0] == '\0')
        return fail_line(out, number, "it is cut: no line says how the read did \"end\"", err);
    return SMG_OK;
}

void trace_fini(struct trace *trace)
{
    free(trace->events);
    buf_fini(&trace->options);
    buf_fini(&trace->bytes);
    buf_fini(&trace->answers);
    buf_fini(&trace->application);
    buf_fini(&trace->decision);
    str_wipe(trace, sizeof *trace);
}
