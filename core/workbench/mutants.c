/* SPDX-License-Identifier: Apache-2.0 */
/* Node by node over what the rules of a text run. */
#include "workbench/mutants.h"

#include "policy/conditions.h"
#include "policy/meant.h"

#include <stdlib.h>

struct finding {
    const struct policy_set *set;
    struct syntax syntax;
    struct conditions conditions;
    struct mutants *out;
    bool failed;
};

static const struct node *node_at(const struct finding *finding, int node)
{
    return &finding->syntax.nodes[node];
}

static struct smg_str text_of(const struct finding *finding, int node)
{
    return syntax_text(&finding->syntax, node);
}

/* ---- adding ---- */

static bool is_there(const struct mutants *mutants, uint32_t from, uint32_t to, struct smg_str with)
{
    size_t i;

    for (i = mutants->count; i > 0 && mutants->count - i < 200; i--)
        if (mutants->at[i - 1].from == from && mutants->at[i - 1].to == to &&
            str_eq(mutant_with(mutants, i - 1), with))
            return true;
    return false;
}

/* Bytes in the node's line, or in one before it, become others. */
static void add_at(struct finding *finding, int node, uint32_t from, uint32_t to, const char *with)
{
    struct mutants *out = finding->out;
    struct mutant *grown;

    if (is_there(out, from, to, str_of(with)))
        return;
    grown = set_grow(out->at, out->count, sizeof *grown);
    if (grown == NULL) {
        finding->failed = true;
        return;
    }
    out->at = grown;
    grown += out->count;
    *grown = (struct mutant){ .from = from,
                              .to = to,
                              .node = node,
                              .line = node_at(finding, node)->line,
                              .column = syntax_column(&finding->syntax, node),
                              .with = out->texts.len,
                              .with_len = strlen(with) };
    buf_text(&out->texts, with);
    finding->failed = finding->failed || out->texts.failed;
    out->count++;
}

static void add(struct finding *finding, int node, const char *with)
{
    add_at(finding, node, node_at(finding, node)->from, node_at(finding, node)->to, with);
}

/* `before`, the bytes of a node, `after`. */
static void add_around(struct finding *finding, int node, int inner, const char *before,
                       const char *after)
{
    struct buf with = { 0 };

    buf_text(&with, before);
    buf_str(&with, text_of(finding, inner));
    buf_text(&with, after);
    if (with.failed)
        finding->failed = true;
    else
        add(finding, node, with.at);
    buf_fini(&with);
}

static void add_mark(struct finding *finding, int node, const char *with)
{
    add_at(finding, node, node_at(finding, node)->mark_from, node_at(finding, node)->mark_to, with);
}

/* ---- conditions ---- */

static bool is_comparison(const struct node *node)
{
    return node->kind == NODE_BINARY &&
           node->operator>= OPERATOR_LESS && node->operator<= OPERATOR_EQUAL;
}

static bool is_negated(const struct finding *finding, int node)
{
    int parent = node_at(finding, node)->parent;

    while (parent != NODE_NONE && node_at(finding, parent)->kind == NODE_PAREN)
        parent = node_at(finding, parent)->parent;
    return parent != NODE_NONE && node_at(finding, parent)->operator== OPERATOR_NOT;
}

static void change_operator(struct finding *finding, int node)
{
    static const char *const others[][2] = {
        [OPERATOR_OR] = { "and" },         [OPERATOR_AND] = { "or" },
        [OPERATOR_LESS] = { "<=", ">=" },  [OPERATOR_GREATER] = { ">=", "<=" },
        [OPERATOR_AT_MOST] = { "<", ">" }, [OPERATOR_AT_LEAST] = { ">", "<" },
        [OPERATOR_UNEQUAL] = { "==" },     [OPERATOR_EQUAL] = { "~=" },
        [OPERATOR_NOT] = { NULL },
    };
    enum operator operator= node_at(finding, node)->operator;
    size_t i;

    if (operator== OPERATOR_NOT)
        add_around(finding, node, node_at(finding, node)->first, "(", ")");
    for (i = 0; operator<OPERATOR_NOT && i<2 && others[operator][i] != NULL; i++)
        add_mark(finding, node, others[operator][i]);
}

