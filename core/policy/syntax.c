/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: its nodes while they grow, and what may be asked of it. */
#include "policy/syntax_parts.h"

#include <stdlib.h>

void parser_fail(struct parser *parser, int line, const char *why)
{
    if (parser->wrong == NULL) {
        parser->wrong = why;
        parser->wrong_line = line;
    }
    parser->token.kind = TOKEN_END;
}

bool depth_enter(struct parser *parser)
{
    if (parser->depth == SYNTAX_DEPTH) {
        parser_fail(parser, parser->token.line, "the text is nested too deeply");
        return false;
    }
    parser->depth++;
    return true;
}

/* Never fails: when there is no room the text is wrong, and the first node stands in. */
int node_add(struct parser *parser, enum node_kind kind, uint32_t from, int line)
{
    struct syntax *out = parser->out;

    if (out->count % 1024 == 0) {
        struct node *grown = NULL;

        if (out->count < SYNTAX_NODES)
            grown = realloc(out->nodes, (out->count + 1024) * sizeof *grown);
        if (grown == NULL) {
            parser_fail(parser, line, "the text is too large");
            return 0;
        }
        out->nodes = grown;
    }
    out->nodes[out->count] = (struct node){ .kind = kind,
                                            .from = from,
                                            .to = from,
                                            .line = line,
                                            .parent = NODE_NONE,
                                            .first = NODE_NONE,
                                            .next = NODE_NONE,
                                            .declared = NODE_NONE };
    return (int)out->count++;
}

void node_end(struct parser *parser, int node, struct children children)
{
    struct node *nodes = parser->out->nodes;
    int child;

    if (parser->wrong != NULL)
        return;
    nodes[node].first = children.first;
    if (parser->last_to > nodes[node].from)
        nodes[node].to = parser->last_to;
    for (child = children.first; child != NODE_NONE; child = nodes[child].next) {
        nodes[child].parent = node;
        if (nodes[child].height >= nodes[node].height)
            nodes[node].height = (uint16_t)(nodes[child].height + 1);
    }
    if (nodes[node].height > SYNTAX_HEIGHT)
        parser_fail(parser, nodes[node].line, "the text is nested too deeply");
}

void node_mark(struct parser *parser, int node, const struct token *token)
{
    parser->out->nodes[node].mark_from = token->from;
    parser->out->nodes[node].mark_to = token->to;
}

void children_add(struct parser *parser, struct children *children, int node)
{
    if (parser->wrong != NULL)
        return;
    if (children->first == NODE_NONE)
        children->first = node;
    else
        parser->out->nodes[children->last].next = node;
    children->last = node;
}

static int read_root(struct parser *parser)
{
    struct function main;
    int root;

    scope_enter(parser, &main);
    main.vararg = true;
    token_take(parser);
    root = node_add(parser, NODE_BLOCK, 0, 1);
    if (parser->wrong != NULL)
        return root;
    statements(parser, scope_open(parser), root);
    if (parser->wrong == NULL && parser->token.kind != TOKEN_END)
        parser_fail(parser, parser->token.line, "this word has nothing to end");
    scope_leave(parser);
    return root;
}

bool syntax_parse(struct smg_str text, struct syntax *out, const char **why, int *line)
{
    struct parser parser = { .out = out, .text = text, .line = 1 };

    *out = (struct syntax){ .text = text };
    if (text.len > UINT32_MAX / 2) {
        *why = "the text is too large";
        *line = 1;
        return false;
    }
    out->root = read_root(&parser);
    free(parser.variables);
    free(parser.labels.at);
    free(parser.jumps.at);
    if (parser.wrong == NULL)
        return true;
    *why = parser.wrong;
    *line = parser.wrong_line;
    syntax_fini(out);
    return false;
}

void syntax_fini(struct syntax *syntax)
{
    free(syntax->nodes);
    *syntax = (struct syntax){ 0 };
}

struct smg_str syntax_text(const struct syntax *syntax, int node)
{
    const struct node *it = &syntax->nodes[node];

    return (struct smg_str){ syntax->text.at + it->from, it->to - it->from };
}

struct smg_str syntax_mark(const struct syntax *syntax, int node)
{
    const struct node *it = &syntax->nodes[node];

    return (struct smg_str){ syntax->text.at + it->mark_from, it->mark_to - it->mark_from };
}

int syntax_child(const struct syntax *syntax, int node, size_t i)
{
    int child = syntax->nodes[node].first;

    for (; child != NODE_NONE && i > 0; i--)
        child = syntax->nodes[child].next;
    return child;
}

size_t syntax_children(const struct syntax *syntax, int node)
{
    int child = syntax->nodes[node].first;
    size_t count = 0;

    for (; child != NODE_NONE; child = syntax->nodes[child].next)
        count++;
    return count;
}

int syntax_column(const struct syntax *syntax, int node)
{
    uint32_t from = syntax->nodes[node].from, at = from;

    while (at > 0 && syntax->text.at[at - 1] != '\n')
        at--;
    return (int)(from - at) + 1;
}

bool syntax_integer(const struct syntax *syntax, int node, int64_t *out)
{
    return syntax->nodes[node].kind == NODE_NUMBER && str_to_int(syntax_text(syntax, node), out);
}

