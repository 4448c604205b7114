/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy test: the tests beside the policies. */
#include "cli/policy.h"

#include <stdio.h>

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

int cli_policy_test(int argc, char **argv)
{
    struct cli_options options;
    struct buf out = { 0 }, problems = { 0 };
    struct tally tally = { .out = &out, .json = false };
    char room[4096];
    size_t count;
    const char *const *stack;
    int failures, status;

    if (!cli_options(argc, argv, NULL, &options) || options.word_count != 0)
        return cli_policy_usage("test");
    tally.json = options.json;
    stack = cli_stack(&options, &count);
    if (options.json)
        buf_byte(&out, '[');
    failures = policy_test(cli_policies(&options, room, sizeof room), stack, count, tell, &tally,
                           &problems);
    if (failures < 0) {
        fputs(problems.at == NULL ? "shiming: the policies do not load\n" : problems.at, stderr);
        status = CLI_USAGE;
    } else {
        if (options.json)
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