/* A comparison is negated by its other operators, a negated condition by leaving out the not. */
static void negate(struct finding *finding, int node)
{
    if (!is_comparison(node_at(finding, node)) && !is_negated(finding, node))
        add_around(finding, node, node, "not (", ")");
}

/* ---- constants ---- */

static void put_value(struct buf *out, const struct fact *fact, size_t value)
{
    struct smg_str text = fact->values[value].text;
    size_t i;

    if (fact->kind != VALUE_TEXT) {
        buf_str(out, text);
        return;
    }
    buf_byte(out, '"');
    for (i = 0; i < text.len; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            buf_byte(out, '\\');
        buf_byte(out, (unsigned char)text.at[i]);
    }
    buf_byte(out, '"');
}

/* The constant at `node` is compared with what stands at `other`. */
static void change_compared(struct finding *finding, int node, int other)
{
    const struct fact *facts[SET_FACTS];
    size_t count = meant_facts(finding->set, &finding->syntax, other, facts, SET_FACTS), i, j;
    struct buf said = { 0 }, with = { 0 };

    syntax_string(&finding->syntax, node, &said);
    if (said.len == 0)
        buf_str(&said, text_of(finding, node));
    for (i = 0; i < count; i++)
        for (j = 0; j < facts[i]->value_count; j++) {
            if (str_eq(facts[i]->values[j].text, buf_view(&said)))
                continue;
            buf_clear(&with);
            put_value(&with, facts[i], j);
            if (with.failed)
                finding->failed = true;
            else
                add(finding, node, with.at);
        }
    buf_fini(&said);
    buf_fini(&with);
}

static bool is_constant(const struct node *node)
{
    return node->kind == NODE_STRING || node->kind == NODE_NUMBER || node->kind == NODE_TRUE ||
           node->kind == NODE_FALSE;
}

static void change_constants(struct finding *finding, int node)
{
    int left = syntax_bare(&finding->syntax, node_at(finding, node)->first);
    int right = syntax_bare(&finding->syntax, syntax_child(&finding->syntax, node, 1));

    if (is_constant(node_at(finding, right)))
        change_compared(finding, right, left);
    if (is_constant(node_at(finding, left)))
        change_compared(finding, left, right);
}

static void change_number(struct finding *finding, int node)
{
    char with[32];
    int64_t number;

    if (!syntax_integer(&finding->syntax, node, &number) || number > INT64_MAX - 1)
        return;
    snprintf(with, sizeof with, "%lld", (long long)number + 1);
    add(finding, node, with);
    snprintf(with, sizeof with, number > 0 ? "%lld" : "(%lld)", (long long)number - 1);
    add(finding, node, with);
}

/* ---- tables ---- */

/* Is the table what report or oblige is given? */
static bool is_of_word(const struct finding *finding, int table)
{
    int parent = node_at(finding, table)->parent, callee;

    if (node_at(finding, parent)->kind != NODE_CALL)
        return false;
    callee = node_at(finding, parent)->first;
    return node_at(finding, callee)->kind == NODE_NAME &&
           node_at(finding, callee)->declared == NODE_NONE &&
           (str_is(text_of(finding, callee), "report") ||
            str_is(text_of(finding, callee), "oblige"));
}

/* With the comma on one side of it; a truth is turned instead, which is the same fault. */
static void leave_out_entries(struct finding *finding, int table)
{
    uint32_t reached = node_at(finding, table)->from + 1;
    int entry;

    if (is_of_word(finding, table))
        return;
    for (entry = node_at(finding, table)->first; entry != NODE_NONE;
         entry = node_at(finding, entry)->next) {
        const struct node *it = node_at(finding, entry);
        enum node_kind value =
            node_at(finding, syntax_child(&finding->syntax, entry, it->kind == NODE_KEYED))->kind;

        if (value != NODE_TRUE && value != NODE_FALSE) {
            if (it->next != NODE_NONE)
                add_at(finding, entry, it->from, node_at(finding, it->next)->from, "");
            else if (reached > node_at(finding, table)->from + 1)
                add_at(finding, entry, reached, it->to, "");
            else
                add(finding, table, "{}");
        }
        reached = it->to;
    }
}

