/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy replay: stored cases decided again. */
#include "cli/policy.h"

#include "loop/clock.h"
#include "replay/report.h"
#include "site.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { TICK_US = 100000, CASES_A_LOOK = 512, BAR = 30, PAGE_ALARMS = 1000 };

/* On a terminal only. */
struct progress {
    bool shown;
    int64_t begun_us, drawn_us;
    int64_t first_ms, last_ms; /* when the first and the last case were made */
};

struct run {
    struct replay *replay;
    struct report report;
    struct progress progress;
    struct buf alarms; /* the first of them, for the page */
    bool json;
};

static void draw(const struct run *run, int64_t now_us, double share)
{
    uint64_t cases = replay_result(run->replay)->cases;
    int full = (int)(share * BAR), i;

    fputs("\r[", stderr);
    for (i = 0; i < BAR; i++)
        fputc(i < full ? '#' : ' ', stderr);
    fprintf(stderr, "] %3d %%  %" PRIu64 " cases, %.0f/s ", (int)(share * 100), cases,
            (double)cases * 1e6 / (double)(now_us - run->progress.begun_us + 1));
    fflush(stderr);
}

static void look(struct run *run, struct id id)
{
    struct progress *progress = &run->progress;
    int64_t now_us, ms = id_time(id);

    if (progress->first_ms == 0)
        progress->first_ms = ms;
    if (!progress->shown || replay_result(run->replay)->cases % CASES_A_LOOK != 0)
        return;
    now_us = clock_mono_us();
    if (now_us - progress->drawn_us < TICK_US)
        return;
    progress->drawn_us = now_us;
    draw(run, now_us,
         (double)(ms - progress->first_ms + 1) /
             (double)(progress->last_ms - progress->first_ms + 1));
}

/* Each is shown as it is found, whatever their number. */
static void on_alarm(void *ctx, struct id id, const char *what)
{
    struct run *run = ctx;
    uint64_t count = replay_result(run->replay)->alarms;
    struct buf line = { 0 };

    if (run->json) {
        buf_text(&line, count == 1 ? "\n{\"id\":\"" : ",\n{\"id\":\"");
        id_write(id, &line);
        buf_text(&line, "\",\"what\":");
        buf_json(&line, str_of(what));
        buf_byte(&line, '}');
    } else {
        buf_text(&line, "ALARM ");
        id_write(id, &line);
        buf_printf(&line, ": %s\n", what);
    }
    fwrite(line.at, 1, line.len, stdout);
    if (count <= PAGE_ALARMS) {
        id_write(id, &run->alarms);
        buf_printf(&run->alarms, " %s\n", what);
    } else if (count == PAGE_ALARMS + 1) {
        buf_text(&run->alarms, "…\n");
    }
    buf_fini(&line);
}

static bool on_case(void *ctx, struct id id, const struct kept_case *kept,
                    const struct smg_err *err)
{
    struct run *run = ctx;

    if (kept == NULL)
        replay_unreadable(run->replay, id, err);
    else
        replay_case(run->replay, id, kept);
    look(run, id);
    return true;
}

static void on_absent(void *ctx, struct id id)
{
    struct run *run = ctx;

    replay_absent(run->replay, id);
}

/* All of the range; by their own texts, that none is missing, too. */
static int replay_range(struct run *run, const struct site *site, struct sealer *sealer,
                        struct smg_err *err)
{
    const struct cases_range *range = &run->report.range;

    if (cases_last(site->store, range, &run->progress.last_ms, err) != SMG_OK ||
        cases_scan(site->store, sealer, range, on_case, run, err) != SMG_OK ||
        (run->report.draft == NULL &&
         cases_absent(site->store, range, on_absent, run, err) != SMG_OK))
        return err->code;
    return replay_end(run->replay) ? SMG_OK : smg_fail(err, SMG_E_MEMORY, "out of memory");
}

