/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader check: the conformance kit over one plugin's file. */
#include "cli/reader.h"

#include "base/buf.h"
#include "cli/cli.h"
#include "kit/check.h"
#include "loop/clock.h"

enum { SECONDS = 55, MOST = 1000000 };

struct told {
    bool json;
    unsigned count[4]; /* by state */
    struct buf out;    /* of --json, at the end */
};

static void put_notes(const struct check_result *result)
{
    uint64_t shown = result->found_count < CHECK_FOUND ? result->found_count : CHECK_FOUND;

    for (uint64_t i = 0; i < shown; i++)
        printf("  # %s\n", result->found[i]);
    if (result->found_count > shown)
        printf("  # and %llu more\n", (unsigned long long)(result->found_count - shown));
}

static void put_json(struct told *told, const struct check_result *result)
{
    static const char *const states[] = { "?", "passed", "failed", "skipped" };
    unsigned shown = 0;

    buf_text(&told->out, told->out.len == 0 ? "{\"checks\":[{\"name\":" : ",{\"name\":");
    buf_json(&told->out, str_of(result->name));
    buf_text(&told->out, ",\"title\":");
    buf_json(&told->out, str_of(result->title));
    buf_printf(&told->out, ",\"result\":\"%s\",\"trials\":%llu,\"note\":", states[result->state],
               (unsigned long long)result->trials);
    buf_json(&told->out, str_of(result->note));
    buf_printf(&told->out, ",\"found_count\":%llu,\"found\":[",
               (unsigned long long)result->found_count);
    for (; shown < CHECK_FOUND && shown < result->found_count; shown++) {
        buf_text(&told->out, shown == 0 ? "" : ",");
        buf_json(&told->out, str_of(result->found[shown]));
    }
    buf_text(&told->out, "]}");
}

/* A line of TAP as soon as it is known. */
static void tell(void *ctx, const struct check_result *result)
{
    struct told *told = ctx;
    unsigned number = told->count[1] + told->count[2] + told->count[3] + 1;

    told->count[result->state]++;
    if (told->json) {
        put_json(told, result);
        return;
    }
    printf("%s %u - %s: %s", result->state == CHECK_FAILED ? "not ok" : "ok", number, result->name,
           result->title);
    if (result->state == CHECK_SKIPPED)
        printf(" # SKIP %s", result->note);
    putchar('\n');
    if (result->state != CHECK_SKIPPED && result->trials > 0)
        printf("  # %llu trial%s in %.1f s%s%s\n", (unsigned long long)result->trials,
               result->trials == 1 ? "" : "s", (double)result->took_ms / 1000,
               result->note[0] == '\0' ? "" : ": ", result->note);
    else if (result->state != CHECK_SKIPPED && result->note[0] != '\0')
        printf("  # %s\n", result->note);
    put_notes(result);
    fflush(stdout);
}

static int finish(struct told *told, int64_t took_ms)
{
    bool good = told->count[CHECK_FAILED] == 0;
    unsigned all = told->count[1] + told->count[2] + told->count[3];
    int status = CLI_DONE;

    if (told->json) {
        buf_printf(&told->out, "],\"passed\":%s,\"seconds\":%.1f}\n", good ? "true" : "false",
                   (double)took_ms / 1000);
        status = cli_print(&told->out, CLI_DONE);
    } else {
        printf("1..%u\n# %u passed, %u failed, %u skipped in %.1f s\n", all,
               told->count[CHECK_PASSED], told->count[CHECK_FAILED], told->count[CHECK_SKIPPED],
               (double)took_ms / 1000);
    }
    buf_fini(&told->out);
    return status != CLI_DONE ? status : good ? CLI_DONE : CLI_NO;
}

static bool is_check(const char *name)
{
    const char *const *names = check_names();

    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    fprintf(stderr, "shiming: there is no check \"%s\"; there are:", name);
    for (size_t i = 0; names[i] != NULL; i++)
        fprintf(stderr, " %s", names[i]);
    fputc('\n', stderr);
    return false;
}

static int usage(void)
{
    fputs(
        "usage: shiming reader check FILE.so [--options FILE] [--cycles N] [--only CHECK] "
        "[--json]\n"
        "       [--seconds N] [--words] [--scanner]\n"
        "  The plugin in its confined process, against a virtual reader that does all that can be\n"
        "  wrong. --options: its options as YAML, but for the device. --words: show what it "
        "logs.\n"
        "  --scanner: it reads machine readable zones, and is played a scanner.\n",
        stderr);
    return CLI_USAGE;
}

static bool read_number(const char *text, int64_t *out)
{
    return text == NULL || (str_to_int(str_of(text), out) && *out >= 1 && *out <= MOST);
}

int cli_reader_check(int argc, char **argv)
{
    static const char *const own[] = { "options", "cycles",   "only", "seconds",
                                       "-words",  "-scanner", NULL };
    struct check_options wanted = { .cycles = CHECK_CYCLES, .seconds = SECONDS };
    struct config_errors errors = { 0 };
    struct config_tree *tree = NULL;
    struct cli_options options;
    struct told told = { 0 };
    struct smg_err err = { 0 };
    int64_t began_us = clock_mono_us();
    char path[4096];
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    if (options.word_count != 1 || !read_number(options.value[1], &wanted.cycles) ||
        !read_number(options.value[3], &wanted.seconds))
        return usage();
    if (options.value[2] != NULL && !is_check(options.value[2]))
        return CLI_USAGE;
    if (options.value[0] != NULL && (tree = config_tree_load(options.value[0], &errors)) == NULL) {
        fputs(errors.text.at == NULL ? "" : errors.text.at, stderr);
        config_errors_fini(&errors);
        return CLI_USAGE;
    }
    snprintf(path, sizeof path, "%s%s", strchr(options.words[0], '/') == NULL ? "./" : "",
             options.words[0]);
    wanted.file = path;
    wanted.options = tree == NULL ? NULL : config_tree_top(tree);
    wanted.options_file = options.value[0];
    wanted.only = options.value[2];
    wanted.says = options.value[4] != NULL;
    wanted.scanner = options.value[5] != NULL;
    told.json = options.json;
    if (!told.json)
        puts("TAP version 14");
    check_run(&wanted, tell, &told, &err);
    if (err.code == SMG_OK)
        status = finish(&told, (clock_mono_us() - began_us) / 1000);
    else
        fprintf(stderr, "shiming: %s\n", err.text);
    config_tree_free(tree);
    config_errors_fini(&errors);
    return status;
}
