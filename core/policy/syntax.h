/* SPDX-License-Identifier: Apache-2.0 */
/* A policy text as a tree, without running it: where its conditions stand, which variable a name
 * means, what a table lists. Knows the grammar of Lua 5.4 and the rules of its scopes, and is
 * stricter where a text is odd: a NUL byte, nesting deeper than SYNTAX_DEPTH. */
#ifndef POLICY_SYNTAX_H
#define POLICY_SYNTAX_H

#include "base/buf.h"

enum {
    SYNTAX_DEPTH = 150,  /* statements and operands within each other */
    SYNTAX_HEIGHT = 400, /* of the tree, which a chain of operators makes higher than deep */
    SYNTAX_NODES = 400000,
    NODE_NONE = -1
};

enum node_kind {
    /* expressions; their children in parentheses */
    NODE_NAME, /* a variable; also where one is declared */
    NODE_NIL,
    NODE_TRUE,
    NODE_FALSE,
    NODE_NUMBER,
    NODE_STRING,
    NODE_VARARG,
    NODE_FUNCTION, /* (NAME or VARARG of each parameter, BLOCK) */
    NODE_TABLE,    /* (ITEM, NAMED or KEYED of each entry) */
    NODE_ITEM,     /* value: (value) */
    NODE_NAMED,    /* word = value: (value); the word is at mark */
    NODE_KEYED,    /* [key] = value: (key, value) */
    NODE_PAREN,    /* (inside) */
    NODE_INDEX,    /* object[key]: (object, key) */
    NODE_MEMBER,   /* object.word: (object); the word is at mark */
    NODE_CALL,     /* (function, each argument) */
    NODE_METHOD,   /* object:word(...): (object, each argument); the word is at mark */
    NODE_BINARY,   /* (left, right); the operator is at mark */
    NODE_UNARY,    /* (operand); the operator is at mark */
    /* statements */
    NODE_BLOCK,          /* (each statement) */
    NODE_LOCAL,          /* (NAME of each variable, each value) */
    NODE_ASSIGN,         /* (each target, each value); `=` is at mark */
    NODE_STATEMENT,      /* a call: (CALL or METHOD) */
    NODE_IF,             /* (condition, BLOCK, again for each elseif, BLOCK of else) */
    NODE_WHILE,          /* (condition, BLOCK) */
    NODE_REPEAT,         /* (BLOCK, condition) */
    NODE_FOR_NUMBER,     /* (NAME, first, last, step, BLOCK) */
    NODE_FOR_IN,         /* (NAME of each variable, each value, BLOCK) */
    NODE_DO,             /* (BLOCK) */
    NODE_SET_FUNCTION,   /* function a.b() ... end: (target, FUNCTION) */
    NODE_LOCAL_FUNCTION, /* (NAME, FUNCTION) */
    NODE_RETURN,         /* (each value) */
    NODE_BREAK,
    NODE_GOTO, /* the label is at mark */
    NODE_LABEL /* the label is at mark */
};

enum operator{
    OPERATOR_NONE,
    OPERATOR_OR,
    OPERATOR_AND,
    OPERATOR_LESS,
    OPERATOR_GREATER,
    OPERATOR_AT_MOST,
    OPERATOR_AT_LEAST,
    OPERATOR_UNEQUAL,
    OPERATOR_EQUAL,
    OPERATOR_NOT,
    OPERATOR_OTHER /* arithmetic, bits, texts, length */
};

/* Bytes from `from` up to, not including, `to`. Links are indices of nodes, or NODE_NONE. */
struct node {
    enum node_kind kind;
    enum operator operator;
    uint32_t from, to, mark_from, mark_to;
    uint16_t height; /* of what is below it */
    int line;
    int parent, first, next; /* `next` of the same parent */
    int declared; /* of a NAME: the NAME that declares it (itself there); a global: none */
};

struct syntax {
    struct smg_str text; /* the caller's; must outlive this */
    struct node *nodes;  /* the last one is the root, a BLOCK */
    size_t count;
    int root;
};

/* false: `why` (a literal) and `line` say what was not understood, and there is nothing to free. */
bool syntax_parse(struct smg_str text, struct syntax *out, const char **why, int *line);
void syntax_fini(struct syntax *syntax);

/* The bytes of a node, and of its mark. */
struct smg_str syntax_text(const struct syntax *syntax, int node);
struct smg_str syntax_mark(const struct syntax *syntax, int node);
/* The i-th child, or NODE_NONE. */
int syntax_child(const struct syntax *syntax, int node, size_t i);
size_t syntax_children(const struct syntax *syntax, int node);
/* Bytes from the beginning of the line, counted from 1. */
int syntax_column(const struct syntax *syntax, int node);
/* What the STRING says, appended; and the NUMBER when it is a whole one. */
bool syntax_string(const struct syntax *syntax, int node, struct buf *out);
bool syntax_integer(const struct syntax *syntax, int node, int64_t *out);
/* The expression without parentheses around it. */
int syntax_bare(const struct syntax *syntax, int node);
/* What a declared NAME begins with: the value given to that local, or the function; NODE_NONE for a
 * parameter, a variable of a loop, or a local that is given nothing or one of several results. */
int syntax_value(const struct syntax *syntax, int declared);
/* The innermost FUNCTION around the node, or NODE_NONE. */
int syntax_function(const struct syntax *syntax, int node);

#endif
