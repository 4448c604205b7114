/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of one case: are they there, which are one and the same, and into the registration
 * with them. */
#ifndef REGISTRATION_PICTURES_H
#define REGISTRATION_PICTURES_H

#include "registration/application.h"
#include "registration/evidence.h"
#include "store/store.h"

/* Only a picture that is there, and that no other registration has taken, is evidence: its fields
 * are set, the others are problems. A picture that was handed in twice (a weak link) is kept once:
 * its later link stands for the earlier one. That is looked for within a case and nowhere else, so
 * that two registrations never share what one of them must be able to destroy. keys: the rows of
 * KEY. begun_ms becomes the time of the oldest of them, if it is earlier. */
void pictures_check(struct sealer *sealer, struct application *application,
                    const struct store_read *keys, int64_t *begun_ms, struct problems *problems);

/* Every picture goes into the registration, spare copies go away. The unit fails with SMG_E_EXISTS
 * when somebody took one of them meanwhile. */
int pictures_take(struct sealer *sealer, const struct application *application,
                  const struct store_read *keys, struct id registration, const struct data_key *key,
                  struct unit *unit, struct smg_err *err);

#endif
