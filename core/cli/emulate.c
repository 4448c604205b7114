/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader emulate: a virtual reader on a pty, from a card file. */
#include "cli/emulate.h"

#include "cli/cli.h"
#include "emulate/emulate.h"

#include <getopt.h>

static int usage(void)
{
    fputs(
        "usage: shiming reader emulate [CARD.yaml | -] [--link PATH] [--delay MS] [--speed BAUD]\n"
        "       [--fault KIND[:COMMAND[:NUMBER[:TIMES]]]]...\n"
        "  Prints \"ready PATH\" when the port can be opened. SIGHUP reads the card file again, "
        "SIGUSR1\n"
        "  takes the card away and puts it back. Kinds of fault: short, garbage, endless, split, "
        "silence,\n"
        "  checksum, error, unplug, ...; commands: find, select, read, any, ...: "
        "\"short:read:600\".\n",
        stderr);
    return CLI_USAGE;
}

int cli_emulate(int argc, char **argv)
{
    static const struct option known[] = { { "link", required_argument, NULL, 'l' },
                                           { "delay", required_argument, NULL, 'd' },
                                           { "speed", required_argument, NULL, 's' },
                                           { "fault", required_argument, NULL, 'f' },
                                           { NULL, 0, NULL, 0 } };
    const char *faults[SAM_FAULTS];
    struct emulate_options options = { .faults = faults };
    int64_t number = 0;
    int c;

    optind = 0;
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if ((c == 'd' || c == 's') && !str_to_int(str_of(optarg), &number))
            return usage();
        if (c == 'l')
            options.link = optarg;
        else if (c == 'd')
            options.delay_ms = number;
        else if (c == 's')
            options.speed = (unsigned)number;
        else if (c == 'f' && options.fault_count < SAM_FAULTS)
            faults[options.fault_count++] = optarg;
        else
            return usage();
    }
    if (argc - optind > 1)
        return usage();
    options.card = optind < argc ? argv[optind] : NULL;
    return emulate_run(&options, stdout, stderr);
}
