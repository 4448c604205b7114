/* SPDX-License-Identifier: Apache-2.0 */
/* One configuration being made from its file; for this room only. */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "config/schema.h"

/* As config_load, from bytes in memory; path is only a name and a folder. */
struct config *load_bytes(const char *path, struct smg_str bytes, struct config_errors *errors);

/* The plugin sections: storage, readers, verifiers, reporters. */
void instances_load(struct config *config, struct config_tree *tree, struct config_errors *errors);
/* The section policies. */
void policies_load(struct config *config, struct config_tree *tree, struct config_errors *errors);
/* Letters, digits, - _ . and none of the last at the front; at most max. */
bool instances_name_is_good(const char *name, size_t max);

/* Where plugins lie when nobody says: beside the program. NULL: not to be found out. */
const char *place_plugins(struct config_tree *tree, struct config_errors *errors);
/* Complain at the entry unless there is such a file, or such a folder. */
void place_expect_file(const char *path, const struct config_node *where,
                       struct config_errors *errors);
void place_expect_folder(const char *path, const struct config_node *where,
                         struct config_errors *errors);
/* "127.0.0.1:8080", "[::1]:8080". */
int place_read_listen(const char *text, bool *loopback, struct smg_err *err);

#endif
