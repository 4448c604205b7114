/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons one by one; tables after all their uses were seen, as several facts may look one up.
 */
#include "policy/constants.h"

#include "policy/meant.h"

#include <stdlib.h>

enum { TABLES = 16 };

struct constant {
    enum node_kind kind;
    int64_t integer;
    struct buf text; /* as a fact's value is written */
};

struct checking {
    const struct policy_set *set;
    const struct syntax *syntax;
    const char *file;
    struct buf *problems;
    uint8_t *looked_up; /* by TABLE: BY_FACT, BY_OTHER */
};
enum { BY_FACT = 1, BY_OTHER = 2 };

/* ---- what a fact can be ---- */

/* false: the node is no constant. */
static bool take_constant(const struct syntax *syntax, int node, struct constant *out)
{
    *out = (struct constant){ .kind = syntax->nodes[node].kind };
    switch (out->kind) {
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_NIL:
        buf_str(&out->text, syntax_text(syntax, node));
        return true;
    case NODE_STRING:
        return syntax_string(syntax, node, &out->text);
    case NODE_NUMBER:
        buf_str(&out->text, syntax_text(syntax, node));
        return syntax_integer(syntax, node, &out->integer);
    default:
        return false;
    }
}

static bool lists(const struct fact *fact, int64_t integer)
{
    size_t i;

    for (i = 0; i < fact->value_count; i++)
        if (fact->values[i].integer == integer)
            return true;
    return false;
}

/* A listed number stands for all from it up to the next. What separates the two sides of the
 * comparison must be listed; if it is not, *needed is. */
static bool separates(const struct fact *fact, enum operator operator, int64_t constant,
                      int64_t *needed)
{
    bool last = constant == fact->values[fact->value_count - 1].integer;
    bool from = operator!= OPERATOR_AT_MOST && operator!= OPERATOR_GREATER;
    bool after = operator!= OPERATOR_LESS && operator!=
        OPERATOR_AT_LEAST && !((operator== OPERATOR_EQUAL || operator== OPERATOR_UNEQUAL) && last);

    *needed = constant;
    if (from && !lists(fact, constant))
        return false;
    *needed = constant == INT64_MAX ? constant : constant + 1;
    return !after || lists(fact, *needed);
}

static bool can_be(const struct fact *fact, enum operator operator,
                   const struct constant * constant, int64_t *needed)
{
    size_t i;

    *needed = 0;
    switch (constant->kind) {
    case NODE_TRUE:
    case NODE_FALSE:
        if (fact->kind != VALUE_BOOLEAN)
            return false;
        break;
    case NODE_STRING:
        if (fact->kind != VALUE_TEXT)
            return false;
        break;
    case NODE_NUMBER:
        return fact->kind == VALUE_INTEGER && separates(fact, operator, constant->integer, needed);
    default:
        return false;
    }
    for (i = 0; i < fact->value_count; i++)
        if (str_eq(fact->values[i].text, buf_view(&constant->text)))
            return true;
    return false;
}

static const char *nearest_value(const struct fact *fact, struct smg_str text)
{
    const char *values[FACT_VALUES];
    size_t i;

    for (i = 0; i < fact->value_count; i++)
        values[i] = fact->values[i].text.at;
    return str_nearest(text, values, i);
}

static void tell(struct checking *checking, int line, const struct constant *constant,
                 const struct fact *const *facts, size_t count, int64_t needed)
{
    const char *quote = constant->kind == NODE_STRING ? "\"" : "", *near;
    const char *others = count > 1 ? " (or another that ends so)" : "";
    struct smg_str text = buf_view(&constant->text);

    if (constant->kind == NODE_NUMBER && facts[0]->kind == VALUE_INTEGER) {
        set_problem(checking->problems, checking->file, line,
                    "compared with %.*s, but the values of %s%s cannot tell: list %lld",
                    (int)text.len, text.at, facts[0]->name, others, (long long)needed);
        return;
    }
    near = constant->kind == NODE_STRING ? nearest_value(facts[0], text) : NULL;
    set_problem(checking->problems, checking->file, line,
                near == NULL ? "%s%.*s%s is no value of %s%s"
                             : "%s%.*s%s is no value of %s%s; did you mean \"%s\"?",
                quote, (int)(text.len > NAME_BYTES ? NAME_BYTES : text.len),
                text.at == NULL ? "" : text.at, quote, facts[0]->name, others, near);
}

/* Unless one of the facts can be the constant. */
static void check_constant(struct checking *checking, int node, enum operator operator,
                           const struct constant * constant, const struct fact *const *facts,
                           size_t count)
{
    int64_t needed = 0, first = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        if (can_be(facts[i], operator, constant, &needed))
            return;
        first = i == 0 ? needed : first;
    }
    if (count > 0)
        tell(checking, checking->syntax->nodes[node].line, constant, facts, count, first);
}

/* ---- comparisons ---- */

