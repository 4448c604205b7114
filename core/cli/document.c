/* SPDX-License-Identifier: Apache-2.0 */
/* shiming document check TYPE NUMBER, shiming document list. */
#include "policy/policy.h"

#include "cli/cli.h"
#include "loop/clock.h"
#include "policy/number.h"

static void put_pair(struct buf *out, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    buf_printf(out, ",\"%s\":", name);
    buf_json(out, str_of(value));
}

static void write_verdict(const struct document_info *kind, const struct number_says *says,
                          bool json, struct buf *out)
{
    char sex[8] = "";
    struct buf birth = { 0 };

    if (says->sex != 0)
        snprintf(sex, sizeof sex, "%s", says->sex == 'M' ? "male" : "female");
    if (!date_is_none(says->birth))
        date_write(says->birth, &birth);
    if (json) {
        buf_printf(out, "{\"type\":\"%s\",\"valid\":%s,\"reason\":\"%s\"", kind->type,
                   says->verdict == NUMBER_OK ? "true" : "false",
                   number_verdict_name(says->verdict));
        put_pair(out, "number", says->normal);
        put_pair(out, "birth", birth.at == NULL ? "" : birth.at);
        put_pair(out, "sex", sex);
        put_pair(out, "region", says->region);
        put_pair(out, "nationality", says->nationality);
        put_pair(out, "standard", says->standard == NULL ? "" : says->standard);
        buf_printf(out, ",\"warnings\":[%s%s%s]}\n",
                   (says->warnings & NUMBER_WARN_REGION) != 0 ? "\"region\"" : "",
                   says->warnings == (NUMBER_WARN_REGION | NUMBER_WARN_OUTER) ? "," : "",
                   (says->warnings & NUMBER_WARN_OUTER) != 0 ? "\"outer_check\"" : "");
    } else {
        buf_printf(out, "%s: %s (%s)\n", says->verdict == NUMBER_OK ? "valid" : "not valid",
                   number_verdict_name(says->verdict),
                   says->standard == NULL ? kind->en : says->standard);
        if (says->normal[0] != '\0')
            buf_printf(out, "  number      %s\n", says->normal);
        if (birth.at != NULL)
            buf_printf(out, "  birth       %s\n", birth.at);
        if (sex[0] != '\0')
            buf_printf(out, "  sex         %s\n", sex);
        if (says->region[0] != '\0')
            buf_printf(out, "  region      %s\n", says->region);
        if (says->nationality[0] != '\0')
            buf_printf(out, "  nationality %s\n", says->nationality);
        if ((says->warnings & NUMBER_WARN_REGION) != 0)
            buf_text(out,
                     "  note: the county is not in our tables; people keep the code of their first "
                     "registration\n");
        if ((says->warnings & NUMBER_WARN_OUTER) != 0)
            buf_text(
                out,
                "  note: the outer check fails and the inner one holds, as in the early codes; see "
                "the licence itself\n");
    }
    buf_fini(&birth);
}

static int check(const struct policy_set *set, const struct cli_options *options,
                 struct smg_date on)
{
    const struct document_info *kind = policy_document_find(set, str_of(options->words[1]));
    const char *names[64];
    struct number_says says;
    struct buf out = { 0 };
    const char *near;
    size_t i;
    int status;

    if (kind == NULL) {
        for (i = 0; i < policy_document_count(set) && i < 64; i++)
            names[i] = policy_document(set, i)->type;
        near = str_nearest(str_of(options->words[1]), names, i);
        fprintf(stderr,
                "shiming: \"%s\" is no kind of document%s%s; shiming document list names them\n",
                options->words[1], near == NULL ? "" : "; did you mean ", near == NULL ? "" : near);
        return CLI_USAGE;
    }
    number_format(str_of(kind->number))(str_of(options->words[2]), on, &says);
    write_verdict(kind, &says, options->json, &out);
    status = cli_print(&out, says.verdict == NUMBER_OK ? CLI_DONE : CLI_NO);
    buf_fini(&out);
    return status;
}

static int list(const struct policy_set *set)
{
    struct buf out = { 0 };
    size_t i;
    int status;

    for (i = 0; i < policy_document_count(set); i++) {
        const struct document_info *kind = policy_document(set, i);

        buf_printf(&out, "%-28s %s / %s\n", kind->type, kind->zh, kind->en);
    }
    status = cli_print(&out, CLI_DONE);
    buf_fini(&out);
    return status;
}

int cli_document(int argc, char **argv)
{
    struct smg_date on = date_of(clock_now_ms());
    struct cli_options options;
    struct buf problems = { 0 };
    struct policy_set *set;
    char room[4096];
    size_t count;
    const char *const *stack;
    int status = CLI_USAGE;
    bool checking;

    if (!cli_options(argc, argv, NULL, &options))
        return CLI_USAGE;
    checking = options.word_count == 3 && strcmp(options.words[0], "check") == 0;
    if ((!checking && (options.word_count != 1 || strcmp(options.words[0], "list") != 0)) ||
        (options.on != NULL && !date_parse(str_of(options.on), &on))) {
        fputs("usage: shiming document check TYPE NUMBER [--on YYYY-MM-DD] [--json]\n"
              "       shiming document list\n",
              stderr);
        return CLI_USAGE;
    }
    stack = cli_stack(&options, &count);
    set = policy_set_load(cli_policies(&options, room, sizeof room), stack, count, &problems);
    if (set == NULL)
        fputs(problems.at == NULL ? "shiming: the policies do not load\n" : problems.at, stderr);
    else
        status = checking ? check(set, &options, on) : list(set);
    policy_set_free(set);
    buf_fini(&problems);
    return status;
}
