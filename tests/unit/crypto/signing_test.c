/* SPDX-License-Identifier: Apache-2.0 */
/* Signing keys: their files, and that only the right key's signature over the right bytes counts.
 */
#include "crypto/signing.h"

#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const suites[] = { "ed25519", "sm2" };

struct place {
    char folder[64], key[80], public[88];
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    strcpy(place->folder, "/tmp/shiming-signing-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->key, sizeof place->key, "%s/k", place->folder);
    snprintf(place->public, sizeof place->public, "%s.pub", place->key);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    char command[96];

    snprintf(command, sizeof command, "rm -rf %s", ((struct place *)*state)->folder);
    assert_int_equal(system(command), 0);
    free(*state);
    return 0;
}

static void write_text(const char *path, struct smg_str text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static void read_text(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "r");
    char part[600];

    assert_non_null(file);
    buf_put(out, part, fread(part, 1, sizeof part, file));
    fclose(file);
}

static void test_a_signature_holds_for_its_message_and_key_alone(void **state)
{
    const struct place *place = *state;
    struct smg_str message = SMG_STR("sequence 7\n"), other = SMG_STR("sequence 8\n");
    struct smg_err err;
    size_t i, j;

    for (i = 0; i < 2; i++) {
        struct buf signature = { 0 };
        struct signing_key *key, *stranger;
        struct public_key *public;
        char path[120];

        assert_int_equal(signing_key_init(place->key, suites[i], &err), SMG_OK);
        key = signing_key_open(place->key, &err);
        public = public_key_open(place->public, &err);
        assert_non_null(key);
        assert_non_null(public);
        assert_string_equal(signing_key_id(key), public_key_id(public));
        assert_string_equal(public_key_suite(public), suites[i]);
        assert_int_equal(signing_key_sign(key, message, &signature, &err), SMG_OK);
        assert_true(public_key_verifies(public, message, buf_view(&signature)));
        assert_false(public_key_verifies(public, other, buf_view(&signature)));
        for (j = 0; j < signature.len; j++) {
            signature.at[j] ^= 1;
            assert_false(public_key_verifies(public, message, buf_view(&signature)));
            signature.at[j] ^= 1;
            assert_false(public_key_verifies(public, message, str_bytes(signature.at, j)));
        }
        snprintf(path, sizeof path, "%s-other", place->key);
        assert_int_equal(signing_key_init(path, suites[i], &err), SMG_OK);
        stranger = signing_key_open(path, &err);
        assert_non_null(stranger);
        assert_string_not_equal(signing_key_id(stranger), signing_key_id(key));
        buf_clear(&signature);
        assert_int_equal(signing_key_sign(stranger, message, &signature, &err), SMG_OK);
        assert_false(public_key_verifies(public, message, buf_view(&signature)));
        signing_key_free(key);
        signing_key_free(stranger);
        public_key_free(public);
        buf_fini(&signature);
        unlink(place->key);
        unlink(place->public);
        unlink(path);
        strcat(path, ".pub");
        unlink(path);
    }
}

static void test_keys_are_private_and_never_made_over(void **state)
{
    const struct place *place = *state;
    struct stat about;
    struct smg_err err;

    assert_int_equal(signing_key_init(place->key, "rot13", &err), SMG_E_INVALID);
    assert_int_equal(signing_key_init(place->key, "ed25519", &err), SMG_OK);
    assert_int_equal(stat(place->key, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(signing_key_init(place->key, "ed25519", &err), SMG_E_EXISTS);
    assert_int_equal(unlink(place->key), 0); /* its public half is still there */
    assert_int_equal(signing_key_init(place->key, "ed25519", &err), SMG_E_EXISTS);
    assert_int_not_equal(access(place->key, F_OK), 0);
    assert_int_equal(unlink(place->public), 0);
    assert_int_equal(signing_key_init(place->key, "ed25519", &err), SMG_OK);
    assert_int_equal(chmod(place->key, 0640), 0);
    assert_null(signing_key_open(place->key, &err));
    assert_non_null(strstr(err.text, "0600"));
}

static void test_a_damaged_public_key_is_no_key(void **state)
{
    const struct place *place = *state;
    struct smg_err err;
    size_t i, j;

    for (i = 0; i < 2; i++) {
        struct buf text = { 0 };

        assert_int_equal(signing_key_init(place->key, suites[i], &err), SMG_OK);
        read_text(place->public, &text);
        for (j = 0; j < text.len; j++) {
            text.at[j] ^= 1;
            write_text(place->public, buf_view(&text));
            assert_null(public_key_open(place->public, &err));
            text.at[j] ^= 1;
            write_text(place->public, str_bytes(text.at, j));
            assert_null(public_key_open(place->public, &err));
        }
        assert_null(public_key_open(place->key, &err)); /* the private half is none */
        buf_fini(&text);
        unlink(place->key);
        unlink(place->public);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_signature_holds_for_its_message_and_key_alone,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keys_are_private_and_never_made_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_damaged_public_key_is_no_key, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
