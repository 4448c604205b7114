/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions, by precedence; tables and functions. */
#include "policy/syntax_parts.h"

static const struct {
    const char *sign;
    int left, right; /* priorities, as in Lua's manual, 3.4.8 */
    enum operator operator;
} binaries[] = {
    { "or", 1, 1, OPERATOR_OR },      { "and", 2, 2, OPERATOR_AND },
    { "<", 3, 3, OPERATOR_LESS },     { ">", 3, 3, OPERATOR_GREATER },
    { "<=", 3, 3, OPERATOR_AT_MOST }, { ">=", 3, 3, OPERATOR_AT_LEAST },
    { "~=", 3, 3, OPERATOR_UNEQUAL }, { "==", 3, 3, OPERATOR_EQUAL },
    { "|", 4, 4, OPERATOR_OTHER },    { "~", 5, 5, OPERATOR_OTHER },
    { "&", 6, 6, OPERATOR_OTHER },    { "<<", 7, 7, OPERATOR_OTHER },
    { ">>", 7, 7, OPERATOR_OTHER },   { "..", 9, 8, OPERATOR_OTHER },
    { "+", 10, 10, OPERATOR_OTHER },  { "-", 10, 10, OPERATOR_OTHER },
    { "*", 11, 11, OPERATOR_OTHER },  { "/", 11, 11, OPERATOR_OTHER },
    { "//", 11, 11, OPERATOR_OTHER }, { "%", 11, 11, OPERATOR_OTHER },
    { "^", 14, 13, OPERATOR_OTHER },
};
enum { BINARIES = sizeof binaries / sizeof binaries[0], UNARY = 12 };

static int binary_at(const struct parser *parser)
{
    int i;

    for (i = 0; i < BINARIES; i++)
        if (token_is(parser, binaries[i].sign))
            return i;
    return BINARIES;
}

int name_node(struct parser *parser, const struct token *token)
{
    int node = node_add(parser, NODE_NAME, token->from, token->line);
    bool constant;

    node_end(parser, node, (struct children){ NODE_NONE, NODE_NONE });
    parser->out->nodes[node].to = token->to;
    parser->out->nodes[node].declared =
        scope_find(parser, syntax_text(parser->out, node), &constant);
    return node;
}

int declared_node(struct parser *parser, const struct token *token)
{
    int node = node_add(parser, NODE_NAME, token->from, token->line);

    parser->out->nodes[node].to = token->to;
    return node;
}

/* A word, which is taken and put into `out`. */
static bool take_name(struct parser *parser, struct token *out)
{
    *out = parser->token;
    if (out->kind != TOKEN_NAME) {
        parser_fail(parser, out->line, "a name is missing");
        return false;
    }
    token_take(parser);
    return true;
}

static int leaf(struct parser *parser, enum node_kind kind)
{
    int node = node_add(parser, kind, parser->token.from, parser->token.line);

    token_take(parser);
    node_end(parser, node, (struct children){ NODE_NONE, NODE_NONE });
    return node;
}

static int entry(struct parser *parser)
{
    struct token start = parser->token;
    struct children children = { NODE_NONE, NODE_NONE };
    enum node_kind kind = NODE_ITEM;
    int node;

    if (start.kind == TOKEN_NAME) {
        const struct token *next = token_ahead(parser);

        if (next->kind == TOKEN_SIGN && next->to - next->from == 1 &&
            parser->text.at[next->from] == '=')
            kind = NODE_NAMED;
    } else if (token_is(parser, "[")) {
        kind = NODE_KEYED;
    }
    node = node_add(parser, kind, start.from, start.line);
    if (kind != NODE_ITEM)
        token_take(parser);
    if (kind == NODE_NAMED)
        node_mark(parser, node, &start);
    if (kind == NODE_KEYED) {
        children_add(parser, &children, expression(parser));
        token_expect(parser, "]", "a key in brackets is not closed by ]");
    }
    if (kind != NODE_ITEM)
        token_expect(parser, "=", "a key is followed by = and its value");
    children_add(parser, &children, expression(parser));
    node_end(parser, node, children);
    return node;
}

static int table(struct parser *parser)
{
    int node = node_add(parser, NODE_TABLE, parser->token.from, parser->token.line);
    struct children children = { NODE_NONE, NODE_NONE };

    token_take(parser);
    while (parser->wrong == NULL && !token_is(parser, "}")) {
        children_add(parser, &children, entry(parser));
        if (!token_skip(parser, ",") && !token_skip(parser, ";"))
            break;
    }
    token_expect(parser, "}", "a table is not closed by }");
    node_end(parser, node, children);
    return node;
}

static void parameters(struct parser *parser, struct children *children)
{
    token_expect(parser, "(", "the parameters of a function stand in ( )");
    while (parser->wrong == NULL && !token_is(parser, ")")) {
        struct token name;

        if (token_is(parser, "...")) {
            parser->function->vararg = true;
            children_add(parser, children, leaf(parser, NODE_VARARG));
            break;
        }
        if (take_name(parser, &name)) {
            int node = declared_node(parser, &name);

            children_add(parser, children, node);
            scope_declare(parser, node, false);
        }
        if (!token_skip(parser, ","))
            break;
        if (token_is(parser, ")"))
            parser_fail(parser, parser->token.line, "a parameter is missing after the comma");
    }
    token_expect(parser, ")", "the parameters of a function are not closed by )");
}

