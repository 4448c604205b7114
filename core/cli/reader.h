/* SPDX-License-Identifier: Apache-2.0 */
/* What `shiming reader` does besides listing and reading: one file a word. */
#ifndef CLI_READER_H
#define CLI_READER_H

#include "base/buf.h"

/* argv[0] is the word. */
int cli_reader_check(int argc, char **argv);
int cli_reader_record(int argc, char **argv);
int cli_reader_replay(int argc, char **argv);
int cli_reader_fuzz(int argc, char **argv);

/* Decide the application of a trace with this card: policy_outline, appended. false: said why. */
struct cli_options;
struct trace;
bool cli_trace_decide(const struct cli_options *options, struct trace *trace,
                      const struct smg_fields *card, struct buf *outline);

#endif
