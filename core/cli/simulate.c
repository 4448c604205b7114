/* SPDX-License-Identifier: Apache-2.0 */
/* shiming simulate: scenario files run, and what came of them as TAP, JUnit and JSON. */
#include "simulate/simulate.h"

#include "cli/cli.h"
#include "cli/simulate.h"
#include "base/log.h"
#include "loop/clock.h"

#include <errno.h>
#include <stdlib.h>

enum { JUNIT, SEED, RUNS, TAP, SHRINK, STEPS };
static const char *const own[] = { "junit", "seed", "runs", "-tap", "-shrink", "-steps", NULL };

struct printing {
    const struct cli_options *options;
    struct simulate_options simulate;
    struct buf out;   /* TAP or JSON */
    struct buf junit; /* the cases of the file at hand, and then of all files */
    struct buf suite;
    unsigned count, failed, suite_count, suite_failed;
    int64_t simulated_ms;
};

/* Lines as TAP comments. */
static void put_lines(struct buf *out, const char *mark, const char *text)
{
    while (text != NULL && *text != '\0') {
        const char *end = strchrnul(text, '\n');

        buf_printf(out, "%s%.*s\n", mark, (int)(end - text), text);
        text = *end == '\0' ? end : end + 1;
    }
}

static void put_tap(struct printing *printing, const struct simulate_result *result)
{
    struct buf *out = &printing->out;

    buf_printf(out, "%s %u - %s: %s", result->passed ? "ok" : "not ok", printing->count,
               result->file, result->name);
    if (result->article[0] != '\0')
        buf_printf(out, " (%s)", result->article);
    buf_byte(out, '\n');
    if (!result->passed) {
        put_lines(out, "# ", result->why);
        if (result->choices[0] != '\0') {
            buf_printf(out, "# run %u of seed %llu", result->runs,
                       (unsigned long long)printing->simulate.seed);
            if (result->shrinking > 0)
                buf_printf(out, ", made smaller in %u runs", result->shrinking);
            buf_text(out, "; its choices:\n");
            put_lines(out, "#   ", result->choices);
        }
        buf_text(out, "# what happened:\n");
    }
    if (!result->passed || printing->options->value[STEPS] != NULL)
        put_lines(out, "#   ", result->steps);
}

static void put_member(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":", name);
    buf_json(out, str_of(text));
}

static void put_json(struct printing *printing, const struct simulate_result *result)
{
    struct buf *out = &printing->out;

    buf_text(out, printing->count == 1 ? "{\"file\":" : ",\n {\"file\":");
    buf_json(out, str_of(result->file));
    put_member(out, "name", result->name);
    put_member(out, "article", result->article);
    buf_printf(out, ",\"passed\":%s,\"runs\":%u,\"simulated_ms\":%lld",
               result->passed ? "true" : "false", result->runs, (long long)result->simulated_ms);
    if (!result->passed) {
        put_member(out, "why", result->why);
        put_member(out, "steps", result->steps);
        put_member(out, "choices", result->choices);
    }
    buf_byte(out, '}');
}

/* XML 1.0 has no place for most control characters, whatever their escape. */
static void put_xml(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '&')
            buf_text(out, "&amp;");
        else if (*text == '<')
            buf_text(out, "&lt;");
        else if (*text == '>')
            buf_text(out, "&gt;");
        else if (*text == '"')
            buf_text(out, "&quot;");
        else
            buf_byte(out,
                     (unsigned char)*text < 0x20 && *text != '\n' ? ' ' : (unsigned char)*text);
    }
}

static void put_junit(struct printing *printing, const struct simulate_result *result)
{
    struct buf *out = &printing->suite;

    printing->suite_count++;
    printing->suite_failed += !result->passed;
    buf_text(out, "  <testcase classname=\"");
    put_xml(out, result->file);
    buf_text(out, "\" name=\"");
    put_xml(out, result->name);
    buf_printf(out, "\" time=\"%lld.%03d\"", (long long)(result->simulated_ms / 1000),
               (int)(result->simulated_ms % 1000));
    if (result->passed) {
        buf_text(out, "/>\n");
        return;
    }
    buf_text(out, ">\n   <failure message=\"");
    put_xml(out, result->why);
    buf_text(out, "\">");
    put_xml(out, result->choices);
    put_xml(out, result->steps);
    buf_text(out, "</failure>\n  </testcase>\n");
}

static void tell(void *ctx, const struct simulate_result *result)
{
    struct printing *printing = ctx;

    printing->count++;
    printing->failed += !result->passed;
    printing->simulated_ms += result->simulated_ms;
    put_junit(printing, result);
    if (printing->options->json)
        put_json(printing, result);
    else
        put_tap(printing, result);
    /* What was told stays told when a later scenario ends the program. */
    if (!printing->options->json) {
        cli_print(&printing->out, CLI_DONE);
        buf_clear(&printing->out);
    }
}

