/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy diff OLD NEW: what a revision changes, exactly. */
#include "cli/policy.h"

#include "workbench/diff.h"

#include <stdio.h>

static int show(const struct diff *diff, struct policy_set *const *sets,
                const struct cli_options *options)
{
    struct cli_applications applications = { .sets = { sets[0], sets[1] } };
    struct buf out = { 0 }, page = { 0 };
    int status = diff_is_none(diff) ? CLI_DONE : CLI_NO;

    if (options->value[0] != NULL) {
        diff_html(diff, cli_application, &applications, &page);
        if (!cli_write_file(options->value[0], &page))
            status = CLI_USAGE;
    }
    if (options->json)
        diff_json(diff, cli_application, &applications, &out);
    else
        diff_text(diff, &out);
    if (status != CLI_USAGE)
        status = cli_print(&out, status);
    buf_fini(&out);
    buf_fini(&page);
    cli_applications_fini(&applications);
    return status;
}

int cli_policy_diff(int argc, char **argv)
{
    static const char *const own[] = { "html", NULL };
    struct policy_set *sets[2] = { NULL, NULL };
    struct space_of of[2];
    struct cli_options options;
    struct cli_place place;
    struct diff *diff = NULL;
    struct smg_err err = { 0 };
    int status = CLI_USAGE, i;

    if (!cli_options(argc, argv, own, &options) || options.word_count != 2)
        return cli_policy_usage("diff");
    for (i = 0; i < 2; i++) {
        options.policies = options.words[i];
        sets[i] = cli_policy_set(&options);
        if (sets[i] == NULL)
            goto out;
    }
    if (!cli_policy_place(&options, sets, 2, &place))
        goto out;
    for (i = 0; i < 2; i++)
        of[i] = (struct space_of){
            .set = sets[i], .region = place.region, .on = place.on, .begun = place.on
        };
    diff = diff_new(&of[0], &of[1], &err);
    if (diff == NULL)
        fprintf(stderr, "shiming: %s\n", err.text);
    else
        status = show(diff, sets, &options);
out:
    diff_free(diff);
    policy_set_free(sets[0]);
    policy_set_free(sets[1]);
    return status;
}
