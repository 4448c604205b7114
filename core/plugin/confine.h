/* SPDX-License-Identifier: Apache-2.0 */
/* The walls around a reader's process. The only file that knows seccomp and Landlock. */
#ifndef PLUGIN_CONFINE_H
#define PLUGIN_CONFINE_H

#include "base/str.h"

/* Before the plugin's file is loaded: die with the parent, no core dump, no file growth, little
 * memory, few descriptors, no ptrace. */
int confine_limit(struct smg_err *err);

/* After it is loaded and before it is first called, on a process of one thread: no file but the
 * devices (a folder means what is in it), no network, no new process, no signal to others. For
 * ever. SMG_E_GONE when a device is not there. *landlocked is false when the kernel is too old to
 * hold back files. */
int confine_enter(const char *const *devices, size_t count, bool *landlocked, struct smg_err *err);

#endif
