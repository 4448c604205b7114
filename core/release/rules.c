/* SPDX-License-Identifier: Apache-2.0 */
/* Making and giving back a worker's rules. */
#include "release/rules.h"

/* An evaluator for case after case. */
static struct policy *evaluator(struct policy_set *set, struct smg_err *err)
{
    struct policy *policy = policy_new(set, err);

    if (policy == NULL || policy_quicken(policy))
        return policy;
    policy_free(policy);
    smg_fail(err, SMG_E_MEMORY, "policy: out of memory");
    return NULL;
}

int rules_make(struct policy_set *set, struct shadow *shadow, struct rules *out,
               struct smg_err *err)
{
    *out = (struct rules){ .set = policy_set_share(set), .policy = evaluator(set, err) };
    if (shadow != NULL) {
        out->shadow = shadow_share(shadow);
        if (out->policy != NULL)
            out->draft = evaluator(shadow_draft(shadow), err);
    }
    if (out->policy != NULL && (shadow == NULL || out->draft != NULL))
        return SMG_OK;
    rules_free(out);
    return err->code;
}

void rules_free(struct rules *rules)
{
    policy_free(rules->policy);
    policy_free(rules->draft);
    policy_set_free(rules->set);
    shadow_free(rules->shadow);
    *rules = (struct rules){ NULL, NULL, NULL, NULL };
}
