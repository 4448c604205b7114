/* SPDX-License-Identifier: Apache-2.0 */
/* One request of a verb to the running gateway. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "crypto/tls_ask.h"

struct ask {
    const char *listen; /* as configured: "127.0.0.1:8080" */
    struct tls_ask tls; /* expected NULL: the gateway speaks plain HTTP */
    const char *path;
    /* the answer */
    int status;
    struct buf body; /* the caller's to free */
};

/* An empty POST, waited for, as a staff member: the token is in the environment, SHIMING_TOKEN,
 * where other accounts do not see it. */
int ask_gateway_post(struct ask *ask, struct smg_err *err);
/* What is open to all. */
int ask_gateway_get(struct ask *ask, struct smg_err *err);
/* The errors of a problem answer on stderr, a line each. */
void ask_print_problems(const struct ask *ask);

#endif
