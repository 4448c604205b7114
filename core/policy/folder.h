/* SPDX-License-Identifier: Apache-2.0 */
/* Policy files on disk. A path is a folder, or several with ':' between them: a file is taken from
 * the first that has it, so a draft holds only what it changes. */
#ifndef POLICY_FOLDER_H
#define POLICY_FOLDER_H

#include "policy/policy.h"

enum { FOLDER_FILE_BYTES = 1 << 20, FOLDER_ID_BYTES = 48 };

/* "cn-54/2018": nothing that leads out of a folder, and short enough for every message. */
bool folder_id_is_valid(struct smg_str id);
/* Is there such a file, readable or not? */
bool folder_has(const char *path, const char *name);
/* Append a file's text; false: the problem, which names it, was said. */
bool folder_read(const char *path, const char *name, struct buf *text, struct buf *problems);

#endif
