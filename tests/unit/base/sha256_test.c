/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 against the vectors of FIPS 180-4 and of NIST's CAVS. */
#include "base/sha256.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static void expect_digest(struct smg_str text, size_t step, const char *hex)
{
    unsigned char digest[SHA256_BYTES];
    struct buf written = { 0 };
    struct sha256 hash;
    size_t i;

    sha256_init(&hash);
    for (i = 0; i < text.len; i += step)
        sha256_put(&hash, str_bytes(text.at + i, text.len - i < step ? text.len - i : step));
    sha256_end(&hash, digest);
    buf_hex(&written, str_bytes(digest, sizeof digest));
    assert_string_equal(written.at, hex);
    buf_fini(&written);
}

static void test_the_published_vectors_hold_however_the_text_is_cut(void **state)
{
    static const struct {
        const char *text, *hex;
    } vectors[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
          "lmnopqrsmnopqrstnopqrstu",
          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
    };
    static const size_t steps[] = { 1, 7, 55, 56, 64, 200 };
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        for (j = 0; j < sizeof steps / sizeof steps[0]; j++)
            expect_digest(str_of(vectors[i].text), steps[j], vectors[i].hex);
}

static void test_a_million_letters(void **state)
{
    size_t len = 1000000;
    char *text = malloc(len);

    (void)state;
    assert_non_null(text);
    memset(text, 'a', len);
    expect_digest(str_bytes(text, len), 1000,
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(text);
}

static void test_lengths_around_a_block_are_all_different(void **state)
{
    unsigned char digests[130][SHA256_BYTES];
    char text[130] = { 0 };
    struct sha256 hash;
    size_t i, j;

    (void)state;
    for (i = 0; i < 130; i++) {
        sha256_init(&hash);
        sha256_put(&hash, str_bytes(text, i));
        sha256_end(&hash, digests[i]);
        for (j = 0; j < i; j++)
            assert_memory_not_equal(digests[i], digests[j], SHA256_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_published_vectors_hold_however_the_text_is_cut),
        cmocka_unit_test(test_a_million_letters),
        cmocka_unit_test(test_lengths_around_a_block_are_all_different),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
