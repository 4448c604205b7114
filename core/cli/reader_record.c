/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader record: one read of a test card becomes a trace. */
#include "cli/reader.h"

#include "cli/cli.h"
#include "kit/record.h"
#include "kit/verdict.h"
#include "loop/clock.h"

static int usage(void)
{
    fputs(
        "usage: shiming reader record -c FILE NAME -o TRACE --test-card CARD.yaml[,CARD.yaml]...\n"
        "       [--test-numbers FILE] [--application FILE [--policies DIR] [-p ID]... [--on DATE]\n"
        "       [--region CODE]]\n"
        "  Only cards whose numbers are those of a --test-card, or whose SHA-256 is in\n"
        "  --test-numbers, leave anything. Lay nothing else on the reader meanwhile.\n",
        stderr);
    return CLI_USAGE;
}

/* "a.yaml,b.yaml" */
static bool allow_cards(struct record_numbers *numbers, const char *list)
{
    struct config_errors errors = { 0 };
    char path[1024];
    bool good = true;

    while (good && list != NULL && *list != '\0') {
        size_t len = strcspn(list, ",");

        snprintf(path, sizeof path, "%.*s", (int)len, list);
        good = record_allow_card(numbers, path, &errors);
        list += len + (list[len] == ',');
    }
    if (!good)
        fputs(errors.text.at == NULL ? "" : errors.text.at, stderr);
    config_errors_fini(&errors);
    return good;
}

static bool allow_numbers(struct record_numbers *numbers, const char *path)
{
    struct smg_err err = { 0 };
    struct buf text = { 0 };
    bool good = path == NULL || cli_read_file(path, &text);

    if (good && path != NULL && record_allow_digests(numbers, buf_view(&text), &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s: %s\n", path, err.text);
        good = false;
    }
    buf_fini(&text);
    return good;
}

bool cli_trace_decide(const struct cli_options *options, struct trace *trace,
                      const struct smg_fields *card, struct buf *outline)
{
    const struct verdict_case what = { .application = buf_view(&trace->application),
                                       .region = trace->region,
                                       .on = trace->on };
    struct buf problems = { 0 };
    struct smg_err err = { 0 };
    char room[4096];
    size_t count;
    const char *const *stack = cli_stack(options, &count);
    struct policy_set *set =
        policy_set_load(cli_policies(options, room, sizeof room), stack, count, &problems);
    bool good = set != NULL && verdict_make(set, &what, card, outline, &err) == SMG_OK;

    if (set == NULL)
        fputs(problems.at == NULL ? "shiming: the policies do not load\n" : problems.at, stderr);
    else if (!good)
        fprintf(stderr, "shiming: %s\n", err.text);
    policy_set_free(set);
    buf_fini(&problems);
    return good;
}

/* The application, its day and region, and what is decided of it with this card. */
static bool add_verdict(const struct cli_options *options, const char *application,
                        struct trace *trace, const struct smg_fields *card)
{
    if (application == NULL || card == NULL)
        return true;
    trace->on = date_of(clock_now_ms());
    if (options->on != NULL && !date_parse(str_of(options->on), &trace->on))
        return false;
    snprintf(trace->region, sizeof trace->region, "%.6s",
             options->region == NULL ? "540000" : options->region);
    if (!cli_read_file(application, &trace->application))
        return false;
    if (trace->application.len == 0 || trace->application.at[trace->application.len - 1] != '\n')
        buf_byte(&trace->application, '\n');
    return cli_trace_decide(options, trace, card, &trace->decision);
}

static const struct config_instance *find_reader(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->readers.count; i++)
        if (strcmp(config->readers.at[i].name, name) == 0)
            return &config->readers.at[i];
    fprintf(stderr, "shiming: no reader \"%s\" is configured; shiming reader list names them\n",
            name);
    return NULL;
}

static int record(const struct cli_options *options, const struct config *config,
                  const struct record_numbers *numbers)
{
    const struct config_instance *reader = find_reader(config, options->words[0]);
    struct smg_fields *card = NULL;
    struct smg_err err = { 0 };
    struct trace trace = { 0 };
    struct buf text = { 0 };
    int status = CLI_USAGE;

    if (reader == NULL)
        return CLI_USAGE;
    if (record_read(config, reader, options->config, numbers, &trace, &card, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
        status = err.code == SMG_E_DENIED ? CLI_NO : CLI_USAGE;
    } else if (add_verdict(options, options->value[2], &trace, card)) {
        trace_write(&trace, &text);
        if (cli_write_file(options->out, &text))
            status = CLI_DONE;
        if (status == CLI_DONE)
            printf("%s: %zu bytes on the line, the read ended with %s\n", options->out,
                   trace.bytes.len, trace.end);
    }
    trace_fini(&trace);
    fields_free(card);
    buf_fini(&text);
    return status;
}

int cli_reader_record(int argc, char **argv)
{
    static const char *const own[] = { "test-card", "test-numbers", "application", NULL };
    static struct record_numbers numbers;
    struct config_errors errors = { 0 };
    struct cli_options options;
    struct config *config;
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    if (options.word_count != 1 || options.config == NULL || options.out == NULL ||
        (options.value[0] == NULL && options.value[1] == NULL))
        return usage();
    memset(&numbers, 0, sizeof numbers);
    if (!allow_cards(&numbers, options.value[0]) || !allow_numbers(&numbers, options.value[1]))
        return CLI_USAGE;
    config = config_load(options.config, &errors);
    if (config == NULL)
        fputs(errors.text.at == NULL ? "" : errors.text.at, stderr);
    else
        status = record(&options, config, &numbers);
    config_errors_fini(&errors);
    config_free(config);
    return status;
}
