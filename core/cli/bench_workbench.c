/* SPDX-License-Identifier: Apache-2.0 */
/* How long the exact answers about the shipped policies take. */
#include "cli/bench.h"

#include "workbench/diff.h"
#include "workbench/mutate.h"
#include "workbench/prove.h"
#include "workbench/table.h"

#include <math.h>
#include <time.h>
#include <unistd.h>

enum { MOST_MS = 1000 };

/* Of this thread, in milliseconds: what a core does, whoever else wants it. */
static double processor_ms(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

static void add_time(struct bench *bench, const char *name, double since)
{
    bench_add(bench, (struct figure){ .name = name,
                                      .unit = "ms",
                                      .value = processor_ms() - since,
                                      .target = MOST_MS,
                                      .at_most = true });
}

static struct policy_set *load(const char *path, struct smg_err *err)
{
    struct policy_stack stack;
    struct buf problems = { 0 };
    struct policy_set *set = NULL;

    if (policy_stack_find(path, &stack, &problems))
        set = policy_set_load(path, stack.ids, stack.count, &problems);
    if (set == NULL)
        smg_fail(err, SMG_E_INVALID, "%.200s", problems.at == NULL ? path : problems.at);
    buf_fini(&problems);
    return set;
}

static struct space_of latest(struct policy_set *set, char region[8])
{
    struct space_of of = { .set = set, .region = region };

    space_place(set, &of.on, region);
    of.begun = of.on;
    return of;
}

static void tell(void *ctx, struct space *space, const struct proof *proof)
{
    (void)space;
    *(size_t *)ctx += proof->outcome == PROOF_HOLDS;
}

static int table_and_proofs(struct bench *bench, struct policy_set *set, struct smg_err *err)
{
    struct buf out = { 0 }, problems = { 0 };
    double begun = processor_ms();
    char region[8];
    struct space_of of = latest(set, region);
    struct space *space = space_new(&of, 1, err);
    struct natural cases;
    size_t proved = 0;
    int failed;

    if (space == NULL)
        return err->code;
    table_write(space, TABLE_JSON, &out);
    add_time(bench, "policy table", begun);
    buf_fini(&out);
    if (diagram_count(space->all, DIAGRAM_ALL, &cases))
        bench_add(bench, (struct figure){ .name = "cases of the shipped policies",
                                          .unit = "10^x",
                                          .value = log10(natural_double(&cases)) });
    bench_add(bench, (struct figure){ .name = "runs of rules that cover them",
                                      .unit = "",
                                      .value = (double)space->readings[0].runs });
    begun = processor_ms();
    failed = prove_beside(space, bench->policies, tell, &proved, &problems);
    add_time(bench, "policy prove, every shipped property", begun);
    bench_add(bench,
              (struct figure){ .name = "properties proved", .unit = "", .value = (double)proved });
    if (failed != 0)
        smg_fail(err, SMG_E_INVALID, "bench: %.200s",
                 problems.at == NULL ? "a shipped property fails" : problems.at);
    space_free(space);
    buf_fini(&problems);
    return err->code;
}

/* Against the example's draft where it is at hand, else against the policies themselves. */
static int difference(struct bench *bench, struct policy_set *set, struct smg_err *err)
{
    struct buf draft = { 0 };
    char regions[2][8];
    struct policy_set *other = NULL;
    struct diff *diff = NULL;
    struct space_of old, revised;
    double begun;

    buf_printf(&draft, "%s/../examples/cn-54-draft", bench->policies);
    if (!draft.failed && access(draft.at, R_OK) == 0)
        buf_printf(&draft, ":%s", bench->policies);
    else
        buf_clear(&draft);
    other = load(draft.len == 0 ? bench->policies : draft.at, err);
    if (other != NULL) {
        old = latest(set, regions[0]);
        revised = latest(other, regions[1]);
        old.on = old.begun = revised.on;
        begun = processor_ms();
        diff = diff_new(&old, &revised, err);
        add_time(bench, "policy diff against a draft", begun);
    }
    diff_free(diff);
    policy_set_free(other);
    buf_fini(&draft);
    return err->code;
}

static void tell_fault(void *ctx, const struct fated *fated, size_t at, size_t of)
{
    (void)at;
    (void)of;
    *(size_t *)ctx += fated->fate == FATE_ALIVE;
}

static int mutation(struct bench *bench, struct policy_set *set, struct smg_err *err)
{
    struct mutation sum;
    struct buf problems = { 0 };
    double begun = processor_ms();
    size_t faults = 0, alive = 0, i;

    for (i = 0; err->code == SMG_OK && i < policy_set_count(set); i++) {
        sum = (struct mutation){ 0 };
        if (!mutate(set, i, bench->policies, tell_fault, &alive, &sum, &problems))
            smg_fail(err, SMG_E_INVALID, "bench: %.200s", problems.at == NULL ? "" : problems.at);
        faults += sum.killed + sum.equivalent + sum.alive;
    }
    add_time(bench, "policy mutate, every shipped regulation", begun);
    bench_add(bench,
              (struct figure){ .name = "faults planted", .unit = "", .value = (double)faults });
    bench_add(bench, (struct figure){ .name = "faults alive",
                                      .unit = "",
                                      .value = (double)alive,
                                      .target = 0.5,
                                      .at_most = true });
    buf_fini(&problems);
    return err->code;
}

int bench_workbench(struct bench *bench, struct smg_err *err)
{
    struct policy_set *set = load(bench->policies, err);

    if (set == NULL || table_and_proofs(bench, set, err) != SMG_OK ||
        difference(bench, set, err) != SMG_OK)
        goto out;
    mutation(bench, set, err);
out:
    policy_set_free(set);
    return err->code;
}
