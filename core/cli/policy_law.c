/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy law: an official text against the register of its regulation. */
#include "cli/policy.h"

#include "workbench/law.h"
#include "workbench/rests.h"

#include <stdio.h>

struct printing {
    const struct articles *articles;
    const struct law_differences *differences;
    const struct rests *rests;
    const char *file;
    struct buf *out;
};

static void put_rules(struct printing *printing, const struct article *article, const char *before,
                      const char *between, const char *quote)
{
    size_t i;

    for (i = 0; i < article->rule_count; i++)
        buf_printf(printing->out, "%s%s%s%s", i == 0 ? before : between, quote,
                   strchr(printing->articles->set->rules[article->rules[i]].id, '#') + 1, quote);
}

/* The tests that rest on an article, a few by name. */
static void put_tests(struct printing *printing, const struct article *article)
{
    enum { NAMED = 3 };
    size_t count = 0, i;

    for (i = 0; i < rests_count(printing->rests); i++) {
        if (!rests_on(printing->rests, i, article->rules, article->rule_count))
            continue;
        if (++count <= NAMED)
            buf_printf(printing->out, "    test: %s\n", rests_name(printing->rests, i));
    }
    if (count > NAMED)
        buf_printf(printing->out, "    and %zu more tests\n", count - NAMED);
}

static void put_bindings(struct printing *printing, const struct article *article)
{
    put_rules(printing, article, "    rests on it: rules ", ", ", "");
    if (article->process != NULL)
        buf_printf(printing->out, "%sprocess %s",
                   article->rule_count > 0 ? "; " : "    rests on it: ", article->process->name);
    if (article->rule_count > 0 || article->process != NULL)
        buf_byte(printing->out, '\n');
    if (article->reason_en != NULL)
        buf_printf(printing->out, "    not automated: %s\n                   %s\n",
                   article->reason_zh, article->reason_en);
}

static void put_difference(struct printing *printing, const struct law_difference *it)
{
    struct buf *out = printing->out;

    if (it->change == LAW_MOVED)
        buf_printf(out, "%s is now %s\n", it->article->number, it->unit->number);
    else
        buf_printf(out, "%s %s\n", it->unit != NULL ? it->unit->number : it->article->number,
                   it->change == LAW_UNKNOWN ? "has no digest" : law_change_names[it->change]);
    if (it->article != NULL) {
        buf_printf(out, "    was: %s\n         %s\n", it->article->zh, it->article->en);
        put_bindings(printing, it->article);
        put_tests(printing, it->article);
    }
    if (it->unit != NULL && it->change != LAW_MOVED) {
        buf_printf(out, "    now, line %d: ", it->unit->line);
        buf_str(out, it->unit->text);
        buf_printf(out, "\n    digest = \"%s\"\n", it->unit->digest);
    }
}

static void put_text(struct printing *printing)
{
    const struct law_differences *all = printing->differences;
    size_t i;

    for (i = 0; i < all->count; i++)
        if (all->list[i].change != LAW_SAME && all->list[i].change != LAW_OUTSIDE)
            put_difference(printing, &all->list[i]);
    buf_printf(printing->out, "%s against %s: ",
               printing->articles->set->regulations[printing->articles->regulation].info.id,
               printing->file);
    for (i = LAW_CHANGED; i <= LAW_OUTSIDE; i++)
        if (all->of[i] > 0)
            buf_printf(printing->out, "%zu %s, ", all->of[i], law_change_names[i]);
    buf_printf(printing->out, "%zu the same\n", all->of[LAW_SAME]);
}

static void put_member(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, ",\"%s\":", key);
    buf_json(out, str_of(text));
}

static void put_json_tests(struct printing *printing, const struct article *article)
{
    const char *between = "";
    size_t i;

    buf_text(printing->out, ",\"tests\":[");
    for (i = 0; i < rests_count(printing->rests); i++) {
        if (!rests_on(printing->rests, i, article->rules, article->rule_count))
            continue;
        buf_text(printing->out, between);
        buf_json(printing->out, str_of(rests_name(printing->rests, i)));
        between = ",";
    }
    buf_byte(printing->out, ']');
}

