/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader emulate, apart from the verbs that read. */
#ifndef CLI_EMULATE_H
#define CLI_EMULATE_H

int cli_emulate(int argc, char **argv); /* argv[0] is "emulate" */
int cli_scanner(int argc, char **argv); /* argv[0] is "--scanner" */

#endif
