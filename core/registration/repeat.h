/* SPDX-License-Identifier: Apache-2.0 */
/* The first answer to a registration, once more. It is not kept a second time: what is kept under
 * the Idempotency-Key names the registration, and its record has the decision. */
#ifndef REGISTRATION_REPEAT_H
#define REGISTRATION_REPEAT_H

#include "registration/desk.h"
#include "registration/idempotency.h"

/* What is kept in place of the answer. */
void repeat_write(struct id id, int64_t at_ms, struct buf *out);

/* Write into outcome what outcome_decided wrote the first time. fn is called once, later, on the
 * desk's loop; outcome is the caller's until then. SMG_E_NOT_FOUND: the record was destroyed. */
typedef void (*repeat_fn)(void *ctx, const struct smg_err *err);
void repeat_answer(struct desk *desk, const struct first_answer *first, struct outcome *outcome,
                   repeat_fn fn, void *ctx);

#endif
