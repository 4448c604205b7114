/* SPDX-License-Identifier: Apache-2.0 */
/* One case after the other: find its texts, decide, compare, count. */
#include "replay/replay.h"

#include "policy/rehearing.h"
#include "release/archive.h"
#include "replay/lines.h"

#include <stdlib.h>

enum { COURTS = 4, WHY_BYTES = 400 };

/* A set that cases name, ready to hear them. */
struct court {
    char hash[80];
    struct policy_set *set;
    struct policy *policy;       /* of the set itself; NULL under a draft */
    struct rehearing *rehearing; /* NULL: why */
    char why[WHY_BYTES];
};

struct replay {
    struct store *store;
    struct replay_options options;
    struct policy *draft;
    struct court courts[COURTS];
    size_t court_count, court_next, court_last;
    struct decision decision;
    struct buf outline;
    struct lines was, is;
    struct smg_date day; /* of the last case, and how it is written: most cases share it */
    struct buf day_text;
    struct replay_result result;
};

struct replay *replay_new(struct store *store, const struct replay_options *options,
                          struct smg_err *err)
{
    struct replay *replay = calloc(1, sizeof *replay);

    if (replay == NULL) {
        smg_fail(err, SMG_E_MEMORY, "replay: out of memory");
        return NULL;
    }
    replay->store = store;
    replay->options = *options;
    if (options->draft != NULL) {
        replay->draft = policy_new(options->draft, err);
        if (replay->draft == NULL) {
            free(replay);
            return NULL;
        }
    }
    return replay;
}

static void close_court(struct court *court)
{
    rehearing_free(court->rehearing);
    policy_free(court->policy);
    policy_set_free(court->set);
    *court = (struct court){ .why = "" };
}

void replay_free(struct replay *replay)
{
    struct replay_result *result;
    size_t i;

    if (replay == NULL)
        return;
    result = &replay->result;
    for (i = 0; i < replay->court_count; i++)
        close_court(&replay->courts[i]);
    policy_free(replay->draft);
    buf_fini(&replay->outline);
    buf_fini(&replay->day_text);
    tally_fini(&result->verdicts);
    tally_fini(&result->rules);
    tally_fini(&result->effects);
    tally_fini(&result->missing);
    tally_fini(&result->dealers);
    tally_fini(&result->days);
    tally_fini(&result->sets);
    free(replay);
}

static void open_court(struct replay *replay, struct court *court)
{
    struct policy *policy = replay->draft;
    struct smg_err err = { 0 };

    if (archive_load(replay->store, court->hash, &court->set, &err) == SMG_OK && policy == NULL)
        policy = court->policy = policy_new(court->set, &err);
    if (court->set != NULL && policy != NULL) {
        court->rehearing = rehearing_new(court->set, policy);
        if (court->rehearing == NULL)
            smg_fail(&err, SMG_E_MEMORY, "out of memory");
    }
    snprintf(court->why, sizeof court->why, "its texts are not to be had: %s", err.text);
}

/* Cases come in the order they were made, so few sets are wanted at a time. */
static struct court *find_court(struct replay *replay, struct smg_str hash)
{
    struct court *court;
    size_t i;

    if (replay->court_count > 0 && str_is(hash, replay->courts[replay->court_last].hash))
        return &replay->courts[replay->court_last];
    for (i = 0; i < replay->court_count; i++)
        if (str_is(hash, replay->courts[i].hash)) {
            replay->court_last = i;
            return &replay->courts[i];
        }
    i = replay->court_next;
    replay->court_next = (i + 1) % COURTS;
    court = &replay->courts[i];
    close_court(court);
    if (replay->court_count < COURTS)
        replay->court_count++;
    replay->court_last = i;
    snprintf(court->hash, sizeof court->hash, "%.*s", (int)hash.len, hash.len == 0 ? "" : hash.at);
    open_court(replay, court);
    return court;
}

static void alarm_about(struct replay *replay, struct id id, const char *what)
{
    replay->result.alarms++;
    replay->options.alarm(replay->options.ctx, id, what);
}

void replay_unreadable(struct replay *replay, struct id id, const struct smg_err *err)
{
    replay->result.cases++;
    alarm_about(replay, id, err->text);
}

void replay_absent(struct replay *replay, struct id id)
{
    alarm_about(replay, id, "its case is missing");
}

/* What one decision says and the other does not, as " +need x RULE"; cut when it is long. */
static void put_unsaid(const struct lines *lines, const struct lines *other, char sign,
                       struct buf *out)
{
    size_t i, j;

