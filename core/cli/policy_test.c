/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy test: the tests beside the policies, and what they meet. */
#include "cli/policy.h"

#include "policy/coverage.h"

#include <stdio.h>

/* The verb's own options: the last ones say what each kind of thing must reach, in percent. */
static const char *const own[] = { "-coverage", "min-rules", "min-conditions", "min-articles",
                                   NULL };
enum { COVERAGE, MINIMA };

static const struct {
    const char *of;
    struct share (*get)(const struct coverage *);
} shares[] = {
    { "rules", coverage_of_rules },
    { "conditions", coverage_of_conditions },
    { "articles", coverage_of_articles },
};
enum { SHARES = sizeof shares / sizeof shares[0] };

struct tally {
    struct buf *out;
    bool json;
    size_t passed, failed;
};

static void tell(void *ctx, const char *file, const char *test, bool passed, const char *why)
{
    struct tally *tally = ctx;

    if (passed)
        tally->passed++;
    else
        tally->failed++;
    if (!tally->json) { /* TAP 13 */
        buf_printf(tally->out, "%s %zu - %s\n", passed ? "ok" : "not ok",
                   tally->passed + tally->failed, test);
        if (!passed)
            buf_printf(tally->out, "  # %s: %s\n", file, why == NULL ? "" : why);
        return;
    }
    buf_text(tally->out, tally->passed + tally->failed == 1 ? "{\"test\":" : ",{\"test\":");
    buf_json(tally->out, str_of(test));
    buf_printf(tally->out, ",\"passed\":%s,\"file\":", passed ? "true" : "false");
    buf_json(tally->out, str_of(file));
    if (!passed) {
        buf_text(tally->out, ",\"why\":");
        buf_json(tally->out, str_of(why));
    }
    buf_byte(tally->out, '}');
}

/* ---- coverage ---- */

static struct smg_str first_line(struct smg_str text)
{
    const char *end = memchr(text.at, '\n', text.len);

    return end == NULL ? text : (struct smg_str){ text.at, (size_t)(end - text.at) };
}

/* A place the tests did not meet, or not in every way. */
struct missing {
    const char *file, *what;
    int line, column; /* column 0: a whole rule */
    struct smg_str name;
};

static void put_missing(struct buf *out, bool json, struct missing it)
{
    if (!json) {
        buf_printf(out, "%s:%d:", it.file, it.line);
        if (it.column > 0)
            buf_printf(out, "%d:", it.column);
        buf_printf(out, " %s: ", it.what);
        buf_str(out, first_line(it.name));
        buf_byte(out, '\n');
        return;
    }
    buf_text(out, out->at[out->len - 1] == '[' ? "{\"file\":" : ",{\"file\":");
    buf_json(out, str_of(it.file));
    buf_printf(out, ",\"line\":%d,", it.line);
    if (it.column > 0)
        buf_printf(out, "\"column\":%d,", it.column);
    buf_printf(out, "\"what\":\"%s\",\"name\":", it.what);
    buf_json(out, it.name);
    buf_byte(out, '}');
}

static void put_all_missing(struct buf *out, bool json, const struct coverage *coverage)
{
    size_t i;

    for (i = 0; i < coverage->article_count; i++) {
        const struct covered_article *it = &coverage->articles[i];

        if (!it->applies)
            put_missing(
                out, json,
                (struct missing){ it->file, "never exercised", it->line, 0, str_of(it->name) });
    }
    for (i = 0; i < coverage->rule_count; i++) {
        const struct covered_rule *it = &coverage->rules[i];

        if (!coverage_rule_is_whole(it))
            put_missing(out, json,
                        (struct missing){ it->file,
                                          !it->applies  ? "never applies"
                                          : !it->speaks ? "never has an effect"
                                                        : "never stays silent",
                                          it->line, 0, str_of(it->id) });
    }
    for (i = 0; i < coverage->condition_count; i++) {
        const struct covered_condition *it = &coverage->conditions[i];

        if (!it->was_true || !it->was_false)
            put_missing(out, json,
                        (struct missing){ it->file,
                                          it->was_false  ? "never true"
                                          : it->was_true ? "never false"
                                                         : "never asked",
                                          it->line, it->column, it->text });
    }
}

