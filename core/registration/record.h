/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a registration: its rows, how they are sealed, and how a person may see it.
 *
 *   KEY          id -> the registration's data key, wrapped; erased, all below it is unreadable
 *   REGISTRATION id -> fields and decision, sealed under that key
 *   CASE         id -> facts and outline of the decision, free of personal data, sealed under the
 *                store's key; outlives the others
 *   INDEX        keyed digest of the number or the identity, + id; numbers held, see held.h
 *   DUE          day + id, once the service has ended: when the record's time is over (article 12)
 */
#ifndef REGISTRATION_RECORD_H
#define REGISTRATION_RECORD_H

#include "audit/audit.h"
#include "base/date.h"
#include "base/fields.h"
#include "base/id.h"
#include "crypto/seal.h"

/* What a case keeps: all a later decision over the same facts needs, and nothing of the person. */
struct kept_case {
    int64_t at_ms;
    struct smg_date on, begun;    /* as policy_decide was given them */
    bool broken;                  /* a rule failed: the facts do not tell the decision */
    struct smg_str staff, dealer; /* who registered; the dealer's id, or empty */
    struct smg_str region;
    struct smg_str set;     /* policy_set_hash of the texts that decided */
    struct smg_str holder;  /* key of the row of who holds the number, see held.h, or empty */
    struct smg_str outline; /* see policy_outline */
    struct smg_str facts;   /* "name=value\n" lines, see policy_facts */
};

struct record {
    struct id id;
    struct kept_case kept;
    struct smg_str decision; /* its JSON members, see answer.h */
    bool accepted;
};

/* The rows of a new registration and its audit event. key: a fresh data key, for taking evidence;
 * the caller wipes it. */
int record_put(struct sealer *sealer, const struct record *record, const struct smg_fields *fields,
               struct unit *unit, struct data_key *key, struct smg_err *err);

/* Open a record: the rows of KEY and REGISTRATION. fields and decision are the caller's to free. */
int record_open(struct sealer *sealer, struct id id, struct smg_str key_row, struct smg_str row,
                struct smg_fields **fields, struct buf *decision, struct data_key *key,
                struct smg_err *err);

/* Open the row of a case. Its texts lie in plain, which is cleared first and is the caller's. */
int record_case_open(struct sealer *sealer, struct id id, struct smg_str row, struct buf *plain,
                     struct kept_case *out, struct smg_err *err);

/* The registration's key alone, for its pictures; the caller wipes it. */
int record_key_open(struct sealer *sealer, struct id id, struct smg_str key_row,
                    struct data_key *key, struct smg_err *err);

/* The beginning of the INDEX keys of everything registered under a telephone number or an identity
 * (a document's number, renewals left out): 17 bytes; the id follows. */
enum { INDEX_PREFIX_BYTES = 17 };
int record_index_number(struct sealer *sealer, struct smg_str number,
                        uint8_t out[INDEX_PREFIX_BYTES], struct smg_err *err);
int record_index_identity(struct sealer *sealer, struct smg_str number,
                          uint8_t out[INDEX_PREFIX_BYTES], struct smg_err *err);

/* The end of the service: SMG_E_EXISTS when it was ended before. due: the last day of retention. */
int record_terminate(struct sealer *sealer, struct id id, int64_t ended_ms, const char *by,
                     int64_t now_ms, struct unit *unit, struct smg_date *due, struct smg_err *err);
/* Key of the row in CASE that says the service ended, and what it says. */
void record_ended_key(struct id id, struct buf *out);
int record_ended(struct sealer *sealer, struct id id, struct smg_str row, int64_t *ended_ms,
                 struct smg_date *due, struct smg_err *err);

/* The fields as nested JSON members, without the braces: "customer":{"name":…}. clear: as they are;
 * else masked (GB/T 35273: enough to recognise, not enough to use). Pictures and raw chip text are
 * left out. */
void record_show(const struct smg_fields *fields, bool clear, struct buf *out);
/* One value, masked by what its name says it is. */
void record_mask(struct smg_str name, const struct smg_value *value, struct buf *out);

#endif
