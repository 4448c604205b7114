/* SPDX-License-Identifier: Apache-2.0 */
/* From YAML to nodes; for this room only. */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config/tree.h"

/* The top of a tree, always a map; NULL: it cannot be read on. */
const struct config_node *build_tree(struct config_tree *tree, struct smg_str bytes,
                                     struct config_errors *errors);

#endif
