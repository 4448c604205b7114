/* SPDX-License-Identifier: Apache-2.0 */
/* The hash tree of RFC 6962, 2.1, grown leaf by leaf from its peaks. */
#include "audit/audit.h"

/* Leaves and nodes begin with different bytes, so that neither can stand for the other. */
static const char LEAF[] = { 0 }, NODE[] = { 1 };

void merkle_leaf(struct smg_str leaf, uint8_t out[32])
{
    struct smg_str parts[] = { str_bytes(LEAF, 1), leaf };

    digest_sha256_parts(parts, 2, out);
}

void merkle_node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    struct smg_str parts[] = { str_bytes(NODE, 1), str_bytes(left, 32), str_bytes(right, 32) };

    digest_sha256_parts(parts, 3, out);
}

void merkle_add(struct merkle *tree, const uint8_t leaf_hash[32])
{
    uint8_t hash[32];
    unsigned level;

    memcpy(hash, leaf_hash, sizeof hash);
    for (level = 0; (tree->size >> level & 1) != 0; level++)
        merkle_node(tree->peak[level], hash, hash);
    memcpy(tree->peak[level], hash, sizeof hash);
    tree->size++;
}

void merkle_root(const struct merkle *tree, uint8_t out[32])
{
    bool begun = false;
    unsigned level;

    if (tree->size == 0) {
        digest_sha256((struct smg_str){ "", 0 }, out);
        return;
    }
    for (level = 0; level < 64; level++) {
        if ((tree->size >> level & 1) == 0)
            continue;
        if (begun)
            merkle_node(tree->peak[level], out, out);
        else
            memcpy(out, tree->peak[level], 32);
        begun = true;
    }
}
