/* SPDX-License-Identifier: Apache-2.0 */
/* An application: the JSON of a request becomes fields, with every mistake said at its place. */
#ifndef REGISTRATION_APPLICATION_H
#define REGISTRATION_APPLICATION_H

#include "base/date.h"
#include "base/fields.h"
#include "base/id.h"
#include "crypto/seal.h"
#include "policy/policy.h"
#include "registration/problem.h"

enum { EVIDENCE_MAX = 32 };

/* A picture the application names. */
struct evidence_link {
    struct id id;
    char kind[32];    /* "document_photo" */
    char of[32];      /* "customer", "users.2" */
    char pointer[32]; /* "/evidence/0" */
    size_t first;     /* the first link of the same picture, often itself; see pictures_check */
};

struct application {
    struct smg_fields *fields;
    struct evidence_link evidence[EVIDENCE_MAX];
    size_t evidence_count;
    int64_t begun_ms; /* the earliest moment a card of it was read, or when it was sent */
};

/* What reading an application needs to know. */
struct application_context {
    const struct policy_set *policies; /* document types and their number formats */
    struct sealer *sealer;             /* opens card tokens; NULL: tokens are refused */
    const char *staff;                 /* who sends it */
    const char *region;                /* the gateway's: what "region" is when it is not said */
    int64_t now_ms, token_ttl_ms;
    struct smg_date on;  /* the day of the case: no birth after it */
    bool believes_cards; /* "document": {"read": {...}} counts as a card read. Never in a gateway:
                          * there only a token does. */
};

/* false: problems were said, nothing else is to be used. Either way application_fini. The evidence
 * fields are not set here: only a picture that exists is evidence (see evidence_field). */
bool application_read(struct smg_str body, const struct application_context *context,
                      struct application *out, struct problems *problems);
/* A dealer's staff register as that dealer, whatever the form left out (article 15), and as no
 * other. dealer: "" for the operator's own staff. */
void application_claim(struct application *application, const char *dealer,
                       struct problems *problems);
void application_fini(struct application *application);

/* "evidence.document_photo.customer" = true. */
bool evidence_field(struct smg_fields *fields, const struct evidence_link *link);

#endif
