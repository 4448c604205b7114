/* SPDX-License-Identifier: Apache-2.0 */
/* A regulation's text as anybody might hand it in: loaded, explored, decided with, or refused. */
#include "policy/policy.h"

#include <stdint.h>
#include <stdlib.h>

static const char vocabulary[] =
    "fact \"a\" { values = { true, false }, source = \"form\", zh = \"z\", en = \"e\","
    " from = function(field) return field \"a\" == true end }\n"
    "fact \"b.c\" { values = { \"x\", \"y\" }, source = \"service\", service = \"s\", zh = \"z\", "
    "en = \"e\" }\n"
    "fact \"b.n\" { values = { 0, 4, 5 }, source = \"registry\", registry = \"r\", zh = \"z\", en "
    "= \"e\" }\n"
    "word \"w\" { kind = \"need\", zh = \"z\", en = \"e\" }\n"
    "word \"r\" { kind = \"refuse\", zh = \"z\", en = \"e\" }\n"
    "word \"p\" { kind = \"report\", zh = \"z\", en = \"e\" }\n"
    "word \"o\" { kind = \"oblige\", zh = \"z\", en = \"e\" }\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const stack[] = { "x/1" };
    const struct answer answers[] = { { "b.c", "x" }, { "b.n", "4" } };
    const struct policy_text texts[] = { { "documents.lua", { "", 0 } },
                                         { "vocabulary.lua", str_of(vocabulary) },
                                         { "x/1.lua", str_bytes(data, size) } };
    struct smg_date on = { 2026, 1, 1 };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_from(texts, 3, stack, 1, &problems);
    struct decision *decision = malloc(sizeof *decision);
    struct smg_err err = { 0 };
    struct policy *policy = set == NULL ? NULL : policy_new(set, &err);

    if (set == NULL && problems.len == 0)
        abort(); /* refused without a word */
    if (policy != NULL && decision != NULL)
        policy_decide(policy, NULL, "540102", on, DATE_NONE, answers, 2, decision);
    policy_free(policy);
    policy_set_free(set);
    free(decision);
    buf_fini(&problems);
    return 0;
}