static void put_coverage(struct buf *out, bool json, const struct coverage *coverage)
{
    size_t i;

    if (json)
        buf_text(out, ",\"coverage\":{");
    for (i = 0; i < SHARES; i++) {
        struct share share = shares[i].get(coverage);

        buf_printf(out, json ? "\"%s\":{\"met\":%zu,\"of\":%zu}," : "# %s: %zu of %zu met\n",
                   shares[i].of, share.met, share.all);
    }
    if (json)
        buf_text(out, "\"missing\":[");
    put_all_missing(out, json, coverage);
    if (json)
        buf_text(out, "]}");
}

/* Is every share at least what its option asks for? Those that are not are said on stderr. */
static bool is_enough(const struct coverage *coverage, const int64_t minima[SHARES])
{
    bool enough = true;
    size_t i;

    for (i = 0; i < SHARES; i++) {
        struct share share = shares[i].get(coverage);

        if (share.met * 100 >= (size_t)minima[i] * share.all)
            continue;
        fprintf(stderr, "shiming: %s: %zu of %zu met is less than %lld %%\n", shares[i].of,
                share.met, share.all, (long long)minima[i]);
        enough = false;
    }
    return enough;
}

/* ---- the verb ---- */

struct wanted {
    bool coverage;
    int64_t minima[SHARES]; /* percent */
};

static bool take_wanted(const struct cli_options *options, struct wanted *out)
{
    size_t i;

    *out = (struct wanted){ .coverage = options->value[COVERAGE] != NULL };
    for (i = 0; i < SHARES; i++) {
        const char *text = options->value[MINIMA + i];

        if (text == NULL)
            continue;
        out->coverage = true;
        if (!str_to_int(str_of(text), &out->minima[i]) || out->minima[i] > 100) {
            fprintf(stderr, "shiming: --%s takes a percentage, 0 to 100\n", own[MINIMA + i]);
            return false;
        }
    }
    return true;
}

static int run(const struct cli_options *options, const struct wanted *wanted, struct buf *out)
{
    struct tally tally = { .out = out, .json = options->json };
    struct coverage coverage = { 0 };
    struct buf problems = { 0 };
    char room[4096];
    size_t count;
    const char *const *stack = cli_stack(options, &count);
    const char *path = cli_policies(options, room, sizeof room);
    bool good;
    int failures;

    if (options->json)
        buf_text(out, wanted->coverage ? "{\"tests\":[" : "[");
    failures = wanted->coverage
                   ? policy_test_covered(path, stack, count, tell, &tally, &coverage, &problems)
                   : policy_test(path, stack, count, tell, &tally, &problems);
    good = failures == 0 && tally.passed > 0;
    if (failures < 0)
        fputs(problems.at == NULL ? "shiming: the policies do not load\n" : problems.at, stderr);
    else if (options->json)
        buf_byte(out, ']');
    else
        buf_printf(out, "1..%zu\n# %zu passed, %zu failed\n", tally.passed + tally.failed,
                   tally.passed, tally.failed);
    if (failures >= 0 && wanted->coverage) {
        put_coverage(out, options->json, &coverage);
        good = is_enough(&coverage, wanted->minima) && good;
    }
    if (options->json)
        buf_text(out, wanted->coverage ? "}\n" : "\n");
    coverage_fini(&coverage);
    buf_fini(&problems);
    return failures < 0 ? CLI_USAGE : good ? CLI_DONE : CLI_NO;
}

int cli_policy_test(int argc, char **argv)
{
    struct cli_options options;
    struct wanted wanted;
    struct buf out = { 0 };
    int status;

    if (!cli_options(argc, argv, own, &options) || options.word_count != 0)
        return cli_policy_usage("test");
    if (!take_wanted(&options, &wanted))
        return CLI_USAGE;
    status = run(&options, &wanted, &out);
    if (status != CLI_USAGE)
        status = cli_print(&out, status);
    buf_fini(&out);
    return status;
}
