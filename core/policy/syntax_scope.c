/* SPDX-License-Identifier: Apache-2.0 */
/* Which variable a name means, and where goto may lead. */
#include "policy/syntax_parts.h"

#include <stdlib.h>

enum { LOCALS_A_FUNCTION = 200 };

static struct smg_str label_text(const struct parser *parser, const struct label *label)
{
    return (struct smg_str){ parser->text.at + label->from, label->to - label->from };
}

/* Room for one more in an array that holds `count`; NULL, and the text has failed, when there is
 * none. */
static void *grow(struct parser *parser, void *at, size_t count, size_t size)
{
    void *grown;

    if (count % 64 != 0)
        return at;
    grown = realloc(at, (count + 64) * size);
    if (grown == NULL)
        parser_fail(parser, parser->line, "out of memory");
    return grown;
}

static void add_variable(struct parser *parser, struct variable variable)
{
    struct variable *grown;

    if (parser->wrong != NULL)
        return;
    if (parser->variable_count - parser->function->variables >= LOCALS_A_FUNCTION) {
        parser_fail(parser, parser->line, "a function has more than 200 variables");
        return;
    }
    grown = grow(parser, parser->variables, parser->variable_count, sizeof *grown);
    if (grown == NULL)
        return;
    parser->variables = grown;
    grown[parser->variable_count++] = variable;
}

void scope_declare(struct parser *parser, int name, bool constant)
{
    parser->out->nodes[name].declared = name;
    add_variable(parser, (struct variable){ syntax_text(parser->out, name), name, constant });
}

void scope_declare_self(struct parser *parser)
{
    add_variable(parser, (struct variable){ SMG_STR("self"), NODE_NONE, false });
}

int scope_find(const struct parser *parser, struct smg_str name, bool *constant)
{
    size_t i;

    for (i = parser->variable_count; i > 0; i--)
        if (str_eq(parser->variables[i - 1].name, name)) {
            *constant = parser->variables[i - 1].constant;
            return parser->variables[i - 1].node;
        }
    *constant = false;
    return NODE_NONE;
}

struct scope scope_open(const struct parser *parser)
{
    return (struct scope){ parser->variable_count, parser->labels.count, parser->jumps.count };
}

/* A goto that has not met its label leaves with the block, and sees only what is outside it. */
void scope_close(struct parser *parser, struct scope scope)
{
    size_t i;

    for (i = scope.jumps; i < parser->jumps.count; i++)
        if (parser->jumps.at[i].variables > scope.variables)
            parser->jumps.at[i].variables = scope.variables;
    parser->variable_count = scope.variables;
    parser->labels.count = scope.labels;
}

static void add_label(struct parser *parser, struct labels *labels, const struct token *name,
                      size_t variables)
{
    struct label *grown = grow(parser, labels->at, labels->count, sizeof *grown);

    if (grown == NULL)
        return;
    labels->at = grown;
    grown[labels->count++] = (struct label){ name->from, name->to, name->line, variables };
}

static const struct label *find_label(const struct parser *parser, struct smg_str name)
{
    size_t i;

    for (i = parser->function->labels; i < parser->labels.count; i++)
        if (str_eq(label_text(parser, &parser->labels.at[i]), name))
            return &parser->labels.at[i];
    return NULL;
}

/* `last`: nothing but labels follows in its block, whose variables are over by then. */
void scope_label(struct parser *parser, const struct token *name, struct scope block, bool last)
{
    struct smg_str text = { parser->text.at + name->from, name->to - name->from };
    size_t variables = last ? block.variables : parser->variable_count, kept = block.jumps, i;

    if (parser->wrong != NULL)
        return;
    if (find_label(parser, text) != NULL) {
        parser_fail(parser, name->line, "a label stands here twice");
        return;
    }
    add_label(parser, &parser->labels, name, variables);
    for (i = block.jumps; i < parser->jumps.count; i++) {
        const struct label *jump = &parser->jumps.at[i];

        if (!str_eq(label_text(parser, jump), text))
            parser->jumps.at[kept++] = *jump;
        else if (jump->variables < variables)
            parser_fail(parser, jump->line, "goto jumps into the scope of a variable");
    }
    parser->jumps.count = kept;
}

void scope_goto(struct parser *parser, const struct token *name)
{
    struct smg_str text = { parser->text.at + name->from, name->to - name->from };

    if (parser->wrong == NULL && find_label(parser, text) == NULL)
        add_label(parser, &parser->jumps, name, parser->variable_count);
}

void scope_enter(struct parser *parser, struct function *function)
{
    *function = (struct function){ .outer = parser->function,
                                   .variables = parser->variable_count,
                                   .labels = parser->labels.count,
                                   .jumps = parser->jumps.count };
    parser->function = function;
}

void scope_leave(struct parser *parser)
{
    const struct function *function = parser->function;

    if (parser->jumps.count > function->jumps)
        parser_fail(parser, parser->jumps.at[function->jumps].line, "goto leads to no label");
    parser->variable_count = function->variables;
    parser->labels.count = function->labels;
    parser->jumps.count = function->jumps;
    parser->function = function->outer;
}
