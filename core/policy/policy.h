/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over facts: what must still be provided, what is refused, what must be reported. The only
 * room that knows Lua; docs/policies.md is the language. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/date.h"
#include "base/fields.h"

/* The texts: documents.lua, the vocabulary (vocabulary.lua, and case.lua, words.lua and
 * additions.lua where there are such files) and one file for each regulation of the stack, read
 * once, immutable, shared by all threads. */
struct policy_set;
/* path: the folder, or several as in folder.h ("DRAFT:BASE"). stack: "cn-54/2018" is
 * path/cn-54/2018.lua. Every text is compiled and its words checked; all mistakes (file:line: what,
 * and the nearest known name) are appended to problems. */
struct policy_set *policy_set_load(const char *path, const char *const *stack, size_t count,
                                   struct buf *problems);
/* The same from texts in memory, which are copied: an archive, a mutant. */
struct policy_text {
    const char *name; /* "vocabulary.lua", "cn-54/2018.lua" */
    struct smg_str text;
};
struct policy_set *policy_set_from(const struct policy_text *texts, size_t text_count,
                                   const char *const *stack, size_t count, struct buf *problems);
/* The i-th text a set was made of: documents, the vocabulary's, then each regulation of the stack.
 * Its name is NULL after the last. */
struct policy_text policy_set_text(const struct policy_set *set, size_t i);
struct policy_set *policy_set_share(struct policy_set *set); /* one more owner; any thread */
void policy_set_free(struct policy_set *set);                /* one owner less */

enum { DECISION_POLICIES = 16 }; /* regulations in one stack */

/* Every regulation in a folder's subfolders, the nation's before a region's (issuer by issuer, then
 * by name): the stack when nobody names one. Do not move it: ids point into it. */
struct policy_stack {
    const char *ids[DECISION_POLICIES];
    size_t count;
    char names[DECISION_POLICIES][49];
};
/* false: said in problems, also when there is none. */
bool policy_stack_find(const char *path, struct policy_stack *out, struct buf *problems);

struct policy_info {
    const char *id;           /* "cn-54/2018" */
    const char *region;       /* "54" */
    const char *published;    /* the day it was made known, or NULL when its file does not say */
    const char *from, *until; /* days; until NULL: open */
    const char *pending;      /* "decided" or "begun": which day of a case `from` looks at */
    const char *repeals;      /* id of the regulation that ends where this one begins, or NULL */
    const char *zh, *en;      /* title */
    const char *order;
    const char *hash; /* "sha256:..." over this file, vocabulary and documents */
    struct smg_str text;
    size_t rules;
};
size_t policy_set_count(const struct policy_set *set);
const struct policy_info *policy_set_info(const struct policy_set *set, size_t i);
const char *policy_set_hash(const struct policy_set *set); /* over all of it */

/* One thread's evaluator: a Lua state with the whole set. */
struct policy;
struct policy *policy_new(struct policy_set *set, struct smg_err *err); /* shares the set */
/* For an evaluator that decides case after case: what its rules say is kept, so that a case like an
 * earlier one is decided without running them. Decisions stay the same. false: out of memory. */
bool policy_quicken(struct policy *policy);
void policy_free(struct policy *policy);
struct policy_set *policy_set_of(const struct policy *policy); /* its own; share it to keep it */

enum verdict { VERDICT_ACCEPTED = 1, VERDICT_INCOMPLETE, VERDICT_REFUSED };
const char *verdict_name(enum verdict verdict);

/* EFFECT_WARN: what a rule would need or refuse, said before the day from which it bites. It
 * changes no verdict. */
enum effect_kind { EFFECT_NEED = 1, EFFECT_REFUSE, EFFECT_REPORT, EFFECT_OBLIGE, EFFECT_WARN };

/* Texts belong to the set. */
struct effect {
    enum effect_kind kind;
    const char *what;              /* "guardian.present" */
    const char *rule;              /* "cn-54/2018#6.3"; "", with NULL texts, when no rule said it */
    const char *zh, *en;           /* of the word */
    const char *rule_zh, *rule_en; /* of the rule */
    const char *to;                /* report: recipient; else NULL */
    const char *bites_from;        /* warn: the day its rule bites from; else NULL */
    int64_t within_ms;             /* report, notify: deadline; else 0 */
};

