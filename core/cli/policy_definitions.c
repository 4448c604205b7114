/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy definitions: files for editors and linters. */
#include "cli/policy.h"

#include "workbench/definitions.h"

#include <stdio.h>

static int write_all(const struct policy_set *set, const char *folder)
{
    struct buf text = { 0 };
    int status = CLI_DONE;
    size_t i;

    for (i = 0; status == CLI_DONE && definitions_name(i) != NULL; i++) {
        buf_clear(&text);
        if (!definitions_write(set, i, &text)) {
            fputs("shiming: out of memory\n", stderr);
            status = CLI_USAGE;
        } else if (!cli_policy_write(folder, definitions_name(i), &text)) {
            status = CLI_USAGE;
        } else {
            printf("%s/%s\n", folder, definitions_name(i));
        }
    }
    buf_fini(&text);
    return status;
}

int cli_policy_definitions(int argc, char **argv)
{
    struct cli_options options;
    struct policy_set *set;
    int status;

    if (!cli_options(argc, argv, NULL, &options) || options.word_count != 0)
        return cli_policy_usage("definitions");
    set = cli_policy_set(&options);
    status = set == NULL ? CLI_USAGE : write_all(set, options.out == NULL ? "." : options.out);
    policy_set_free(set);
    return status;
}
