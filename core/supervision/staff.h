/* SPDX-License-Identifier: Apache-2.0 */
/* Staff of the operator and its dealers: who they are, what they may, and the token that proves it
 * (shown once, stored only as a keyed digest). Article 13: least privilege. */
#ifndef SUPERVISION_STAFF_H
#define SUPERVISION_STAFF_H

#include "audit/audit.h"

enum role { ROLE_CLERK = 1, ROLE_AUDITOR, ROLE_ADMIN };
const char *role_name(enum role role); /* "clerk" */
bool role_parse(struct smg_str text, enum role *out);

struct staff {
    char id[64];     /* "S-9": letters, digits, '-', '_', '.' */
    char dealer[64]; /* "" for the operator's own */
    enum role role;
    char client_key[65]; /* TLS client key this staff member must use, or "" */
    int64_t added_ms;
};

/* Rows for a new member and a new token; the token's text is appended to `token`. The unit fails
 * with SMG_E_EXISTS when the id is taken. */
int staff_add(struct sealer *sealer, const struct staff *staff, const char *by, struct unit *unit,
              struct buf *token, struct smg_err *err);

/* Key in space STAFF of the row whose value is the key of the member's token. */
void staff_id_key(struct smg_str id, struct buf *key);
/* The member's token, by its key, is nobody's from now on. The id stays taken: the audit log names
 * it. Gateways remember a token they saw for two seconds. */
void staff_remove(struct smg_str id, struct smg_str token_key, const char *by, int64_t now_ms,
                  struct unit *unit);

/* A token's row key, for a get in space STAFF; false: not a token at all. */
bool staff_token_key(struct sealer *sealer, struct smg_str token, struct buf *key);
/* What that row says. */
int staff_open(struct sealer *sealer, struct smg_str key, struct smg_str value, struct staff *out,
               struct smg_err *err);

#endif
