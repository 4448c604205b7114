/* SPDX-License-Identifier: Apache-2.0 */
/* The key ring: its folder and files, what is refused, and answers known from elsewhere. */
#include "crypto/seal.h"

#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[64], ring[80];
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    strcpy(place->folder, "/tmp/shiming-keys-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->ring, sizeof place->ring, "%s/ring", place->folder);
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

static void write_file(const struct place *place, const char *name, const char *text)
{
    char path[160];
    int fd;

    snprintf(path, sizeof path, "%s/%s", place->ring, name);
    unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* A key file with this secret; `name` as given, or "ID.key". */
static void write_key(const struct place *place, const char *name, const char *suite,
                      const char *secret, bool active)
{
    struct buf all = { 0 }, text = { 0 }, id = { 0 };
    uint8_t digest[32];

    buf_text(&all, "shiming-key 1");
    buf_byte(&all, 0);
    buf_text(&all, suite);
    buf_byte(&all, 0);
    assert_true(buf_unhex(&all, str_of(secret)));
    digest_sha256(buf_view(&all), digest);
    buf_hex(&id, str_bytes(digest, 8));
    buf_printf(&text, "shiming-key 1\nid %s\nsuite %s\nsecret %s\n", id.at, suite, secret);
    if (active) {
        char line[20];

        snprintf(line, sizeof line, "%s\n", id.at);
        write_file(place, "active", line);
    }
    buf_text(&id, ".key");
    write_file(place, name == NULL ? id.at : name, text.at);
    buf_fini(&all);
    buf_fini(&text);
    buf_fini(&id);
}

static const char SEED[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char MASTER[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char OTHER[] = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static void make_ring(const struct place *place, const char *suite, const char *seed)
{
    assert_int_equal(mkdir(place->ring, 0700), 0);
    write_key(place, NULL, suite, MASTER, true);
    write_key(place, "signing.key", "ed25519", seed, false);
}

static struct keyring *open_ring(const struct place *place)
{
    struct smg_err err = { 0 };
    struct keyring *keyring = keyring_open(place->ring, NULL, &err);

    if (keyring == NULL)
        print_error("%s\n", err.text);
    assert_non_null(keyring);
    return keyring;
}

/* Refused with this code, and the text says where. */
static void assert_refused(const struct place *place, const char *suite, int code)
{
    struct smg_err err = { 0 };

    assert_null(keyring_open(place->ring, suite, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.text, place->ring));
    assert_null(strstr(err.text, MASTER));
}

static void test_a_new_ring_opens_and_keeps_its_suite(void **state)
{
    struct place *place = *state;
    struct smg_err err = { 0 };
    struct keyring *keyring;

    assert_int_equal(keyring_init(place->ring, "sm4", &err), SMG_OK);
    keyring = keyring_open(place->ring, "sm4", &err);
    assert_non_null(keyring);
    assert_string_equal(keyring_suite(keyring), "sm4");
    assert_int_equal(strlen(keyring_id(keyring)), 16);
    keyring_free(keyring);
    assert_refused(place, "aes-256-gcm", SMG_E_INVALID);
}

static void test_a_new_ring_is_readable_by_its_owner_only(void **state)
{
    struct place *place = *state;
    struct smg_err err = { 0 };
    struct dirent *entry;
    struct stat about;
    unsigned files = 0;
    DIR *list;

    umask(0);
    assert_int_equal(keyring_init(place->ring, "aes-256-gcm", &err), SMG_OK);
    umask(022);
    assert_int_equal(stat(place->ring, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    list = opendir(place->ring);
    assert_non_null(list);
    while ((entry = readdir(list)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        assert_int_equal(fstatat(dirfd(list), entry->d_name, &about, AT_SYMLINK_NOFOLLOW), 0);
        assert_int_equal(about.st_mode & 07777, 0600);
        files++;
    }
    closedir(list);
    assert_int_equal(files, 3);
}

static void test_what_is_there_is_never_touched(void **state)
{
    struct place *place = *state;
    struct smg_err err = { 0 };
    struct keyring *before, *after;

    assert_int_equal(keyring_init(place->ring, "aes-256-gcm", &err), SMG_OK);
    before = open_ring(place);
    assert_int_equal(keyring_init(place->ring, "aes-256-gcm", &err), SMG_E_EXISTS);
    after = open_ring(place);
    assert_string_equal(keyring_id(before), keyring_id(after));
    keyring_free(before);
    keyring_free(after);
}

static void test_init_refuses_an_unknown_suite_and_an_impossible_place(void **state)
{
    struct place *place = *state;
    struct smg_err err = { 0 };
    struct stat about;

    assert_int_equal(keyring_init(place->ring, "rot13", &err), SMG_E_INVALID);
    assert_int_equal(stat(place->ring, &about), -1);
    assert_int_equal(keyring_init("/dev/null/ring", "sm4", &err), SMG_E_IO);
}

static void test_no_two_rings_are_alike(void **state)
{
    struct place *place = *state, other = *place;
    struct smg_err err = { 0 };
    struct keyring *a, *b;
    uint8_t key_a[32], key_b[32];

    strcat(other.ring, "2");
    assert_int_equal(keyring_init(place->ring, "aes-256-gcm", &err), SMG_OK);
    assert_int_equal(keyring_init(other.ring, "aes-256-gcm", &err), SMG_OK);
    a = open_ring(place);
    b = open_ring(&other);
    keyring_public_key(a, key_a);
    keyring_public_key(b, key_b);
    assert_string_not_equal(keyring_id(a), keyring_id(b));
    assert_memory_not_equal(key_a, key_b, sizeof key_a);
    keyring_free(a);
    keyring_free(b);
}

static void test_a_ring_others_may_read_is_refused(void **state)
{
    static const char *const names[] = { "", "/active", "/signing.key", "/1d5fab0779136e47.key" };
    static const mode_t modes[] = { 0040, 0004, 0020, 0001 };
    struct place *place = *state;
    char path[160];
    size_t i, j;

    make_ring(place, "aes-256-gcm", SEED);
    for (i = 0; i < sizeof names / sizeof *names; i++)
        for (j = 0; j < sizeof modes / sizeof *modes; j++) {
            mode_t mode = i == 0 ? 0700 : 0600;

            snprintf(path, sizeof path, "%s%s", place->ring, names[i]);
            assert_int_equal(chmod(path, mode | modes[j]), 0);
            assert_refused(place, NULL, SMG_E_DENIED);
            assert_int_equal(chmod(path, mode), 0);
        }
    keyring_free(open_ring(place));
}

static void test_symbolic_links_are_refused(void **state)
{
    struct place *place = *state, link = *place;
    char file[160], moved[160];

    make_ring(place, "aes-256-gcm", SEED);
    strcat(link.ring, ".link");
    assert_int_equal(symlink(place->ring, link.ring), 0);
    assert_refused(&link, NULL, SMG_E_DENIED);
    snprintf(file, sizeof file, "%s/signing.key", place->ring);
    snprintf(moved, sizeof moved, "%s/signing", place->folder);
    assert_int_equal(rename(file, moved), 0);
    assert_int_equal(symlink(moved, file), 0);
    assert_refused(place, NULL, SMG_E_DENIED);
}

static void test_a_ring_that_is_not_whole_is_refused(void **state)
{
    static const char *const names[] = { "active", "signing.key", "1d5fab0779136e47.key" };
    struct place *place = *state;
    char path[160];
    size_t i;

    assert_refused(place, NULL, SMG_E_NOT_FOUND);
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        char command[96];

        make_ring(place, "aes-256-gcm", SEED);
        snprintf(path, sizeof path, "%s/%s", place->ring, names[i]);
        assert_int_equal(unlink(path), 0);
        assert_refused(place, NULL, SMG_E_NOT_FOUND);
        snprintf(command, sizeof command, "rm -rf %s", place->ring);
        assert_int_equal(system(command), 0);
    }
}

static void test_files_that_are_no_key_files_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "shiming-key 1\n",
        "shiming-key 2\nid 1d5fab0779136e47\nsuite aes-256-gcm\nsecret "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        /* another secret than the id's */
        "shiming-key 1\nid 1d5fab0779136e47\nsuite aes-256-gcm\nsecret "
        "010102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        /* another suite than the id's */
        "shiming-key 1\nid 1d5fab0779136e47\nsuite sm4\nsecret "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        /* too short, too long, not ended, not hex */
        "shiming-key 1\nid 1d5fab0779136e47\nsuite aes-256-gcm\nsecret 0001\n",
        "shiming-key 1\nid 1d5fab0779136e47\nsuite aes-256-gcm\nsecret "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\nmore\n",
        "shiming-key 1\nid 1d5fab0779136e47\nsuite aes-256-gcm\nsecret "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "shiming-key 1\nid 1d5fab0779136e47\nsuite aes-256-gcm\nsecret "
        "zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        "shiming-key 1\nid 1d5fab0779136e47\nsuite aes-256-gcm-and-then-some\nsecret "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
    };
    struct place *place = *state;
    char longer[700];
    size_t i;

    make_ring(place, "aes-256-gcm", SEED);
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file(place, "1d5fab0779136e47.key", texts[i]);
        assert_refused(place, NULL, SMG_E_INVALID);
    }
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    write_file(place, "1d5fab0779136e47.key", longer);
    assert_refused(place, NULL, SMG_E_INVALID);
}

static void test_a_key_under_another_name_is_refused(void **state)
{
    struct place *place = *state;

    make_ring(place, "aes-256-gcm", SEED);
    write_key(place, "0000000000000000.key", "aes-256-gcm", OTHER, false);
    assert_refused(place, NULL, SMG_E_INVALID);
}

static void test_a_key_of_an_unknown_suite_is_refused(void **state)
{
    struct place *place = *state;

    make_ring(place, "aes-256-gcm", SEED);
    write_key(place, NULL, "rot13", OTHER, false);
    assert_refused(place, NULL, SMG_E_UNSUPPORTED);
}

static void test_the_active_mark_names_a_key_that_is_there(void **state)
{
    static const char *const bad[] = { "", "1d5fab0779136e47", "1d5fab0779136e4\n",
                                       "1d5fab0779136e47\n\n", "1d5fab0779136e47 \n" };
    struct place *place = *state;
    size_t i;

    make_ring(place, "aes-256-gcm", SEED);
    write_file(place, "active", "0000000000000000\n");
    assert_refused(place, NULL, SMG_E_NOT_FOUND);
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_file(place, "active", bad[i]);
        assert_refused(place, NULL, SMG_E_INVALID);
    }
}

/* What rotation will need: a second master key seals, the first still opens, suites may differ. */
static void test_every_master_key_opens_and_the_active_one_seals(void **state)
{
    struct place *place = *state;
    struct smg_str about = SMG_STR("place");
    struct buf old = { 0 }, fresh = { 0 }, plain = { 0 };
    struct smg_err err = { 0 };
    struct keyring *keyring;
    struct sealer *sealer;

    make_ring(place, "aes-256-gcm", SEED);
    keyring = open_ring(place);
    sealer = sealer_new(keyring, &err);
    assert_int_equal(seal(sealer, KEY_WRAP, about, SMG_STR("old"), &old, &err), SMG_OK);
    sealer_free(sealer);
    keyring_free(keyring);

    write_key(place, NULL, "sm4", OTHER, true);
    keyring = open_ring(place);
    assert_string_equal(keyring_suite(keyring), "sm4");
    sealer = sealer_new(keyring, &err);
    assert_int_equal(unseal(sealer, KEY_WRAP, about, buf_view(&old), &plain, &err), SMG_OK);
    assert_true(str_is(buf_view(&plain), "old"));
    assert_int_equal(seal(sealer, KEY_WRAP, about, SMG_STR("new"), &fresh, &err), SMG_OK);
    assert_int_equal(fresh.at[1], 2);
    buf_clear(&plain);
    assert_int_equal(unseal(sealer, KEY_WRAP, about, buf_view(&fresh), &plain, &err), SMG_OK);
    sealer_free(sealer);
    keyring_free(keyring);
    buf_fini(&old);
    buf_fini(&fresh);
    buf_fini(&plain);
}

static void assert_hex(const uint8_t *at, size_t len, const char *expected)
{
    struct buf hex = { 0 };

    buf_hex(&hex, str_bytes(at, len));
    assert_string_equal(hex.at, expected);
    buf_fini(&hex);
}

/* RFC 8032, 7.1, tests 1 to 3. */
static void test_signatures_are_those_of_rfc_8032(void **state)
{
    static const struct {
        const char *seed, *public_key, *message, *signature;
    } vectors[] = {
        { SEED, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
          "1c"
          "f9b46bd25bf5f0595bbe24655141438e7a100b" },
        { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
          "d0"
          "f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
        { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
          "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
          "98"
          "4dc6594a7c15e9716ed28dc027beceea1ec40a" },
    };
    struct place *place = *state;
    struct smg_err err = { 0 };
    size_t i;

    make_ring(place, "aes-256-gcm", SEED);
    for (i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct buf message = { 0 };
        struct keyring *keyring;
        uint8_t public_key[32], signature[64];

        buf_text(&message, "");
        assert_true(buf_unhex(&message, str_of(vectors[i].message)));
        write_key(place, "signing.key", "ed25519", vectors[i].seed, false);
        keyring = open_ring(place);
        keyring_public_key(keyring, public_key);
        assert_hex(public_key, sizeof public_key, vectors[i].public_key);
        assert_int_equal(keyring_sign(keyring, buf_view(&message), signature, &err), SMG_OK);
        assert_hex(signature, sizeof signature, vectors[i].signature);
        assert_true(keyring_verify(keyring, buf_view(&message), signature));
        signature[40] ^= 1;
        assert_false(keyring_verify(keyring, buf_view(&message), signature));
        signature[40] ^= 1;
        buf_byte(&message, 'x');
        assert_false(keyring_verify(keyring, buf_view(&message), signature));
        keyring_free(keyring);
        buf_fini(&message);
    }
}

/* Made by another program from the definitions: HKDF (RFC 5869), HMAC (RFC 2104), AES-GCM (SP
 * 800-38D) and SM4-CTR over block ciphers. They also hold the stored form fast: it is for ever. */
static const struct {
    const char *suite, *digest, *sealed, *with_key;
} answers[] = {
    { "aes-256-gcm", "07478643f32c8aa5d78bd3350f48356d45cf273cb74ca9749419d16c9a659238",
      "01011d5fab0779136e47c8c9cacbcccdcecfd0d1d2d3cfab8984215436139cd03b3ebc31a68d0d747191eb654888"
      "819a"
      "866be2efeb51a9cf005aa5cd03a615",
      "01010000000000000000c8c9cacbcccdcecfd0d1d2d31f27fbe93a324510dc9937c86a8a4a0ff26854d0c6d41cf9"
      "ea43"
      "374133e7ecbe40fb51d1a25785f708" },
    { "sm4", "571915ac303de8bef88048b6841a4945edd8c3dc6d4bf08c9240fe5b0c1e7d3d",
      "0102ebcbc9c8321c22acc8c9cacbcccdcecfd0d1d2d3d4d5d6d789beda7852977434961fa8ab5555b9f133ff6805"
      "0a27"
      "83a1b303558894f250b77fd01b9893689e029bfa9a89f8eb4f68df0d1f66dcfbb91c5f",
      "01020000000000000000c8c9cacbcccdcecfd0d1d2d3d4d5d6d749c296127f7a1bf9b497d9896411e59e504b0649"
      "48b7"
      "a0cd57f7c991f9afb45382635ef0c45fc90026970110cabe3a017883fe6b5fa2f5e912" },
};

static void test_digests_and_values_are_those_another_program_makes(void **state)
{
    struct smg_str parts[] = { SMG_STR("resident_id"), SMG_STR("made-up number") };
    struct smg_str about = SMG_STR("registration/1");
    struct place *place = *state;
    struct data_key key;
    size_t i;

    for (i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (uint8_t)(100 + i);
    for (i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct place here = *place;
        struct buf sealed = { 0 }, with_key = { 0 }, plain = { 0 };
        struct smg_err err = { 0 };
        struct keyring *keyring;
        struct sealer *sealer;
        uint8_t digest[32];

        strcat(here.ring, answers[i].suite);
        make_ring(&here, answers[i].suite, SEED);
        keyring = open_ring(&here);
        sealer = sealer_new(keyring, &err);
        assert_non_null(sealer);
        assert_int_equal(keyed_digest(sealer, KEY_INDEX, parts, 2, digest, &err), SMG_OK);
        assert_hex(digest, sizeof digest, answers[i].digest);
        assert_true(buf_unhex(&sealed, str_of(answers[i].sealed)));
        assert_int_equal(unseal(sealer, KEY_STORE, about, buf_view(&sealed), &plain, &err), SMG_OK);
        assert_true(str_is(buf_view(&plain), "sealed by another program"));
        assert_true(buf_unhex(&with_key, str_of(answers[i].with_key)));
        buf_clear(&plain);
        assert_int_equal(unseal_with(sealer, &key, about, buf_view(&with_key), &plain, &err),
                         SMG_OK);
        assert_true(str_is(buf_view(&plain), "sealed by another program"));
        sealer_free(sealer);
        keyring_free(keyring);
        buf_fini(&sealed);
        buf_fini(&with_key);
        buf_fini(&plain);
    }
}

int main(void)
{
#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        PLACE_TEST(test_a_new_ring_opens_and_keeps_its_suite),
        PLACE_TEST(test_a_new_ring_is_readable_by_its_owner_only),
        PLACE_TEST(test_what_is_there_is_never_touched),
        PLACE_TEST(test_init_refuses_an_unknown_suite_and_an_impossible_place),
        PLACE_TEST(test_no_two_rings_are_alike),
        PLACE_TEST(test_a_ring_others_may_read_is_refused),
        PLACE_TEST(test_symbolic_links_are_refused),
        PLACE_TEST(test_a_ring_that_is_not_whole_is_refused),
        PLACE_TEST(test_files_that_are_no_key_files_are_refused),
        PLACE_TEST(test_a_key_under_another_name_is_refused),
        PLACE_TEST(test_a_key_of_an_unknown_suite_is_refused),
        PLACE_TEST(test_the_active_mark_names_a_key_that_is_there),
        PLACE_TEST(test_every_master_key_opens_and_the_active_one_seals),
        PLACE_TEST(test_signatures_are_those_of_rfc_8032),
        PLACE_TEST(test_digests_and_values_are_those_another_program_makes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
