/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy check: everything that can be wrong with a stack, found without a case. */
#include "cli/policy.h"

#include "cli/watch.h"
#include "policy/constants.h"
#include "workbench/check.h"
#include "workbench/law.h"
#include "workbench/show.h"
#include "workbench/rests.h"

#include <stdio.h>

struct checking {
    const struct cli_options *options;
    const char *folder;
    const char *law; /* an official text to hold the last regulation of the stack to, or NULL */
    struct policy_set *set;
    struct articles *registers[DECISION_POLICIES]; /* by regulation; NULL: it does not load */
    struct check_figures figures;
    struct buf problems; /* one a line, "file:line: ..." */
    int status;
};

static void check_registers(struct checking *checking)
{
    size_t i;

    for (i = 0; i < policy_set_count(checking->set); i++)
        checking->registers[i] =
            articles_load(checking->folder, checking->set, i, &checking->problems);
}

/* "; on it rest the rules 6.3, 6.3/age and 12 tests". */
static void put_rests(struct buf *out, const struct articles *articles, const struct rests *rests,
                      const struct article *it)
{
    size_t tests = 0, i;

    for (i = 0; i < it->rule_count; i++)
        buf_printf(out, "%s%s", i == 0 ? "; on it rest the rules " : ", ",
                   strchr(articles->set->rules[it->rules[i]].id, '#') + 1);
    for (i = 0; rests != NULL && i < rests_count(rests); i++)
        tests += rests_on(rests, i, it->rules, it->rule_count);
    if (tests > 0)
        buf_printf(out, " and %zu test%s", tests, tests == 1 ? "" : "s");
}

static void put_law_problem(struct checking *checking, const struct articles *articles,
                            const struct rests *rests, const struct law_difference *it)
{
    struct buf on_it = { 0 };

    if (it->article == NULL) {
        set_problem(&checking->problems, checking->law, it->unit->line, "article %s is not in %s",
                    it->unit->number, articles->file);
        return;
    }
    if (it->change == LAW_MOVED)
        buf_printf(&on_it, "is now %s", it->unit->number);
    else
        buf_text(&on_it, it->change == LAW_GONE ? "is not in the official text"
                                                : "its official text has changed");
    put_rests(&on_it, articles, rests, it->article);
    set_problem(&checking->problems, articles->file, it->article->line, "article \"%s\": %s",
                it->article->number, on_it.failed ? "" : on_it.at);
    buf_fini(&on_it);
}

static void put_law_problems(struct checking *checking, const struct articles *articles,
                             const struct law_differences *differences)
{
    struct rests *rests;
    size_t i;

    for (i = 0; i < differences->count && !law_is_difference(differences->list[i].change); i++)
        ;
    if (i == differences->count)
        return;
    rests = rests_new(checking->set, checking->folder, &checking->problems);
    for (i = 0; i < differences->count; i++)
        if (law_is_difference(differences->list[i].change))
            put_law_problem(checking, articles, rests, &differences->list[i]);
    rests_free(rests);
}

static void check_law(struct checking *checking)
{
    const struct articles *articles = checking->registers[policy_set_count(checking->set) - 1];
    struct law_differences differences = { 0 };
    struct law_text law = { 0 };
    struct buf text = { 0 };

    if (checking->law == NULL || articles == NULL)
        return;
    if (!cli_read_file(checking->law, &text))
        checking->status = CLI_USAGE;
    else if (law_text_read(buf_view(&text), checking->law, &law, &checking->problems) &&
             !law_compare(articles, &law, &differences))
        set_problem(&checking->problems, checking->law, 0, "out of memory");
    put_law_problems(checking, articles, &differences);
    law_differences_fini(&differences);
    law_text_fini(&law);
    buf_fini(&text);
}

static void check_constants(struct checking *checking)
{
    constants_check(checking->set, &checking->problems);
}

static void check_every_case(struct checking *checking)
{
    check_exact(checking->set, &checking->figures, &checking->problems);
}

/* Each adds its problems; a later one may use what an earlier one loaded. */
static void (*const sections[])(struct checking *) = { check_registers, check_law, check_constants,
                                                       check_every_case };

/* ---- the answer ---- */

struct counts {
    size_t articles, units;
    size_t by[BOUND_BY_PEOPLE + 1];
};

static struct counts count(const struct articles *articles)
{
    struct counts counts = { 0 };
    const char *before = "";
    size_t i;

    for (i = 0; i < articles->count; i++) {
        const struct article *it = &articles->articles[i];
        size_t len = strcspn(it->number, ".");

        if (strncmp(it->number, before, len + 1) != 0)
            counts.articles++;
        before = it->number;
        counts.units++;
        counts.by[article_binding(it)]++;
    }
    return counts;
}

static size_t problem_count(const struct checking *checking)
{
    size_t lines = 0, i;

    for (i = 0; i < checking->problems.len; i++)
        lines += checking->problems.at[i] == '\n';
    return lines;
}

static void put_register(struct buf *out, const struct articles *articles)
{
    struct counts counts = count(articles);
    size_t i;

    buf_printf(out,
               "%s: %zu articles, %zu paragraphs and items: %zu by rules, %zu by the software, "
               "%zu by people\n  without a rule:",
               articles->set->regulations[articles->regulation].info.id, counts.articles,
               counts.units, counts.by[BOUND_RULES], counts.by[BOUND_PROCESS],
               counts.by[BOUND_BY_PEOPLE]);
    for (i = 0; i < articles->count; i++)
        if (articles->articles[i].rule_count == 0)
            buf_printf(out, " %s", articles->articles[i].number);
    buf_byte(out, '\n');
}

