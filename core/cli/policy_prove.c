/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy prove: properties, proved over every case or refuted by one. */
#include "cli/policy.h"

#include "workbench/application.h"
#include "workbench/prove.h"
#include "workbench/sample.h"
#include "workbench/show.h"

#include <stdio.h>

struct telling {
    struct buf *out;
    struct cli_applications applications;
    bool json;
    size_t told;
};

static const char *const outcomes[] = { "proved", "fails", "vacuous" };

static void tell_text(struct buf *out, struct space *space, const struct proof *proof)
{
    buf_printf(out, "%s - %s \"%s\"  %s\n", proof->outcome == PROOF_HOLDS ? "ok" : "not ok",
               proof->property->always ? "always" : "never", proof->property->text,
               proof->property->zh);
    if (proof->outcome == PROOF_VACUOUS) {
        buf_printf(out, "  # %s:%d: no case is meant: its `when` never holds\n",
                   proof->property->file, proof->property->line);
        return;
    }
    buf_text(out, proof->outcome == PROOF_HOLDS ? "  # proved over " : "  # fails in ");
    natural_write(proof->outcome == PROOF_HOLDS ? &proof->meant : &proof->failing, out);
    buf_text(out, " cases\n");
    if (proof->outcome != PROOF_FAILS)
        return;
    buf_printf(out, "  # %s:%d: for example, %s: ", proof->property->file, proof->property->line,
               verdict_name(proof->verdict));
    sample_write(space, proof->counterexample, out);
    buf_byte(out, '\n');
}

static void tell(void *ctx, struct space *space, const struct proof *proof)
{
    struct telling *telling = ctx;
    struct buf *out = telling->out;

    if (!telling->json) {
        telling->told++;
        tell_text(out, space, proof);
        return;
    }
    buf_printf(out, "%s{\"property\":", telling->told++ == 0 ? "" : ",");
    buf_json(out, str_of(proof->property->text));
    buf_text(out, ",\"zh\":");
    buf_json(out, str_of(proof->property->zh));
    buf_printf(out,
               ",\"file\":\"%s\",\"line\":%d,\"outcome\":\"%s\",\"cases\":", proof->property->file,
               proof->property->line, outcomes[proof->outcome]);
    show_count_json(&proof->meant, out);
    if (proof->outcome == PROOF_FAILS) {
        buf_text(out, ",\"failing\":");
        show_count_json(&proof->failing, out);
        buf_printf(out, ",\"counterexample\":{\"verdict\":\"%s\",\"facts\":",
                   verdict_name(proof->verdict));
        show_facts_json(space, proof->counterexample, out);
        application_json(space, proof->like_counterexample, proof->counterexample, cli_application,
                         &telling->applications, out);
        buf_byte(out, '}');
    }
    buf_byte(out, '}');
}

static int prove_named(struct space *space, const struct cli_options *options,
                       struct telling *telling, struct buf *problems)
{
    int failures = 0, more, i;

    for (i = 0; failures >= 0 && i < options->word_count; i++) {
        struct buf text = { 0 };

        more = cli_read_file(options->words[i], &text)
                   ? prove_file(space, options->words[i], buf_view(&text), tell, telling, problems)
                   : SMG_E_INVALID;
        failures = more < 0 ? more : failures + more;
        buf_fini(&text);
    }
    return failures;
}

static int run(struct space *space, const struct cli_options *options)
{
    struct buf out = { 0 }, problems = { 0 };
    struct telling telling = { .out = &out,
                               .json = options->json,
                               .applications = { .sets = { space->readings[0].set } } };
    char room[4096];
    int failures, status = CLI_USAGE;

    if (options->json) {
        buf_text(&out, "{\"of\":");
        show_reading_json(&space->readings[0], &out);
        buf_text(&out, ",\"properties\":[");
    }
    failures = options->word_count > 0
                   ? prove_named(space, options, &telling, &problems)
                   : prove_beside(space, cli_policies(options, room, sizeof room), tell, &telling,
                                  &problems);
    if (options->json)
        buf_text(&out, "]}\n");
    else
        buf_printf(&out, "1..%zu\n", telling.told);
    if (failures >= 0 && telling.told == 0)
        fputs("shiming: there are no properties\n", stderr);
    else if (failures >= 0)
        status = cli_print(&out, failures == 0 ? CLI_DONE : CLI_NO);
    fputs(problems.at == NULL ? "" : problems.at, stderr);
    cli_applications_fini(&telling.applications);
    buf_fini(&out);
    buf_fini(&problems);
    return status;
}

int cli_policy_prove(int argc, char **argv)
{
    struct cli_options options;
    struct space *space;
    int status;

    if (!cli_options(argc, argv, NULL, &options))
        return cli_policy_usage("prove");
    space = cli_policy_space(&options);
    status = space == NULL ? CLI_USAGE : run(space, &options);
    space_free(space);
    return status;
}
