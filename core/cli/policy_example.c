/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy example FACT=VALUE...: a case with these facts, as an application. */
#include "cli/policy.h"

#include "registration/example.h"

#include <stdlib.h>

/* Words as facts: cut up in place. "FACT=?": nobody has told it. */
static bool take_facts(const struct cli_options *options, struct answer *out)
{
    int i;

    for (i = 0; i < options->word_count; i++) {
        char *equals = strchr(options->words[i], '=');

        if (equals == NULL) {
            fprintf(stderr, "shiming: %s is no fact with its value: write customer.minor=true\n",
                    options->words[i]);
            return false;
        }
        *equals = '\0';
        out[i] = (struct answer){ .fact = options->words[i],
                                  .value = strcmp(equals + 1, "?") == 0 ? NULL : equals + 1 };
    }
    return true;
}

/* How it is decided, what a gateway wants besides, and what could not be had. */
static void say_beside(const struct cli_options *options, const struct example *example,
                       const struct cli_place *place)
{
    struct buf command = { 0 };
    size_t i;

    buf_text(&command, "shiming decide");
    for (i = 0; i < options->stack_count; i++)
        buf_printf(&command, " -p %s", options->stack[i]);
    if (options->policies != NULL)
        buf_printf(&command, " --policies %s", options->policies);
    buf_text(&command, " --on ");
    date_write(place->on, &command);
    if (example->answers.len > 0)
        buf_printf(&command, " --answers %s", example->answers.at);
    fprintf(stderr, "%s FILE\n", command.failed ? "" : command.at);
    if (example->steps.len > 0)
        fprintf(stderr, "before POST /v1/decisions:\n%s", example->steps.at);
    if (example->missed.len > 0)
        fprintf(stderr, "cannot be had together with the rest: %s\n", example->missed.at);
    buf_fini(&command);
}

static int run(struct policy_set *set, const struct cli_options *options)
{
    struct answer *facts = calloc((size_t)options->word_count + 1, sizeof *facts);
    struct example example = { 0 };
    struct cli_place place;
    struct policy *policy = NULL;
    struct smg_err err = { 0 };
    int status = CLI_USAGE;

    if (facts == NULL || !take_facts(options, facts) || !cli_policy_place(options, &set, 1, &place))
        goto out;
    policy = policy_new(set, &err);
    if (policy == NULL || example_write(policy, facts, (size_t)options->word_count, place.region,
                                        place.on, &example, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
        goto out;
    }
    status = cli_print(&example.application, example.missed.len == 0 ? CLI_DONE : CLI_NO);
    say_beside(options, &example, &place);
out:
    example_fini(&example);
    policy_free(policy);
    free(facts);
    return status;
}

int cli_policy_example(int argc, char **argv)
{
    struct cli_options options;
    struct policy_set *set;
    int status;

    if (!cli_options(argc, argv, NULL, &options))
        return cli_policy_usage("example");
    set = cli_policy_set(&options);
    status = set == NULL ? CLI_USAGE : run(set, &options);
    policy_set_free(set);
    return status;
}
