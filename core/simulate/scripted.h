/* SPDX-License-Identifier: Apache-2.0 */
/* Verification services and recipients of reports that behave as a scenario tells them to. */
#ifndef SIMULATE_SCRIPTED_H
#define SIMULATE_SCRIPTED_H

#include "base/buf.h"

/* They stand outside, so they outlive the instances that talk to them. Looked at and changed on the
 * loop's thread. */
struct scripted_service {
    char name[32];    /* "public-security" */
    char answer[32];  /* "match", ...; "silent": none; "down": an error; anything else as it is */
    int64_t after_ms; /* after so long */
    unsigned asked;
};

/* A report that arrived. */
struct delivery {
    char id[40];
    int64_t at_ms;
    struct buf report; /* JSON */
};

struct scripted_recipient {
    char name[32]; /* "public-security" */
    bool silent; /* until until_ms it does not answer, or else refuses; then it takes everything */
    int64_t until_ms;
    unsigned tried;
    struct delivery *deliveries;
    size_t count, room;
};
void scripted_recipient_fini(struct scripted_recipient *recipient);

/* The plugins. What their open makes must be lent one of the above before the first question. */
extern const struct smg_plugin scripted_service_plugin, scripted_recipient_plugin;
void scripted_lend(void *self, void *script);

#endif
