/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing, data keys and keyed digests, in both suites. */
#include "crypto/seal.h"

#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const suites[] = { "aes-256-gcm", "sm4" };
enum { SUITES = 2, HEAD = 10 };

static const struct smg_str about = { "registration/1", 14 };

struct bench {
    char folder[64], ring[SUITES][80];
    struct keyring *keyring[SUITES];
    struct sealer *sealer[SUITES];
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct smg_err err = { 0 };
    size_t i;

    assert_non_null(bench);
    strcpy(bench->folder, "/tmp/shiming-seal-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    for (i = 0; i < SUITES; i++) {
        snprintf(bench->ring[i], sizeof bench->ring[i], "%s/%s", bench->folder, suites[i]);
        assert_int_equal(keyring_init(bench->ring[i], suites[i], &err), SMG_OK);
        bench->keyring[i] = keyring_open(bench->ring[i], suites[i], &err);
        assert_non_null(bench->keyring[i]);
        bench->sealer[i] = sealer_new(bench->keyring[i], &err);
        assert_non_null(bench->sealer[i]);
    }
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    char command[96];
    size_t i;

    for (i = 0; i < SUITES; i++) {
        sealer_free(bench->sealer[i]);
        keyring_free(bench->keyring[i]);
    }
    snprintf(command, sizeof command, "rm -rf %s", bench->folder);
    assert_int_equal(system(command), 0);
    free(bench);
    return 0;
}

/* Opening fails, says so, and leaves what was in the buffer alone. */
static void assert_refused(struct sealer *sealer, enum key_use use, struct smg_str place,
                           struct smg_str sealed)
{
    struct buf plain = { 0 };
    struct smg_err err = { 0 };

    buf_text(&plain, "before");
    assert_int_equal(unseal(sealer, use, place, sealed, &plain, &err), SMG_E_DENIED);
    assert_true(str_is(buf_view(&plain), "before"));
    buf_fini(&plain);
}

static void test_what_is_sealed_opens_again(void **state)
{
    struct bench *bench = *state;
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 64, 4096, 100000 };
    char *text = calloc(1, 100000);
    struct smg_err err = { 0 };
    size_t i, j;

    assert_non_null(text);
    for (j = 0; j < 100000; j++)
        text[j] = (char)(j * 7);
    for (i = 0; i < SUITES; i++)
        for (j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            struct smg_str plain = { text, lengths[j] };
            struct buf sealed = { 0 }, back = { 0 };

            buf_text(&sealed, "x");
            buf_text(&back, "y");
            assert_int_equal(seal(bench->sealer[i], KEY_STORE, about, plain, &sealed, &err),
                             SMG_OK);
            assert_int_equal(unseal(bench->sealer[i], KEY_STORE, about,
                                    str_bytes(sealed.at + 1, sealed.len - 1), &back, &err),
                             SMG_OK);
            assert_true(str_eq(str_bytes(back.at + 1, back.len - 1), plain));
            if (lengths[j] >= 16)
                assert_null(memmem(sealed.at, sealed.len, text, lengths[j] < 64 ? lengths[j] : 64));
            buf_fini(&sealed);
            buf_fini(&back);
        }
    free(text);
}

static void test_a_value_names_its_suite_and_key(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    size_t i;

    for (i = 0; i < SUITES; i++) {
        struct buf sealed = { 0 }, id = { 0 };

        assert_int_equal(seal(bench->sealer[i], KEY_STORE, about, SMG_STR("plain"), &sealed, &err),
                         SMG_OK);
        assert_int_equal(sealed.at[0], 1);
        assert_int_equal(sealed.at[1], i + 1);
        buf_hex(&id, str_bytes(sealed.at + 2, 8));
        assert_string_equal(id.at, keyring_id(bench->keyring[i]));
        buf_fini(&sealed);
        buf_fini(&id);
    }
}