int syntax_bare(const struct syntax *syntax, int node)
{
    while (node != NODE_NONE && syntax->nodes[node].kind == NODE_PAREN)
        node = syntax->nodes[node].first;
    return node;
}

int syntax_value(const struct syntax *syntax, int declared)
{
    int parent = syntax->nodes[declared].parent, child;
    size_t place = 0, names = 0;

    if (parent == NODE_NONE)
        return NODE_NONE;
    if (syntax->nodes[parent].kind == NODE_LOCAL_FUNCTION)
        return syntax_child(syntax, parent, 1);
    if (syntax->nodes[parent].kind != NODE_LOCAL)
        return NODE_NONE;
    for (child = syntax->nodes[parent].first; child != NODE_NONE;
         child = syntax->nodes[child].next) {
        if (syntax->nodes[child].declared != child)
            break;
        if (child == declared)
            place = names;
        names++;
    }
    return syntax_child(syntax, parent, names + place);
}

int syntax_function(const struct syntax *syntax, int node)
{
    node = syntax->nodes[node].parent;
    while (node != NODE_NONE && syntax->nodes[node].kind != NODE_FUNCTION)
        node = syntax->nodes[node].parent;
    return node;
}

/* ---- what a STRING says ---- */

static void put_code_point(struct buf *out, uint32_t value)
{
    unsigned char bytes[6];
    size_t count = 0;
    uint32_t first = 0x3F; /* the largest that fits in the first byte */

    if (value < 0x80) {
        buf_byte(out, (unsigned char)value);
        return;
    }
    do {
        bytes[count++] = (unsigned char)(0x80 | (value & 0x3F));
        value >>= 6;
        first >>= 1;
    } while (value > first);
    buf_byte(out, (unsigned char)((~first << 1) | value));
    while (count > 0)
        buf_byte(out, bytes[--count]);
}

static uint32_t hex_value(char c)
{
    return (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* The bytes of the line's end that begins here, or 0. */
static size_t line_end(struct smg_str rest)
{
    if (rest.len == 0 || (rest.at[0] != '\n' && rest.at[0] != '\r'))
        return 0;
    return rest.len > 1 && (rest.at[1] == '\n' || rest.at[1] == '\r') && rest.at[1] != rest.at[0]
               ? 2
               : 1;
}

/* Behind a backslash that the parser found good; the number of bytes taken. */
static size_t put_escape(struct buf *out, struct smg_str rest)
{
    static const char letters[] = "abfnrtv", says[] = "\a\b\f\n\r\t\v";
    const char *letter = strchr(letters, rest.at[0]);
    uint32_t value = 0;
    size_t i = 1;

    if (letter != NULL) {
        buf_byte(out, (unsigned char)says[letter - letters]);
    } else if (rest.at[0] == 'x') {
        buf_byte(out, (unsigned char)(hex_value(rest.at[1]) << 4 | hex_value(rest.at[2])));
        i = 3;
    } else if (rest.at[0] == 'u') {
        for (i = 2; rest.at[i] != '}'; i++)
            value = value << 4 | hex_value(rest.at[i]);
        put_code_point(out, value);
        i++;
    } else if (rest.at[0] == 'z') {
        while (i < rest.len && strchr(" \t\v\f\r\n", rest.at[i]) != NULL)
            i++;
    } else if (rest.at[0] >= '0' && rest.at[0] <= '9') {
        for (i = 0; i < 3 && i < rest.len && rest.at[i] >= '0' && rest.at[i] <= '9'; i++)
            value = 10 * value + (uint32_t)(rest.at[i] - '0');
        buf_byte(out, (unsigned char)value);
    } else if (line_end(rest) > 0) {
        buf_byte(out, '\n');
        i = line_end(rest);
    } else {
        buf_byte(out, (unsigned char)rest.at[0]);
    }
    return i;
}

static void put_quoted(struct buf *out, struct smg_str text)
{
    size_t i = 0;

    while (i < text.len)
        if (text.at[i] == '\\')
            i += 1 + put_escape(out, (struct smg_str){ text.at + i + 1, text.len - i - 1 });
        else
            buf_byte(out, (unsigned char)text.at[i++]);
}

/* A line's end right behind the opening bracket is not part of a long text. */
static void put_long(struct buf *out, struct smg_str text)
{
    size_t i = line_end(text);

    while (i < text.len) {
        size_t end = line_end((struct smg_str){ text.at + i, text.len - i });

        buf_byte(out, end > 0 ? '\n' : (unsigned char)text.at[i]);
        i += end > 0 ? end : 1;
    }
}

bool syntax_string(const struct syntax *syntax, int node, struct buf *out)
{
    struct smg_str text = syntax_text(syntax, node);
    size_t bracket = 1;

    if (syntax->nodes[node].kind != NODE_STRING)
        return false;
    if (text.at[0] != '[') {
        put_quoted(out, (struct smg_str){ text.at + 1, text.len - 2 });
        return !out->failed;
    }
    while (text.at[bracket] == '=')
        bracket++;
    bracket++;
    put_long(out, (struct smg_str){ text.at + bracket, text.len - 2 * bracket });
    return !out->failed;
}
