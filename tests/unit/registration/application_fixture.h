/* SPDX-License-Identifier: Apache-2.0 */
/* Reading applications with the policies of this repository and a key ring of the test's own. */
#ifndef REGISTRATION_APPLICATION_FIXTURE_H
#define REGISTRATION_APPLICATION_FIXTURE_H

#include "fresh_keys.h"

#include "registration/application.h"
#include "registration/token.h"

#define NOW INT64_C(1795500000000) /* 2026-11-24 in China */

static struct fresh_keys keys;
static struct policy_set *policies;

struct reading {
    struct application application;
    struct problems problems;
    bool good;
};

static inline int make_context(void **state)
{
    static const char *const stack[] = { "cn-54/2018" };
    struct buf problems = { 0 };

    (void)state;
    fresh_keys_make(&keys);
    policies = policy_set_load(SOURCE_DIR "/policies", stack, 1, &problems);
    if (policies == NULL)
        fail_msg("%s", problems.at);
    buf_fini(&problems);
    return 0;
}

static inline int remove_context(void **state)
{
    (void)state;
    policy_set_free(policies);
    fresh_keys_remove(&keys);
    return 0;
}

static inline struct application_context context_of(const char *staff, int64_t now_ms)
{
    return (struct application_context){ .policies = policies,
                                         .sealer = keys.sealer,
                                         .staff = staff,
                                         .region = "540102",
                                         .now_ms = now_ms,
                                         .token_ttl_ms = 600000,
                                         .on = date_of(now_ms) };
}

/* ' stands for ", so that a body can be read. */
static inline void read_body(struct reading *reading, const char *body)
{
    struct application_context context = context_of("S-9", NOW);
    char *text = strdup(body), *c;

    assert_non_null(text);
    for (c = text; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    *reading = (struct reading){ .good = false };
    reading->good =
        application_read(str_of(text), &context, &reading->application, &reading->problems);
    assert_true(reading->good == (reading->problems.count == 0));
    free(text);
}

static inline void end_reading(struct reading *reading)
{
    application_fini(&reading->application);
    problems_fini(&reading->problems);
}

/* A token of a card that a reader of ours read for S-9. */
static inline void card_token(const struct smg_fields *card, struct buf *out)
{
    struct smg_err err = { 0 };

    assert_int_equal(token_make(keys.sealer, card, "desk-1", "S-9", NOW, out, &err), SMG_OK);
}

#endif
