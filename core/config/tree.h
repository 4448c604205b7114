/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and how they are made of YAML; for this room only. */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "config/config.h"

struct config_node {
    struct config_tree *tree;
    const struct config_node *parent; /* NULL: the top */
    struct config_node *next;         /* in the parent */
    enum config_kind kind;
    bool empty;   /* nothing stands after the key: an empty map, list or value */
    bool refused; /* complained about already: further complaints are noise */
    unsigned line, column;
    unsigned key_line, key_column; /* of an entry of a map */
    const char *key;               /* or NULL */
    const char *text;              /* of a scalar */
    size_t index;                  /* in the parent */
    struct config_node *first, *last;
    struct config_node **items; /* the same, once the map or list is closed */
    size_t count;
};

/* Make a tree of a file's bytes; file is its name in complaints, and the folder it names is where
 * relative paths begin. NULL: it is no map at all. What is wrong but harmless for reading on (a key
 * twice, an anchor) is in errors only: compare their count. */
struct config_tree *tree_read(const char *file, struct smg_str bytes, struct config_errors *errors);
const char *tree_file(const struct config_tree *tree);
/* The bytes of a file of at most 1 MiB. */
bool tree_read_file(const char *file, struct buf *out, struct config_errors *errors);
/* Zeroed memory that lives as long as the tree; NULL: out of memory, which is in errors. */
void *tree_alloc(struct config_tree *tree, size_t size, struct config_errors *errors);
/* A path as seen from the file's folder, in the tree's memory. */
const char *tree_absolute(struct config_tree *tree, const char *path, struct smg_err *err);

/* Complain about the key of an entry, not its value. */
void tree_complain_key(struct config_errors *errors, const struct config_node *where,
                       const char *fmt, ...) SMG_PRINTF(3, 4);

/* A text cut and made printable, to be quoted in a complaint. */
struct shown {
    char text[64];
};
struct shown tree_show(const char *text);

#endif
