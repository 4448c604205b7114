/* SPDX-License-Identifier: Apache-2.0 */
/* Statements and blocks. */
#include "policy/syntax_parts.h"

static struct smg_str text_of(const struct parser *parser, const struct token *token)
{
    return (struct smg_str){ parser->text.at + token->from, token->to - token->from };
}

static bool block_ends(const struct parser *parser, bool with_until)
{
    return parser->token.kind == TOKEN_END || token_is(parser, "end") || token_is(parser, "else") ||
           token_is(parser, "elseif") || (with_until && token_is(parser, "until"));
}

static struct token take_word(struct parser *parser)
{
    struct token word = parser->token;

    token_take(parser);
    return word;
}

static struct token take_name(struct parser *parser)
{
    if (parser->token.kind != TOKEN_NAME)
        parser_fail(parser, parser->token.line, "a name is missing");
    return take_word(parser);
}

/* A block of its own up to, not including, what ends it. */
static int inner_block(struct parser *parser)
{
    return block(parser, scope_open(parser));
}

static int loop_block(struct parser *parser)
{
    int node;

    parser->function->loops++;
    node = inner_block(parser);
    parser->function->loops--;
    return node;
}

static int read_if(struct parser *parser)
{
    struct token start = parser->token;
    int node = node_add(parser, NODE_IF, start.from, start.line);
    struct children children = { NODE_NONE, NODE_NONE };

    do {
        token_take(parser); /* if, elseif */
        children_add(parser, &children, expression(parser));
        token_expect(parser, "then", "a condition is followed by then");
        children_add(parser, &children, inner_block(parser));
    } while (token_is(parser, "elseif"));
    if (token_skip(parser, "else"))
        children_add(parser, &children, inner_block(parser));
    token_expect(parser, "end", "an if is not closed by end");
    node_end(parser, node, children);
    return node;
}

static int read_while(struct parser *parser)
{
    struct token start = take_word(parser);
    int node = node_add(parser, NODE_WHILE, start.from, start.line);
    struct children children = { NODE_NONE, NODE_NONE };

    children_add(parser, &children, expression(parser));
    token_expect(parser, "do", "the condition of a while is followed by do");
    children_add(parser, &children, loop_block(parser));
    token_expect(parser, "end", "a while is not closed by end");
    node_end(parser, node, children);
    return node;
}

/* The condition still sees the variables of the block. */
static int read_repeat(struct parser *parser)
{
    struct token start = take_word(parser);
    int node = node_add(parser, NODE_REPEAT, start.from, start.line), body;
    struct children children = { NODE_NONE, NODE_NONE };
    struct scope scope = scope_open(parser);

    parser->function->loops++;
    body = node_add(parser, NODE_BLOCK, parser->token.from, parser->token.line);
    statements(parser, scope, body);
    parser->function->loops--;
    children_add(parser, &children, body);
    token_expect(parser, "until", "a repeat is not closed by until");
    children_add(parser, &children, expression(parser));
    scope_close(parser, scope);
    node_end(parser, node, children);
    return node;
}

/* The variables of a loop are known in its block only, so are declared after its values. */
static void declare_first(struct parser *parser, const struct children *children, size_t count)
{
    int name = children->first;

    for (; count > 0 && parser->wrong == NULL; count--) {
        scope_declare(parser, name, false);
        name = parser->out->nodes[name].next;
    }
}

static void loop_values(struct parser *parser, int node, struct children *children, size_t *names)
{
    *names = 1;
    if (token_skip(parser, "=")) {
        parser->out->nodes[node].kind = NODE_FOR_NUMBER;
        children_add(parser, children, expression(parser));
        token_expect(parser, ",", "a for with numbers needs the last one");
        children_add(parser, children, expression(parser));
        if (token_skip(parser, ","))
            children_add(parser, children, expression(parser));
        return;
    }
    for (; token_skip(parser, ","); ++*names) {
        struct token name = take_name(parser);

        children_add(parser, children, declared_node(parser, &name));
    }
    token_expect(parser, "in", "a for needs = or in");
    expression_list(parser, children);
}

static int read_for(struct parser *parser)
{
    struct token start = take_word(parser), name = take_name(parser);
    int node = node_add(parser, NODE_FOR_IN, start.from, start.line);
    struct children children = { NODE_NONE, NODE_NONE };
    struct scope scope = scope_open(parser);
    size_t names;

    children_add(parser, &children, declared_node(parser, &name));
    loop_values(parser, node, &children, &names);
    token_expect(parser, "do", "a for is followed by do");
    declare_first(parser, &children, names);
    children_add(parser, &children, loop_block(parser));
    token_expect(parser, "end", "a for is not closed by end");
    scope_close(parser, scope);
    node_end(parser, node, children);
    return node;
}

