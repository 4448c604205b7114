/* SPDX-License-Identifier: Apache-2.0 */
/* A storage in memory behind the plugin ABI, and what goes wrong with it when a scenario says so.
 * The rows outlive the instance, as a disk outlives a process. */
#ifndef SIMULATE_MEMORY_H
#define SIMULATE_MEMORY_H

#include "base/str.h"

struct memory;

enum memory_fault {
    MEMORY_WELL,
    MEMORY_FULL,      /* no space: nothing is written */
    MEMORY_CUT,       /* the connection breaks before a commit: nothing is written */
    MEMORY_CUT_AFTER, /* it breaks after the commit: everything is written, nobody is told */
    MEMORY_DOWN,      /* nothing answers */
    MEMORY_SLOW       /* a commit is written, and said to be after slow_ms */
};
/* In the order of the enum; NULL after the last: "well", "full", ... */
extern const char *const memory_fault_names[];

struct memory *memory_new(void); /* NULL: out of memory */
void memory_free(struct memory *memory);
/* From now until the moment until_ms, at most `times` commits long (0: no limit). */
void memory_break(struct memory *memory, enum memory_fault fault, int64_t until_ms, unsigned times,
                  int64_t slow_ms);

/* Lose a row behind everybody's back; false: there was none. */
bool memory_lose(struct memory *memory, enum smg_space space, struct smg_str key);

/* The plugin. What its open makes knows no rows until memory_lend; after memory_cut_off it does not
 * answer until that is taken back, as after a crash of whoever opened it. */
extern const struct smg_plugin memory_plugin;
void memory_lend(struct memory *memory, void *self);
void memory_cut_off(void *self, bool cut_off);

#endif
