/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy mutate: which faults in the policies their tests would miss. */
#include "cli/policy.h"

#include "workbench/mutate.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct report {
    struct buf *out;
    bool json, all, progress;
};

static struct smg_str short_of(struct smg_str text)
{
    const char *end = memchr(text.at, '\n', text.len);

    return (struct smg_str){ text.at, end == NULL ? text.len : (size_t)(end - text.at) };
}

/* Each line of the texts, indented. */
static void put_lines(struct buf *out, const char *before, const char *lines)
{
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");

        buf_text(out, before);
        buf_put(out, lines, len);
        buf_byte(out, '\n');
        lines += len + (lines[len] == '\n');
    }
}

static void put_change(struct buf *out, const struct fated *fated)
{
    struct smg_str was = short_of(fated->was), with = short_of(fated->with);

    buf_printf(out, "%s:%d:%d: ", fated->file, fated->mutant->line, fated->mutant->column);
    buf_str(out, was);
    buf_text(out, was.len < fated->was.len ? " ..." : "");
    if (with.len == 0) {
        buf_text(out, ": left out");
    } else {
        buf_text(out, ": becomes ");
        buf_str(out, with);
        buf_text(out, with.len < fated->with.len ? " ..." : "");
    }
}

static void put_text(struct buf *out, const struct fated *fated)
{
    put_change(out, fated);
    if (fated->fate == FATE_EQUIVALENT) {
        buf_printf(out, "\n  equivalent, proved over %.0f cases\n", fated->cases);
    } else if (fated->fate == FATE_KILLED) {
        buf_printf(out, "\n  killed: %.*s\n", (int)strcspn(fated->killer, "\n"), fated->killer);
    } else if (fated->facts[0] == '\0' && fated->says[0][0] == '\0' && fated->says[1][0] == '\0') {
        buf_printf(out, "\n  alive: no test fails, and %s has too many cases for a proof\n",
                   fated->rule);
    } else {
        buf_printf(out, "\n  alive: no test fails, but %s decides otherwise when\n", fated->rule);
        put_lines(out, "    ", fated->facts[0] == '\0' ? "(always)" : fated->facts);
        put_lines(out, "  as it is:  ", fated->says[0][0] == '\0' ? "nothing" : fated->says[0]);
        put_lines(out, "  with it:   ", fated->says[1][0] == '\0' ? "nothing" : fated->says[1]);
    }
}

static void put_list(struct buf *out, const char *lines)
{
    size_t i;

    buf_byte(out, '[');
    for (i = 0; *lines != '\0'; i++) {
        size_t len = strcspn(lines, "\n");

        buf_text(out, i > 0 ? "," : "");
        buf_json(out, (struct smg_str){ lines, len });
        lines += len + (lines[len] == '\n');
    }
    buf_byte(out, ']');
}

static void put_json(struct buf *out, const struct fated *fated)
{
    static const char *const fates[] = { "killed", "equivalent", "alive" };

    buf_text(out, out->at[out->len - 1] == '[' ? "{\"file\":" : ",{\"file\":");
    buf_json(out, str_of(fated->file));
    buf_printf(out, ",\"line\":%d,\"column\":%d,\"was\":", fated->mutant->line,
               fated->mutant->column);
    buf_json(out, fated->was);
    buf_text(out, ",\"becomes\":");
    buf_json(out, fated->with);
    buf_printf(out, ",\"fate\":\"%s\"", fates[fated->fate]);
    if (fated->fate == FATE_KILLED) {
        buf_text(out, ",\"by\":");
        buf_json(out, (struct smg_str){ fated->killer, strcspn(fated->killer, "\n") });
    } else if (fated->fate == FATE_EQUIVALENT) {
        buf_printf(out, ",\"cases\":%.0f", fated->cases);
    } else {
        buf_text(out, ",\"rule\":");
        buf_json(out, str_of(fated->rule));
        buf_text(out, ",\"facts\":");
        put_list(out, fated->facts);
        buf_text(out, ",\"says\":");
        put_list(out, fated->says[0]);
        buf_text(out, ",\"would_say\":");
        put_list(out, fated->says[1]);
    }
    buf_byte(out, '}');
}

static void on_fate(void *ctx, const struct fated *fated, size_t at, size_t of)
{
    struct report *report = ctx;

    if (report->progress && (at == of || at % 10 == 0))
        fprintf(stderr, "\r%s: %zu of %zu faults", fated->file, at, of);
    if (report->progress && at == of)
        fprintf(stderr, "\r%60s\r", "");
    if (report->json)
        put_json(report->out, fated);
    else if (report->all || fated->fate == FATE_ALIVE)
        put_text(report->out, fated);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void put_sum(struct report *report, const struct mutation *sum, double seconds)
{
    size_t all = sum->killed + sum->equivalent + sum->alive;

    if (report->json)
        buf_printf(report->out,
                   "],\"faults\":%zu,\"killed\":%zu,\"equivalent\":%zu,\"alive\":%zu,"
                   "\"rule_runs\":%zu,\"test_runs\":%zu,\"seconds\":%.3f}\n",
                   all, sum->killed, sum->equivalent, sum->alive, sum->rule_runs, sum->test_runs,
                   seconds);
    else
        buf_printf(report->out,
                   "%zu faults: %zu killed, %zu proved equivalent, %zu alive (%.2f s)\n", all,
                   sum->killed, sum->equivalent, sum->alive, seconds);
}

static int run(struct policy_set *set, const char *path, struct report *report)
{
    struct mutation sum = { 0 }, one;
    struct buf problems = { 0 };
    double begun = now();
    bool done = true;
    size_t i;

    if (report->json)
        buf_text(report->out, "{\"mutants\":[");
    for (i = 0; done && i < policy_set_count(set); i++) {
        done = mutate(set, i, path, on_fate, report, &one, &problems);
        sum.killed += one.killed;
        sum.equivalent += one.equivalent;
        sum.alive += one.alive;
        sum.rule_runs += one.rule_runs;
        sum.test_runs += one.test_runs;
    }
    if (done)
        put_sum(report, &sum, now() - begun);
    else
        fputs(problems.at, stderr);
    buf_fini(&problems);
    return !done ? CLI_USAGE : sum.alive == 0 ? CLI_DONE : CLI_NO;
}

int cli_policy_mutate(int argc, char **argv)
{
    static const char *const own[] = { "-all", NULL };
    struct cli_options options;
    struct policy_set *set;
    struct buf out = { 0 };
    struct report report = { .out = &out };
    char room[4096];
    int status;

    if (!cli_options(argc, argv, own, &options) || options.word_count != 0)
        return cli_policy_usage("mutate");
    set = cli_policy_set(&options);
    if (set == NULL)
        return CLI_USAGE;
    report.json = options.json;
    report.all = options.value[0] != NULL;
    report.progress = isatty(STDERR_FILENO) != 0;
    status = run(set, cli_policies(&options, room, sizeof room), &report);
    if (status != CLI_USAGE)
        status = cli_print(&out, status);
    buf_fini(&out);
    policy_set_free(set);
    return status;
}