static void test_no_value_is_sealed_the_same_twice(void **state)
{
    struct bench *bench = *state;
    enum { TIMES = 2000, NONCE = 12 }; /* more than a pool of random bytes holds */
    static char nonces[TIMES][NONCE];
    struct smg_err err = { 0 };
    size_t i, j, k;

    for (i = 0; i < SUITES; i++)
        for (j = 0; j < TIMES; j++) {
            struct buf sealed = { 0 };

            assert_int_equal(seal(bench->sealer[i], KEY_STORE, about, SMG_STR(""), &sealed, &err),
                             SMG_OK);
            memcpy(nonces[j], sealed.at + HEAD, NONCE);
            for (k = 0; k < j; k++)
                assert_memory_not_equal(nonces[j], nonces[k], NONCE);
            buf_fini(&sealed);
        }
}

static void test_any_bit_altered_is_refused(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        struct buf sealed = { 0 };

        assert_int_equal(
            seal(bench->sealer[i], KEY_STORE, about, SMG_STR("plain text"), &sealed, &err), SMG_OK);
        for (j = 0; j < 8 * sealed.len; j++) {
            sealed.at[j / 8] ^= (char)(1 << j % 8);
            assert_refused(bench->sealer[i], KEY_STORE, about, buf_view(&sealed));
            sealed.at[j / 8] ^= (char)(1 << j % 8);
        }
        for (j = 0; j < sealed.len; j++)
            assert_refused(bench->sealer[i], KEY_STORE, about, str_bytes(sealed.at, j));
        buf_byte(&sealed, 0);
        assert_refused(bench->sealer[i], KEY_STORE, about, buf_view(&sealed));
        buf_fini(&sealed);
    }
}

static void test_a_value_opens_in_its_place_and_purpose_only(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    size_t i;
    int use;

    for (i = 0; i < SUITES; i++) {
        struct buf sealed = { 0 };
        struct data_key key = { { 0 } };

        assert_int_equal(seal(bench->sealer[i], KEY_STORE, about, SMG_STR("plain"), &sealed, &err),
                         SMG_OK);
        for (use = KEY_WRAP; use < KEY_USES; use++)
            if (use != KEY_STORE)
                assert_refused(bench->sealer[i], (enum key_use)use, about, buf_view(&sealed));
        assert_refused(bench->sealer[i], KEY_STORE, SMG_STR("registration/2"), buf_view(&sealed));
        assert_refused(bench->sealer[i], KEY_STORE, SMG_STR(""), buf_view(&sealed));
        assert_refused(bench->sealer[1 - i], KEY_STORE, about, buf_view(&sealed));
        assert_int_equal(
            unseal_with(bench->sealer[i], &key, about, buf_view(&sealed), &(struct buf){ 0 }, &err),
            SMG_E_DENIED);
        buf_fini(&sealed);
    }
}

static void test_place_and_text_do_not_run_into_each_other(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        struct buf sealed = { 0 };

        assert_int_equal(
            seal(bench->sealer[i], KEY_STORE, SMG_STR("ab"), SMG_STR("cdefgh"), &sealed, &err),
            SMG_OK);
        /* The end of the place moved to the front of the value, and back. */
        for (j = 1; j <= 2; j++) {
            struct buf moved = { 0 };

            buf_put(&moved, &"ab"[2 - j], j);
            buf_str(&moved, buf_view(&sealed));
            assert_refused(bench->sealer[i], KEY_STORE, str_bytes("ab", 2 - j), buf_view(&moved));
            buf_fini(&moved);
        }
        buf_fini(&sealed);
    }
}

static void test_a_data_key_comes_out_of_its_wrap(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    size_t i;

    for (i = 0; i < SUITES; i++) {
        struct buf wrapped = { 0 }, sealed = { 0 }, plain = { 0 };
        struct data_key key, opened = { { 0 } }, other;

        assert_int_equal(data_key_new(bench->sealer[i], about, &key, &wrapped, &err), SMG_OK);
        assert_null(memmem(wrapped.at, wrapped.len, key.bytes, sizeof key.bytes));
        assert_int_equal(data_key_open(bench->sealer[i], about, buf_view(&wrapped), &opened, &err),
                         SMG_OK);
        assert_memory_equal(&key, &opened, sizeof key);
        assert_int_equal(
            data_key_open(bench->sealer[i], SMG_STR("elsewhere"), buf_view(&wrapped), &other, &err),
            SMG_E_DENIED);
        assert_int_equal(seal_with(bench->sealer[i], &key, about, SMG_STR("plain"), &sealed, &err),
                         SMG_OK);
        assert_int_equal(
            unseal_with(bench->sealer[i], &opened, about, buf_view(&sealed), &plain, &err), SMG_OK);
        assert_true(str_is(buf_view(&plain), "plain"));
        opened.bytes[31] ^= 1;
        assert_int_equal(
            unseal_with(bench->sealer[i], &opened, about, buf_view(&sealed), &plain, &err),
            SMG_E_DENIED);
        assert_refused(bench->sealer[i], KEY_WRAP, about, buf_view(&sealed));
        buf_fini(&wrapped);
        buf_fini(&sealed);
        buf_fini(&plain);
    }
}

