/* SPDX-License-Identifier: Apache-2.0 */
/* How fast stored cases are decided again: all of it, from the storage to the count. */
#include "cli/bench.h"

#include "cli/cli.h"
#include "replay/cases.h"
#include "replay/replay.h"

#include <stdlib.h>

enum { CASES = 30000 };

/* Of this thread, in microseconds: what a core does, whoever else wants it. */
struct bench_hearing {
    struct replay *replay;
    struct tally unlike; /* by facts, when it is asked for */
    bool counts;
};

static bool hear(void *ctx, struct id id, const struct kept_case *kept, const struct smg_err *err)
{
    struct bench_hearing *hearing = ctx;

    if (kept == NULL)
        replay_unreadable(hearing->replay, id, err);
    else if (hearing->counts)
        tally_row(&hearing->unlike, kept->facts);
    else
        replay_case(hearing->replay, id, kept);
    return true;
}

static void on_alarm(void *ctx, struct id id, const char *what)
{
    (void)id;
    (void)what;
    *(bool *)ctx = true;
}

/* Cases a second of processor time, all of it this thread's; and how many of them differ. */
static int measure(struct bench *bench, struct site *site, double *rate, size_t *unlike,
                   struct smg_err *err)
{
    static const struct cases_range all = { { 0, 0, 0 }, { 0, 0, 0 } };
    struct sealer *sealer = sealer_new(site->keyring, err);
    struct bench_hearing hearing = { .counts = true };
    bool alarmed = false;
    struct replay_options options = { .alarm = on_alarm, .ctx = &alarmed };
    int status = sealer == NULL ? err->code : SMG_OK;
    int64_t begun, end = 0;

    hearing.replay = status == SMG_OK ? replay_new(site->store, &options, err) : NULL;
    if (hearing.replay == NULL)
        status = err->code;
    if (status == SMG_OK)
        status = cases_scan(site->store, sealer, &all, hear, &hearing, err);
    *unlike = hearing.unlike.count;
    hearing.counts = false;
    begun = bench_thread_us();
    while (status == SMG_OK && end < begun + bench->run_us) {
        status = cases_scan(site->store, sealer, &all, hear, &hearing, err);
        end = bench_thread_us();
    }
    if (status == SMG_OK && alarmed)
        status = smg_fail(err, SMG_E_BUG, "bench: a case of its own is decided otherwise");
    if (status == SMG_OK)
        *rate = (double)replay_result(hearing.replay)->same * 1e6 / (double)(end - begun);
    tally_fini(&hearing.unlike);
    replay_free(hearing.replay);
    sealer_free(sealer);
    return status;
}

/* A store of its own beside the bench's. */
static int open_store(const struct bench *bench, const char *name, struct site *site,
                      struct smg_err *err)
{
    struct buf complaints = { 0 };
    char path[300];
    int status = bench_config(bench, name, err);

    snprintf(path, sizeof path, "%s/%s.yaml", bench->dir, name);
    if (status == SMG_OK && !site_open(site, path, ".cli", &complaints))
        status = smg_fail(err, SMG_E_INVALID, "%.200s", complaints.at == NULL ? "" : complaints.at);
    buf_fini(&complaints);
    return status;
}

int bench_replay(struct bench *bench, struct smg_err *err)
{
    static const char *const stack[] = { "cn-54/2018" };
    static const struct {
        const char *store, *name, *unlike;
    } streams[] = {
        { "unlike", "replay, hardly two cases alike", "replay, facts that differ, of 30,000" },
        { "alike", "replay, as at a counter", "replay, facts that differ, of 30,000 at a counter" },
    };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_load(bench->policies, stack, 1, &problems);
    int status = set == NULL ? smg_fail(err, SMG_E_INVALID, "%.200s",
                                        problems.at == NULL ? "policies" : problems.at)
                             : SMG_OK;
    size_t i, unlike = 0;
    double rate = 0;

    for (i = 0; status == SMG_OK && i < 2; i++) {
        struct bench_stock stock = { .count = CASES, .days = 30, .unlike = i == 0 };
        struct site site = { 0 };

        status = open_store(bench, streams[i].store, &site, err);
        if (status == SMG_OK)
            status = bench_fill(&site, set, &stock, err);
        if (status == SMG_OK)
            status = measure(bench, &site, &rate, &unlike, err);
        site_close(&site);
        bench_add(bench, (struct figure){ .name = streams[i].name,
                                          .unit = "1/s a core",
                                          .value = rate,
                                          .target = 200000 });
        bench_add(bench, (struct figure){
                             .name = streams[i].unlike, .unit = "", .value = (double)unlike });
    }
    policy_set_free(set);
    buf_fini(&problems);
    return status;
}

int bench_fill_verb(const struct cli_options *options, const char *cases, const char *days)
{
    struct bench_stock stock = { .days = 365 };
    struct buf complaints = { 0 };
    struct policy_set *set = NULL;
    struct smg_err err = { 0 };
    struct site site = { 0 };
    int64_t count, span = stock.days;
    int status = CLI_USAGE;

    if (options->config == NULL || cases == NULL || !str_to_int(str_of(cases), &count) ||
        count < 1 || (days != NULL && (!str_to_int(str_of(days), &span) || span > 36500))) {
        fputs("usage: shiming bench fill -c FILE --cases N [--days N]\n", stderr);
        return CLI_USAGE;
    }
    stock.count = (size_t)count;
    stock.days = (unsigned)span;
    if (site_open(&site, options->config, ".cli", &complaints))
        set = policy_set_load(site.config->policies.path, site.config->policies.stack,
                              site.config->policies.stack_count, &complaints);
    if (set == NULL)
        fputs(complaints.at == NULL ? "" : complaints.at, stderr);
    else if (bench_fill(&site, set, &stock, &err) != SMG_OK)
        fprintf(stderr, "shiming: %s\n", err.text);
    else
        status = CLI_DONE;
    policy_set_free(set);
    site_close(&site);
    buf_fini(&complaints);
    return status;
}