static enum operator turned(enum operator operator)
{
    switch (operator) {
    case OPERATOR_LESS:
        return OPERATOR_GREATER;
    case OPERATOR_GREATER:
        return OPERATOR_LESS;
    case OPERATOR_AT_MOST:
        return OPERATOR_AT_LEAST;
    case OPERATOR_AT_LEAST:
        return OPERATOR_AT_MOST;
    default:
        return operator;
    }
}

static void check_comparison(struct checking *checking, int node)
{
    const struct syntax *syntax = checking->syntax;
    enum operator operator= syntax->nodes[node].operator;
    int left = syntax_bare(syntax, syntax->nodes[node].first);
    int right = syntax_bare(syntax, syntax_child(syntax, node, 1));
    const struct fact *facts[SET_FACTS];
    struct constant constant;
    size_t count;

    if (!take_constant(syntax, right, &constant)) {
        buf_fini(&constant.text);
        if (!take_constant(syntax, left, &constant))
            goto out;
        operator= turned(operator);
        left = right;
    }
    count = meant_facts(checking->set, syntax, left, facts, SET_FACTS);
    check_constant(checking, node, operator, & constant, facts, count);
out:
    buf_fini(&constant.text);
}

/* ---- tables ---- */

static void note_lookup(struct checking *checking, int node)
{
    const struct syntax *syntax = checking->syntax;
    const struct fact *fact;
    int tables[TABLES];
    bool all;
    size_t count = meant_tables(syntax, syntax->nodes[node].first, tables, TABLES, &all), i;
    bool by_fact = meant_facts(checking->set, syntax, syntax_child(syntax, node, 1), &fact, 1) > 0;

    for (i = 0; i < count; i++)
        checking->looked_up[tables[i]] |= by_fact ? BY_FACT : BY_OTHER;
}

/* Every fact that looks the table up. */
static size_t facts_of_table(const struct checking *checking, int table, const struct fact **out)
{
    const struct syntax *syntax = checking->syntax;
    size_t count = 0, i, j;
    int tables[TABLES];
    bool all;

    for (i = 0; i < syntax->count && count < SET_FACTS; i++) {
        if (syntax->nodes[i].kind != NODE_INDEX)
            continue;
        for (j = meant_tables(syntax, syntax->nodes[i].first, tables, TABLES, &all); j > 0; j--)
            if (tables[j - 1] == table) {
                count += meant_facts(checking->set, syntax, syntax_child(syntax, (int)i, 1),
                                     out + count, SET_FACTS - count);
                break;
            }
    }
    return count;
}

static void check_table(struct checking *checking, int table)
{
    const struct syntax *syntax = checking->syntax;
    const struct fact *facts[SET_FACTS];
    size_t count = facts_of_table(checking, table, facts);
    int entry;

    for (entry = syntax->nodes[table].first; entry != NODE_NONE;
         entry = syntax->nodes[entry].next) {
        struct constant constant = { .kind = NODE_STRING };
        bool known = syntax->nodes[entry].kind == NODE_NAMED;

        if (known)
            buf_str(&constant.text, syntax_mark(syntax, entry));
        else if (syntax->nodes[entry].kind == NODE_KEYED)
            known =
                take_constant(syntax, syntax_bare(syntax, syntax->nodes[entry].first), &constant);
        if (known)
            check_constant(checking, entry, OPERATOR_EQUAL, &constant, facts, count);
        buf_fini(&constant.text);
    }
}

static void check_text(struct checking *checking)
{
    const struct syntax *syntax = checking->syntax;
    size_t i;

    for (i = 0; i < syntax->count; i++) {
        const struct node *node = &syntax->nodes[i];

        if (node->kind == NODE_BINARY &&
            node->operator>= OPERATOR_LESS && node->operator<= OPERATOR_EQUAL)
            check_comparison(checking, (int)i);
        else if (node->kind == NODE_INDEX)
            note_lookup(checking, (int)i);
    }
    for (i = 0; i < syntax->count; i++)
        if (checking->looked_up[i] == BY_FACT)
            check_table(checking, (int)i);
}

void constants_check(const struct policy_set *set, struct buf *problems)
{
    size_t i;

    for (i = FILE_REGULATIONS; i < set->file_count; i++) {
        const struct file *file = &set->files[i];
        struct checking checking = { .set = set, .file = file->name, .problems = problems };
        struct syntax syntax;
        const char *why;
        int line;

        if (!syntax_parse(buf_view(&file->text), &syntax, &why, &line)) {
            set_problem(problems, file->name, line, "its constants cannot be checked: %s", why);
            continue;
        }
        checking.syntax = &syntax;
        checking.looked_up = calloc(syntax.count, 1);
        if (checking.looked_up == NULL)
            set_problem(problems, file->name, 0, "out of memory");
        else
            check_text(&checking);
        free(checking.looked_up);
        syntax_fini(&syntax);
    }
}
