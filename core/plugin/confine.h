/* SPDX-License-Identifier: Apache-2.0 */
/* The walls around a process with foreign code. The only file that knows seccomp and Landlock. */
#ifndef PLUGIN_CONFINE_H
#define PLUGIN_CONFINE_H

#include "base/str.h"

/* Can this kernel hold back files? Landlock is there since 5.13, when it is switched on. */
bool confine_has_landlock(void);

/* Before the plugin's file is loaded: die with the parent, no core dump, no file growth, little
 * memory, few descriptors, no ptrace. */
int confine_limit(struct smg_err *err);

enum { CONFINE_DEVICES_MAX = 64, CONFINE_PATHS_MAX = 64, CONFINE_PROGRAMS_MAX = 8 };

/* What a process may reach. A folder means what is in it. */
struct confine_reach {
    const char *devices[CONFINE_DEVICES_MAX];   /* to read and to write */
    const char *paths[CONFINE_PATHS_MAX];       /* to read */
    const char *programs[CONFINE_PROGRAMS_MAX]; /* to read and to become: execve(2), no more */
    size_t device_count, path_count, program_count;
    bool local, four, six; /* stream sockets of these families; connect(2) raises SIGSYS */
    bool tells;            /* what is refused raises SIGSYS, and so does opening a file */
};

/* After it is loaded and before it is first called, on a process of one thread: no file but those,
 * no network but those sockets, no new process, no signal to others. For ever. SMG_E_GONE when a
 * device is not there. *landlocked is false when the kernel is too old to hold back files. */
int confine_enter(const struct confine_reach *reach, bool *landlocked, struct smg_err *err);

#endif
