/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: written in the same unit as what they report, delivered afterwards, at least once, in
 * order for each recipient, with a stable id, until they have arrived (articles 11 and 14). */
#ifndef REGISTRATION_OUTBOX_H
#define REGISTRATION_OUTBOX_H

#include "base/id.h"
#include "crypto/envelope.h"
#include "crypto/seal.h"
#include "store/store.h"

struct outbox;

/* Both parts are JSON members without the braces around them. */
struct outbox_report {
    const char *to;        /* a recipient, as the policies name it: "public_security" */
    int64_t at_ms, due_ms; /* due_ms 0: there is no deadline */
    struct smg_str open;   /* free of personal data */
    struct smg_str closed; /* leaves the gateway sealed to its recipient's key, or not at all */
};
/* Put a report into the unit, under an id of its own. */
int outbox_put(struct sealer *sealer, const struct outbox_report *report, struct unit *unit,
               struct smg_err *err);

/* Who sends: told to every recipient. The texts are the caller's and live as long as the outbox.
 * node: several gateways on one store have different ones, and of them one at a time delivers to a
 * recipient. */
struct outbox_sender {
    const char *operator_name, *licence, *node;
};

/* The delivery side, on one loop. Each recipient has a line of its own: one that is away holds up
 * nobody else. What it refuses (SMG_E_INVALID) is moved aside and said loudly, everything else is
 * tried again after a growing pause, for as long as it takes. */
struct outbox *outbox_new(struct loop *loop, struct store *store, const struct keyring *keyring,
                          const struct outbox_sender *sender, struct smg_err *err);
/* A reporter, and whose it is: of the recipient named `to`; without that, of the one named as the
 * instance is ('-' and '_' are one); the first without `to` also gets what is nobody's. TAKES
 * seal_to, to whose key its reports are sealed whole, or NULL. false: there are too many. */
bool outbox_add(struct outbox *outbox, struct instance *reporter, const char *to,
                int64_t deadline_ms, struct envelope_recipient *seal_to);
void outbox_free(struct outbox *outbox);
/* Something was put: look. Any thread. */
void outbox_wake(struct outbox *outbox);

enum { OUTBOX_COUNTED = 64, OUTBOX_RECIPIENTS = 16 };

/* How a recipient is served, as of the last look; at most OUTBOX_COUNTED reports are counted. */
struct outbox_recipient {
    char to[64], reporter[64];          /* reporter "": there is none, its reports wait */
    unsigned waiting, overdue, refused; /* overdue: of those that wait */
    int64_t oldest_ms, due_ms;          /* of the oldest that waits; 0 */
    int64_t next_try_ms;                /* 0: not after a failure */
    uint64_t delivered, failures;       /* by this gateway since it started */
    char why[252];                      /* the last failure, or "" */
};
/* Any thread. How many were written to out. */
size_t outbox_recipients(struct outbox *outbox, struct outbox_recipient out[OUTBOX_RECIPIENTS]);

#endif