    for (i = 0; i < lines->effect_count; i++) {
        for (j = 0; j < other->effect_count; j++)
            if (str_eq(lines->effects[i].whole, other->effects[j].whole))
                break;
        if (j == other->effect_count) {
            buf_printf(out, "; %c ", sign);
            buf_str(out, lines->effects[i].whole);
        }
    }
}

static void hear_again(struct replay *replay, struct id id, const struct kept_case *kept)
{
    struct buf what = { 0 };

    if (str_eq(buf_view(&replay->outline), kept->outline)) {
        replay->result.same++;
        return;
    }
    if (!lines_take(kept->outline, &replay->was)) {
        alarm_about(replay, id, "its decision is not of our form");
        return;
    }
    lines_take(buf_view(&replay->outline), &replay->is);
    buf_printf(&what, "was decided %.*s, and its own texts say %.*s", (int)replay->was.verdict.len,
               replay->was.verdict.at, (int)replay->is.verdict.len, replay->is.verdict.at);
    put_unsaid(&replay->was, &replay->is, '-', &what);
    put_unsaid(&replay->is, &replay->was, '+', &what);
    alarm_about(replay, id, what.failed ? "is decided otherwise by its own texts" : what.at);
    buf_fini(&what);
}

/* ---- under a draft ---- */

/* Facts the draft wants and the case does not tell: what the old vocabulary could not say, and what
 * a service or registry was never asked. */
static size_t find_missing(struct replay *replay, const struct court *court,
                           const char *names[DECISION_QUESTIONS])
{
    const struct decision *decision = &replay->decision;
    size_t count = rehearing_missing(court->rehearing, names, DECISION_QUESTIONS), i, j;

    if (count > DECISION_QUESTIONS)
        count = DECISION_QUESTIONS;
    for (i = 0; i < decision->question_count; i++) {
        const char *fact = decision->questions[i].fact;

        for (j = 0; j < count && names[j] != fact; j++)
            ;
        if (j == count && count < DECISION_QUESTIONS && !lines_ask(&replay->was, fact))
            names[count++] = fact;
    }
    return count;
}

static void count_missing(struct replay *replay, struct id id, const struct kept_case *kept,
                          const char *const *names, size_t count)
{
    size_t i;

    replay->result.undecided++;
    for (i = 0; i < count; i++) {
        struct tally_row *row = tally_row(&replay->result.missing, str_of(names[i]));

        if (row == NULL)
            return;
        row->cases++;
        tally_example(row, id, kept->facts);
    }
}

static void count_effect(struct replay *replay, const struct line *line, bool added, struct id id,
                         const struct kept_case *kept)
{
    struct tally_row *row;
    struct buf name = { 0 };

    buf_str(&name, line->rule);
    buf_text(&name, added ? " + " : " - ");
    buf_str(&name, line->says);
    buf_str(&name, line->how.len == 0 ? line->how : str_bytes(line->how.at - 1, line->how.len + 1));
    row = name.failed ? NULL : tally_row(&replay->result.effects, buf_view(&name));
    if (row != NULL) {
        row->changed++;
        tally_example(row, id, kept->facts);
    }
    buf_fini(&name);
}

/* Rules that have been counted for this case. */
struct hit {
    struct smg_str rule;
    bool added, gone;
};

static void count_effects(struct replay *replay, bool added, struct id id,
                          const struct kept_case *kept, struct hit *hits, size_t *hit_count)
{
    const struct lines *lines = added ? &replay->is : &replay->was;
    const struct lines *other = added ? &replay->was : &replay->is;
    size_t i, j;

    for (i = 0; i < lines->effect_count; i++) {
        const struct line *line = &lines->effects[i];

        if (lines_say(other, line))
            continue;
        count_effect(replay, line, added, id, kept);
        for (j = 0; j < *hit_count && !str_eq(hits[j].rule, line->rule); j++)
            ;
        if (j == *hit_count)
            hits[(*hit_count)++] = (struct hit){ .rule = line->rule };
        hits[j].added |= added;
        hits[j].gone |= !added;
    }
}