static void put_json_difference(struct printing *printing, const struct law_difference *it)
{
    struct buf *out = printing->out;

    buf_printf(out, "{\"change\":\"%s\"", law_change_names[it->change]);
    if (it->unit != NULL) {
        put_member(out, "number", it->unit->number);
        put_member(out, "digest", it->unit->digest);
        buf_text(out, ",\"text\":");
        buf_json(out, it->unit->text);
    }
    if (it->article != NULL) {
        put_member(out, "registered", it->article->number);
        put_member(out, "zh", it->article->zh);
        put_member(out, "en", it->article->en);
        buf_text(out, ",\"rules\":[");
        put_rules(printing, it->article, "", ",", "\"");
        buf_byte(out, ']');
        put_json_tests(printing, it->article);
        if (it->article->process != NULL)
            put_member(out, "process", it->article->process->name);
    }
    buf_byte(out, '}');
}

static void put_json(struct printing *printing)
{
    const struct law_differences *all = printing->differences;
    bool first = true;
    size_t i;

    buf_text(printing->out, "{\"regulation\":");
    buf_json(printing->out,
             str_of(printing->articles->set->regulations[printing->articles->regulation].info.id));
    buf_printf(printing->out, ",\"same\":%zu,\"differences\":[", all->of[LAW_SAME]);
    for (i = 0; i < all->count; i++) {
        if (all->list[i].change == LAW_SAME || all->list[i].change == LAW_OUTSIDE)
            continue;
        if (!first)
            buf_byte(printing->out, ',');
        first = false;
        put_json_difference(printing, &all->list[i]);
    }
    buf_text(printing->out, "]}\n");
}

static int compare(const struct articles *articles, const struct rests *rests, const char *file,
                   bool json)
{
    struct law_differences differences = { 0 };
    struct buf text = { 0 }, out = { 0 }, problems = { 0 };
    struct law_text law = { 0 };
    int status = CLI_USAGE;

    if (!cli_read_file(file, &text))
        goto out;
    if (!law_text_read(buf_view(&text), file, &law, &problems) ||
        !law_compare(articles, &law, &differences)) {
        fputs(problems.at == NULL ? "shiming: out of memory\n" : problems.at, stderr);
        goto out;
    }
    (json ? put_json : put_text)(&(struct printing){ articles, &differences, rests, file, &out });
    status = cli_print(&out, law_is_same(&differences) ? CLI_DONE : CLI_NO);
out:
    law_differences_fini(&differences);
    law_text_fini(&law);
    buf_fini(&problems);
    buf_fini(&text);
    buf_fini(&out);
    return status;
}

/* Load what the regulation rests on, then compare. */
static int take_in(const struct cli_options *options, struct policy_set *set)
{
    const char *regulation = options->words[0], *path;
    struct buf problems = { 0 };
    struct articles *articles;
    struct rests *rests = NULL;
    int status = CLI_USAGE;
    char room[4096];
    size_t i;

    for (i = 0; i < policy_set_count(set); i++)
        if (strcmp(policy_set_info(set, i)->id, regulation) == 0)
            break;
    if (i == policy_set_count(set)) {
        fprintf(stderr, "shiming: %s is not in the stack\n", regulation);
        return CLI_USAGE;
    }
    path = cli_policies(options, room, sizeof room);
    articles = articles_load(path, set, i, &problems);
    if (articles != NULL)
        rests = rests_new(set, path, &problems);
    if (rests != NULL)
        status = compare(articles, rests, options->words[1], options->json);
    else
        fputs(problems.at == NULL ? "shiming: out of memory\n" : problems.at, stderr);
    rests_free(rests);
    articles_free(articles);
    buf_fini(&problems);
    return status;
}

int cli_policy_law(int argc, char **argv)
{
    struct cli_options options;
    struct policy_set *set;
    int status;

    if (!cli_options(argc, argv, NULL, &options) || options.word_count != 2)
        return cli_policy_usage("law");
    set = cli_policy_set(&options);
    status = set == NULL ? CLI_USAGE : take_in(&options, set);
    policy_set_free(set);
    return status;
}
