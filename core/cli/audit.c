/* SPDX-License-Identifier: Apache-2.0 */
/* shiming audit verify. */
#include "audit/audit.h"

#include "cli/cli.h"
#include "site.h"

struct telling {
    struct buf *out;
    bool json;
    size_t count;
};

static void tell(void *ctx, const char *stream, uint64_t sequence, const char *what)
{
    struct telling *telling = ctx;

    if (telling->json) {
        buf_text(telling->out, telling->count == 0 ? "{\"stream\":" : ",{\"stream\":");
        buf_json(telling->out, str_of(stream));
        buf_printf(telling->out, ",\"sequence\":%llu,\"what\":", (unsigned long long)sequence);
        buf_json(telling->out, str_of(what));
        buf_byte(telling->out, '}');
    } else {
        buf_printf(telling->out, "%s %llu: %s\n", stream, (unsigned long long)sequence, what);
    }
    telling->count++;
}

static int verify(const struct site *site, bool json)
{
    struct audit_totals totals = { 0 };
    struct buf findings = { 0 }, out = { 0 };
    struct telling telling = { .out = &findings, .json = json };
    struct smg_err err = { 0 };
    int status = audit_verify(site->storage, site->keyring, true, tell, &telling, &totals, &err);

    if (status != SMG_OK && telling.count == 0) {
        fprintf(stderr, "shiming: %s\n", err.text);
        buf_fini(&findings);
        return CLI_USAGE;
    }
    if (json)
        buf_printf(
            &out,
            "{\"whole\":%s,\"streams\":%llu,\"leaves\":%llu,\"checkpoints\":%llu,\"records\":%llu,"
            "\"findings\":[",
            telling.count == 0 ? "true" : "false", (unsigned long long)totals.streams,
            (unsigned long long)totals.leaves, (unsigned long long)totals.checkpoints,
            (unsigned long long)totals.records);
    buf_str(&out, buf_view(&findings));
    if (json)
        buf_text(&out, "]}\n");
    else
        buf_printf(&out,
                   "%s: %llu streams, %llu leaves, %llu checkpoints, %llu records, %zu findings\n",
                   telling.count == 0 ? "whole" : "NOT WHOLE", (unsigned long long)totals.streams,
                   (unsigned long long)totals.leaves, (unsigned long long)totals.checkpoints,
                   (unsigned long long)totals.records, telling.count);
    status = cli_print(&out, telling.count == 0 ? CLI_DONE : CLI_NO);
    buf_fini(&findings);
    buf_fini(&out);
    return status;
}

int cli_audit(int argc, char **argv)
{
    struct buf complaints = { 0 };
    struct cli_options options;
    struct site site = { 0 };
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, NULL, &options))
        return CLI_USAGE;
    if (options.config == NULL || options.word_count != 1 ||
        strcmp(options.words[0], "verify") != 0) {
        fputs("usage: shiming audit verify -c FILE [--json]\n", stderr);
        return CLI_USAGE;
    }
    if (site_open(&site, options.config, ".cli", &complaints))
        status = verify(&site, options.json);
    else
        fputs(complaints.at == NULL ? "" : complaints.at, stderr);
    site_close(&site);
    buf_fini(&complaints);
    return status;
}