static void put_text(const struct checking *checking, struct buf *out)
{
    size_t articles = 0, problems = problem_count(checking), i;

    for (i = 0; i < DECISION_POLICIES; i++)
        if (checking->registers[i] != NULL) {
            put_register(out, checking->registers[i]);
            articles += count(checking->registers[i]).articles;
        }
    buf_str(out, buf_view(&checking->problems));
    if (checking->figures.epochs > 0) {
        natural_write_short(&checking->figures.cases, out);
        buf_printf(out,
                   " cases on %zu days and regions, %zu runs of rules; a decision costs at most "
                   "%lld instructions\n",
                   checking->figures.epochs, checking->figures.runs,
                   (long long)checking->figures.cost);
    }
    if (checking->set != NULL)
        buf_printf(out, "%zu facts, %zu rules, %zu articles: ", checking->set->fact_count,
                   checking->set->rule_count, articles);
    if (problems == 0)
        buf_text(out, "no problems\n");
    else
        buf_printf(out, "%zu problem%s\n", problems, problems == 1 ? "" : "s");
}

/* "file:line: text" as an object. */
static void put_json_problem(struct buf *out, struct smg_str line)
{
    const char *colon = memchr(line.at, ':', line.len);
    size_t file = colon == NULL ? 0 : (size_t)(colon - line.at), i = file + 1;
    int64_t number;

    while (i < line.len && line.at[i] != ':' && line.at[i] != ' ')
        i++;
    buf_text(out, "{\"file\":");
    buf_json(out, str_bytes(line.at, file));
    if (i < line.len && str_to_int(str_bytes(line.at + file + 1, i - file - 1), &number))
        buf_printf(out, ",\"line\":%lld", (long long)number);
    else
        i = file;
    buf_text(out, ",\"text\":");
    i = i + 2 > line.len ? line.len : i + 2;
    buf_json(out, str_bytes(line.at + i, line.len - i));
    buf_byte(out, '}');
}

static void put_json_register(struct buf *out, const struct articles *articles)
{
    struct counts counts = count(articles);
    bool first = true;
    size_t i;

    buf_text(out, "{\"id\":");
    buf_json(out, str_of(articles->set->regulations[articles->regulation].info.id));
    buf_printf(out,
               ",\"articles\":%zu,\"paragraphs\":%zu,\"by_rules\":%zu,\"by_software\":%zu,"
               "\"by_people\":%zu,\"without_rule\":[",
               counts.articles, counts.units, counts.by[BOUND_RULES], counts.by[BOUND_PROCESS],
               counts.by[BOUND_BY_PEOPLE]);
    for (i = 0; i < articles->count; i++) {
        if (articles->articles[i].rule_count > 0)
            continue;
        buf_printf(out, "%s\"%s\"", first ? "" : ",", articles->articles[i].number);
        first = false;
    }
    buf_text(out, "]}");
}

static void put_json(const struct checking *checking, struct buf *out)
{
    struct smg_str rest = buf_view(&checking->problems);
    bool first = true;
    size_t i;

    buf_byte(out, '{');
    if (checking->set != NULL)
        buf_printf(out, "\"facts\":%zu,\"rules\":%zu,", checking->set->fact_count,
                   checking->set->rule_count);
    if (checking->figures.epochs > 0) {
        buf_text(out, "\"cases\":");
        show_count_json(&checking->figures.cases, out);
        buf_printf(out, ",\"epochs\":%zu,\"runs\":%zu,\"worst_cost\":%lld,",
                   checking->figures.epochs, checking->figures.runs,
                   (long long)checking->figures.cost);
    }
    buf_text(out, "\"registers\":[");
    for (i = 0; i < DECISION_POLICIES; i++) {
        if (checking->registers[i] == NULL)
            continue;
        buf_text(out, first ? "" : ",");
        put_json_register(out, checking->registers[i]);
        first = false;
    }
    buf_text(out, "],\"problems\":[");
    while (rest.len > 0) {
        size_t len = (size_t)((const char *)memchr(rest.at, '\n', rest.len) - rest.at);

        buf_text(out, rest.at == checking->problems.at ? "" : ",");
        put_json_problem(out, str_bytes(rest.at, len));
        rest.at += len + 1;
        rest.len -= len + 1;
    }
    buf_text(out, "]}\n");
}

static void check_once(void *ctx)
{
    struct checking *checking = ctx;
    struct buf out = { 0 };
    const char *const *stack;
    size_t count_of_stack, i;

    stack = cli_stack(checking->options, &count_of_stack);
    checking->status = CLI_DONE;
    checking->figures = (struct check_figures){ 0 };
    checking->set = policy_set_load(checking->folder, stack, count_of_stack, &checking->problems);
    for (i = 0; checking->set != NULL && i < sizeof sections / sizeof sections[0]; i++)
        sections[i](checking);
    (checking->options->json ? put_json : put_text)(checking, &out);
    if (checking->status == CLI_DONE && checking->problems.len > 0)
        checking->status = CLI_NO;
    checking->status = cli_print(&out, checking->status);
    buf_fini(&out);
    buf_fini(&checking->problems);
    for (i = 0; i < DECISION_POLICIES; i++) {
        articles_free(checking->registers[i]);
        checking->registers[i] = NULL;
    }
    policy_set_free(checking->set);
    checking->set = NULL;
}

int cli_policy_check(int argc, char **argv)
{
    static const char *const own[] = { "law", "-watch", NULL };
    struct cli_options options;
    struct checking checking = { .options = &options };
    char room[4096];

    if (!cli_options(argc, argv, own, &options) || options.word_count != 0)
        return cli_policy_usage("check");
    checking.folder = cli_policies(&options, room, sizeof room);
    checking.law = options.value[0];
    if (options.value[1] != NULL)
        return watch_run(checking.folder, check_once, &checking) ? CLI_DONE : CLI_USAGE;
    check_once(&checking);
    return checking.status;
}
