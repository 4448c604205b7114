/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the device, mutated, against a plugin in its confined process. */
#ifndef KIT_FUZZ_H
#define KIT_FUZZ_H

#include "config/config.h"
#include "kit/trace.h"

struct fuzz_options {
    const char *file;                  /* the plugin; with a slash in it */
    const struct config_node *options; /* its options besides the device, or NULL */
    const char *options_file;
    bool scanner;               /* it reads zones from a scanner, not cards */
    const struct trace *traces; /* their answers are mixed in */
    size_t trace_count;
    uint64_t seed; /* the same seed tries the same cases in the same order */
    int64_t cases; /* 0: as many as there is time for */
    int64_t seconds;
};

/* A case in which the plugin did what none may. trace: all that is needed to play it again; gone
 * when fn returns. */
typedef void (*fuzz_tell_fn)(void *ctx, uint64_t number, const struct trace *trace);

struct fuzz_result {
    uint64_t cases, findings; /* findings of a kind that was told before are only counted */
    int64_t memory_kib;       /* what a process that lived all along grew by */
};

/* SMG_OK: it ran, whatever was found. SMG_E_UNSUPPORTED: there is nothing to play to this plugin.
 */
int fuzz_run(const struct fuzz_options *options, fuzz_tell_fn tell, void *ctx,
             struct fuzz_result *result, struct smg_err *err);

#endif
