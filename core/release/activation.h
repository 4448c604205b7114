/* SPDX-License-Identifier: Apache-2.0 */
/* Policies going live. Whoever asks (a request, SIGHUP), one after the other: the bundle is loaded,
 * verified, tested and recorded in the store on a thread of its own, and only what passed all of it
 * is handed over for the swap. Anything else leaves the rules in force as they are. */
#ifndef RELEASE_ACTIVATION_H
#define RELEASE_ACTIVATION_H

#include "crypto/keys.h"
#include "loop/loop.h"
#include "release/bundle.h"
#include "release/rules.h"
#include "store/store.h"

struct activation;

struct activation_options {
    struct bundle_source source; /* what it points to outlives the activation */
    const char *shadow;          /* the draft's path, or NULL */
    const char *const *shadow_stack;
    size_t shadow_count;
    struct store *store;
    const struct keyring *keyring;
    struct loop *loop; /* the main one: it runs while anything is asked */
    size_t workers;
    /* On the activation's thread, before a set decides: what it takes so that no case waits. */
    void (*make_ready)(void *ctx, struct policy_set *set);
    /* On the loop: swap these, one for each worker, for what the workers decide by now; when all
     * have taken theirs, and their old ones stand in place of the new, call activation_swapped. */
    void (*swap)(void *ctx, struct rules *rules);
    void *ctx;
};

/* Loads the first set; NULL: complaints say why. Writes nothing. Blocks. */
struct activation *activation_new(const struct activation_options *options, struct buf *complaints);
/* When the loop no longer runs, before the store goes. NULL is fine. */
void activation_free(struct activation *activation);
/* The first set is about to decide: the store's record of it, waited for. */
int activation_begin(struct activation *activation, struct smg_err *err);
/* For a worker, before it runs. */
int activation_rules(struct activation *activation, struct rules *out, struct smg_err *err);
void activation_swapped(struct activation *activation); /* on the loop */

/* Ask for what lies in the folder now, whether it was tried before or not. */
struct activation_ask {
    const char *actor; /* for the audit log; lives until done */
    struct loop *on;   /* where done is called */
    void (*done)(struct activation_ask *ask);
    void *ctx;
    /* the result */
    bool active; /* in every worker */
    char set[DIGEST_TEXT_BYTES];
    uint64_t sequence;   /* 0: not signed */
    struct buf problems; /* the asker frees them */
    /* the activation's */
    struct loop_call call;
    struct activation_ask *next;
    struct activation *activation;
};
/* From any thread; the asker embeds the ask and keeps it until done. */
void activation_ask(struct activation *activation, struct activation_ask *ask);

/* "Tried" and "active" are two things. */
struct activation_status {
    char set[DIGEST_TEXT_BYTES];
    uint64_t sequence;
    char key[17];          /* "" when nothing is signed */
    struct smg_date until; /* the day from which key or index no longer count, or DATE_NONE */
    int64_t since_ms;
    int64_t tried_ms; /* 0: nothing since the start */
    bool tried_active;
    char why[600];        /* of a refusal, its first problems */
    char shadow_why[600]; /* why the draft is not there, or "" */
    uint64_t activations, refusals;
};
void activation_status(struct activation *activation,
                       struct activation_status *out); /* any thread */
/* The draft's counts, to be freed by the caller; NULL: there is none. Any thread. */
struct shadow *activation_shadow(struct activation *activation);

#endif
