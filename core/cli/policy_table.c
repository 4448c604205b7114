/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy table: the rules as a table. */
#include "cli/policy.h"

#include "workbench/table.h"

int cli_policy_table(int argc, char **argv)
{
    static const char *const own[] = { "html", "-markdown", NULL };
    struct cli_options options;
    struct buf out = { 0 };
    struct space *space;
    enum table_form form;
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, own, &options) || options.word_count != 0)
        return cli_policy_usage("table");
    space = cli_policy_space(&options);
    if (space == NULL)
        return CLI_USAGE;
    form = options.value[0] != NULL   ? TABLE_HTML
           : options.json             ? TABLE_JSON
           : options.value[1] != NULL ? TABLE_MARKDOWN
                                      : TABLE_TEXT;
    table_write(space, form, &out);
    if (form != TABLE_HTML)
        status = cli_print(&out, CLI_DONE);
    else if (cli_write_file(options.value[0], &out))
        status = CLI_DONE;
    buf_fini(&out);
    space_free(space);
    return status;
}