static int read_do(struct parser *parser)
{
    struct token start = take_word(parser);
    int node = node_add(parser, NODE_DO, start.from, start.line);
    struct children children = { NODE_NONE, NODE_NONE };

    children_add(parser, &children, inner_block(parser));
    token_expect(parser, "end", "a do is not closed by end");
    node_end(parser, node, children);
    return node;
}

static void check_constant(struct parser *parser, int target)
{
    bool constant;

    scope_find(parser, syntax_text(parser->out, target), &constant);
    if (constant)
        parser_fail(parser, parser->out->nodes[target].line, "a constant is assigned to");
}

static int read_local_function(struct parser *parser, const struct token *start)
{
    int node = node_add(parser, NODE_LOCAL_FUNCTION, start->from, start->line), declared;
    struct children children = { NODE_NONE, NODE_NONE };
    struct token name;

    token_take(parser);
    name = take_name(parser);
    declared = declared_node(parser, &name);
    children_add(parser, &children, declared);
    scope_declare(parser, declared, false);
    children_add(parser, &children, function_body(parser, parser->token, false));
    node_end(parser, node, children);
    return node;
}

/* <const> or <close>; both can be assigned only once. */
static bool read_attribute(struct parser *parser, bool *close)
{
    struct token name;

    if (!token_skip(parser, "<"))
        return false;
    name = take_name(parser);
    if (str_is(text_of(parser, &name), "close")) {
        if (*close)
            parser_fail(parser, name.line, "one local has two variables that close");
        *close = true;
    } else if (!str_is(text_of(parser, &name), "const")) {
        parser_fail(parser, name.line, "an attribute is <const> or <close>");
    }
    token_expect(parser, ">", "an attribute is not closed by >");
    return true;
}

enum { LOCALS = 200 };

static int read_local(struct parser *parser)
{
    struct token start = take_word(parser);
    struct children children = { NODE_NONE, NODE_NONE };
    bool constant[LOCALS], close = false;
    int names[LOCALS], node;
    size_t count = 0, i;

    if (token_is(parser, "function"))
        return read_local_function(parser, &start);
    node = node_add(parser, NODE_LOCAL, start.from, start.line);
    do {
        struct token name = take_name(parser);

        if (count == LOCALS) {
            parser_fail(parser, name.line, "a function has more than 200 variables");
            break;
        }
        names[count] = declared_node(parser, &name);
        children_add(parser, &children, names[count]);
        constant[count++] = read_attribute(parser, &close);
    } while (token_skip(parser, ","));
    if (token_skip(parser, "="))
        expression_list(parser, &children);
    for (i = 0; i < count; i++)
        scope_declare(parser, names[i], constant[i]);
    node_end(parser, node, children);
    return node;
}

static int read_function(struct parser *parser)
{
    struct token start = take_word(parser), first = take_name(parser), name = first;
    int node = node_add(parser, NODE_SET_FUNCTION, start.from, start.line), target;
    struct children children = { NODE_NONE, NODE_NONE };
    bool method = false;

    target = name_node(parser, &name);
    while (!method && (token_is(parser, ".") || token_is(parser, ":"))) {
        struct children inner = { NODE_NONE, NODE_NONE };
        int member = node_add(parser, NODE_MEMBER, first.from, first.line);

        method = token_is(parser, ":");
        token_take(parser);
        children_add(parser, &inner, target);
        name = take_name(parser);
        node_mark(parser, member, &name);
        node_end(parser, member, inner);
        target = member;
    }
    if (parser->out->nodes[target].kind == NODE_NAME)
        check_constant(parser, target);
    children_add(parser, &children, target);
    children_add(parser, &children, function_body(parser, parser->token, method));
    node_end(parser, node, children);
    return node;
}

static void check_target(struct parser *parser, int target)
{
    enum node_kind kind = parser->out->nodes[target].kind;

    if (kind == NODE_NAME)
        check_constant(parser, target);
    else if (kind != NODE_INDEX && kind != NODE_MEMBER)
        parser_fail(parser, parser->out->nodes[target].line, "this cannot be assigned to");
}