/* ---- words ---- */

/* The name of the word when the call says one: need, refuse, report, oblige. */
static bool says(const struct finding *finding, int call)
{
    static const char *const words[] = { "need", "refuse", "report", "oblige" };
    int callee = node_at(finding, call)->first;
    size_t i;

    if (node_at(finding, call)->kind != NODE_CALL || node_at(finding, callee)->kind != NODE_NAME ||
        node_at(finding, callee)->declared != NODE_NONE)
        return false;
    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_is(text_of(finding, callee), words[i]))
            return true;
    return false;
}

static bool is_needed(const struct finding *finding, int string)
{
    int parent = node_at(finding, string)->parent;

    return says(finding, parent) &&
           str_is(text_of(finding, node_at(finding, parent)->first), "need");
}

/* The next declared word of the same kind, in turn. */
static const char *other_word(const struct policy_set *set, const struct word *word)
{
    size_t at = (size_t)(word - set->words), i;

    for (i = 1; i < set->word_count; i++)
        if (set->words[(at + i) % set->word_count].kind == word->kind)
            return set->words[(at + i) % set->word_count].name;
    return NULL;
}

static void change_word(struct finding *finding, int node)
{
    const struct policy_set *set = finding->set;
    struct buf said = { 0 };
    char with[2 * NAME_BYTES];
    const struct word *word;
    const struct fact *fact;
    const char *other = NULL;

    syntax_string(&finding->syntax, node, &said);
    word = set_word(set, buf_view(&said));
    fact = set_fact(set, buf_view(&said));
    if (word != NULL)
        other = other_word(set, word);
    else if (fact != NULL && is_needed(finding, node) && set->fact_count > 1)
        other = set->facts[(size_t)(fact - set->facts + 1) % set->fact_count].name;
    if (other != NULL) {
        snprintf(with, sizeof with, "\"%s\"", other);
        add(finding, node, with);
    }
    buf_fini(&said);
}

static void change_deadline(struct finding *finding, int entry)
{
    int value = node_at(finding, entry)->first;
    struct buf said = { 0 };

    if (syntax_string(&finding->syntax, value, &said))
        add(finding, value, str_is(buf_view(&said), "1h") ? "\"24h\"" : "\"1h\"");
    buf_fini(&said);
}

/* return need "x": the word goes, or the return does. */
static void change_return(struct finding *finding, int node)
{
    int value = node_at(finding, node)->first;

    if (value == NODE_NONE) {
        add(finding, node, "");
    } else if (node_at(finding, value)->next == NODE_NONE && says(finding, value)) {
        add(finding, node, "return");
        add_around(finding, node, value, "", "");
    }
}

/* ---- all of it ---- */

static void look_at(struct finding *finding, int node)
{
    const struct node *it = node_at(finding, node);

    if (finding->conditions.condition[node])
        negate(finding, node);
    if (conditions_is_rule_key(&finding->syntax, node, "applies")) {
        add(finding, node, "nil");
        add(finding, node, "function() return false end");
    }
    switch (it->kind) {
    case NODE_UNARY:
    case NODE_BINARY:
        change_operator(finding, node);
        if (is_comparison(it))
            change_constants(finding, node);
        break;
    case NODE_TRUE:
    case NODE_FALSE:
        add(finding, node, it->kind == NODE_TRUE ? "false" : "true");
        break;
    case NODE_NUMBER:
        change_number(finding, node);
        break;
    case NODE_STRING:
        change_word(finding, node);
        break;
    case NODE_TABLE:
        leave_out_entries(finding, node);
        break;
    case NODE_NAMED:
        if (str_is(syntax_mark(&finding->syntax, node), "within"))
            change_deadline(finding, node);
        break;
    case NODE_STATEMENT:
        add(finding, node, "");
        break;
    case NODE_RETURN:
        change_return(finding, node);
        break;
    default:
        break;
    }
}

