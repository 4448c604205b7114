/* SPDX-License-Identifier: Apache-2.0 */
/* A path of a property is a set of cases: the facts it read, and what the decision then says. */
#include "workbench/prove.h"

#include "policy/folder.h"
#include "workbench/sample.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS_A_PROPERTY = 1000000 };

struct proving {
    struct space *space;
    diagram meant, violated;
    diagram broken; /* violated, but for what is unknown and read by others */
};

/* The cases in which the decision says a word, or a rule has a part in it. */
static diagram said_when(struct space *space, const struct asked *asked)
{
    const struct reading *reading = &space->readings[0];
    diagram cases = DIAGRAM_NONE;
    size_t i;

    for (i = 0; i < reading->said_count; i++) {
        const struct said *said = &reading->said[i];
        bool same;

        if (said->kind == SAID_ASKS)
            continue;
        if (asked->kind == ASKED_RULE)
            same = said->rule == &reading->set->rules[asked->index];
        else
            same = said->kind - EFFECT_NEED == (int)asked->kind - ASKED_NEED &&
                   strcmp(said->what, asked->name) == 0;
        if (same)
            cases = diagram_or(space->all, cases, said->cases);
    }
    return cases;
}

static diagram cases_of(struct space *space, const struct asked *asked)
{
    diagram cases;

    if (asked->kind == ASKED_FACT)
        return space_is(space, 0, asked->index, asked->value);
    if (asked->kind == ASKED_VERDICT)
        return space_verdict(space, 0, (enum verdict)asked->value);
    cases = said_when(space, asked);
    return asked->value != 0 ? cases : diagram_minus(space->all, DIAGRAM_ALL, cases);
}

static bool on_path(void *ctx, const struct asked *asked, size_t count, bool meant, bool violated)
{
    struct proving *proving = ctx;
    struct space *space = proving->space;
    diagram cases = meant ? DIAGRAM_ALL : DIAGRAM_NONE;
    size_t i;

    for (i = 0; i < count && cases != DIAGRAM_NONE; i++) {
        cases = diagram_and(space->all, cases, cases_of(space, &asked[i]));
        if (asked[i].kind == ASKED_FACT) /* a counterexample names it, though no rule reads it */
            space_fact(space, 0, asked[i].index)->read = true;
    }
    if (violated)
        proving->broken = diagram_or(space->all, proving->broken, cases);
    cases = diagram_and(space->all, cases, space->known);
    proving->meant = diagram_or(space->all, proving->meant, cases);
    if (violated)
        proving->violated = diagram_or(space->all, proving->violated, cases);
    return !diagrams_failed(space->all);
}

static bool conclude(struct space *space, diagram broken, struct proof *out)
{
    if (out->outcome != PROOF_FAILS)
        return true;
    out->counterexample = malloc(space->variable_count + 1);
    if (out->counterexample == NULL || !sample_plain(space, out->violated, out->counterexample))
        return false;
    out->verdict = VERDICT_ACCEPTED;
    while (!diagram_holds(space->all, space_verdict(space, 0, out->verdict), out->counterexample))
        out->verdict++;
    out->like_counterexample =
        diagram_and(space->all, broken, space_verdict(space, 0, out->verdict));
    return true;
}

bool prove(struct space *space, struct properties *properties, size_t i, struct proof *out,
           struct buf *problems)
{
    struct proving proving = { .space = space }; /* no cases: DIAGRAM_NONE */
    struct smg_err err = { 0 };
    bool good;

    *out = (struct proof){ .property = properties_at(properties, i) };
    good = properties_explore(properties, i, RUNS_A_PROPERTY, on_path, &proving, problems);
    out->violated = proving.violated;
    out->outcome = proving.violated != DIAGRAM_NONE ? PROOF_FAILS
                   : proving.meant == DIAGRAM_NONE  ? PROOF_VACUOUS
                                                    : PROOF_HOLDS;
    if (space_failed(space, &err))
        good = false;
    else if (good && !(diagram_count(space->all, proving.meant, &out->meant) &&
                       diagram_count(space->all, proving.violated, &out->failing) &&
                       conclude(space, proving.broken, out))) {
        smg_fail(&err, SMG_E_MEMORY, "out of memory");
        good = false;
    }
    if (err.code != SMG_OK)
        set_problem(problems, out->property->file, out->property->line, "%s", err.text);
    return good;
}

void proof_fini(struct proof *proof)
{
    free(proof->counterexample);
    proof->counterexample = NULL;
}

/* ---- the properties beside regulations ---- */

int prove_file(struct space *space, const char *name, struct smg_str text, proof_fn tell, void *ctx,
               struct buf *problems)
{
    struct properties *properties = properties_load(space->readings[0].set, name, text, problems);
    struct proof proof;
    int failures = 0;
    size_t i;

    if (properties == NULL)
        return SMG_E_INVALID;
    for (i = 0; failures >= 0 && i < properties_count(properties); i++) {
        if (!prove(space, properties, i, &proof, problems)) {
            failures = SMG_E_INVALID;
        } else {
            failures += proof.outcome != PROOF_HOLDS;
            tell(ctx, space, &proof);
        }
        proof_fini(&proof);
    }
    properties_free(properties);
    return failures;
}

int prove_beside(struct space *space, const char *path, proof_fn tell, void *ctx,
                 struct buf *problems)
{
    const struct policy *policy = space->readings[0].policy;
    struct buf text = { 0 };
    int failures = 0, more;
    size_t i;

    for (i = 0; failures >= 0 && i < policy->policy_count; i++) {
        char name[FOLDER_ID_BYTES + 32];

        snprintf(name, sizeof name, "%s_properties.lua", policy->policies[i]->id);
        if (!folder_has(path, name))
            continue;
        buf_clear(&text);
        more = folder_read(path, name, &text, problems)
                   ? prove_file(space, name, buf_view(&text), tell, ctx, problems)
                   : SMG_E_INVALID;
        failures = more < 0 ? more : failures + more;
    }
    buf_fini(&text);
    return failures;
}
