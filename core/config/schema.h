/* SPDX-License-Identifier: Apache-2.0 */
/* What config_fill does, for sections with keys that no option describes; for this room only. */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/tree.h"

/* As config_fill; others: names, ended by NULL, of keys that are known but looked at elsewhere. */
bool schema_fill(const struct config_node *map, const struct config_node *parent,
                 const struct smg_option *options, const char *const *others, void *out,
                 struct config_errors *errors);

#endif
