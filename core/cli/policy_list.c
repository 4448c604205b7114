/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy list, show: what is in the stack. */
#include "cli/policy.h"

#include <stdio.h>

static int list(const struct policy_set *set, bool json)
{
    struct buf out = { 0 };
    size_t i;
    int status;

    for (i = 0; i < policy_set_count(set); i++) {
        const struct policy_info *info = policy_set_info(set, i);

        if (!json) {
            buf_printf(&out, "%-14s region %-3s%s%s from %s%s%s, %zu rules, %s\n  %s\n%s", info->id,
                       info->region[0] == '\0' ? "-" : info->region,
                       info->published == NULL ? "" : " published ",
                       info->published == NULL ? "" : info->published, info->from,
                       info->until == NULL ? "" : " until ", info->until == NULL ? "" : info->until,
                       info->rules, info->hash, info->zh,
                       strcmp(info->pending, "begun") == 0
                           ? "  cases begun before it are left to the rules before it\n"
                           : "");
            continue;
        }
        buf_text(&out, i == 0 ? "[{\"id\":" : ",{\"id\":");
        buf_json(&out, str_of(info->id));
        buf_text(&out, ",\"hash\":");
        buf_json(&out, str_of(info->hash));
        if (info->published != NULL)
            buf_printf(&out, ",\"published\":\"%s\"", info->published);
        buf_printf(&out, ",\"from\":\"%s\",\"pending\":\"%s\",\"rules\":%zu}", info->from,
                   info->pending, info->rules);
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

int cli_policy_list(int argc, char **argv)
{
    struct cli_options options;
    struct policy_set *set;
    int status;

    if (!cli_options(argc, argv, NULL, &options) || options.word_count != 0)
        return cli_policy_usage("list");
    set = cli_policy_set(&options);
    status = set == NULL ? CLI_USAGE : list(set, options.json);
    policy_set_free(set);
    return status;
}

int cli_policy_show(int argc, char **argv)
{
    struct cli_options options;
    struct policy_set *set;
    int status;

    if (!cli_options(argc, argv, NULL, &options) || options.word_count != 1)
        return cli_policy_usage("show");
    set = cli_policy_set(&options);
    status = set == NULL ? CLI_USAGE : show(set, options.words[0]);
    policy_set_free(set);
    return status;
}
