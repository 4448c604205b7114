/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a policy set declare, as plain C: facts, words, documents, regulations and
 * rules. Built once, then immutable; only the functions live in each evaluator's Lua state. */
#ifndef POLICY_SET_H
#define POLICY_SET_H

#include "policy/policy.h"

#include <stdatomic.h>

enum {
    SET_FACTS = 1024, /* limits of what one set may declare */
    SET_RULES = 1024,
    SET_WORDS = 1024,
    SET_DOCUMENTS = 256,
    FACT_VALUES = 64,
    NAME_BYTES = 80, /* "customer.document.type" */
    SEGMENT_BYTES =
        40 /* Lua gives texts up to this long one address, which reading facts relies on */
};

enum source { SOURCE_FORM = 0, SOURCE_CARD, SOURCE_EVIDENCE, SOURCE_SERVICE, SOURCE_REGISTRY };
extern const char *const source_names[]; /* ended by NULL */

enum value_kind { VALUE_BOOLEAN, VALUE_INTEGER, VALUE_TEXT };

struct fact_value {
    int64_t integer;     /* also 0 and 1 of a boolean */
    struct smg_str text; /* as written: "true", "4", "match"; ended by a NUL */
};

struct fact {
    const char *name, *zh, *en;
    enum value_kind kind;
    enum source source;
    const char *ask, *of; /* the service or registry; the person; or NULL */
    struct fact_value *values;
    size_t value_count;
    size_t plain;   /* index of the value it has in a plain case */
    uint64_t keeps; /* bit i: value i, once true of a case, stays: nobody can bring another */
    const char *file;
    int line;
};

struct word {
    const char *name, *zh, *en;
    enum effect_kind kind;
};

struct document {
    struct document_info info;
    int64_t longest_days; /* 0: no limit */
    const char *since;    /* or NULL */
};

enum { RULE_NONE = -1 };

struct rule {
    const char *id, *zh, *en; /* "cn-54/2018#6.3" */
    size_t regulation;
    const char *replaces;   /* a rule's id, or NULL */
    int replaced;           /* its index, or RULE_NONE */
    bool loosens;           /* knowingly asks less than the one it replaces */
    const char *bites_from; /* a day, or NULL: as long as its regulation is in force */
    struct smg_date bites;  /* the same; DATE_NONE */
    const char *file;
    int line;
};

enum { REGULATION_NONE = -1 };

struct regulation {
    struct policy_info info;
    struct smg_date from, until; /* until: DATE_NONE when open */
    bool by_begin;               /* pending = "begun" */
    int repeals;                 /* index of the one it repeals, or REGULATION_NONE */
    bool declared;               /* its file said regulation { ... } */
};

/* Case, words and additions belong to the vocabulary; one that is not there is an empty text. */
enum { FILE_DOCUMENTS, FILE_VOCABULARY, FILE_CASE, FILE_WORDS, FILE_ADDITIONS, FILE_REGULATIONS };

struct file {
    char *name;  /* "cn-54/2018.lua" */
    bool absent; /* optional, and not there: an empty text that nobody is shown */
    struct buf text;
};

struct policy_set {
    atomic_uint owners;
    struct file *files; /* documents, vocabulary, then one a regulation */
    size_t file_count;
    struct document *documents;
    struct fact *facts;
    struct word *words;
    struct regulation *regulations;
    struct rule *rules;
    size_t document_count, fact_count, word_count, regulation_count, rule_count;
    char hash[72];
    bool counted;      /* the regulations' texts tell which conditions they meet (coverage.h) */
    struct kept *kept; /* the texts all of the above point to */
};

/* Read, run and check the files, without exploring the rules; NULL when anything was wrong. */
struct policy_set *set_build(const char *path, const char *const *stack, size_t count,
                             struct buf *problems);
/* The same from texts in memory; counted: they were made by coverage_count. */
struct policy_set *set_build_from(const struct policy_text *texts, size_t text_count,
                                  const char *const *stack, size_t count, bool counted,
                                  struct buf *problems);
/* The text of a regulation of the set. */
struct policy_text set_regulation(const struct policy_set *set, size_t regulation);
/* One more line "file:line: ..." unless it is there already; line 0 leaves the number out. */
SMG_PRINTF(4, 5)
void set_problem(struct buf *problems, const char *file, int line, const char *fmt, ...);
/* A copy that lives as long as the set; NULL: out of memory. */
const char *set_keep(struct policy_set *set, struct smg_str text);
/* Room for one more in an array that holds `count`: the array, moved or not, or NULL. */
void *set_grow(void *at, size_t count, size_t size);

const struct fact *set_fact(const struct policy_set *set, struct smg_str name);
const struct word *set_word(const struct policy_set *set, struct smg_str name);
int set_rule(const struct policy_set *set, struct smg_str id); /* or RULE_NONE */
/* The nearest declared name, or NULL. */
const char *set_near_fact(const struct policy_set *set, struct smg_str name);
const char *set_near_word(const struct policy_set *set, struct smg_str name, enum effect_kind kind);

/* "customer.document.type": lower-case segments; and a paragraph: "6.3", "9.2/proxy". */
bool set_name_is_valid(struct smg_str name);
bool set_paragraph_is_valid(struct smg_str name);

#endif
