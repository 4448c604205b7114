/* SPDX-License-Identifier: Apache-2.0 */
/* shiming serve, shiming check. */
#include "cli/cli.h"
#include "gateway.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static bool read_options(int argc, char **argv, struct cli_options *options)
{
    if (!cli_options(argc, argv, NULL, options))
        return false;
    if (options->config == NULL || options->word_count > 0) {
        fprintf(stderr, "usage: shiming %s -c FILE\n", argv[0]);
        return false;
    }
    return true;
}

/* No core dump holds what passes through here, and no other process of ours may look in. */
static void be_private(void)
{
    struct rlimit none = { 0, 0 }, files;

    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        fputs("shiming: core dumps could not be switched off\n", stderr);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files); /* fewer connections otherwise, nothing worse */
    }
}

static int complain(const struct buf *complaints)
{
    size_t i, count = 0;

    for (i = 0; i < complaints->len; i++)
        count += complaints->at[i] == '\n';
    fprintf(stderr, "%s%zu error%s, nothing was started\n",
            complaints->at == NULL ? "" : complaints->at, count, count == 1 ? "" : "s");
    return CLI_USAGE;
}

int cli_serve(int argc, char **argv)
{
    struct cli_options options;
    struct buf complaints = { 0 };
    struct smg_err err = { 0 };
    struct gateway *gateway;
    int status = CLI_DONE;

    if (!read_options(argc, argv, &options))
        return CLI_USAGE;
    be_private();
    gateway = gateway_new(options.config, &complaints);
    if (gateway == NULL) {
        status = complain(&complaints);
    } else if (gateway_run(gateway, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
        status = CLI_USAGE;
    }
    gateway_free(gateway);
    buf_fini(&complaints);
    return status;
}

int cli_check(int argc, char **argv)
{
    struct cli_options options;
    struct buf complaints = { 0 };
    struct gateway *gateway;
    int status = CLI_DONE;

    if (!read_options(argc, argv, &options))
        return CLI_USAGE;
    gateway = gateway_new(options.config, &complaints);
    if (gateway == NULL)
        status = complain(&complaints);
    else
        printf("%s: configuration, keys, storage, policies and plugins are fit to serve\n",
               options.config);
    gateway_free(gateway);
    buf_fini(&complaints);
    return status;
}
