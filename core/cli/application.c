/* SPDX-License-Identifier: Apache-2.0 */
/* Applications for the workbench's cases, one evaluator a set. */
#include "cli/policy.h"

#include "registration/example.h"

static struct policy *evaluator(struct cli_applications *applications, const struct policy_set *set)
{
    struct smg_err err;
    size_t i;

    for (i = 0; i < 2; i++) {
        if (applications->sets[i] != set)
            continue;
        if (applications->policies[i] == NULL)
            applications->policies[i] = policy_new(applications->sets[i], &err);
        return applications->policies[i];
    }
    return NULL;
}

void cli_application(void *ctx, const struct policy_set *set, const struct answer *facts,
                     size_t count, const char *region, struct smg_date on,
                     struct application_made *made)
{
    struct policy *policy = evaluator(ctx, set);
    struct example example = { 0 };
    struct smg_err err;

    if (policy != NULL &&
        example_write(policy, facts, count, region, on, &example, &err) == SMG_OK) {
        buf_str(&made->json, buf_view(&example.application));
        buf_str(&made->answers, buf_view(&example.answers));
        buf_str(&made->facts, buf_view(&example.facts));
        buf_str(&made->missed, buf_view(&example.missed));
    }
    example_fini(&example);
}

void cli_applications_fini(struct cli_applications *applications)
{
    policy_free(applications->policies[0]);
    policy_free(applications->policies[1]);
}
