/* SPDX-License-Identifier: Apache-2.0 */
/* Traces as text. */
#include "kit/trace.h"

#include <stdlib.h>

#include "base/sha256.h"
#include "registration/record.h"

enum { HEX_LINE = 32, DIGEST_SHOWN = 16 };

static const char magic[] = "shiming-trace 1";

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
    static const char *const types[] = { [SMG_BOOL] = "bool",
                                         [SMG_INT] = "int",
                                         [SMG_DATE] = "date",
                                         [SMG_TEXT] = "text",
                                         [SMG_BYTES] = "bytes" };

    buf_str(out, name);
    buf_printf(out, " %s ", types[value->type]);
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

static bool take_bytes_line(struct trace *trace, enum trace_kind kind, struct smg_str hex)
{
    struct buf bytes = { 0 };
    bool good =
        hex.len > 0 && buf_unhex(&bytes, hex) && trace_add(trace, kind, buf_view(&bytes), 0);

    buf_fini(&bytes);
    return good;
}

static bool take_ms(struct trace *trace, enum trace_kind kind, struct smg_str text)
{
    int64_t ms;

    return str_to_int(text, &ms) && ms >= 0 && ms <= 3600000 &&
           trace_add(trace, kind, (struct smg_str){ NULL, 0 }, ms);
}

static bool keep_text(char *room, size_t size, struct smg_str text)
{
    if (text.len == 0 || text.len >= size)
        return false;
    memcpy(room, text.at, text.len);
    room[text.len] = '\0';
    return true;
}

static bool keep_line(struct buf *out, struct smg_str text)
{
    buf_str(out, text);
    buf_byte(out, '\n');
    return !out->failed;
}

static bool take_case(struct trace *trace, struct smg_str text)
{
    return text.len == 17 && date_parse(str_bytes(text.at, 10), &trace->on) &&
           keep_text(trace->region, sizeof trace->region, str_bytes(text.at + 11, 6));
}

/* One line: a word, a space, the rest. */
static bool take_line(struct trace *trace, struct smg_str word, struct smg_str rest)
{
    if (str_is(word, ">"))
        return take_bytes_line(trace, TRACE_TO_DEVICE, rest);
    if (str_is(word, "<"))
        return take_bytes_line(trace, TRACE_TO_PLUGIN, rest);
    if (str_is(word, "pause"))
        return take_ms(trace, TRACE_PAUSE, rest);
    if (str_is(word, "read"))
        return take_ms(trace, TRACE_READ, rest);
    if (str_is(word, "unplug"))
        return rest.len == 0 && trace_add(trace, TRACE_UNPLUG, rest, 0);
    if (str_is(word, "plugin"))
        return keep_text(trace->plugin, sizeof trace->plugin, rest);
    if (str_is(word, "option"))
        return keep_line(&trace->options, rest);
    if (str_is(word, "answer"))
        return keep_line(&trace->answers, rest);
    if (str_is(word, "end"))
        return keep_text(trace->end, sizeof trace->end, rest);
    if (str_is(word, "finding"))
        return keep_text(trace->finding, sizeof trace->finding, rest);
    if (str_is(word, "application"))
        return keep_line(&trace->application, rest);
    if (str_is(word, "case"))
        return take_case(trace, rest);
    if (str_is(word, "decision"))
        return keep_line(&trace->decision, rest);
    return false;
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

int trace_read(struct smg_str text, struct trace *out, struct smg_err *err)
{
    unsigned number = 1;

    *out = (struct trace){ .on = DATE_NONE };
    if (text.len == 0 || !str_is(next_line(&text), magic))
        return smg_fail(err, SMG_E_INVALID, "it is no trace: the first line must be \"%s\"", magic);
    while (text.len > 0) {
        struct smg_str line = next_line(&text), rest = { "", 0 };
        const char *space = memchr(line.at, ' ', line.len);
        size_t before = out->count;

        number++;
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (space != NULL) {
            size_t len = (size_t)(space - line.at);

            rest = str_bytes(space + 1, line.len - len - 1);
            line.len = len;
        }
        if (!take_line(out, line, rest)) {
            trace_fini(out);
            return smg_fail(err, SMG_E_INVALID, "line %u is no line of a trace", number);
        }
        if (out->count > before)
            out->events[before].line = number;
    }
    if (out->plugin[0] != '\0' && (out->end[0] != '\0' || out->finding[0] != '\0'))
        return SMG_OK;
    trace_fini(out);
    return smg_fail(err, SMG_E_INVALID, "it is cut: no plugin, or no end");
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
