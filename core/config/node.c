/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at nodes, and the memory of the tree they live in. */
#include "config/tree.h"

enum config_kind config_kind(const struct config_node *node)
{
    return node == NULL ? (enum config_kind)0 : node->kind;
}

const char *config_scalar(const struct config_node *node)
{
    return node == NULL || node->text == NULL ? "" : node->text;
}

size_t config_length(const struct config_node *node)
{
    return node == NULL ? 0 : node->count;
}

const struct config_node *config_item(const struct config_node *node, size_t i)
{
    return i < config_length(node) ? node->items[i] : NULL;
}

const char *config_key(const struct config_node *map, size_t i)
{
    const struct config_node *item = config_item(map, i);

    return item == NULL || item->key == NULL ? "" : item->key;
}

const struct config_node *config_find(const struct config_node *map, const char *key)
{
    size_t i;

    for (i = 0; i < config_length(map); i++)
        if (map->items[i]->key != NULL && strcmp(map->items[i]->key, key) == 0)
            return map->items[i];
    return NULL;
}
