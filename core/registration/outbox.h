/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: written in the same unit as what they report, delivered afterwards, at least once, in
 * order, with a stable id, until they have arrived (articles 11 and 14). */
#ifndef REGISTRATION_OUTBOX_H
#define REGISTRATION_OUTBOX_H

#include "base/id.h"
#include "crypto/seal.h"
#include "store/store.h"

struct outbox;

/* Put a report (one line of JSON, free of personal data) for a recipient into the unit. */
int outbox_put(struct sealer *sealer, const char *to, struct smg_str report, int64_t now_ms,
               struct unit *unit, struct id *out, struct smg_err *err);

/* The delivery side, on one loop. Recipient "public_security" goes to the reporter of that name
 * ('-' and
 * '_' are one), or else to the first; without any reporter, reports wait and are counted. */
struct outbox *outbox_new(struct loop *loop, struct store *store, const struct keyring *keyring,
                          struct smg_err *err);
bool outbox_add(struct outbox *outbox, struct instance *reporter, int64_t deadline_ms);
void outbox_free(struct outbox *outbox);
/* Something was put: look. Any thread. */
void outbox_wake(struct outbox *outbox);

struct outbox_figures {
    uint64_t delivered, failures;
    unsigned waiting; /* as of the last look, at most 64 are counted */
};
void outbox_figures(const struct outbox *outbox, struct outbox_figures *out); /* any thread */

#endif
