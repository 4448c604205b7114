/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader emulate: a virtual reader on a pty or behind a network bridge, or a passport in
 * vsmartcard's, from a card file. */
#include "cli/emulate.h"

#include "cli/cli.h"
#include "emulate/emulate.h"

#include <getopt.h>

static int usage(void)
{
    fputs("usage: shiming reader emulate [CARD.yaml | -] [--link PATH | --listen ADDRESS:PORT]\n"
          "       [--delay MS] [--speed BAUD] [--fault KIND[:COMMAND[:NUMBER[:TIMES]]]]...\n"
          "       shiming reader emulate PASSPORT.yaml [--vpcd PORT] [--csca DIR] [--delay MS]\n"
          "  Prints \"ready PATH\" (or ADDRESS:PORT) when it can be opened. SIGHUP reads the card "
          "file again, "
          "SIGUSR1\n"
          "  takes the card away and puts it back. Kinds of fault: short, garbage, endless, split, "
          "silence,\n"
          "  checksum, error, remove, lift, unplug, ...; commands: find, select, read, any, ...: "
          "\"short:read:600\".\n"
          "  A passport (layout: passport) lies in the reader of vsmartcard's driver for pcscd at "
          "PORT,\n"
          "  35963 unless said; DIR keeps the keys and certificates of its test authority.\n",
          stderr);
    return CLI_USAGE;
}

int cli_emulate(int argc, char **argv)
{
    static const struct option known[] = {
        { "link", required_argument, NULL, 'l' },  { "listen", required_argument, NULL, 'L' },
        { "delay", required_argument, NULL, 'd' }, { "speed", required_argument, NULL, 's' },
        { "fault", required_argument, NULL, 'f' }, { "vpcd", required_argument, NULL, 'v' },
        { "csca", required_argument, NULL, 'c' },  { NULL, 0, NULL, 0 }
    };
    const char *faults[SAM_FAULTS];
    struct emulate_options options = { .faults = faults };
    int64_t number = 0;
    int c;

    if (argc > 1 && strcmp(argv[1], "--scanner") == 0)
        return cli_scanner(argc - 1, argv + 1);
    optind = 0;
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if ((c == 'd' || c == 's' || c == 'v') && !str_to_int(str_of(optarg), &number))
            return usage();
        if (c == 'l')
            options.link = optarg;
        else if (c == 'L')
            options.listen = optarg;
        else if (c == 'd')
            options.delay_ms = number;
        else if (c == 's')
            options.speed = (unsigned)number;
        else if (c == 'v' && number > 0 && number <= 65535)
            options.vpcd_port = (unsigned)number;
        else if (c == 'c')
            options.authority = optarg;
        else if (c == 'f' && options.fault_count < SAM_FAULTS)
            faults[options.fault_count++] = optarg;
        else
            return usage();
    }
    if (argc - optind > 1 || (options.link != NULL && options.listen != NULL))
        return usage();
    options.card = optind < argc ? argv[optind] : NULL;
    return emulate_run(&options, stdout, stderr);
}
