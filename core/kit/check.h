/* SPDX-License-Identifier: Apache-2.0 */
/* The conformance kit: a reader's plugin, in the process it will live in, against everything a
 * device, a clerk and a gateway can do to it. */
#ifndef KIT_CHECK_H
#define KIT_CHECK_H

#include "config/config.h"

enum { CHECK_FOUND = 4, CHECK_CYCLES = 500 };

struct check_options {
    const char *file;                  /* the plugin; with a slash in it */
    const struct config_node *options; /* its options besides the device, or NULL */
    const char *options_file;          /* where they stand, or NULL */
    const char *only;                  /* one check's name, or NULL: all */
    int64_t cycles;                    /* reads in the check for leaks */
    int64_t seconds;                   /* no new trial begins after so long */
    bool scanner;                      /* it reads zones from a scanner, not cards */
    bool says;                         /* the plugin's words go to stderr */
};

enum check_state { CHECK_PASSED = 1, CHECK_FAILED, CHECK_SKIPPED };

/* One thing that was looked at. Texts are gone when the call that shows it returns. */
struct check_result {
    const char *name, *title;
    enum check_state state;
    uint64_t trials;
    int64_t took_ms;
    char note[256];               /* what was found out, or why it was skipped */
    char found[CHECK_FOUND][320]; /* what was wrong, the first few */
    uint64_t found_count;
};

typedef void (*check_tell_fn)(void *ctx, const struct check_result *result);

/* The names that `only` may have, ended by NULL. */
const char *const *check_names(void);

/* Run the checks and tell each result when it is there. Needs the calling thread to stay, and the
 * log, which is diverted meanwhile. Returns false when one failed; err is set when nothing could be
 * run at all. */
bool check_run(const struct check_options *options, check_tell_fn tell, void *ctx,
               struct smg_err *err);

#endif