static void add_rule(struct finding *finding, int node)
{
    struct mutants *out = finding->out;
    struct declared *grown = set_grow(out->rules, out->rule_count, sizeof *grown);
    struct smg_str text = text_of(finding, node);
    size_t i;

    if (grown == NULL) {
        finding->failed = true;
        return;
    }
    out->rules = grown;
    grown += out->rule_count;
    *grown = (struct declared){ .first = node_at(finding, node)->line,
                                .run = calloc(finding->syntax.count, sizeof *grown->run) };
    grown->last = grown->first;
    for (i = 0; i < text.len; i++)
        grown->last += text.at[i] == '\n';
    out->rule_count++;
    if (grown->run == NULL || !conditions_run_of(&finding->syntax, node, grown->run))
        finding->failed = true;
}

static void find_all(struct finding *finding)
{
    size_t i;

    for (i = 0; i < finding->syntax.count && !finding->failed; i++) {
        if (finding->conditions.run[i])
            look_at(finding, (int)i);
        if (conditions_is_rule(&finding->syntax, (int)i))
            add_rule(finding, (int)i);
    }
}

/* In the order of the text, what is around before what is inside. */
static int compare(const void *a, const void *b)
{
    const struct mutant *one = a, *other = b;

    if (one->from != other->from)
        return one->from < other->from ? -1 : 1;
    if (one->to != other->to)
        return one->to > other->to ? -1 : 1;
    return one->with < other->with ? -1 : one->with > other->with;
}

bool mutants_find(const struct policy_set *set, size_t regulation, struct mutants *out,
                  struct buf *problems)
{
    struct policy_text text = set_regulation(set, regulation);
    struct finding finding = { .set = set, .out = out };
    const char *why;
    int line;

    *out = (struct mutants){ 0 };
    if (!syntax_parse(text.text, &finding.syntax, &why, &line)) {
        set_problem(problems, text.name, line, "no faults can be planted: %s", why);
        return false;
    }
    if (conditions_find(&finding.syntax, &finding.conditions)) {
        find_all(&finding);
        if (out->count > 0)
            qsort(out->at, out->count, sizeof *out->at, compare);
        conditions_fini(&finding.conditions);
    } else {
        finding.failed = true;
    }
    syntax_fini(&finding.syntax);
    if (finding.failed)
        set_problem(problems, "policies", 0, "out of memory");
    return !finding.failed;
}

void mutants_fini(struct mutants *mutants)
{
    size_t i;

    for (i = 0; i < mutants->rule_count; i++)
        free(mutants->rules[i].run);
    free(mutants->rules);
    free(mutants->at);
    buf_fini(&mutants->texts);
    *mutants = (struct mutants){ 0 };
}

struct smg_str mutant_with(const struct mutants *mutants, size_t i)
{
    if (mutants->at[i].with_len == 0)
        return (struct smg_str){ "", 0 };
    return (struct smg_str){ mutants->texts.at + mutants->at[i].with, mutants->at[i].with_len };
}

bool mutant_may_touch(const struct mutants *mutants, size_t i, int line)
{
    size_t rule;

    for (rule = 0; rule < mutants->rule_count; rule++)
        if (line >= mutants->rules[rule].first && line <= mutants->rules[rule].last &&
            mutants->rules[rule].run[mutants->at[i].node])
            return true;
    return false;
}

void mutant_text(const struct mutants *mutants, size_t i, struct smg_str text, struct buf *out)
{
    const struct mutant *it = &mutants->at[i];

    buf_put(out, text.at, it->from);
    buf_str(out, mutant_with(mutants, i));
    buf_put(out, text.at + it->to, text.len - it->to);
}