/* A fact some rule read, that nobody has told yet and that is not the clerk's to tell. */
struct question {
    const char *fact;   /* "customer.verified" */
    const char *source; /* "service" or "registry" */
    const char *ask;    /* "public-security", "dealer.contract" */
    const char *of;     /* "customer", or NULL */
};

/* A service's or registry's answer, as the fact's value ("match", "true", "4"). */
struct answer {
    const char *fact;
    const char *value;
};

enum { DECISION_EFFECTS = 128, DECISION_QUESTIONS = 32 };

struct decision {
    enum verdict verdict;
    size_t effect_count, question_count, policy_count;
    struct effect effects[DECISION_EFFECTS];
    struct question questions[DECISION_QUESTIONS];
    const struct policy_info *policies[DECISION_POLICIES]; /* the ones in force */
    const char *set;                                       /* policy_set_hash */
    struct smg_date on, begun;
    bool broken; /* a rule failed or ran out of its budget: a person must look */
};

/* Decide. region: six digits. on: the day of the decision. begun: the day the case began, which a
 * regulation with pending = "begun" asks for; DATE_NONE, or later than on: the same day. Never
 * fails: whatever goes wrong makes the decision incomplete with the need "policy.available" (fail
 * closed). While it has questions the verdict is not final. */
void policy_decide(struct policy *policy, const struct smg_fields *fields, const char *region,
                   struct smg_date on, struct smg_date begun, const struct answer *answers,
                   size_t answer_count, struct decision *out);
/* The same case again, with more answers: what policy_keep wrote after its last decision by this
 * set need not be derived again. Fields and `on` are as they were. */
void policy_keep(const struct policy *policy, struct buf *out);
void policy_decide_again(struct policy *policy, struct smg_str kept,
                         const struct smg_fields *fields, const char *region, struct smg_date on,
                         struct smg_date begun, const struct answer *answers, size_t answer_count,
                         struct decision *out);
/* Every fact that can be derived from what the last policy_decide was given, as "name=value\n"
 * lines in the order of the vocabulary: the whole input of the decision, free of personal data. The
 * facts no rule read are derived only now, so the fields must still be there as they were. */
void policy_facts(struct policy *policy, struct buf *out);
/* Was an earlier question to the same service or registry, about the same person? */
bool policy_asked_before(const struct decision *decision, size_t i);
/* The decision in short, as it is kept and compared: "verdict refused\n", then a line for each
 * effect and each open question, in the order they were said: "need guardian.present
 * cn-54/2018#6.3\n", "report police cn-54/2018#11 to=public_security within=3600000\n", "ask
 * customer.verified\n". The rule is "-" when no rule said it. */
void policy_outline(const struct decision *decision, struct buf *out);
/* An effect's deadline as rules write it, "30m", "24h", "3d", into `room`, which is returned. */
const char *policy_within(int64_t within_ms, char room[24]);
/* Garbage of past cases goes, wiped; call when idle. */
void policy_tidy(struct policy *policy);

/* A document type of documents.lua. */
struct document_term {
    int age;   /* of the holder when it was issued, from which on it is valid this long */
    int years; /* 0: without end */
};
enum { DOCUMENT_TERMS = 4 };
struct document_info {
    const char *type, *zh, *en;
    const char *number;        /* format name for number_format */
    bool person, organisation; /* whose document it may be */
    const char *machine; /* how a machine reads it: "sdt" and "emrtd" by its chip, "mrz", "none" */
    bool dated;          /* it has a last valid day */
    struct document_term terms[DOCUMENT_TERMS]; /* by age, from 0 on */
    size_t term_count;                          /* 0: nothing is said of it */
};
bool document_has_chip(const struct document_info *info);
size_t policy_document_count(const struct policy_set *set);
const struct document_info *policy_document(const struct policy_set *set, size_t i);
const struct document_info *policy_document_find(const struct policy_set *set, struct smg_str type);

/* Run the *_test.lua beside each regulation of the stack. tell: one call a test. Returns the number
 * of failures, or negative when a test file does not load (then in problems). */
typedef void (*policy_tell_fn)(void *ctx, const char *file, const char *test, bool passed,
                               const char *why);
int policy_test(const char *path, const char *const *stack, size_t count, policy_tell_fn tell,
                void *ctx, struct buf *problems);

#endif
