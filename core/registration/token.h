/* SPDX-License-Identifier: Apache-2.0 */
/* A card-read token: what a reader of ours read, sealed, dated, bound to the reader and the staff
 * member. Whoever shares the keys can open it; nobody can retype its fields. */
#ifndef REGISTRATION_TOKEN_H
#define REGISTRATION_TOKEN_H

#include "base/fields.h"
#include "crypto/seal.h"
#include "registration/problem.h"

enum { TOKEN_NAME_BYTES = 64 };

/* Append the token's text. reader and staff: at most 63 bytes. */
int token_make(struct sealer *sealer, const struct smg_fields *card, const char *reader,
               const char *staff, int64_t now_ms, struct buf *out, struct smg_err *err);

enum token_verdict { TOKEN_OK = 0, TOKEN_ALTERED, TOKEN_EXPIRED, TOKEN_OF_OTHER_STAFF };

/* The card's fields (the caller's to free) and the moment it was read when TOKEN_OK. Altered, made
 * with other keys and cut short are all TOKEN_ALTERED. A token from the future (clocks of two nodes
 * apart by more than a minute) counts as expired. */
enum token_verdict token_open(struct sealer *sealer, struct smg_str text, const char *staff,
                              int64_t now_ms, int64_t ttl_ms, struct smg_fields **card,
                              int64_t *read_ms, char reader[TOKEN_NAME_BYTES]);
/* Say why a token was not opened; verdict is not TOKEN_OK. */
void token_problem(struct problems *problems, const char *pointer, enum token_verdict verdict);

#endif
