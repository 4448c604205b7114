/* SPDX-License-Identifier: Apache-2.0 */
/* A new plugin's folder: sources that build and pass their test at once. */
#ifndef KIT_SKELETON_H
#define KIT_SKELETON_H

#include "base/buf.h"

/* Make the folder and write the skeleton of a plugin called `name` into it; `files` tells their
 * names, a line each. There is one for readers; SMG_E_UNSUPPORTED for the other kinds.
 * SMG_E_INVALID: not a name for a plugin (a letter, then a-z, 0-9 and '_', at most 32).
 * SMG_E_EXISTS: something is there. Nothing is left behind by a failure to make the folder; a
 * failure to write leaves what was written. */
int skeleton_write(struct smg_str kind, const char *name, const char *folder, struct buf *files,
                   struct smg_err *err);

#endif
