/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader list, read, emulate. */
#include "plugin/reader.h"

#include "cli/cli.h"
#include "cli/emulate.h"
#include "cli/reader.h"
#include "registration/known.h"
#include "registration/record.h"

#include <stdlib.h>

enum { DEADLINE_MS = 15000, READY_MS = 5000 };

/* One reader, its process and the loop it is watched from, for as long as a verb needs it. */
struct bench_top {
    struct config *config;
    struct loop *loop;
    struct library *library;
    struct reader *reader;
    struct smg_fields *known; /* of the document; NULL: nothing */
    int64_t deadline_ms;
    int waits; /* how often it was looked at while starting */
    struct buf shown;
    int status;
};

static const struct config_instance *find_reader(const struct config *config, const char *name)
{
    size_t i;

    for (i = 0; i < config->readers.count; i++)
        if (strcmp(config->readers.at[i].name, name) == 0)
            return &config->readers.at[i];
    fprintf(stderr, "shiming: no reader \"%s\" is configured; shiming reader list names them\n",
            name);
    return NULL;
}

static void on_read(void *ctx, const struct smg_fields *fields, const struct smg_err *err)
{
    struct bench_top *top = ctx;

    if (err != NULL && err->code != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err->text);
        top->status = CLI_NO;
    } else {
        buf_byte(&top->shown, '{');
        record_show(fields, false, &top->shown);
        buf_text(&top->shown, "}\n");
        top->status = CLI_DONE;
    }
    loop_stop(top->loop);
}

/* Its process needs a moment to come up; a reader that stays away says why. */
static void when_up(void *ctx)
{
    struct bench_top *top = ctx;
    struct reader_status status;

    reader_status(top->reader, &status);
    if (status.phase == READER_READY) {
        reader_read(top->reader, top->known, top->deadline_ms, on_read, top);
    } else if (++top->waits * 20 > READY_MS || status.phase == READER_OUT_OF_SERVICE) {
        fprintf(stderr, "shiming: the reader is %s: %s\n", reader_phase_name(status.phase),
                status.why);
        top->status = CLI_NO;
        loop_stop(top->loop);
    } else if (loop_after(top->loop, 20, when_up, top) == NULL) {
        loop_stop(top->loop);
    }
}

static bool open_reader(struct bench_top *top, const char *name, struct smg_err *err)
{
    const struct config_instance *config = find_reader(top->config, name);
    struct config_errors errors = { 0 };

    if (config == NULL)
        return false;
    top->deadline_ms = config->deadline_ms > 0 ? config->deadline_ms : DEADLINE_MS;
    top->loop = loop_new("reader", err);
    if (top->loop == NULL || library_load(top->config->gateway.plugins, SMG_READER, config->plugin,
                                          &top->library, err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err->text);
        return false;
    }
    top->reader = reader_new(top->loop, top->library, config, &errors, err);
    if (top->reader == NULL)
        fprintf(stderr, "%s%s\n", errors.text.at == NULL ? "" : errors.text.at, err->text);
    config_errors_fini(&errors);
    if (top->reader != NULL && reader_start(top->reader, err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err->text);
        return false;
    }
    return top->reader != NULL;
}

/* What the file (NULL: none was named) says of the document, as in a request's "access". */
static bool read_access(const char *path, struct smg_fields **known)
{
    const struct known_context context = { 0 };
    struct problems problems = { 0 };
    struct buf text = { 0 };

    *known = NULL;
    if (path == NULL)
        return true;
    if (cli_read_file(path, &text))
        *known = known_read(&context, buf_view(&text), &problems);
    buf_fini(&text);
    if (problems.count > 0)
        fprintf(stderr, "shiming: %s: %.*s\n", path, (int)problems.json.len, problems.json.at);
    problems_fini(&problems);
    return *known != NULL;
}

static int read_card(struct config *config, const char *name, const char *access)
{
    struct bench_top top = { .config = config, .status = CLI_USAGE };
    struct smg_err err = { 0 };

    if (read_access(access, &top.known) && open_reader(&top, name, &err)) {
        when_up(&top);
        if (loop_run(top.loop, &err) != SMG_OK)
            fprintf(stderr, "shiming: %s\n", err.text);
    }
    if (top.reader != NULL)
        reader_free(top.reader);
    if (top.library != NULL)
        library_free(top.library);
    if (top.loop != NULL)
        loop_free(top.loop);
    if (top.status == CLI_DONE)
        top.status = cli_print(&top.shown, CLI_DONE);
    fields_free(top.known);
    buf_fini(&top.shown);
    return top.status;
}

static int list(const struct config *config, bool json)
{
    struct buf out = { 0 };
    size_t i;
    int status;

    for (i = 0; i < config->readers.count; i++) {
        const struct config_instance *reader = &config->readers.at[i];

        if (!json) {
            buf_printf(&out, "%-16s %s\n", reader->name, reader->plugin);
            continue;
        }
        buf_text(&out, i == 0 ? "[{\"name\":" : ",{\"name\":");
        buf_json(&out, str_of(reader->name));
        buf_text(&out, ",\"plugin\":");
        buf_json(&out, str_of(reader->plugin));
        buf_byte(&out, '}');
    }
    if (json)
        buf_text(&out, config->readers.count == 0 ? "[]\n" : "]\n");
    status = cli_print(&out, CLI_DONE);
    buf_fini(&out);
    return status;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} words[] = { { "emulate", cli_emulate },
              { "check", cli_reader_check },
              { "record", cli_reader_record },
              { "replay", cli_reader_replay },
              { "fuzz", cli_reader_fuzz } };

int cli_reader(int argc, char **argv)
{
    static const char *const own[] = { "access", NULL };
    struct config_errors errors = { 0 };
    struct cli_options options;
    struct config *config;
    int status;
    bool listing;

    for (size_t i = 0; argc > 1 && i < sizeof words / sizeof *words; i++)
        if (strcmp(argv[1], words[i].name) == 0)
            return words[i].run(argc - 1, argv + 1);
    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    listing = options.word_count == 1 && strcmp(options.words[0], "list") == 0;
    if (options.config == NULL ||
        (!listing && (options.word_count != 2 || strcmp(options.words[0], "read") != 0))) {
        fputs("usage: shiming reader list -c FILE [--json]\n"
              "       shiming reader read -c FILE NAME [--access FILE]\n"
              "       shiming reader emulate CARD.yaml [--link PATH] ...\n"
              "       shiming reader emulate --scanner ZONE.yaml [--link PATH] [--every MS]\n"
              "       shiming reader check FILE.so [--json] ...\n"
              "       shiming reader record -c FILE NAME -o TRACE --test-card CARD.yaml ...\n"
              "       shiming reader replay TRACE [FILE.so] ...\n"
              "       shiming reader fuzz FILE.so [TRACE]... ...\n",
              stderr);
        return CLI_USAGE;
    }
    config = config_load(options.config, &errors);
    if (config == NULL) {
        fputs(errors.text.at == NULL ? "" : errors.text.at, stderr);
        status = CLI_USAGE;
    } else {
        status = listing ? list(config, options.json)
                         : read_card(config, options.words[1], options.value[0]);
    }
    config_errors_fini(&errors);
    config_free(config);
    return status;
}
