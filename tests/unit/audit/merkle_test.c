/* SPDX-License-Identifier: Apache-2.0 */
/* The tree, against the published vectors and against the definition of RFC 6962, 2.1, taken word
 * by word. */
#include "audit/audit.h"

#include <setjmp.h>
#include <cmocka.h>

enum { LEAVES = 300 };

static void assert_hex(const uint8_t hash[32], const char *expected)
{
    struct buf hex = { 0 };

    buf_hex(&hex, str_bytes(hash, 32));
    assert_string_equal(hex.at, expected);
    buf_fini(&hex);
}

static void test_the_empty_tree_hashes_to_the_hash_of_nothing(void **state)
{
    struct merkle tree = { 0 };
    uint8_t root[32];

    (void)state;
    merkle_root(&tree, root);
    assert_hex(root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_the_published_trees_of_one_to_eight_leaves_come_out(void **state)
{
    static const char *const leaves[] = { "",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f" };
    static const char *const roots[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    struct merkle tree = { 0 };
    uint8_t hash[32], root[32];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        struct buf leaf = { 0 };

        assert_true(buf_unhex(&leaf, str_of(leaves[i])));
        merkle_leaf(buf_view(&leaf), hash);
        merkle_add(&tree, hash);
        merkle_root(&tree, root);
        assert_hex(root, roots[i]);
        buf_fini(&leaf);
    }
}

/* MTH(D[n]) = HASH(0x01 || MTH(D[0:k]) || MTH(D[k:n])), k the largest power of two below n. */
static void define_root(uint8_t (*leaves)[32], size_t count, uint8_t out[32])
{
    uint8_t both[65] = { 1 };
    size_t k = 1;

    if (count == 1) {
        memcpy(out, leaves[0], 32);
        return;
    }
    while (2 * k < count)
        k *= 2;
    define_root(leaves, k, both + 1);
    define_root(leaves + k, count - k, both + 33);
    digest_sha256(str_bytes(both, sizeof both), out);
}

static void test_a_growing_tree_is_the_defined_one_at_every_size(void **state)
{
    static uint8_t leaves[LEAVES][32];
    struct merkle tree = { 0 };
    uint8_t root[32], defined[32];
    size_t i;

    (void)state;
    for (i = 0; i < LEAVES; i++) {
        char text[16];

        snprintf(text, sizeof text, "leaf %zu", i);
        merkle_leaf(str_of(text), leaves[i]);
        merkle_add(&tree, leaves[i]);
        merkle_root(&tree, root);
        define_root(leaves, i + 1, defined);
        assert_memory_equal(root, defined, sizeof root);
        assert_true(tree.size == i + 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_empty_tree_hashes_to_the_hash_of_nothing),
        cmocka_unit_test(test_the_published_trees_of_one_to_eight_leaves_come_out),
        cmocka_unit_test(test_a_growing_tree_is_the_defined_one_at_every_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
