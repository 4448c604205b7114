/* SPDX-License-Identifier: Apache-2.0 */
/* shiming store copy: all of one store into another, of whatever kinds they are. */
#include "cli/store.h"

#include "site.h"
#include "store/copy.h"

#include <inttypes.h>

static bool show(void *ctx, const struct store_copied *so_far)
{
    store_progress_look(ctx, so_far->rows);
    return true;
}

static int copy_rows(struct site *from, struct site *to, uint64_t total, struct smg_err *err)
{
    struct store_progress progress;
    struct store_copied copied;
    int code;

    store_progress_start(&progress, "copying", total);
    code = store_copy(from->storage, to->storage, show, &progress, &copied, err);
    store_progress_end(&progress);
    return code;
}

static int copy(struct site *from, struct site *to, bool json)
{
    struct store_sum before, after;
    struct smg_err err = { 0 };
    struct buf out = { 0 };
    int status = CLI_USAGE;

    if (store_sum_up(from->storage, "reading", 0, &before, &err) < 0 ||
        copy_rows(from, to, before.all_rows, &err) < 0 ||
        store_sum_up(to->storage, "verifying", before.all_rows, &after, &err) < 0) {
        fprintf(stderr, "shiming: %s\n", err.text);
        return CLI_USAGE;
    }
    if (memcmp(before.sum, after.sum, sizeof before.sum) != 0) {
        fprintf(stderr,
                "shiming: the copy is not the same: %" PRIu64 " rows there, %" PRIu64
                " here. Was a gateway running? Stop it, empty the store to fill, and copy anew.\n",
                before.all_rows, after.all_rows);
        return CLI_NO;
    }
    if (store_copy_end(to->storage, &err) < 0) {
        fprintf(stderr, "shiming: %s\n", err.text);
        return CLI_USAGE;
    }
    buf_printf(&out,
               json ? "{\"rows\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"sum\":\""
                    : "copied %" PRIu64 " rows, %" PRIu64 " bytes; sum on both sides ",
               after.all_rows, after.all_bytes);
    buf_hex(&out, str_bytes(after.sum, sizeof after.sum));
    buf_text(&out, json ? "\"}\n" : "\n");
    status = cli_print(&out, CLI_DONE);
    buf_fini(&out);
    return status;
}

int cli_store_copy(int argc, char **argv)
{
    struct buf complaints = { 0 };
    struct cli_options options;
    struct site from = { 0 }, to = { 0 };
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, NULL, &options))
        return CLI_USAGE;
    if (options.word_count != 2) {
        fputs("usage: shiming store copy FROM_CONFIG TO_CONFIG\n"
              "  Every row of the store the first configuration names goes into the one the second "
              "names,\n"
              "  which must be empty (shiming store init). No gateway may be running on either. A "
              "copy that\n"
              "  was cut off goes on when it is asked for again.\n",
              stderr);
        return CLI_USAGE;
    }
    if (site_open_storage(&from, options.words[0], &complaints) &&
        site_open_storage(&to, options.words[1], &complaints))
        status = copy(&from, &to, options.json);
    else
        fputs(complaints.at == NULL ? "" : complaints.at, stderr);
    site_close(&to);
    site_close(&from);
    buf_fini(&complaints);
    return status;
}
