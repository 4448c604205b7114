/* SPDX-License-Identifier: Apache-2.0 */
/* shiming store init, upgrade, check. */
#include "cli/store.h"

#include "site.h"

#include <inttypes.h>

static const char *const space_names[STORE_SPACES] = {
#define SPACE_NAME(name, number, text) [number] = text,
    SMG_SPACES(SPACE_NAME)
#undef SPACE_NAME
};

static int fail(const struct smg_err *err)
{
    fprintf(stderr, "shiming: %s\n", err->text);
    return CLI_USAGE;
}

/* Can the store be opened, and does it keep what it acknowledges? */
static int open_and_check(struct site *site, struct smg_err *err)
{
    void *self, *session = NULL;
    const struct smg_storage_ops *ops = instance_storage(site->storage, &self);
    int code = ops->session_open(self, &session, err);

    if (code < 0)
        return code;
    code = ops->check(session, err);
    ops->session_close(session);
    return code;
}

/* found and wanted are the same number when the storage lays itself out: starting did it. */
static int find_layout(struct site *site, uint32_t *found, uint32_t *wanted, struct smg_err *err)
{
    void *self;
    const struct smg_storage_ops *ops = instance_storage(site->storage, &self);

    *found = *wanted = 1;
    return instance_lays_out(site->storage) ? ops->layout_version(self, found, wanted, err)
                                            : SMG_OK;
}

static int lay_out(struct site *site, struct smg_err *err)
{
    void *self;
    const struct smg_storage_ops *ops = instance_storage(site->storage, &self);

    return ops->layout_make(self, err);
}

static int init(struct site *site, bool json)
{
    uint32_t found = 0, wanted = 0;
    struct smg_err err = { 0 };

    (void)json;
    if (find_layout(site, &found, &wanted, &err) < 0)
        return fail(&err);
    if ((found == 0 && lay_out(site, &err) < 0) || open_and_check(site, &err) < 0)
        return fail(&err);
    printf(found == 0 ? "the store is made, layout %u\n" : "the store is there, layout %u\n",
           found == 0 ? wanted : found);
    return CLI_DONE;
}

static int upgrade(struct site *site, bool json)
{
    uint32_t found = 0, wanted = 0;
    struct smg_err err = { 0 };

    (void)json;
    if (find_layout(site, &found, &wanted, &err) < 0)
        return fail(&err);
    if (found != 0 && found < wanted && lay_out(site, &err) < 0)
        return fail(&err);
    if (open_and_check(site, &err) < 0)
        return fail(&err); /* says what else is the matter */
    if (found < wanted)
        printf("the store is brought up, layout %u\n", wanted);
    else
        printf("the store is as this version wants it, layout %u\n", found);
    return CLI_DONE;
}

static void show_sum(const struct store_sum *sum, bool json, struct buf *out)
{
    if (json)
        buf_printf(out, "{\"rows\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"sum\":\"", sum->all_rows,
                   sum->all_bytes);
    for (int space = 1; space < STORE_SPACES && !json; space++) {
        if (sum->rows[space] > 0)
            buf_printf(out, "%-14s %12" PRIu64 " rows %16" PRIu64 " bytes\n", space_names[space],
                       sum->rows[space], sum->bytes[space]);
    }
    if (!json)
        buf_printf(out, "%-14s %12" PRIu64 " rows %16" PRIu64 " bytes\nsum ", "all", sum->all_rows,
                   sum->all_bytes);
    buf_hex(out, str_bytes(sum->sum, sizeof sum->sum));
    buf_text(out, json ? "\"}\n" : "\n");
}

/* The settings, then every row: what cannot be read shows here. */
static int check(struct site *site, bool json)
{
    struct store_sum sum;
    struct smg_err err = { 0 };
    struct buf out = { 0 };
    int status;

    if (open_and_check(site, &err) < 0 ||
        store_sum_up(site->storage, "reading", 0, &sum, &err) < 0) {
        fprintf(stderr, "shiming: %s\n", err.text);
        return CLI_NO;
    }
    show_sum(&sum, json, &out);
    status = cli_print(&out, CLI_DONE);
    buf_fini(&out);
    return status;
}

static const struct {
    const char *name;
    int (*run)(struct site *site, bool json);
} tasks[] = { { "init", init }, { "upgrade", upgrade }, { "check", check } };

enum { TASKS = sizeof tasks / sizeof *tasks };

static size_t find_task(const struct cli_options *options)
{
    size_t i = 0;

    if (options->config == NULL || options->word_count != 1)
        return TASKS;
    while (i < TASKS && strcmp(options->words[0], tasks[i].name) != 0)
        i++;
    return i;
}

int cli_store(int argc, char **argv)
{
    struct buf complaints = { 0 };
    struct cli_options options;
    struct site site = { 0 };
    int status = CLI_USAGE;
    size_t task;

    if (argc > 1 && strcmp(argv[1], "copy") == 0)
        return cli_store_copy(argc - 1, argv + 1);
    if (!cli_options(argc, argv, NULL, &options))
        return CLI_USAGE;
    task = find_task(&options);
    if (task == TASKS) {
        fputs("usage: shiming store init -c FILE      make the store a configuration names\n"
              "       shiming store upgrade -c FILE   bring an older one up\n"
              "       shiming store check -c FILE     its settings and every row; [--json]\n"
              "       shiming store copy FROM_CONFIG TO_CONFIG\n",
              stderr);
        return CLI_USAGE;
    }
    if (site_open_storage(&site, options.config, &complaints))
        status = tasks[task].run(&site, options.json);
    else
        fputs(complaints.at == NULL ? "" : complaints.at, stderr);
    site_close(&site);
    buf_fini(&complaints);
    return status;
}
