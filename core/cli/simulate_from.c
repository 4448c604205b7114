/* SPDX-License-Identifier: Apache-2.0 */
/* shiming simulate from: a recorded decision as a scenario. */
#include "cli/simulate.h"

#include "simulate/simulate.h"
#include "site.h"

static int read_case(const struct site *site, struct id id, struct buf *out, struct smg_err *err)
{
    struct smg_str key = id_view(&id), row;
    struct store_read read = { .space = SMG_SPACE_CASE, .keys = &key, .key_count = 1 };
    struct sealer *sealer = sealer_new(site->keyring, err);
    struct kept_case kept;
    struct buf plain = { 0 };

    if (sealer == NULL)
        return err->code;
    if (store_read_wait(site->store, &read, err) == SMG_OK) {
        row = store_read_value(&read, key);
        if (row.at == NULL)
            smg_fail(err, SMG_E_NOT_FOUND, "there is no such registration");
        else if (record_case_open(sealer, id, row, &plain, &kept, err) == SMG_OK)
            simulate_from(id, &kept, site->config->policies.stack,
                          site->config->policies.stack_count, out);
    }
    store_read_fini(&read);
    sealer_free(sealer);
    buf_fini(&plain);
    return err->code;
}

int cli_simulate_from(const struct cli_options *options)
{
    struct buf complaints = { 0 }, out = { 0 };
    struct smg_err err = { 0 };
    struct site site;
    struct id id;
    int status = CLI_USAGE;

    if (options->config == NULL || !id_parse(str_of(options->words[1]), &id)) {
        fputs("usage: shiming simulate from REGISTRATION -c FILE    (the id of a registration)\n",
              stderr);
        return CLI_USAGE;
    }
    if (!site_open(&site, options->config, ".cli", &complaints))
        fputs(complaints.at == NULL ? "shiming: out of memory\n" : complaints.at, stderr);
    else if (read_case(&site, id, &out, &err) != SMG_OK)
        fprintf(stderr, "shiming: %s: %s\n", options->words[1], err.text);
    else
        status = cli_print(&out, CLI_DONE);
    site_close(&site);
    buf_fini(&complaints);
    buf_fini(&out);
    return status;
}
