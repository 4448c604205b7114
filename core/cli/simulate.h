/* SPDX-License-Identifier: Apache-2.0 */
/* shiming simulate's second half. */
#ifndef CLI_SIMULATE_H
#define CLI_SIMULATE_H

#include "cli/cli.h"

/* simulate from REGISTRATION -c FILE: print a scenario made of a recorded decision. */
int cli_simulate_from(const struct cli_options *options);

#endif
