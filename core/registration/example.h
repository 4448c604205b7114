/* SPDX-License-Identifier: Apache-2.0 */
/* A case as an application: wanted facts become the JSON that `shiming decide` and, with real ids
 * of pictures and real reads of cards, POST /v1/decisions take. */
#ifndef REGISTRATION_EXAMPLE_H
#define REGISTRATION_EXAMPLE_H

#include "policy/policy.h"

struct example {
    struct buf application; /* JSON, indented, a newline at the end */
    struct buf answers; /* for --answers: "customer.verified=match,dealer.able=true", or empty */
    struct buf facts;   /* what the application comes to: "name=value\n", as policy_facts */
    struct buf missed;  /* facts no application has together: names, commas between; or empty */
    struct buf steps;   /* what a gateway wants instead of what is made up, a line each */
};

/* wanted, count, region, on: as policy_example. region goes into the application; the day is the
 * caller's to pass on. The application is read back, and its facts are derived again, before it is
 * given out: what is in `missed` is wanted and comes out otherwise, all else is as wanted.
 * SMG_E_INVALID: an unknown fact or value, a wrong example, or facts no application can tell (err
 * says which); then only example_fini is of use. Takes some milliseconds; any thread, with its own
 * policy. out: { 0 } before. */
int example_write(struct policy *policy, const struct answer *wanted, size_t count,
                  const char *region, struct smg_date on, struct example *out, struct smg_err *err);
void example_fini(struct example *example);

#endif
