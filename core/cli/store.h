/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of `shiming store` share: a look through a whole store, and what a terminal sees
 * of work that takes long. */
#ifndef CLI_STORE_H
#define CLI_STORE_H

#include "cli/cli.h"
#include "plugin/instance.h"

/* The highest number of a space, and room for it. */
#define STORE_SPACE_MAX(name, number, text) +1
enum { STORE_SPACES = 1 SMG_SPACES(STORE_SPACE_MAX) };
#undef STORE_SPACE_MAX

/* A line on stderr, when that is a terminal. */
struct store_progress {
    const char *doing;
    uint64_t total; /* rows; 0: nobody knows */
    int64_t begun_us, drawn_us;
    bool shown;
};
void store_progress_start(struct store_progress *progress, const char *doing, uint64_t total);
void store_progress_look(struct store_progress *progress, uint64_t rows);
void store_progress_end(struct store_progress *progress);

/* What is in a store. sum: SHA-256 over every key and value in order, the same on any storage. */
struct store_sum {
    uint64_t rows[STORE_SPACES], bytes[STORE_SPACES]; /* by space; bytes of keys and values */
    uint64_t all_rows, all_bytes;
    uint8_t sum[32];
};
/* total: of rows, when it is known, for the terminal. */
int store_sum_up(struct instance *storage, const char *doing, uint64_t total, struct store_sum *out,
                 struct smg_err *err);

/* store_copy.c */
int cli_store_copy(int argc, char **argv);

#endif
