/* SPDX-License-Identifier: Apache-2.0 */
/* The first answer to a request that creates something, kept in the same unit as what it created,
 * so that the same Idempotency-Key gets the same answer, across a restart and from any node. */
#ifndef REGISTRATION_IDEMPOTENCY_H
#define REGISTRATION_IDEMPOTENCY_H

#include "crypto/seal.h"
#include "store/store.h"

enum { IDEMPOTENCY_KEY_BYTES = 32, IDEMPOTENCY_KEPT_MS = 48 * 3600000 };

struct first_answer {
    int status;
    struct buf body; /* the answer's */
    bool same;       /* it answered this very body */
};

/* 1 to 255 printable ASCII characters. */
bool idempotency_is_key(struct smg_str text);
/* The row's key: of who asked, what path, with which key. */
int idempotency_key(struct sealer *sealer, const char *staff, const char *path, struct smg_str key,
                    uint8_t out[IDEMPOTENCY_KEY_BYTES], struct smg_err *err);
/* Put the answer into the unit, as new. */
int idempotency_put(struct sealer *sealer, const uint8_t row_key[IDEMPOTENCY_KEY_BYTES],
                    struct smg_str request, int status, struct smg_str answer, int64_t now_ms,
                    struct unit *unit, struct smg_err *err);
int idempotency_open(struct sealer *sealer, const uint8_t row_key[IDEMPOTENCY_KEY_BYTES],
                     struct smg_str row, struct smg_str request, struct first_answer *out,
                     struct smg_err *err);
/* When a row was put, or 0: old rows are swept. */
int64_t idempotency_time(struct smg_str row);

#endif
