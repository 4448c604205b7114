/* SPDX-License-Identifier: Apache-2.0 */
/* Is this plugin's descriptor whole and of our ABI? Asked before anything in it is called. */
#ifndef PLUGIN_GUARD_H
#define PLUGIN_GUARD_H

#include "base/str.h"

/* kind 0: any. Each guard is only reached when those before it held: version, sizes, kind, texts,
 * calls, options. */
int guard_check(const struct smg_plugin *plugin, enum smg_kind kind, struct smg_err *err);
/* One or more of a to z, 0 to 9 and '_', at most 64. */
bool guard_is_name(struct smg_str name);

#endif