static void test_any_bit_of_a_value_under_a_data_key_altered_is_refused(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        struct buf wrapped = { 0 }, sealed = { 0 }, plain = { 0 };
        struct data_key key;

        assert_int_equal(data_key_new(bench->sealer[i], about, &key, &wrapped, &err), SMG_OK);
        assert_int_equal(seal_with(bench->sealer[i], &key, about, SMG_STR("face"), &sealed, &err),
                         SMG_OK);
        for (j = 0; j < 8 * sealed.len; j++) {
            sealed.at[j / 8] ^= (char)(1 << j % 8);
            assert_int_equal(
                unseal_with(bench->sealer[i], &key, about, buf_view(&sealed), &plain, &err),
                SMG_E_DENIED);
            assert_int_equal(plain.len, 0);
            sealed.at[j / 8] ^= (char)(1 << j % 8);
        }
        buf_fini(&wrapped);
        buf_fini(&sealed);
        buf_fini(&plain);
    }
}

static void test_a_wiped_data_key_is_zeros(void **state)
{
    struct bench *bench = *state;
    static const struct data_key zeros;
    struct buf wrapped = { 0 };
    struct smg_err err = { 0 };
    struct data_key key;

    assert_int_equal(data_key_new(bench->sealer[0], about, &key, &wrapped, &err), SMG_OK);
    assert_memory_not_equal(&key, &zeros, sizeof key);
    data_key_wipe(&key);
    assert_memory_equal(&key, &zeros, sizeof key);
    buf_fini(&wrapped);
}

/* A value sealed before opens with the ring read anew, and in any thread's sealer. */
static void test_a_reopened_ring_opens_old_values(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    size_t i;

    for (i = 0; i < SUITES; i++) {
        struct buf sealed = { 0 }, plain = { 0 };
        uint8_t before[32], after[32];
        struct smg_str part = SMG_STR("part");
        struct keyring *keyring;
        struct sealer *sealer;

        assert_int_equal(seal(bench->sealer[i], KEY_TOKEN, about, SMG_STR("plain"), &sealed, &err),
                         SMG_OK);
        assert_int_equal(keyed_digest(bench->sealer[i], KEY_INDEX, &part, 1, before, &err), SMG_OK);
        keyring = keyring_open(bench->ring[i], NULL, &err);
        assert_non_null(keyring);
        sealer = sealer_new(keyring, &err);
        assert_non_null(sealer);
        assert_int_equal(unseal(sealer, KEY_TOKEN, about, buf_view(&sealed), &plain, &err), SMG_OK);
        assert_int_equal(keyed_digest(sealer, KEY_INDEX, &part, 1, after, &err), SMG_OK);
        assert_memory_equal(before, after, sizeof after);
        sealer_free(sealer);
        keyring_free(keyring);
        buf_fini(&sealed);
        buf_fini(&plain);
    }
}

