/* SPDX-License-Identifier: Apache-2.0 */
/* Each case is a read of a card in which some answers are damaged, by a generator that begins anew
 * with the seed and the case's number: so a case is the same whatever ran before and beside it. */
#include "kit/fuzz.h"

#include <stdlib.h>

#include "base/log.h"
#include "kit/lane.h"
#include "loop/clock.h"

enum {
    LANES = 24,
    ANSWERS = 4,
    DEADLINE_MS = 500,
    KINDS = 64,
    SETTLED = 30,
    LENGTH_AT = 5,
    TEXT_AT = 14,
    TEXT_UNITS = 128
};

struct fuzz_lane {
    struct lane lane;
    struct fuzz *fuzz;
    struct trace start, trace; /* what passed while it came up; in this case */
    uint64_t number, random;
    unsigned answers, target; /* given in this case; the one that is damaged */
    uint64_t cases;           /* of this process */
    int pid;
    int64_t memory_kib; /* once it had settled */
    bool reading;
};

struct fuzz {
    const struct fuzz_options *options;
    struct stand_plugin plugin;
    struct fuzz_lane lanes[LANES];
    struct stand *stands[LANES];
    size_t open, busy;
    uint64_t next;
    int64_t limit_us;
    char kinds[KINDS][64]; /* findings told already */
    size_t kind_count;
    struct fuzz_result *result;
    fuzz_tell_fn tell;
    void *ctx;
};

