/* SPDX-License-Identifier: Apache-2.0 */
/* What the smaller calls of a desk share: somebody asks, rows are read, a unit is written, an
 * outcome goes back. An errand lives until its outcome was handed over. */
#ifndef REGISTRATION_ERRAND_H
#define REGISTRATION_ERRAND_H

#include "registration/aside.h"

enum { ERRAND_READS = 3 };

struct errand;
/* Make the outcome and, if the answer is true, errand->write.unit, to be written before the outcome
 * is handed over. Perhaps on another thread (aside.h): it ends nothing, and of the desk it uses
 * only what never changes. */
typedef bool (*errand_make_fn)(struct errand *errand, struct sealer *sealer);

struct errand {
    struct desk *desk;
    outcome_fn fn;
    void *ctx;
    struct id id;
    char staff[64];
    struct buf body, purpose, key; /* copies of the request's */
    struct buf from, to;           /* of a scan */
    int64_t at_ms, ended_ms;       /* ended_ms: of a service */
    uint8_t row_key[32];           /* of the first answer */
    uint32_t length;               /* of an upload that begins */
    int64_t offset;                /* of a piece of an upload */
    bool owner_known;
    struct id owner; /* a picture's registration */

    struct store_read reads[ERRAND_READS];
    struct smg_str keys[ERRAND_READS];
    struct smg_err read_err;
    unsigned waiting, tries;
    void (*step)(struct errand *);  /* when the reads are back */
    errand_make_fn make, make_once; /* see errand_make, errand_once */
    bool made;                      /* what make said */
    struct aside aside;
    void (*again)(struct errand *); /* the body is the first answer's: what else it had, or NULL */
    struct store_write write;
    struct outcome outcome;
};

/* NULL: out of memory, and fn was told. */
struct errand *errand_new(struct desk *desk, outcome_fn fn, void *ctx);
/* Hand the outcome over; the errand is gone. */
void errand_end(struct errand *errand);
void errand_fail(struct errand *errand, const struct smg_err *err);
void errand_problem(struct errand *errand, int status, const char *code, const char *zh,
                    const char *en);

/* Get `count` keys, each in its space, side by side; step is called when all are back. Errors end
 * the errand. The keys' bytes stay the caller's until step. */
void errand_get(struct errand *errand, const enum smg_space *spaces, const struct smg_str *keys,
                size_t count, void (*step)(struct errand *));
struct smg_str errand_value(const struct errand *errand, size_t i); /* { NULL, 0 }: no row */
/* A unit to write. false: out of memory, and the outcome says so. */
bool errand_unit(struct errand *errand);
/* Call make, aside when it has many bytes of pictures to look at, and go on as it says. */
void errand_make(struct errand *errand, size_t bytes, errand_make_fn make);
/* The same once for each Idempotency-Key (errand->key) of this staff member and path: a later
 * errand with the same key gets the first answer, or a problem when its body is another. */
void errand_once(struct errand *errand, const char *path, errand_make_fn make);
/* Write errand->write.unit, then hand over the outcome that was prepared, or the error. */
void errand_write(struct errand *errand);

#endif