int function_body(struct parser *parser, struct token start, bool method)
{
    int node = node_add(parser, NODE_FUNCTION, start.from, start.line);
    struct children children = { NODE_NONE, NODE_NONE };
    struct function function;

    if (!depth_enter(parser))
        return node;
    scope_enter(parser, &function);
    if (method)
        scope_declare_self(parser);
    parameters(parser, &children);
    children_add(parser, &children, block(parser, scope_open(parser)));
    token_expect(parser, "end", "a function is not closed by end");
    scope_leave(parser);
    parser->depth--;
    node_end(parser, node, children);
    return node;
}

static int primary(struct parser *parser)
{
    struct token start = parser->token;
    struct children children = { NODE_NONE, NODE_NONE };
    int node;

    if (start.kind == TOKEN_NAME) {
        token_take(parser);
        return name_node(parser, &start);
    }
    node = node_add(parser, NODE_PAREN, start.from, start.line);
    token_expect(parser, "(", "an expression is missing");
    children_add(parser, &children, expression(parser));
    token_expect(parser, ")", "a bracket is not closed by )");
    node_end(parser, node, children);
    return node;
}

/* A node whose first child is what was read so far. */
static int around(struct parser *parser, enum node_kind kind, int object, struct children *children)
{
    const struct node *inner = &parser->out->nodes[object];
    int node = node_add(parser, kind, inner->from, inner->line);

    *children = (struct children){ NODE_NONE, NODE_NONE };
    children_add(parser, children, object);
    return node;
}

static void arguments(struct parser *parser, struct children *children)
{
    if (parser->token.kind == TOKEN_STRING) {
        children_add(parser, children, leaf(parser, NODE_STRING));
    } else if (token_is(parser, "{")) {
        children_add(parser, children, table(parser));
    } else {
        token_expect(parser, "(", "the arguments of a call are missing");
        if (!token_is(parser, ")"))
            expression_list(parser, children);
        token_expect(parser, ")", "a call is not closed by )");
    }
}

static bool begins_arguments(const struct parser *parser)
{
    return parser->token.kind == TOKEN_STRING || token_is(parser, "{") || token_is(parser, "(");
}

int suffixed(struct parser *parser)
{
    int node = primary(parser);
    struct children children;

    while (parser->wrong == NULL) {
        bool method = token_is(parser, ":");
        struct token name;

        if (token_is(parser, ".") || method) {
            token_take(parser);
            if (!take_name(parser, &name))
                break;
            node = around(parser, method ? NODE_METHOD : NODE_MEMBER, node, &children);
            node_mark(parser, node, &name);
            if (method)
                arguments(parser, &children);
        } else if (token_skip(parser, "[")) {
            node = around(parser, NODE_INDEX, node, &children);
            children_add(parser, &children, expression(parser));
            token_expect(parser, "]", "an index is not closed by ]");
        } else if (begins_arguments(parser)) {
            node = around(parser, NODE_CALL, node, &children);
            arguments(parser, &children);
        } else {
            break;
        }
        node_end(parser, node, children);
    }
    return node;
}

static int simple(struct parser *parser)
{
    static const struct {
        const char *word;
        enum node_kind kind;
    } words[] = { { "nil", NODE_NIL }, { "true", NODE_TRUE }, { "false", NODE_FALSE } };
    struct token start = parser->token;
    size_t i;

    if (start.kind == TOKEN_NUMBER)
        return leaf(parser, NODE_NUMBER);
    if (start.kind == TOKEN_STRING)
        return leaf(parser, NODE_STRING);
    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        if (token_is(parser, words[i].word))
            return leaf(parser, words[i].kind);
    if (token_is(parser, "...")) {
        if (!parser->function->vararg)
            parser_fail(parser, start.line, "... stands outside a function that takes it");
        return leaf(parser, NODE_VARARG);
    }
    if (token_is(parser, "{"))
        return table(parser);
    if (token_skip(parser, "function"))
        return function_body(parser, start, false);
    return suffixed(parser);
}

/* An operand, and every operator after it that binds tighter than `above`. */
static int operation(struct parser *parser, int above)
{
    static const char *const unary[] = { "not", "-", "~", "#" };
    struct token start = parser->token;
    struct children children;
    int node = NODE_NONE, i;

    if (!depth_enter(parser))
        return node_add(parser, NODE_NIL, start.from, start.line);
    for (i = 0; i < 4 && node == NODE_NONE; i++) {
        if (!token_skip(parser, unary[i]))
            continue;
        node = node_add(parser, NODE_UNARY, start.from, start.line);
        node_mark(parser, node, &start);
        parser->out->nodes[node].operator= i == 0 ? OPERATOR_NOT : OPERATOR_OTHER;
        children = (struct children){ NODE_NONE, NODE_NONE };
        children_add(parser, &children, operation(parser, UNARY));
        node_end(parser, node, children);
    }
    if (node == NODE_NONE)
        node = simple(parser);
    while ((i = binary_at(parser)) < BINARIES && binaries[i].left > above) {
        struct token sign = parser->token;

        token_take(parser);
        node = around(parser, NODE_BINARY, node, &children);
        node_mark(parser, node, &sign);
        parser->out->nodes[node].operator= binaries[i].operator;
        children_add(parser, &children, operation(parser, binaries[i].right));
        node_end(parser, node, children);
    }
    parser->depth--;
    return node;
}

int expression(struct parser *parser)
{
    return operation(parser, 0);
}

void expression_list(struct parser *parser, struct children *children)
{
    do
        children_add(parser, children, expression(parser));
    while (token_skip(parser, ","));
}
