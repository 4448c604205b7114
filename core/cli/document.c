/* SPDX-License-Identifier: Apache-2.0 */
/* shiming document check TYPE NUMBER, shiming document list: what a number says, what kinds there
 * are. */
#include "policy/policy.h"

#include "cli/cli.h"
#include "loop/clock.h"
#include "policy/number.h"

static void put_pair(struct buf *out, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    buf_printf(out, ",\"%s\":", name);
    buf_json(out, str_of(value));
}

static void put_line(struct buf *out, const char *name, const char *value)
{
    if (value[0] != '\0')
        buf_printf(out, "  %-11s %s\n", name, value);
}

static const char *sex_of(const struct number_says *says)
{
    return says->sex == 'M' ? "male" : says->sex == 'F' ? "female" : "";
}

static void birth_of(const struct number_says *says, char out[16])
{
    struct buf birth = { 0 };

    if (!date_is_none(says->birth))
        date_write(says->birth, &birth);
    snprintf(out, 16, "%s", birth.at == NULL ? "" : birth.at);
    buf_fini(&birth);
}

static void write_json(const struct document_info *kind, const struct number_says *says,
                       struct buf *out)
{
    char birth[16];

    birth_of(says, birth);
    buf_printf(out, "{\"type\":\"%s\",\"valid\":%s,\"reason\":\"%s\"", kind->type,
               says->verdict == NUMBER_OK ? "true" : "false", number_verdict_name(says->verdict));
    put_pair(out, "zh", number_text(says).zh);
    put_pair(out, "en", number_text(says).en);
    put_pair(out, "of", says->of);
    put_pair(out, "number", says->normal);
    put_pair(out, "birth", birth);
    put_pair(out, "sex", sex_of(says));
    put_pair(out, "region", says->region);
    put_pair(out, "nationality", says->nationality);
    put_pair(out, "standard", says->standard);
    buf_printf(out, ",\"warnings\":[%s%s%s]}\n",
               (says->warnings & NUMBER_WARN_REGION) != 0 ? "\"region\"" : "",
               says->warnings == (NUMBER_WARN_REGION | NUMBER_WARN_OUTER) ? "," : "",
               (says->warnings & NUMBER_WARN_OUTER) != 0 ? "\"outer_check\"" : "");
}

static void write_text(const struct document_info *kind, const struct number_says *says,
                       struct buf *out)
{
    const struct number_text text = number_text(says);
    char birth[16];

    birth_of(says, birth);
    buf_printf(out, "%s: %s (%s)\n", says->verdict == NUMBER_OK ? "valid" : "not valid",
               number_verdict_name(says->verdict),
               says->standard[0] == '\0' ? kind->en : says->standard);
    if (text.zh[0] != '\0')
        buf_printf(out, "  %s\n  %s\n", text.zh, text.en);
    put_line(out, "number", says->normal);
    put_line(out, "birth", birth);
    put_line(out, "sex", sex_of(says));
    put_line(out, "region", says->region);
    put_line(out, "nationality", says->nationality);
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
    (options->json ? write_json : write_text)(kind, &says, &out);
    status = cli_print(&out, says.verdict == NUMBER_OK ? CLI_DONE : CLI_NO);
    buf_fini(&out);
    return status;
}

/* "5 years, from 16: 10 years, from 46: long-term" */
static void put_terms(const struct document_info *kind, struct buf *out)
{
    size_t i;

    for (i = 0; i < kind->term_count; i++) {
        buf_text(out, i == 0 ? "" : ", ");
        if (kind->terms[i].age > 0)
            buf_printf(out, "from %d: ", kind->terms[i].age);
        if (kind->terms[i].years > 0)
            buf_printf(out, "%d years", kind->terms[i].years);
        else
            buf_text(out, "long-term");
    }
}

static void list_json(const struct document_info *kind, struct buf *out)
{
    size_t i;

    buf_printf(out, "{\"type\":\"%s\"", kind->type);
    put_pair(out, "zh", kind->zh);
    put_pair(out, "en", kind->en);
    put_pair(out, "number", kind->number);
    buf_printf(out,
               ",\"person\":%s,\"organisation\":%s,\"machine\":\"%s\",\"dated\":%s,\"terms\":[",
               kind->person ? "true" : "false", kind->organisation ? "true" : "false",
               kind->machine, kind->dated ? "true" : "false");
    for (i = 0; i < kind->term_count; i++) {
        buf_printf(out, "%s{\"age\":%d", i == 0 ? "" : ",", kind->terms[i].age);
        if (kind->terms[i].years > 0)
            buf_printf(out, ",\"years\":%d", kind->terms[i].years);
        buf_byte(out, '}');
    }
    buf_text(out, "]}");
}

static void list_text(const struct document_info *kind, struct buf *out)
{
    buf_printf(out, "%-29s %s / %s\n", kind->type, kind->zh, kind->en);
    buf_printf(out, "%-29s   number %s", "", kind->number);
    if (strcmp(kind->machine, "none") != 0)
        buf_printf(out, "; read by %s", kind->machine);
    if (kind->dated)
        buf_text(out, "; has a last valid day");
    if (kind->term_count > 0)
        buf_text(out, "; good for ");
    put_terms(kind, out);
    buf_byte(out, '\n');
}

static int list(const struct policy_set *set, bool json)
{
    struct buf out = { 0 };
    size_t i;
    int status;

    for (i = 0; i < policy_document_count(set); i++) {
        if (json)
            buf_text(&out, i == 0 ? "[" : ",\n");
        (json ? list_json : list_text)(policy_document(set, i), &out);
    }
    if (json)
        buf_text(&out, i == 0 ? "[]\n" : "]\n");
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
              "       shiming document list [--json]\n",
              stderr);
        return CLI_USAGE;
    }
    stack = cli_stack(&options, &count);
    set = policy_set_load(cli_policies(&options, room, sizeof room), stack, count, &problems);
    if (set == NULL)
        fputs(problems.at == NULL ? "shiming: the policies do not load\n" : problems.at, stderr);
    else
        status = checking ? check(set, &options, on) : list(set, options.json);
    policy_set_free(set);
    buf_fini(&problems);
    return status;
}
