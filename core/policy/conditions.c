/* SPDX-License-Identifier: Apache-2.0 */
/* From the tables of the rules along the names in them, until nothing new is reached. */
#include "policy/conditions.h"

#include <stdlib.h>

enum { RESOLVE_DEPTH = 8 }; /* names that stand for names */

struct finding {
    const struct syntax *syntax;
    struct conditions *out;
    bool *followed; /* by NAME that declares: what it stands for is run */
    bool grown;     /* something new was reached in this round */
};

static const struct node *node_at(const struct syntax *syntax, int node)
{
    return &syntax->nodes[node];
}

/* ---- rules ---- */

/* rule "6.3" { ... }: a call of what the call of the global `rule` gives. */
static bool is_rule_call(const struct syntax *syntax, int node)
{
    int inner = node_at(syntax, node)->first, callee;

    if (node_at(syntax, node)->kind != NODE_CALL || node_at(syntax, inner)->kind != NODE_CALL)
        return false;
    callee = node_at(syntax, inner)->first;
    return node_at(syntax, callee)->kind == NODE_NAME &&
           node_at(syntax, callee)->declared == NODE_NONE &&
           str_is(syntax_text(syntax, callee), "rule");
}

bool conditions_is_rule_key(const struct syntax *syntax, int value, const char *key)
{
    int entry = node_at(syntax, value)->parent, table;

    if (entry == NODE_NONE || node_at(syntax, entry)->kind != NODE_NAMED ||
        !str_is(syntax_mark(syntax, entry), key))
        return false;
    table = node_at(syntax, entry)->parent;
    return node_at(syntax, table)->parent != NODE_NONE &&
           is_rule_call(syntax, node_at(syntax, table)->parent);
}

bool conditions_is_rule(const struct syntax *syntax, int statement)
{
    return node_at(syntax, statement)->kind == NODE_STATEMENT &&
           is_rule_call(syntax, node_at(syntax, statement)->first);
}

/* ---- what rules run ---- */

static void reach(struct finding *finding, int node)
{
    const struct node *it = node_at(finding->syntax, node);
    int child;

    if (finding->out->run[node])
        return;
    finding->out->run[node] = true;
    finding->grown = true;
    if (it->kind == NODE_NAME && it->declared != NODE_NONE)
        finding->followed[it->declared] = true;
    for (child = it->first; child != NODE_NONE; child = node_at(finding->syntax, child)->next)
        reach(finding, child);
}

/* The NAME at the root of a.b[c].d, or NODE_NONE. */
static int root_name(const struct syntax *syntax, int node)
{
    node = syntax_bare(syntax, node);
    while (node_at(syntax, node)->kind == NODE_MEMBER || node_at(syntax, node)->kind == NODE_INDEX)
        node = syntax_bare(syntax, node_at(syntax, node)->first);
    return node_at(syntax, node)->kind == NODE_NAME ? node : NODE_NONE;
}

/* What a followed variable begins with, and what is put into it or its table later. */
static void follow(struct finding *finding, int node)
{
    const struct node *it = node_at(finding->syntax, node);
    int name, value;

    if (it->kind == NODE_NAME && it->declared == node && finding->followed[node]) {
        value = syntax_value(finding->syntax, node);
        if (value != NODE_NONE)
            reach(finding, value);
    }
    if (it->kind == NODE_ASSIGN || it->kind == NODE_SET_FUNCTION) {
        name = root_name(finding->syntax, it->first);
        if (name != NODE_NONE && node_at(finding->syntax, name)->declared != NODE_NONE &&
            finding->followed[node_at(finding->syntax, name)->declared])
            reach(finding, node);
    }
}

/* What the rules declared within the node run. */
static void find_run(struct finding *finding, int within)
{
    const struct node *around = node_at(finding->syntax, within);
    size_t i;

    for (i = 0; i < finding->syntax->count; i++)
        if (finding->syntax->nodes[i].from >= around->from &&
            finding->syntax->nodes[i].to <= around->to &&
            (conditions_is_rule_key(finding->syntax, (int)i, "applies") ||
             conditions_is_rule_key(finding->syntax, (int)i, "check")))
            reach(finding, (int)i);
    do {
        finding->grown = false;
        for (i = 0; i < finding->syntax->count; i++)
            follow(finding, (int)i);
    } while (finding->grown);
}

bool conditions_run_of(const struct syntax *syntax, int rule, bool *run)
{
    struct conditions out = { .run = run };
    struct finding finding = { .syntax = syntax,
                               .out = &out,
                               .followed = calloc(syntax->count, sizeof(bool)) };

    if (finding.followed == NULL)
        return false;
    find_run(&finding, rule);
    free(finding.followed);
    return true;
}

/* ---- conditions ---- */

