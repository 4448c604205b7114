/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader fuzz: mutated answers of the device, and a trace of each kind of finding. */
#include "cli/reader.h"

#include "cli/cli.h"
#include "kit/fuzz.h"
#include "kit/replay.h"

#include <stdlib.h>

enum { TRACES = 64, SECONDS = 60, LEAK_KIB = 1024 };

struct fuzzing {
    const char *folder;
    uint64_t seed;
    struct buf files; /* of the findings, a line each */
    bool failed;
};

static int usage(void)
{
    fputs("usage: shiming reader fuzz FILE.so [TRACE]... [--seconds N] [--cases N] [--seed N]\n"
          "       [--options FILE] [-o FOLDER] [--scanner]\n"
          "  A trace of each kind of finding is written into FOLDER (the current one).\n",
          stderr);
    return CLI_USAGE;
}

static void tell(void *ctx, uint64_t number, const struct trace *trace)
{
    struct fuzzing *fuzzing = ctx;
    struct buf text = { 0 };
    char path[1024];

    snprintf(path, sizeof path, "%s/%s-%llu-%llu.trace", fuzzing->folder, trace->plugin,
             (unsigned long long)fuzzing->seed, (unsigned long long)number);
    trace_write(trace, &text);
    if (cli_write_file(path, &text)) {
        printf("%s: %s\n", path, trace->finding);
        buf_printf(&fuzzing->files, "%s\n", path);
    } else {
        fuzzing->failed = true;
    }
    fflush(stdout);
    buf_fini(&text);
}

static bool load_traces(char **paths, size_t count, struct trace *traces)
{
    struct smg_err err = { 0 };
    bool good = true;

    for (size_t i = 0; good && i < count; i++) {
        struct buf text = { 0 };

        good = cli_read_file(paths[i], &text);
        if (good && trace_read(buf_view(&text), &traces[i], &err) != SMG_OK) {
            fprintf(stderr, "shiming: %s: %s\n", paths[i], err.text);
            good = false;
        }
        buf_fini(&text);
    }
    return good;
}

static int run(const struct fuzz_options *options, struct fuzzing *fuzzing)
{
    struct fuzz_result result;
    struct smg_err err = { 0 };
    bool leaks;

    if (fuzz_run(options, tell, fuzzing, &result, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
        return CLI_USAGE;
    }
    leaks = result.memory_kib >= LEAK_KIB;
    if (leaks)
        printf("memory: a process grew by %lld KiB\n", (long long)result.memory_kib);
    printf("%llu cases, seed %llu: %llu of them made the plugin do what none may\n",
           (unsigned long long)result.cases, (unsigned long long)options->seed,
           (unsigned long long)result.findings);
    if (fuzzing->failed)
        return CLI_USAGE;
    return result.findings > 0 || leaks ? CLI_NO : CLI_DONE;
}

static bool read_number(const char *text, int64_t *out)
{
    return text == NULL || str_to_int(str_of(text), out);
}

int cli_reader_fuzz(int argc, char **argv)
{
    static const char *const own[] = { "seconds", "cases", "seed", "options", "-scanner", NULL };
    struct fuzz_options wanted = { .seconds = SECONDS };
    struct fuzzing fuzzing = { .folder = "." };
    struct config_errors errors = { 0 };
    struct config_tree *tree = NULL;
    struct trace traces[TRACES];
    struct cli_options options;
    int64_t seed = 1;
    char path[4096];
    int status = CLI_USAGE;

    memset(traces, 0, sizeof traces);
    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    if (options.word_count < 1 || options.word_count > TRACES ||
        !read_number(options.value[0], &wanted.seconds) ||
        !read_number(options.value[1], &wanted.cases) || !read_number(options.value[2], &seed))
        return usage();
    if (options.value[3] != NULL && (tree = config_tree_load(options.value[3], &errors)) == NULL)
        fputs(errors.text.at == NULL ? "" : errors.text.at, stderr);
    snprintf(path, sizeof path, "%s%s", strchr(options.words[0], '/') == NULL ? "./" : "",
             options.words[0]);
    wanted.file = path;
    wanted.seed = fuzzing.seed = (uint64_t)seed;
    wanted.options = tree == NULL ? NULL : config_tree_top(tree);
    wanted.options_file = options.value[3];
    wanted.scanner = options.value[4] != NULL;
    wanted.traces = traces;
    wanted.trace_count = (size_t)options.word_count - 1;
    if (options.out != NULL)
        fuzzing.folder = options.out;
    if ((options.value[3] == NULL || tree != NULL) &&
        load_traces(options.words + 1, wanted.trace_count, traces))
        status = run(&wanted, &fuzzing);
    for (size_t i = 0; i < wanted.trace_count; i++)
        trace_fini(&traces[i]);
    config_tree_free(tree);
    config_errors_fini(&errors);
    buf_fini(&fuzzing.files);
    return status;
}
