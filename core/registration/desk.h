/* SPDX-License-Identifier: Apache-2.0 */
/* The desk: everything a case needs on one worker's loop, and the calls that walk a case through
 * it. All of it belongs to that loop's thread. */
#ifndef REGISTRATION_DESK_H
#define REGISTRATION_DESK_H

#include "registration/cards.h"
#include "registration/outbox.h"
#include "registration/remedy.h"
#include "registration/services.h"
#include "release/rules.h"
#include "store/store.h"

/* What happened since the start, counted by all desks together; any thread may look. */
struct tally {
    _Atomic uint64_t accepted, incomplete, refused, decisions, broken, evidence, reads, problems;
};

struct desk {
    struct loop *loop;
    struct store *store;
    struct sealer *sealer;
    struct rules rules;
    struct services *services;
    struct outbox *outbox;
    struct remedies *remedies; /* NULL: nobody is told what would make a case pass */
    struct work *aside;        /* threads for large pictures (aside.h); NULL: none */
    const char *region;
    int64_t token_ttl_ms;
    int64_t evidence_kept_ms; /* for so long an upload may take */
    struct loop_timer *tidy;  /* wipes the evaluator's garbage when the desk is idle */
    struct tally *tally;
};

/* store, services and outbox outlive the desk. TAKES the rules, whether it fails or not. */
int desk_init(struct desk *desk, struct loop *loop, const struct keyring *keyring,
              struct store *store, struct rules *rules, struct services *services,
              struct outbox *outbox, struct tally *tally, struct smg_err *err);
void desk_fini(struct desk *desk);
/* Decide by other rules from now on: the desk's own and the caller's change places. */
void desk_switch(struct desk *desk, struct rules *rules);
/* A case that was answered, decided once more by the draft, if there is one beside the set that
 * decided it. */
void desk_shadow(struct desk *desk, const struct policy_set *set, const struct shadow_case *it);

/* An answer to a request. body is the receiver's to take. */
struct outcome {
    int status;       /* of HTTP */
    const char *type; /* "application/json", "application/problem+json", "image/jpeg" */
    struct buf body;
    bool repeated;      /* the first answer to this Idempotency-Key, again */
    bool progress;      /* of an upload: what follows is known */
    struct id upload;   /* its id */
    uint32_t length;    /* all of it, in bytes */
    uint32_t offset;    /* what has arrived */
    int64_t expires_ms; /* when an unfinished one goes */
};
/* Called once on the desk's loop, perhaps before the call that was given it returns. */
typedef void (*outcome_fn)(void *ctx, struct outcome *outcome);

struct request {
    struct smg_str body; /* copied */
    const char *staff;   /* who asks: copied */
    const char *dealer;  /* the staff member's dealer, or "": copied */
    struct smg_str key;  /* Idempotency-Key, or empty */
    bool record;         /* a registration; false: a decision only, nothing is stored */
};
/* Register, or only decide: 201 accepted, 422 incomplete or refused, 400 with problems, 409, 503,
 * 507. A refusal is recorded and reported. */
void desk_case(struct desk *desk, const struct request *request, outcome_fn fn, void *ctx);

/* 201 {id, sha256, width, height}; 415 when the body is no picture. */
void desk_evidence(struct desk *desk, const struct request *request, outcome_fn fn, void *ctx);

/* A picture in pieces, for links that break (tus 1.0). Only whoever began an upload sees it.
 *
 * begin: 201 {id, length, offset, expires_at}. show: 200, with "evidence": {id, sha256, width,
 * height} once it is whole. add: a piece that begins where the last one ended: 204; 409 when it
 * does not; 400 when pieces are so small that there would be too many; 415 when the whole is no
 * picture, and the upload is gone. drop: 204. All but begin: 404; 410 when its time is over. */
void desk_upload_begin(struct desk *desk, const struct request *request, uint32_t length,
                       outcome_fn fn, void *ctx);
void desk_upload_show(struct desk *desk, struct id id, const char *staff, outcome_fn fn, void *ctx);
void desk_upload_add(struct desk *desk, struct id id, const struct request *request, int64_t offset,
                     outcome_fn fn, void *ctx);
void desk_upload_drop(struct desk *desk, struct id id, const char *staff, outcome_fn fn, void *ctx);

/* What lies in the outbox, the oldest first: 200 {"recipients": [...], "reports": [...], "next"}.
 * refused: those that were moved aside, else those that wait. cursor: "next" of the last answer, or
 * empty. */
void desk_reports(struct desk *desk, bool refused, struct smg_str cursor, outcome_fn fn, void *ctx);
/* A report that was refused waits again: 200 {"id", "state"}; 404. */
void desk_report_again(struct desk *desk, struct id id, const char *staff, outcome_fn fn,
                       void *ctx);

/* What a reader read: masked fields, the portrait, and the token. picture: what the portrait was
 * made into, for showing only; NULL or of no type: none. */
void desk_card(struct desk *desk, const struct smg_fields *card,
               const struct cards_picture *picture, const char *reader, const char *staff,
               struct outcome *out);

/* A registration, masked; with a purpose in clear, and that is audited before it is answered. */
void desk_show(struct desk *desk, struct id id, const char *staff, struct smg_str purpose,
               outcome_fn fn, void *ctx);
/* body: {"number": "+86…"} or {"identity": "…"}: 200 {"registrations": [{"id", …}]}, each masked.
 */
void desk_search(struct desk *desk, const struct request *request, outcome_fn fn, void *ctx);
/* body: {"at": "2026-11-24T…Z"}: 200 {id, terminated_at, retain_until}; 404, 409. */
void desk_terminate(struct desk *desk, struct id id, const struct request *request, outcome_fn fn,
                    void *ctx);
/* The picture; always needs a purpose, always audited first. */
void desk_picture(struct desk *desk, struct id id, const char *staff, struct smg_str purpose,
                  outcome_fn fn, void *ctx);

/* An error answer from a store's, for every call here. */
void outcome_error(struct outcome *out, const struct smg_err *err);
void outcome_problem(struct outcome *out, int status, const char *code, const char *zh,
                     const char *en);

/* A case that was decided: the decision's members (answer_decision), and of a recorded one its id.
 */
void outcome_decided(struct outcome *outcome, enum verdict verdict, bool record,
                     const struct id *id, int64_t at_ms, struct smg_str decision);

#endif
