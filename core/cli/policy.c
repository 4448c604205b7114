/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy list, show, test. */
#include "policy/policy.h"

#include "cli/cli.h"

#include <unistd.h>

static int list(const struct policy_set *set, bool json)
{
    struct buf out = { 0 };
    size_t i;
    int status;

    for (i = 0; i < policy_set_count(set); i++) {
        const struct policy_info *info = policy_set_info(set, i);

        if (!json) {
            buf_printf(&out, "%-14s region %-3s from %s%s%s, %zu rules, %s\n  %s\n", info->id,
                       info->region[0] == '\0' ? "-" : info->region, info->from,
                       info->until == NULL ? "" : " until ", info->until == NULL ? "" : info->until,
                       info->rules, info->hash, info->zh);
            continue;
        }
        buf_text(&out, i == 0 ? "[{\"id\":" : ",{\"id\":");
        buf_json(&out, str_of(info->id));
        buf_text(&out, ",\"hash\":");
        buf_json(&out, str_of(info->hash));
        buf_printf(&out, ",\"from\":\"%s\",\"rules\":%zu}", info->from, info->rules);
    }
    if (json)
        buf_text(&out, "]\n");
    status = cli_print(&out, CLI_DONE);
    buf_fini(&out);
    return status;
}

static int show(const struct policy_set *set, const char *id)
{
    struct buf out = { 0 };
    size_t i;
    int status;

    for (i = 0; i < policy_set_count(set); i++)
        if (strcmp(policy_set_info(set, i)->id, id) == 0) {
            buf_str(&out, policy_set_info(set, i)->text);
            status = cli_print(&out, CLI_DONE);
            buf_fini(&out);
            return status;
        }
    fprintf(stderr, "shiming: %s is not in the stack; name it with -p\n", id);
    return CLI_NO;
}

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

static int test(const struct cli_options *options)
{
    struct buf out = { 0 }, problems = { 0 };
    struct tally tally = { .out = &out, .json = options->json };
    char room[4096];
    size_t count;
    const char *const *stack = cli_stack(options, &count);
    int failures, status;

    if (options->json)
        buf_byte(&out, '[');
    failures = policy_test(cli_policies(options, room, sizeof room), stack, count, tell, &tally,
                           &problems);
    if (failures < 0) {
        fputs(problems.at == NULL ? "shiming: the policies do not load\n" : problems.at, stderr);
        status = CLI_USAGE;
    } else {
        if (options->json)
            buf_text(&out, "]\n");
        else
            buf_printf(&out, "1..%zu\n# %zu passed, %zu failed\n", tally.passed + tally.failed,
                       tally.passed, tally.failed);
        status = cli_print(&out, failures == 0 && tally.passed > 0 ? CLI_DONE : CLI_NO);
    }
    buf_fini(&out);
    buf_fini(&problems);
    return status;
}

int cli_policy(int argc, char **argv)
{
    struct cli_options options;
    struct buf problems = { 0 };
    struct policy_set *set;
    char room[4096];
    size_t count;
    const char *const *stack;
    const char *verb;
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, NULL, &options))
        return CLI_USAGE;
    verb = options.word_count > 0 ? options.words[0] : "";
    if (strcmp(verb, "test") == 0 && options.word_count == 1)
        return test(&options);
    if (!(strcmp(verb, "list") == 0 && options.word_count == 1) &&
        !(strcmp(verb, "show") == 0 && options.word_count == 2)) {
        fputs("usage: shiming policy list | show ID | test   [-p REGULATION]... [--policies DIR] "
              "[--json]\n",
              stderr);
        return CLI_USAGE;
    }
    stack = cli_stack(&options, &count);
    set = policy_set_load(cli_policies(&options, room, sizeof room), stack, count, &problems);
    if (set == NULL)
        fputs(problems.at == NULL ? "shiming: the policies do not load\n" : problems.at, stderr);
    else
        status = strcmp(verb, "list") == 0 ? list(set, options.json) : show(set, options.words[1]);
    policy_set_free(set);
    buf_fini(&problems);
    return status;
}