static void test_digests_differ_by_purpose_suite_and_division_into_parts(void **state)
{
    struct bench *bench = *state;
    struct smg_str one[] = { SMG_STR("abc"), SMG_STR("def") };
    struct smg_str two[] = { SMG_STR("abcd"), SMG_STR("ef") };
    struct smg_str three[] = { SMG_STR("abc"), SMG_STR("def"), SMG_STR("") };
    uint8_t digest[6][32];
    struct smg_err err = { 0 };
    size_t i, j;

    assert_int_equal(keyed_digest(bench->sealer[0], KEY_INDEX, one, 2, digest[0], &err), SMG_OK);
    assert_int_equal(keyed_digest(bench->sealer[0], KEY_INDEX, two, 2, digest[1], &err), SMG_OK);
    assert_int_equal(keyed_digest(bench->sealer[0], KEY_INDEX, three, 3, digest[2], &err), SMG_OK);
    assert_int_equal(keyed_digest(bench->sealer[0], KEY_AUDIT, one, 2, digest[3], &err), SMG_OK);
    assert_int_equal(keyed_digest(bench->sealer[1], KEY_INDEX, one, 2, digest[4], &err), SMG_OK);
    assert_int_equal(keyed_digest(bench->sealer[0], KEY_INDEX, NULL, 0, digest[5], &err), SMG_OK);
    for (i = 0; i < 6; i++)
        for (j = 0; j < i; j++)
            assert_memory_not_equal(digest[i], digest[j], 32);
    assert_int_equal(keyed_digest(bench->sealer[0], KEY_INDEX, one, 2, digest[1], &err), SMG_OK);
    assert_memory_equal(digest[0], digest[1], 32);
}

static void test_sha256_of_abc_is_the_published_one(void **state)
{
    struct smg_str parts[] = { SMG_STR("a"), SMG_STR(""), SMG_STR("bc") };
    uint8_t digest[32];
    struct buf hex = { 0 };
    int i;

    (void)state;
    for (i = 0; i < 2; i++) {
        if (i == 0)
            digest_sha256(SMG_STR("abc"), digest);
        else
            digest_sha256_parts(parts, 3, digest);
        buf_clear(&hex);
        buf_hex(&hex, str_bytes(digest, sizeof digest));
        assert_string_equal(hex.at,
                            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    buf_fini(&hex);
}

struct sealing {
    const struct keyring *keyring;
    struct buf sealed;
    bool good;
};

static void *seal_many(void *ctx)
{
    struct sealing *sealing = ctx;
    struct smg_err err = { 0 };
    struct sealer *sealer = sealer_new(sealing->keyring, &err);
    int i;

    for (i = 0; sealer != NULL && i < 300; i++) {
        struct buf plain = { 0 };

        buf_clear(&sealing->sealed);
        sealing->good =
            seal(sealer, KEY_STORE, about, SMG_STR("plain"), &sealing->sealed, &err) == SMG_OK &&
            unseal(sealer, KEY_STORE, about, buf_view(&sealing->sealed), &plain, &err) == SMG_OK &&
            str_is(buf_view(&plain), "plain");
        buf_fini(&plain);
        if (!sealing->good)
            break;
    }
    sealer_free(sealer);
    return NULL;
}

static void test_sealers_of_two_threads_share_a_ring(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        struct sealing sealing[2] = { { .keyring = bench->keyring[i] },
                                      { .keyring = bench->keyring[i] } };
        struct buf plain = { 0 };
        pthread_t threads[2];

        for (j = 0; j < 2; j++)
            assert_int_equal(pthread_create(&threads[j], NULL, seal_many, &sealing[j]), 0);
        for (j = 0; j < 2; j++) {
            assert_int_equal(pthread_join(threads[j], NULL), 0);
            assert_true(sealing[j].good);
            assert_int_equal(unseal(bench->sealer[i], KEY_STORE, about,
                                    buf_view(&sealing[j].sealed), &plain, &err),
                             SMG_OK);
            buf_fini(&sealing[j].sealed);
        }
        buf_fini(&plain);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_sealed_opens_again),
        cmocka_unit_test(test_a_value_names_its_suite_and_key),
        cmocka_unit_test(test_no_value_is_sealed_the_same_twice),
        cmocka_unit_test(test_any_bit_altered_is_refused),
        cmocka_unit_test(test_a_value_opens_in_its_place_and_purpose_only),
        cmocka_unit_test(test_place_and_text_do_not_run_into_each_other),
        cmocka_unit_test(test_a_data_key_comes_out_of_its_wrap),
        cmocka_unit_test(test_any_bit_of_a_value_under_a_data_key_altered_is_refused),
        cmocka_unit_test(test_a_wiped_data_key_is_zeros),
        cmocka_unit_test(test_a_reopened_ring_opens_old_values),
        cmocka_unit_test(test_digests_differ_by_purpose_suite_and_division_into_parts),
        cmocka_unit_test(test_sha256_of_abc_is_the_published_one),
        cmocka_unit_test(test_sealers_of_two_threads_share_a_ring),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
