/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy activate: a folder takes the place of the configured one, and the running gateway
 * is asked to go by it; or everything stays as it was. */
#include "cli/policy.h"

#include "cli/ask.h"
#include "loop/clock.h"
#include "release/bundle.h"
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What a gateway that asks for client certificates is shown. */
enum { CERTIFICATE, KEY_FILE };
static const char *const own[] = { "certificate", "certificate-key", NULL };

/* A bundle on its way into the configured place. */
struct install {
    struct bundle bundle;
    struct buf index;
    char *place;       /* the configured folder */
    struct buf beside; /* where the other one stands: first the new, then the old */
    bool exchanged;
};

/* The two folders change names in one step, so there is no moment without policies. */
static int exchange(struct install *install)
{
    if (renameat2(AT_FDCWD, install->beside.at, AT_FDCWD, install->place, RENAME_EXCHANGE) == 0) {
        install->exchanged = !install->exchanged;
        return CLI_DONE;
    }
    fprintf(stderr, "shiming: %s: %s\n", install->place, strerror(errno));
    return CLI_USAGE;
}

static int read_index(const char *folder, struct install *install, struct buf *problems)
{
    if (folder_has(folder, INDEX_NAME) &&
        !folder_read(folder, INDEX_NAME, &install->index, problems))
        return CLI_USAGE;
    return CLI_DONE;
}

/* Verified and tested here too, so that what cannot go live is never put in place. */
static int put_in_place(const struct site *site, const char *folder, struct install *install)
{
    struct bundle_source source = site->policies;
    int64_t now = clock_now_ms();
    struct buf problems = { 0 };
    struct smg_err err = { 0 };
    int status = CLI_NO;

    source.path = folder;
    if (bundle_load(&source, date_of(now), &install->bundle, &problems) &&
        (install->bundle.extra_count == 0 || bundle_prove(&install->bundle, &problems)))
        status = read_index(folder, install, &problems);
    fputs(problems.at == NULL ? "" : problems.at, stderr);
    buf_fini(&problems);
    if (status != CLI_DONE)
        return status;
    buf_printf(&install->beside, "%s.%lld", install->place, (long long)now);
    if (install->beside.failed || bundle_write(&install->bundle, buf_view(&install->index),
                                               install->beside.at, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
        return CLI_USAGE;
    }
    status = exchange(install);
    if (status != CLI_DONE)
        bundle_remove(&install->bundle, install->beside.at);
    return status;
}

/* The gateway's answer, shown: what is active, or every reason why it is not. */
static int ask_gateway(const struct site *site, const struct cli_options *options)
{
    struct ask ask = { .listen = site->config->gateway.listen,
                       .tls = { .expected = site->config->tls.certificate,
                                .certificate = options->value[CERTIFICATE],
                                .key = options->value[KEY_FILE] },
                       .path = "/v1/policies/activation" };
    struct smg_err err = { 0 };
    int status;

    if (ask_gateway_post(&ask, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
        buf_fini(&ask.body);
        return CLI_USAGE;
    }
    status = ask.status == 200 ? CLI_DONE : ask.status == 422 ? CLI_NO : CLI_USAGE;
    if (options->json || status == CLI_DONE)
        status = cli_print(&ask.body, status);
    else
        ask_print_problems(&ask);
    buf_fini(&ask.body);
    return status;
}

static int activate(const struct site *site, const char *folder, const struct cli_options *options)
{
    struct install install = { .place = realpath(site->config->policies.path, NULL) };
    char *wanted = folder == NULL ? NULL : realpath(folder, NULL);
    int status = CLI_DONE;

    if (install.place == NULL || (folder != NULL && wanted == NULL)) {
        fprintf(stderr, "shiming: %s: %s\n", folder == NULL ? "policies.path" : folder,
                strerror(errno));
        status = CLI_USAGE;
    } else if (folder != NULL && strcmp(install.place, wanted) != 0) {
        status = put_in_place(site, wanted, &install);
    }
    if (status == CLI_DONE)
        status = ask_gateway(site, options);
    if (install.exchanged && status == CLI_DONE) {
        fprintf(stderr, "%s: the policies before\n", install.beside.at);
    } else if (install.exchanged && exchange(&install) == CLI_DONE) {
        bundle_remove(&install.bundle, install.beside.at);
        fprintf(stderr, "shiming: %s is as it was\n", install.place);
    }
    bundle_fini(&install.bundle);
    buf_fini(&install.index);
    buf_fini(&install.beside);
    free(install.place);
    free(wanted);
    return status;
}

int cli_policy_activate(int argc, char **argv)
{
    struct cli_options options;
    struct buf complaints = { 0 };
    struct site site = { 0 };
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, own, &options) || options.config == NULL ||
        options.word_count > 1 ||
        (options.value[CERTIFICATE] == NULL) != (options.value[KEY_FILE] == NULL))
        return cli_policy_usage("activate");
    if (site_open_keys(&site, options.config, &complaints) &&
        site_open_policies(&site, &complaints))
        status = activate(&site, options.word_count == 1 ? options.words[0] : NULL, &options);
    fputs(complaints.at == NULL ? "" : complaints.at, stderr);
    site_close(&site);
    buf_fini(&complaints);
    return status;
}
