/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the parser: tokens, names, expressions, statements. Once something is wrong, the
 * text is over: every loop sees TOKEN_END and every part comes back. */
#ifndef POLICY_SYNTAX_PARTS_H
#define POLICY_SYNTAX_PARTS_H

#include "policy/syntax.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_SIGN, /* one to three characters: an operator or a bracket */
    TOKEN_WORD  /* a reserved word */
};

struct token {
    enum token_kind kind;
    uint32_t from, to;
    int line;
};

/* A variable that can be seen here. */
struct variable {
    struct smg_str name;
    int node; /* NODE_NONE: the `self` of a method */
    bool constant;
};

struct label {
    uint32_t from, to;
    int line;
    size_t variables; /* seen where it stands */
};

struct labels {
    struct label *at;
    size_t count;
};

/* A function being read: where its own variables and labels begin. */
struct function {
    struct function *outer;
    size_t variables, labels, jumps;
    int loops; /* open ones, for break */
    bool vararg;
};

struct parser {
    struct syntax *out;
    struct smg_str text;
    size_t at; /* the next byte */
    int line;
    struct token token, ahead; /* the next one, and the one after it when has_ahead */
    bool has_ahead;
    uint32_t last_to; /* where the last token taken ended */
    int depth;
    const char *wrong;
    int wrong_line;
    struct variable *variables;
    size_t variable_count;
    struct labels labels, jumps; /* jumps: goto before its label */
    struct function *function;
};

/* Children on their way to a parent. */
struct children {
    int first, last;
};

void parser_fail(struct parser *parser, int line, const char *why);

/* syntax_token.c */
void token_take(struct parser *parser); /* the next one */
const struct token *token_ahead(struct parser *parser);
bool token_is(const struct parser *parser, const char *sign_or_word);
bool token_skip(struct parser *parser, const char *sign_or_word); /* take it if it is next */
void token_expect(struct parser *parser, const char *sign_or_word, const char *why);

/* syntax_scope.c: names. */
void scope_declare(struct parser *parser, int name, bool constant);
void scope_declare_self(struct parser *parser);
int scope_find(const struct parser *parser, struct smg_str name, bool *constant);
struct scope {
    size_t variables, labels, jumps;
};
struct scope scope_open(const struct parser *parser);
void scope_close(struct parser *parser, struct scope scope);
void scope_label(struct parser *parser, const struct token *name, struct scope block, bool last);
void scope_goto(struct parser *parser, const struct token *name);
void scope_enter(struct parser *parser, struct function *function);
void scope_leave(struct parser *parser);

/* syntax.c: nodes. */
int node_add(struct parser *parser, enum node_kind kind, uint32_t from, int line);
void node_end(struct parser *parser, int node, struct children children);
void node_mark(struct parser *parser, int node, const struct token *token);
void children_add(struct parser *parser, struct children *children, int node);
bool depth_enter(struct parser *parser);

/* syntax_expression.c */
int expression(struct parser *parser);
int suffixed(struct parser *parser); /* what may be assigned to or called */
void expression_list(struct parser *parser, struct children *children);
/* From its parameters on; `start` is where the FUNCTION is said to begin. */
int function_body(struct parser *parser, struct token start, bool method);
int name_node(struct parser *parser, const struct token *token); /* of an existing variable */
int declared_node(struct parser *parser, const struct token *token);

/* syntax_statement.c */
/* A BLOCK up to, not including, the word that ends it. */
int block(struct parser *parser, struct scope scope); /* in a scope just opened; closes it */
void statements(struct parser *parser, struct scope scope, int into); /* leaves it open */

#endif