/* A call, or an assignment. */
static int read_expression(struct parser *parser)
{
    struct token start = parser->token, sign;
    struct children children = { NODE_NONE, NODE_NONE };
    int target = suffixed(parser), node;

    children_add(parser, &children, target);
    if (!token_is(parser, "=") && !token_is(parser, ",")) {
        node = node_add(parser, NODE_STATEMENT, start.from, start.line);
        if (parser->out->nodes[target].kind != NODE_CALL &&
            parser->out->nodes[target].kind != NODE_METHOD)
            parser_fail(parser, start.line, "an expression alone is no statement");
        node_end(parser, node, children);
        return node;
    }
    node = node_add(parser, NODE_ASSIGN, start.from, start.line);
    check_target(parser, target);
    while (token_skip(parser, ",")) {
        target = suffixed(parser);
        check_target(parser, target);
        children_add(parser, &children, target);
    }
    sign = parser->token;
    token_expect(parser, "=", "an assignment needs =");
    node_mark(parser, node, &sign);
    expression_list(parser, &children);
    node_end(parser, node, children);
    return node;
}

static int read_return(struct parser *parser)
{
    struct token start = take_word(parser);
    int node = node_add(parser, NODE_RETURN, start.from, start.line);
    struct children children = { NODE_NONE, NODE_NONE };

    if (!block_ends(parser, true) && !token_is(parser, ";"))
        expression_list(parser, &children);
    node_end(parser, node, children);
    token_skip(parser, ";");
    return node;
}

static int read_break(struct parser *parser)
{
    struct token start = take_word(parser);
    int node = node_add(parser, NODE_BREAK, start.from, start.line);

    if (parser->function->loops == 0)
        parser_fail(parser, start.line, "break stands outside a loop");
    node_end(parser, node, (struct children){ NODE_NONE, NODE_NONE });
    return node;
}

static int read_goto(struct parser *parser)
{
    struct token start = take_word(parser), name = take_name(parser);
    int node = node_add(parser, NODE_GOTO, start.from, start.line);

    node_mark(parser, node, &name);
    scope_goto(parser, &name);
    node_end(parser, node, (struct children){ NODE_NONE, NODE_NONE });
    return node;
}

static int read_label(struct parser *parser)
{
    struct token start = take_word(parser), name = take_name(parser);
    int node = node_add(parser, NODE_LABEL, start.from, start.line);

    node_mark(parser, node, &name);
    token_expect(parser, "::", "a label is not closed by ::");
    node_end(parser, node, (struct children){ NODE_NONE, NODE_NONE });
    return node;
}

static int statement(struct parser *parser)
{
    static const struct {
        const char *word;
        int (*read)(struct parser *);
    } readers[] = {
        { "if", read_if },         { "while", read_while },
        { "repeat", read_repeat }, { "for", read_for },
        { "do", read_do },         { "local", read_local },
        { "return", read_return }, { "function", read_function },
        { "break", read_break },   { "goto", read_goto },
        { "::", read_label },
    };
    size_t i;

    for (i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (token_is(parser, readers[i].word))
            return readers[i].read(parser);
    return read_expression(parser);
}

/* Labels in a row, with the semicolons between them, stand in the same place. */
static void labels(struct parser *parser, struct scope scope, struct children *children, int first)
{
    int label = first;

    while (parser->wrong == NULL) {
        children_add(parser, children, label);
        while (token_skip(parser, ";"))
            ;
        if (!token_is(parser, "::"))
            break;
        label = read_label(parser);
    }
    for (label = first; label != NODE_NONE && parser->wrong == NULL;
         label = parser->out->nodes[label].next) {
        const struct node *node = &parser->out->nodes[label];
        struct token name = { TOKEN_NAME, node->mark_from, node->mark_to, node->line };

        scope_label(parser, &name, scope, block_ends(parser, false));
    }
}

void statements(struct parser *parser, struct scope scope, int into)
{
    struct children children = { NODE_NONE, NODE_NONE };

    while (!block_ends(parser, true)) {
        int node;

        if (token_skip(parser, ";"))
            continue;
        if (!depth_enter(parser))
            break;
        node = statement(parser);
        parser->depth--;
        if (parser->out->nodes[node].kind == NODE_LABEL)
            labels(parser, scope, &children, node);
        else
            children_add(parser, &children, node);
        if (parser->out->nodes[node].kind == NODE_RETURN)
            break;
    }
    node_end(parser, into, children);
}

int block(struct parser *parser, struct scope scope)
{
    int node = node_add(parser, NODE_BLOCK, parser->token.from, parser->token.line);

    statements(parser, scope, node);
    scope_close(parser, scope);
    return node;
}
