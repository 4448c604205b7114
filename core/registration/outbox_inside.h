/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an outbox: recipients, each with the line its reports go through; for its files
 * only. */
#ifndef REGISTRATION_OUTBOX_INSIDE_H
#define REGISTRATION_OUTBOX_INSIDE_H

#include "registration/outbox.h"
#include "registration/outbox_row.h"

#include <pthread.h>
#include <stdatomic.h>

enum { OUTBOX_REPORTERS = 16, OUTBOX_LOOK_MS = 60000 };

struct outbox_reporter {
    struct instance *instance;
    const char *to;
    int64_t deadline_ms;
    struct envelope_recipient *seal_to;
};

struct outbox_line {
    struct outbox *outbox;
    const struct outbox_reporter *reporter; /* NULL: nobody delivers to this recipient */
    struct outbox_recipient shown;          /* under the outbox's lock */

    bool busy, again; /* a walk is under way; something came meanwhile */
    struct store_read read;
    struct store_write write;
    struct buf from, until, key, value, plain; /* key and value: of the report under way */
    struct buf lease_key, lease;               /* the lease as it is stored */
    struct smg_str lease_view;
    int64_t lease_until_ms; /* ours; 0: not ours */
    struct outbox_row row;  /* the report under way */
    struct loop_timer *timer;
    int64_t pause_ms, counted_ms;
    char receipt[120];
};

struct outbox {
    struct loop *loop;
    struct store *store;
    struct sealer *sealer;
    struct outbox_sender sender;
    struct outbox_reporter reporters[OUTBOX_REPORTERS];
    size_t reporter_count;
    struct outbox_line lines[OUTBOX_RECIPIENTS];
    size_t line_count;
    pthread_mutex_t lock;

    bool busy, again; /* recipients are being looked for */
    enum outbox_state state;
    struct store_read read;
    struct buf from, until;
    struct loop_timer *timer;
    atomic_bool woken;
    struct loop_call call;
};

/* Look what waits for this recipient, and deliver what can be. */
void line_look(struct outbox_line *line);
/* The message for a row, as its reporter gets it; what goes wrong is said in err. */
int line_message(const struct outbox_line *line, const struct outbox_row *row, struct buf *out,
                 struct smg_err *err);
void line_fini(struct outbox_line *line);

#endif
