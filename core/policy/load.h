/* SPDX-License-Identifier: Apache-2.0 */
/* Running a set's files in a Lua state: once to learn what they declare, and again in each
 * evaluator, which only needs the functions. */
#ifndef POLICY_LOAD_H
#define POLICY_LOAD_H

#include "policy/sandbox.h"
#include "policy/set.h"

/* Each kind of file has declaring words of its own. */
enum file_kind { KIND_DOCUMENTS, KIND_VOCABULARY, KIND_REGULATION, KIND_PROCESSES, KIND_ARTICLES };

struct loading {
    struct policy_set *set;
    struct sandbox *box;
    struct buf *problems;
    bool learning;          /* filling the set; else it is full and only functions are taken */
    size_t file;            /* the one running */
    struct smg_str instead; /* a text to run in place of the file's, or at NULL */
    enum file_kind kind;
    struct articles *articles; /* the register being read (articles.c), else NULL */
    bool running;              /* declarations are welcome */
    bool open;                 /* a declaration was begun: fact "x", still without its table */
    char open_name[NAME_BYTES + 16];
    int open_line;
    /* References in the registry to each fact's `from` and `example`, each rule's `applies` and
     * `check`. */
    int *from, *example, *applies, *check;
    int names; /* the vocabulary's names, where `day` is set for each case */
};

/* Run all files, then freeze what they left. false: problems says why. With `learning`, the
 * reference arrays have room for SET_FACTS and SET_RULES; else for the set's counts. */
bool load_run(struct loading *loading);

/* Run one regulation's file again, with another text if there is one, in the state of an evaluator
 * that is loaded: its rules' functions are taken anew, then frozen. */
bool load_again(struct loading *loading, size_t file);
/* Run the one file that stands at loading->file, as loading->kind. */
void load_file(struct loading *loading);

/* The declaring words (declare.c), as functions of an environment table on top of the stack. */
void declare_push_words(struct lua_State *lua, enum file_kind kind);
void declare_check_open(struct loading *loading); /* nothing may be left half declared */
/* The words of a file of properties (property.c), the same way. */
void property_push_words(struct lua_State *lua);
/* What the declaring words of processes and registers do (articles.c). */
struct spec;
bool articles_learn_process(struct spec *spec);
bool articles_learn_register(struct spec *spec);
bool articles_learn_article(struct spec *spec);
/* What no single declaration can see (check.c): names that hide each other, what replaces what. */
void check_set(struct policy_set *set, struct buf *problems);
/* Look at a Lua function on top of the stack without running it (bytecode.c): names that are not in
 * its environment, variables outside it that it changes. */
void bytecode_check(struct lua_State *lua, struct buf *problems);

#endif