/* splitmix64 */
static uint64_t draw(struct fuzz_lane *lane)
{
    uint64_t z = lane->random += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static size_t below(struct fuzz_lane *lane, size_t limit)
{
    return limit == 0 ? 0 : (size_t)(draw(lane) % limit);
}

static void put_random(struct fuzz_lane *lane, struct buf *bytes, size_t count)
{
    while (count-- > 0)
        buf_byte(bytes, (unsigned char)draw(lane));
}

/* The bytes from `at` on become others: some taken out, some put in. */
static void splice(struct fuzz_lane *lane, struct buf *bytes, bool take, bool put)
{
    size_t at = below(lane, bytes->len + 1);
    size_t out = take ? below(lane, bytes->len - at + 1) : 0;
    struct buf made = { 0 };

    buf_put(&made, bytes->at, at);
    if (put && below(lane, 2) == 0)
        put_random(lane, &made, below(lane, 40));
    else if (put && bytes->len > 0) /* a piece of itself */
        buf_put(&made, bytes->at, below(lane, bytes->len));
    buf_put(&made, bytes->at + at + out, bytes->len - at - out);
    buf_fini(bytes);
    *bytes = made;
}

static void damage_once(struct fuzz_lane *lane, struct buf *bytes)
{
    static const uint8_t likely[] = { 0x00, 0xFF, 0xAA, 0x96, 0x69, 0x80, 0x90, 0x7F, 0xD8, 0xDC };
    static const uint16_t units[] = { 0x20, 0x00, '0', '9', 'X', 0xD800, 0xDC00, 0xFFFF, 0x4E00 };
    size_t at = below(lane, bytes->len);
    char byte = (char)likely[below(lane, sizeof likely)];
    size_t unit = below(lane, sizeof units / sizeof *units);

    if (bytes->len < 8)
        put_random(lane, bytes, 8);
    switch (below(lane, 9)) {
    case 0:
        bytes->at[at] = (char)(bytes->at[at] ^ 1 << below(lane, 8));
        break;
    case 1:
        bytes->at[at] = byte;
        break;
    case 2:
        bytes->at[LENGTH_AT + below(lane, 2)] = byte;
        break;
    case 3:
        splice(lane, bytes, true, false);
        break;
    case 4:
        splice(lane, bytes, false, true);
        break;
    case 5:
        splice(lane, bytes, true, true);
        break;
    default: /* a character of the text on a card */
        at = TEXT_AT + 2 * below(lane, TEXT_UNITS);
        if (at + 1 < bytes->len) {
            bytes->at[at] = (char)(units[unit] & 0xFF);
            bytes->at[at + 1] = (char)(units[unit] >> 8);
        }
    }
}

/* So that it comes past the first look: length and sum as they should be. */
static void make_plausible(struct fuzz_lane *lane, struct buf *bytes)
{
    char sum = 0;

    if (bytes->len < LENGTH_AT + 6 || below(lane, 3) == 0)
        return;
    if (below(lane, 2) == 0) {
        bytes->at[LENGTH_AT] = (char)((bytes->len - 7) >> 8);
        bytes->at[LENGTH_AT + 1] = (char)((bytes->len - 7) & 0xFF);
    }
    for (size_t i = LENGTH_AT; i + 1 < bytes->len; i++)
        sum = (char)(sum ^ bytes->at[i]);
    bytes->at[bytes->len - 1] = sum;
}

/* A place in a zone, or its line's end. */
static void damage_zone(struct fuzz_lane *lane, struct buf *bytes)
{
    static const char likely[] = "<<<<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n ";
    size_t at = below(lane, bytes->len);

    if (bytes->len == 0) {
        put_random(lane, bytes, 8);
        return;
    }
    if (below(lane, 4) == 0) {
        splice(lane, bytes, below(lane, 2) == 0, below(lane, 2) == 0);
        return;
    }
    bytes->at[at] =
        below(lane, 16) == 0 ? (char)draw(lane) : likely[below(lane, sizeof likely - 1)];
}

/* Places of a zone of 44 or 30 characters a line, with CR behind each. */
struct place {
    unsigned line, from, to; /* to: where the check digit is, or one past the end */
};

static char *at_place(struct buf *bytes, unsigned line, unsigned at)
{
    return bytes->at + line * (bytes->len == 93 ? 31u : 45u) + at;
}

/* ICAO 9303-3, section 4.9; *sum and *place go on from one part to the next. */
static char weigh(struct buf *bytes, struct place part, unsigned *sum, unsigned *place)
{
    static const unsigned weights[] = { 7, 3, 1 };

    for (unsigned i = part.from; i < part.to; i++) {
        char c = *at_place(bytes, part.line, i);
        unsigned value = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 10
                                                : 0;

        *sum += value * weights[(*place)++ % 3];
    }
    return (char)('0' + *sum % 10);
}

/* The check digits of a zone whose lines still are where they were; half of the time. */
static void make_zone_plausible(struct fuzz_lane *lane, struct buf *bytes)
{
    static const struct {
        struct place digits[4], composed[4], composite;
    } forms[] = { { { { 0, 5, 14 }, { 1, 0, 6 }, { 1, 8, 14 } },
                    { { 0, 5, 30 }, { 1, 0, 7 }, { 1, 8, 15 }, { 1, 18, 29 } },
                    { 1, 29, 29 } },
                  { { { 1, 0, 9 }, { 1, 13, 19 }, { 1, 21, 27 }, { 1, 28, 42 } },
                    { { 1, 0, 10 }, { 1, 13, 20 }, { 1, 21, 43 } },
                    { 1, 43, 43 } } };
    size_t form = bytes->len == 93 ? 0 : 1;
    unsigned all = 0, place_of_all = 0;

    if ((bytes->len != 93 && bytes->len != 90) || below(lane, 2) == 0)
        return;
    for (size_t i = 0; i < 4; i++) {
        struct place part = forms[form].digits[i];
        unsigned sum = 0, place = 0;

        if (part.to > 0)
            *at_place(bytes, part.line, part.to) = weigh(bytes, part, &sum, &place);
    }
    for (size_t i = 0; i < 4; i++)
        *at_place(bytes, 1, forms[form].composite.to) =
            weigh(bytes, forms[form].composed[i], &all, &place_of_all);
}

/* An answer of one of the traces in place of this one. */
static void take_from_traces(struct fuzz_lane *lane, struct buf *bytes)
{
    const struct fuzz_options *options = lane->fuzz->options;
    const struct trace *trace;
    const struct trace_event *event;

    if (options->trace_count == 0 || below(lane, 3) != 0)
        return;
    trace = &options->traces[below(lane, options->trace_count)];
    if (trace->count == 0)
        return;
    event = &trace->events[below(lane, trace->count)];
    if (event->kind != TRACE_TO_PLUGIN || event->len == 0)
        return;
    buf_clear(bytes);
    buf_put(bytes, trace->bytes.at + event->from, event->len);
}

static void mutate(void *ctx, struct sam_reply *reply)
{
    struct fuzz_lane *lane = ctx;

    /* One answer of a read, or each: others must be whole for what follows to be asked. */
    bool scanner = lane->fuzz->plugin.scanner;
    bool due = scanner || lane->target == ANSWERS || lane->answers == lane->target;

    lane->answers++;
    if (!lane->reading || reply->bytes.failed || !due)
        return;
    take_from_traces(lane, &reply->bytes);
    for (size_t i = below(lane, 4) + 1; i > 0; i--)
        (scanner ? damage_zone : damage_once)(lane, &reply->bytes);
    (scanner ? make_zone_plausible : make_plausible)(lane, &reply->bytes);
    if (below(lane, 8) == 0)
        reply->piece = below(lane, 100) + 1;
}

static void on_tap(void *ctx, enum cable_way way, struct smg_str bytes)
{
    struct fuzz_lane *lane = ctx;

    (void)trace_add(&lane->trace, way == CABLE_TO_DEVICE ? TRACE_TO_DEVICE : TRACE_TO_PLUGIN, bytes,
                    0);
}

static void copy_trace(const struct trace *from, struct trace *to)
{
    trace_fini(to);
    for (size_t i = 0; i < from->count; i++)
        (void)trace_add(to, from->events[i].kind,
                        from->events[i].len == 0
                            ? (struct smg_str){ NULL, 0 }
                            : str_bytes(from->bytes.at + from->events[i].from, from->events[i].len),
                        from->events[i].ms);
}

/* The plugin is up: what passed so far belongs to its start, or it was up all along. */
static void on_up(void *ctx)
{
    struct fuzz_lane *lane = ctx;
    struct reader_status status;

    reader_status(lane->lane.stand.reader, &status);
    if (status.pid != lane->pid) {
        lane->pid = status.pid;
        lane->cases = 0;
        copy_trace(&lane->trace, &lane->start);
    } else {
        copy_trace(&lane->start, &lane->trace);
    }
    (void)trace_add(&lane->trace, TRACE_READ, (struct smg_str){ NULL, 0 }, DEADLINE_MS);
    lane->reading = true;
}

static struct fuzz_lane *lane_of(struct fuzz *fuzz, const struct lane *lane)
{
    size_t i = 0;

    while (&fuzz->lanes[i].lane != lane)
        i++;
    return &fuzz->lanes[i];
}

/* Told of a kind once: the number of a signal, not the address, makes a kind. */
static bool is_news(struct fuzz *fuzz, const char *kind)
{
    for (size_t i = 0; i < fuzz->kind_count; i++)
        if (strcmp(fuzz->kinds[i], kind) == 0)
            return false;
    if (fuzz->kind_count == KINDS)
        return false;
    snprintf(fuzz->kinds[fuzz->kind_count++], sizeof fuzz->kinds[0], "%s", kind);
    return true;
}

static void take_finding(struct fuzz *fuzz, struct fuzz_lane *lane, const struct stand_read *read)
{
    char kind[64];
    int wrong = 1;

    while ((read->wrongs & 1u << wrong) == 0)
        wrong++;
    fuzz->result->findings++;
    snprintf(kind, sizeof kind, "%s%.30s", stand_wrong_text((enum stand_wrong)wrong),
             wrong == STAND_CRASHED ? strchr(read->detail[wrong], 's') : "");
    if (!is_news(fuzz, kind))
        return;
    snprintf(lane->trace.plugin, sizeof lane->trace.plugin, "%s",
             library_plugin(fuzz->plugin.library)->name);
    trace_find(&lane->trace, stand_wrong_text((enum stand_wrong)wrong), read->detail[wrong]);
    for (size_t i = 0; i < config_length(fuzz->options->options); i++) {
        buf_printf(&lane->trace.options, "%s: ", config_key(fuzz->options->options, i));
        buf_json(&lane->trace.options,
                 str_of(config_scalar(config_item(fuzz->options->options, i))));
        buf_byte(&lane->trace.options, '\n');
    }
    fuzz->tell(fuzz->ctx, lane->number, &lane->trace);
}

static void watch_memory(struct fuzz *fuzz, struct fuzz_lane *lane)
{
    int64_t kib = stand_look(&lane->lane.stand).memory_kib;

    if (++lane->cases <= SETTLED)
        lane->memory_kib = kib;
    else if (kib - lane->memory_kib > fuzz->result->memory_kib)
        fuzz->result->memory_kib = kib - lane->memory_kib;
}

static void tell_trial(void *ctx, struct lane *lane, const struct trial *trial, const char *problem)
{
    struct fuzz *fuzz = ctx;
    struct fuzz_lane *mine = lane_of(fuzz, lane);

    (void)trial, (void)problem;
    if (lane->stand.read.wrongs != 0)
        take_finding(fuzz, mine, &lane->stand.read);
    else
        watch_memory(fuzz, mine);
    mine->reading = false;
    trace_fini(&mine->trace);
}

static bool next_trial(void *ctx, struct lane *lane, struct trial *trial)
{
    struct fuzz *fuzz = ctx;
    struct fuzz_lane *mine = lane_of(fuzz, lane);

    if ((fuzz->options->cases > 0 && fuzz->next >= (uint64_t)fuzz->options->cases) ||
        clock_mono_us() > fuzz->limit_us)
        return false;
    mine->number = fuzz->next++;
    mine->random = fuzz->options->seed * 0xD1342543DE82EF95u + mine->number;
    mine->answers = 0;
    mine->target = (unsigned)below(mine, ANSWERS + 1);
    *trial = TRIAL_PLAIN;
    trial->first = (int)(mine->number % SAMPLE_CARDS);
    trial->deadline_ms = DEADLINE_MS;
    snprintf(trial->what, sizeof trial->what, "case %llu", (unsigned long long)mine->number);
    fuzz->result->cases++;
    return true;
}

static void on_idle(void *ctx)
{
    struct fuzz *fuzz = ctx;

    if (--fuzz->busy == 0)
        loop_stop(fuzz->plugin.loop);
}

static void hear(void *ctx, enum smg_level level, const char *who, const char *message)
{
    struct fuzz *fuzz = ctx;

    stand_hear(fuzz->stands, fuzz->open, level, who, message);
}

/* Was there ever an answer to be damaged? */
static bool was_understood(const struct fuzz *fuzz)
{
    for (size_t i = 0; i < fuzz->open; i++)
        for (size_t k = 0; k < SAM_COMMANDS; k++)
            if (fuzz->lanes[i].lane.sam.counts[k] > 0)
                return true;
    return false;
}

static int run(struct fuzz *fuzz, struct smg_err *err)
{
    if (fuzz->plugin.device == NULL)
        return smg_fail(err, SMG_E_UNSUPPORTED,
                        "it has no device option for the virtual reader to hang on");
    for (; fuzz->open < LANES; fuzz->open++) {
        struct fuzz_lane *lane = &fuzz->lanes[fuzz->open];

        lane->fuzz = fuzz;
        fuzz->stands[fuzz->open] = &lane->lane.stand;
        if (lane_open(&lane->lane, &fuzz->plugin, (unsigned)fuzz->open + 1, err) != SMG_OK)
            return err->code;
        lane->lane.stand.cable.tap = on_tap;
        lane->lane.stand.cable.tap_ctx = lane;
        lane->lane.mutate = mutate;
        lane->lane.up = on_up;
        lane->lane.own_ctx = lane;
    }
    fuzz->busy = fuzz->open + 1;
    for (size_t i = 0; i < fuzz->open; i++)
        lane_run(&fuzz->lanes[i].lane, next_trial, tell_trial, on_idle, fuzz);
    fuzz->busy--;
    if (fuzz->busy > 0 && loop_run(fuzz->plugin.loop, err) != SMG_OK)
        return err->code;
    if (fuzz->plugin.scanner || was_understood(fuzz))
        return SMG_OK;
    return smg_fail(
        err, SMG_E_UNSUPPORTED,
        "it asked nothing that the virtual reader understands, so nothing was tried; is "
        "it for a scanner of machine readable zones? Then --scanner");
}

int fuzz_run(const struct fuzz_options *options, fuzz_tell_fn tell, void *ctx,
             struct fuzz_result *result, struct smg_err *err)
{
    struct fuzz *fuzz = calloc(1, sizeof *fuzz);
    struct loop *loop = loop_new("fuzz", err);

    *result = (struct fuzz_result){ 0 };
    if (fuzz == NULL || loop == NULL) {
        free(fuzz);
        if (loop != NULL)
            loop_free(loop);
        return err->code != SMG_OK ? err->code : smg_fail(err, SMG_E_MEMORY, "out of memory");
    }
    fuzz->options = options;
    fuzz->result = result;
    fuzz->tell = tell;
    fuzz->ctx = ctx;
    fuzz->plugin.file = options->options_file;
    fuzz->plugin.scanner = options->scanner;
    fuzz->limit_us = clock_mono_us() + options->seconds * 1000000;
    log_divert(hear, fuzz);
    if (stand_plugin_load(&fuzz->plugin, loop, "", options->file, options->options, false, err) ==
            SMG_OK &&
        stand_plugin_place(&fuzz->plugin, err) == SMG_OK)
        run(fuzz, err);
    for (size_t i = 0; i < fuzz->open; i++) {
        lane_close(&fuzz->lanes[i].lane);
        stand_read_clear(&fuzz->lanes[i].lane.stand.read);
        trace_fini(&fuzz->lanes[i].start);
        trace_fini(&fuzz->lanes[i].trace);
    }
    log_divert(NULL, NULL);
    stand_plugin_fini(&fuzz->plugin);
    loop_free(loop);
    free(fuzz);
    return err->code;
}