/* false: the two say the same. */
static bool count_change(struct replay *replay, struct id id, const struct kept_case *kept)
{
    struct hit hits[2 * LINES_MAX];
    struct tally_row *row;
    char verdicts[64];
    size_t hit_count = 0, i;

    count_effects(replay, false, id, kept, hits, &hit_count);
    count_effects(replay, true, id, kept, hits, &hit_count);
    if (hit_count == 0 && str_eq(replay->was.verdict, replay->is.verdict))
        return false;
    for (i = 0; i < hit_count; i++) {
        row = tally_row(&replay->result.rules, hits[i].rule);
        if (row == NULL)
            return true;
        row->changed++;
        row->added += hits[i].added;
        row->gone += hits[i].gone;
        tally_example(row, id, (struct smg_str){ "", 0 });
    }
    snprintf(verdicts, sizeof verdicts, "%.*s -> %.*s", (int)replay->was.verdict.len,
             replay->was.verdict.at, (int)replay->is.verdict.len, replay->is.verdict.at);
    row = tally_row(&replay->result.verdicts, str_of(verdicts));
    if (row != NULL) {
        row->changed++;
        tally_example(row, id, (struct smg_str){ "", 0 });
    }
    return true;
}

/* true: it changed. A refusal stands whatever a missing fact would add to it, so it tells that an
 * acceptance changed; everything else needs the fact. */
static bool hear_otherwise(struct replay *replay, const struct court *court, struct id id,
                           const struct kept_case *kept)
{
    const char *names[DECISION_QUESTIONS];
    size_t missing;

    if (!lines_take(kept->outline, &replay->was)) {
        alarm_about(replay, id, "its decision is not of our form");
        return false;
    }
    missing = find_missing(replay, court, names);
    if (missing > 0 && (replay->decision.verdict != VERDICT_REFUSED ||
                        str_is(replay->was.verdict, verdict_name(VERDICT_REFUSED)))) {
        count_missing(replay, id, kept, names, missing);
        return false;
    }
    if (str_eq(buf_view(&replay->outline), kept->outline)) {
        replay->result.same++;
        return false;
    }
    lines_take(buf_view(&replay->outline), &replay->is);
    if (count_change(replay, id, kept)) {
        replay->result.changed++;
        return true;
    }
    replay->result.cited++;
    return false;
}

/* ---- */

static void count_case(struct replay *replay, const struct kept_case *kept, bool changed)
{
    struct replay_result *result = &replay->result;
    struct tally *const by[] = { &result->days, &result->dealers, &result->sets };
    struct smg_str names[] = { { NULL, 0 }, kept->dealer, kept->set };
    size_t i;

    if (date_compare(kept->on, replay->day) != 0) {
        replay->day = kept->on;
        buf_clear(&replay->day_text);
        date_write(kept->on, &replay->day_text);
    }
    names[0] = buf_view(&replay->day_text);
    for (i = 0; i < sizeof by / sizeof *by; i++) {
        struct tally_row *row = tally_row(by[i], names[i]);

        if (row == NULL)
            return;
        row->cases++;
        row->changed += changed;
    }
}

void replay_case(struct replay *replay, struct id id, const struct kept_case *kept)
{
    bool draft = replay->draft != NULL, changed = false;
    bool as_of = draft && !date_is_none(replay->options.as_of);
    struct smg_date on = as_of ? replay->options.as_of : kept->on;
    const struct court *court;
    char region[8] = "";

    replay->result.cases++;
    if (kept->broken) {
        replay->result.broken++;
        return;
    }
    court = find_court(replay, kept->set);
    if (court->rehearing == NULL) {
        alarm_about(replay, id, court->why);
        return;
    }
    if (kept->region.len < sizeof region)
        memcpy(region, kept->region.at, kept->region.len);
    if (!rehearing_decide(court->rehearing, kept->facts, region, on, as_of ? on : kept->begun,
                          &replay->decision)) {
        alarm_about(replay, id, "its facts are not of the vocabulary it names");
        return;
    }
    replay->outline.len = 0; /* nothing of it needs wiping */
    policy_outline(&replay->decision, &replay->outline);
    if (draft)
        changed = hear_otherwise(replay, court, id, kept);
    else
        hear_again(replay, id, kept);
    count_case(replay, kept, changed);
}

const struct replay_result *replay_result(const struct replay *replay)
{
    return &replay->result;
}

bool replay_end(struct replay *replay)
{
    struct replay_result *result = &replay->result;
    struct tally *const by_changed[] = { &result->verdicts, &result->rules, &result->dealers };
    struct tally *const by_name[] = { &result->effects, &result->missing, &result->days,
                                      &result->sets };
    bool whole = !replay->outline.failed;
    size_t i;

    for (i = 0; i < sizeof by_changed / sizeof *by_changed; i++) {
        tally_sort_by_changed(by_changed[i]);
        whole = whole && !by_changed[i]->failed;
    }
    for (i = 0; i < sizeof by_name / sizeof *by_name; i++) {
        tally_sort_by_name(by_name[i]);
        whole = whole && !by_name[i]->failed;
    }
    return whole;
}
