/* SPDX-License-Identifier: Apache-2.0 */
/* Questions under way: a bounded queue, a bounded number of requests in flight, attempts with
 * pauses between them, and a breaker over all. */
#ifndef HTTP_ASKING_H
#define HTTP_ASKING_H

#include "mapping.h"

struct asking;

/* Checks the settings; connects to nobody. config stays valid until asking_close. */
int asking_open(const struct smg_host *host, const struct config *config, struct asking **out,
                struct smg_err *err);
void asking_close(struct asking *asking);
/* Every question ends, as cancelled. */
void asking_stop(struct asking *asking);

/* The verifier's calls. */
void asking_verify(struct asking *asking, struct smg_op *op, const struct smg_fields *subject);
void asking_cancel(struct asking *asking, struct smg_op *op);
bool asking_wants(const struct asking *asking, struct smg_str field);

#endif
