/* SPDX-License-Identifier: Apache-2.0 */
/* Plugin files: found, guarded, described. Nothing in a plugin is called here. The only room that
 * knows dlfcn.h. */
#ifndef PLUGIN_LIBRARY_H
#define PLUGIN_LIBRARY_H

#include "base/str.h"

struct library;

/* Load folder/KIND/NAME.so, or name itself when it holds a slash. Refuses another kind (0: any kind
 * is fine), another ABI major, a newer minor, and a descriptor with holes; the text says which. A
 * library stays mapped for the life of the process (sanitizer reports and late callbacks need it).
 */
int library_load(const char *folder, enum smg_kind kind, const char *name, struct library **out,
                 struct smg_err *err);
/* A plugin that is part of the program, guarded as if a file had brought it. */
int library_of(const struct smg_plugin *plugin, struct library **out, struct smg_err *err);
void library_free(struct library *library); /* the handle, not the mapping */
const struct smg_plugin *library_plugin(const struct library *library);
const char *library_file(const struct library *library);
const char *library_kind_name(enum smg_kind kind);   /* "reader" */
const char *library_kind_folder(enum smg_kind kind); /* "readers" */

#endif