/* Every function the expression may stand for answers a question. */
static void answers(struct finding *finding, int node, int depth)
{
    const struct node *it;
    int child;

    node = syntax_bare(finding->syntax, node);
    if (node == NODE_NONE || depth == RESOLVE_DEPTH)
        return;
    it = node_at(finding->syntax, node);
    if (finding->out->answers[node])
        return;
    if (it->kind == NODE_FUNCTION || it->kind == NODE_TABLE) {
        finding->out->answers[node] = true;
        finding->grown = true;
    }
    if (it->kind == NODE_NAME && it->declared != NODE_NONE) {
        answers(finding, syntax_value(finding->syntax, it->declared), depth + 1);
    } else if (it->kind == NODE_MEMBER || it->kind == NODE_INDEX) {
        answers(finding, it->first, depth + 1);
    } else if (it->kind == NODE_TABLE) {
        for (child = it->first; child != NODE_NONE; child = node_at(finding->syntax, child)->next)
            answers(finding,
                    node_at(finding->syntax, child)->kind == NODE_KEYED
                        ? syntax_child(finding->syntax, child, 1)
                        : node_at(finding->syntax, child)->first,
                    depth + 1);
    }
}

static bool is_comparison(const struct node *node)
{
    return node->kind == NODE_BINARY &&
           node->operator>= OPERATOR_LESS && node->operator<= OPERATOR_EQUAL;
}

/* The expression's truth decides. */
static void decides(struct finding *finding, int node)
{
    const struct node *it;

    node = syntax_bare(finding->syntax, node);
    it = node_at(finding->syntax, node);
    if (it->kind == NODE_BINARY && (it->operator== OPERATOR_AND || it->operator== OPERATOR_OR)) {
        decides(finding, it->first);
        decides(finding, syntax_child(finding->syntax, node, 1));
    } else if (it->operator== OPERATOR_NOT) {
        decides(finding, it->first);
    } else if (is_comparison(it) || it->kind == NODE_NAME || it->kind == NODE_MEMBER ||
               it->kind == NODE_INDEX || it->kind == NODE_CALL || it->kind == NODE_METHOD ||
               it->kind == NODE_VARARG) {
        finding->out->condition[node] = true;
        if (it->kind == NODE_CALL)
            answers(finding, it->first, 0);
    }
}

static void look_at(struct finding *finding, int node)
{
    const struct syntax *syntax = finding->syntax;
    const struct node *it = node_at(syntax, node);
    int child = it->first, function;

    switch (it->kind) {
    case NODE_IF:
        for (; child != NODE_NONE; child = node_at(syntax, child)->next)
            if (node_at(syntax, child)->kind != NODE_BLOCK)
                decides(finding, child);
        break;
    case NODE_WHILE:
        decides(finding, child);
        break;
    case NODE_REPEAT:
        decides(finding, syntax_child(syntax, node, 1));
        break;
    case NODE_UNARY:
    case NODE_BINARY:
        if (it->operator== OPERATOR_NOT || it->operator== OPERATOR_AND || it->operator==
            OPERATOR_OR)
            decides(finding, child);
        finding->out->condition[node] = finding->out->condition[node] || is_comparison(it);
        break;
    case NODE_RETURN:
        function = syntax_function(syntax, node);
        if (function != NODE_NONE && finding->out->answers[function] &&
            syntax_children(syntax, node) == 1)
            decides(finding, child);
        break;
    default:
        break;
    }
}

static void find_conditions(struct finding *finding)
{
    size_t i;

    for (i = 0; i < finding->syntax->count; i++)
        if (conditions_is_rule_key(finding->syntax, (int)i, "applies"))
            answers(finding, (int)i, 0);
    do {
        finding->grown = false;
        for (i = 0; i < finding->syntax->count; i++)
            if (finding->out->run[i] && syntax_function(finding->syntax, (int)i) != NODE_NONE)
                look_at(finding, (int)i);
    } while (finding->grown);
}

bool conditions_find(const struct syntax *syntax, struct conditions *out)
{
    struct finding finding = { .syntax = syntax,
                               .out = out,
                               .followed = calloc(syntax->count, sizeof(bool)) };

    *out = (struct conditions){ .run = calloc(syntax->count, sizeof(bool)),
                                .condition = calloc(syntax->count, sizeof(bool)),
                                .answers = calloc(syntax->count, sizeof(bool)) };
    if (finding.followed == NULL || out->run == NULL || out->condition == NULL ||
        out->answers == NULL) {
        free(finding.followed);
        conditions_fini(out);
        return false;
    }
    find_run(&finding, syntax->root);
    find_conditions(&finding);
    free(finding.followed);
    return true;
}

void conditions_fini(struct conditions *conditions)
{
    free(conditions->run);
    free(conditions->condition);
    free(conditions->answers);
    *conditions = (struct conditions){ 0 };
}
