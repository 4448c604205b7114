/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader emulate --scanner: a virtual scanner on a pty, from a zone file. */
#include "cli/emulate.h"

#include "cli/cli.h"
#include "emulate/scanner.h"

#include <getopt.h>

static int usage(void)
{
    fputs("usage: shiming reader emulate --scanner ZONE.yaml [--link PATH] [--every MS]\n"
          "  Prints \"ready PATH\" when the port can be opened. SIGUSR1 scans the document, SIGHUP "
          "reads the\n"
          "  file again and scans it; with --every it is scanned again and again.\n",
          stderr);
    return CLI_USAGE;
}

int cli_scanner(int argc, char **argv)
{
    static const struct option known[] = { { "link", required_argument, NULL, 'l' },
                                           { "every", required_argument, NULL, 'e' },
                                           { NULL, 0, NULL, 0 } };
    struct scanner_options options = { 0 };
    int c;

    optind = 0;
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c == 'l')
            options.link = optarg;
        else if (c != 'e' || !str_to_int(str_of(optarg), &options.every_ms) ||
                 options.every_ms <= 0)
            return usage();
    }
    if (argc - optind != 1)
        return usage();
    options.zone = argv[optind];
    return scanner_run(&options, stdout, stderr);
}
