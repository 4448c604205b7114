/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a request: the errors of RFC 9457 answers, each with a JSON pointer (RFC
 * 6901), a code for programs and a sentence for people, Chinese and English. Never a value from the
 * request. */
#ifndef REGISTRATION_PROBLEM_H
#define REGISTRATION_PROBLEM_H

#include "base/buf.h"

enum { PROBLEMS_SHOWN = 32 };

/* Start with { 0 }. */
struct problems {
    struct buf json; /* the members of the errors array */
    unsigned count;
};

/* zh and en are sentences of ours. pointer: "/customer/name"; "" is the whole body. */
void problem_add(struct problems *problems, const char *pointer, const char *code, const char *zh,
                 const char *en);
/* The same with a name put in for %s in both sentences. */
void problem_add_named(struct problems *problems, const char *pointer, const char *code,
                       const char *zh, const char *en, const char *name);
void problems_fini(struct problems *problems);

/* The whole answer: {"type","title","status","detail","errors"}. */
void problem_write(struct buf *out, int status, const char *title_zh, const char *title_en,
                   const struct problems *problems);

#endif