static int show(struct run *run, const char *page)
{
    const struct replay_result *result = replay_result(run->replay);
    bool good = result->alarms == 0 && result->changed == 0 && result->undecided == 0;
    struct buf out = { 0 }, html = { 0 };
    int status = good ? CLI_DONE : CLI_NO;

    run->report.result = result;
    run->report.alarms = buf_view(&run->alarms);
    if (run->json) {
        buf_text(&out, "],\n");
        report_json(&run->report, &out);
        buf_text(&out, "}\n");
    } else {
        report_text(&run->report, &out);
    }
    if (page != NULL) {
        report_html(&run->report, &html);
        if (!cli_write_file(page, &html))
            status = CLI_USAGE;
    }
    status = cli_print(&out, status);
    buf_fini(&out);
    buf_fini(&html);
    return status;
}

static int replay_site(struct run *run, const struct site *site,
                       const struct replay_options *options, const char *page)
{
    struct smg_err err = { 0 };
    struct sealer *sealer = sealer_new(site->keyring, &err);
    int status = CLI_USAGE;

    run->replay = sealer == NULL ? NULL : replay_new(site->store, options, &err);
    if (run->replay != NULL) {
        if (run->json)
            fputs("{\"alarms\":[", stdout);
        run->progress.begun_us = clock_mono_us();
        replay_range(run, site, sealer, &err);
        if (run->progress.shown) {
            draw(run, clock_mono_us(), 1);
            fputc('\n', stderr);
        }
    }
    if (err.code == SMG_OK && run->replay != NULL)
        status = show(run, page);
    else
        fprintf(stderr, "shiming: %s\n", err.text);
    replay_free(run->replay);
    sealer_free(sealer);
    return status;
}

enum { POLICY, FROM, TO, HTML };

static bool read_days(const struct cli_options *options, struct run *run)
{
    static const char *const names[] = { "--from", "--to", "--on" };
    const char *texts[] = { options->value[FROM], options->value[TO], options->on };
    struct smg_date *const days[] = { &run->report.range.from, &run->report.range.to,
                                      &run->report.as_of };
    size_t i;

    for (i = 0; i < 3; i++)
        if (texts[i] != NULL && !date_parse(str_of(texts[i]), days[i])) {
            fprintf(stderr, "shiming: %s %s is no day: write 2027-01-31\n", names[i], texts[i]);
            return false;
        }
    if (options->on != NULL && options->value[POLICY] == NULL) {
        fputs("shiming: --on goes with --policy: their own texts decide on their own days\n",
              stderr);
        return false;
    }
    return true;
}

/* The draft, with the stack that was asked for or else the gateway's own. */
static struct policy_set *load_draft(struct cli_options *options, const struct config *config)
{
    size_t i;

    options->policies = options->value[POLICY];
    for (i = 0; options->stack_count == 0 && i < config->policies.stack_count; i++)
        options->stack[i] = config->policies.stack[i];
    if (options->stack_count == 0)
        options->stack_count = i;
    return cli_policy_set(options);
}

static int replay_with(struct run *run, struct cli_options *options, const struct site *site)
{
    struct replay_options wanted = { .alarm = on_alarm, .ctx = run };
    int status;

    if (options->value[POLICY] != NULL) {
        wanted.draft = load_draft(options, site->config);
        if (wanted.draft == NULL)
            return CLI_USAGE;
        wanted.as_of = run->report.as_of;
        run->report.draft = policy_set_hash(wanted.draft);
    }
    status = replay_site(run, site, &wanted, options->value[HTML]);
    policy_set_free(wanted.draft);
    return status;
}

int cli_policy_replay(int argc, char **argv)
{
    static const char *const own[] = { "policy", "from", "to", "html", NULL };
    struct run run = { .replay = NULL };
    struct buf complaints = { 0 };
    struct cli_options options;
    struct site site = { 0 };
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, own, &options) || options.word_count != 0 ||
        options.config == NULL)
        return cli_policy_usage("replay");
    run.json = options.json;
    run.progress.shown = isatty(STDERR_FILENO) == 1;
    if (!read_days(&options, &run))
        return CLI_USAGE;
    if (site_open(&site, options.config, ".cli", &complaints))
        status = replay_with(&run, &options, &site);
    else
        fputs(complaints.at == NULL ? "" : complaints.at, stderr);
    site_close(&site);
    buf_fini(&complaints);
    buf_fini(&run.alarms);
    return status;
}
