/* SPDX-License-Identifier: Apache-2.0 */
/* The register of a regulation: every article, paragraph and item of the law, each bound to the
 * rules that carry it out, to a process of the software, or to the reason why it is not automated.
 * It stands beside the regulation, cn-54/2018_articles.lua, and takes no part in decisions. */
#ifndef POLICY_ARTICLES_H
#define POLICY_ARTICLES_H

#include "policy/set.h"

enum { ARTICLES = 2048, ARTICLE_RULES = 64, PROCESSES = 128, PROCESS_PLACES = 16 };

/* Who sees to an article first of all. */
enum binding { BOUND_RULES, BOUND_PROCESS, BOUND_BY_PEOPLE };

/* A part of the software that is no rule (policies/processes.lua). */
struct process {
    const char *name, *zh, *en;
    const char **where; /* "shiming audit verify", "GET /v1/readers", "tests/e2e/api.py" */
    size_t where_count;
};

struct article {
    const char *number;  /* "6.3"; "7.1/2" is an item */
    const char *zh, *en; /* what it says, in our words */
    const char *digest;  /* of the official text; NULL when that is not at hand */
    /* What it is bound to, at least one of these: */
    size_t *rules; /* indices in the set */
    size_t rule_count;
    const struct process *process;     /* or NULL */
    const char *reason_zh, *reason_en; /* why it, or the rest of it, is not automated; or NULL */
    int line;
};

struct articles {
    const struct policy_set *set; /* the set whose rules are named; must live as long */
    size_t regulation;
    const char *file;       /* "cn-54/2018_articles.lua" */
    bool declared, at_hand; /* at_hand: the official text was, so every unit has a digest */
    bool extract; /* only what concerns registration: units, and digests, may be left out */
    const char *source_zh, *source_en; /* where the text was taken from */
    struct smg_date checked;           /* when somebody last held the register to it */
    struct article *articles;          /* in the order of the law */
    size_t count;
    struct process *processes;
    size_t process_count;
    struct policy_set *kept; /* the texts all of the above point to */
};

/* Read the register of a regulation of the set. Everything that is wrong with it is appended to
 * problems ("file:line: ..."): an article bound to nothing, an unknown rule with the
 * nearest name, a rule no article is bound to, articles out of order. NULL when anything was. */
struct articles *articles_load(const char *path, const struct policy_set *set, size_t regulation,
                               struct buf *problems);
void articles_free(struct articles *articles); /* NULL is fine */

/* "6.3", "7.1/2", "6-1.1": article, paragraph and item, none of them 0. */
bool articles_number_is_valid(struct smg_str number);
const struct article *articles_find(const struct articles *articles, struct smg_str number);
enum binding article_binding(const struct article *article);
/* Is some article bound to this rule of the set? */
bool articles_bind(const struct articles *articles, size_t rule);

#endif
