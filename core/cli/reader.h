/* SPDX-License-Identifier: Apache-2.0 */
/* What `shiming reader` does besides listing and reading: one file a word. */
#ifndef CLI_READER_H
#define CLI_READER_H

/* argv[0] is the word. */
int cli_reader_check(int argc, char **argv);

#endif