static void end_suite(struct printing *printing, const char *file)
{
    struct buf *out = &printing->junit;

    buf_text(out, " <testsuite name=\"");
    put_xml(out, file);
    buf_printf(out, "\" tests=\"%u\" failures=\"%u\">\n", printing->suite_count,
               printing->suite_failed);
    buf_str(out, buf_view(&printing->suite));
    buf_text(out, " </testsuite>\n");
    buf_clear(&printing->suite);
    printing->suite_count = printing->suite_failed = 0;
}

static bool write_junit(struct printing *printing, const char *path)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL;

    if (good) {
        good = fprintf(file,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<testsuites tests=\"%u\" failures=\"%u\">\n",
                       printing->count, printing->failed) > 0 &&
               (printing->junit.len == 0 ||
                fwrite(printing->junit.at, 1, printing->junit.len, file) == printing->junit.len) &&
               fputs("</testsuites>\n", file) >= 0 && !printing->junit.failed;
        good = fclose(file) == 0 && good;
    }
    if (!good)
        fprintf(stderr, "shiming: %s: %s\n", path, strerror(errno));
    return good;
}

/* false: a file that does not load. */
static bool run_files(struct printing *printing, struct simulation *simulation)
{
    bool good = true;
    int i;

    for (i = 0; i < printing->options->word_count; i++) {
        const char *path = printing->options->words[i];
        struct buf text = { 0 }, problems = { 0 };

        if (!cli_read_file(path, &text))
            good = false;
        else if (simulation_run(simulation, path, buf_view(&text), tell, printing, &problems) < 0) {
            fputs(problems.at == NULL ? "shiming: out of memory\n" : problems.at, stderr);
            good = false;
        }
        end_suite(printing, path);
        buf_fini(&text);
        buf_fini(&problems);
    }
    return good;
}

static int run(struct printing *printing)
{
    const struct cli_options *options = printing->options;
    struct smg_err err = { 0 };
    struct simulation *simulation = simulation_new(&printing->simulate, &err);
    int status;
    bool good;

    if (simulation == NULL) {
        fprintf(stderr, "shiming: %s\n", err.text);
        return CLI_USAGE;
    }
    buf_text(&printing->out, options->json ? "{\"scenarios\":[" : "TAP version 13\n");
    good = run_files(printing, simulation);
    simulation_free(simulation);
    if (options->json)
        buf_printf(&printing->out, "],\n \"count\":%u,\"failed\":%u,\"seed\":%llu}\n",
                   printing->count, printing->failed, (unsigned long long)printing->simulate.seed);
    else
        buf_printf(&printing->out, "1..%u\n", printing->count);
    if (options->value[JUNIT] != NULL)
        good = write_junit(printing, options->value[JUNIT]) && good;
    status = !good ? CLI_USAGE : printing->failed > 0 ? CLI_NO : CLI_DONE;
    return cli_print(&printing->out, status);
}

static bool read_number(const char *text, int64_t most, int64_t *out)
{
    return text == NULL || (str_to_int(str_of(text), out) && *out <= most);
}

int cli_simulate(int argc, char **argv)
{
    struct cli_options options;
    struct printing printing = { .options = &options };
    int64_t seed = 1, runs = 0, began_us;
    char room[4096];
    int status;

    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    if (options.word_count == 2 && strcmp(options.words[0], "from") == 0)
        return cli_simulate_from(&options);
    if (options.word_count == 0 || !read_number(options.value[SEED], INT64_MAX, &seed) ||
        !read_number(options.value[RUNS], 1000000, &runs)) {
        fputs(
            "usage: shiming simulate [--policies DIR] [--seed N] [--runs N] [--shrink] [--steps]\n"
            "                        [--tap | --json] [--junit FILE] SCENARIOS.lua...\n"
            "       shiming simulate from REGISTRATION -c FILE\n",
            stderr);
        return CLI_USAGE;
    }
    printing.simulate =
        (struct simulate_options){ .policies = cli_policies(&options, room, sizeof room),
                                   .seed = (uint64_t)seed,
                                   .runs = (unsigned)runs,
                                   .shrink = options.value[SHRINK] != NULL };
    log_level(0); /* what goes wrong in a scenario is meant to */
    began_us = clock_mono_us();
    status = run(&printing);
    /* On stderr, because the result is the same every time and this is not. */
    fprintf(stderr, "%u scenarios, %u failed: %lld s of simulated time in %lld ms\n",
            printing.count, printing.failed, (long long)(printing.simulated_ms / 1000),
            (long long)((clock_mono_us() - began_us) / 1000));
    buf_fini(&printing.out);
    buf_fini(&printing.junit);
    buf_fini(&printing.suite);
    return status;
}
