/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures over policies: two kinds of key, one form of file. */
#include "crypto/signing.h"

#include "crypto/ring.h"
#include "crypto/secret.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char PUBLIC_LINE[] = "shiming-public-key 1";
static const char ED25519[] = "ed25519", SM2[] = "sm2";
static const char SM2_IDENTITY[] = "1234567812345678"; /* GB/T 35276's default */
enum { PUBLIC_LIMIT = 65, SIGNATURE_LIMIT = 80 };

struct public_key {
    char id[RING_ID_DIGITS + 1];
    char suite[16];
    uint8_t bytes[PUBLIC_LIMIT]; /* Ed25519: 32; SM2: an uncompressed point */
    size_t len;
    EVP_PKEY *key;
};

struct signing_key {
    struct ring_key secret;
    struct public_key public;
};

/* ---- SM2 ---- */

/* The point of a private number; false when the number is none. */
static bool sm2_point(const uint8_t secret[RING_SECRET_BYTES], uint8_t out[PUBLIC_LIMIT])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    BIGNUM *number = BN_bin2bn(secret, RING_SECRET_BYTES, NULL), *last = BN_new();
    EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
    /* From 1 to the order less 2 (GB/T 32918.1). */
    bool good =
        point != NULL && number != NULL && last != NULL && !BN_is_zero(number) &&
        BN_copy(last, EC_GROUP_get0_order(group)) != NULL && BN_sub_word(last, 1) == 1 &&
        BN_cmp(number, last) < 0 && EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
        EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, PUBLIC_LIMIT, NULL) ==
            PUBLIC_LIMIT;

    EC_POINT_free(point);
    BN_clear_free(number);
    BN_free(last);
    EC_GROUP_free(group);
    return good;
}

/* secret NULL: the public half alone. */
static EVP_PKEY *sm2_key(const uint8_t point[PUBLIC_LIMIT], const uint8_t *secret)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    BIGNUM *number = secret == NULL ? NULL : BN_bin2bn(secret, RING_SECRET_BYTES, NULL);
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;

    if (build != NULL && context != NULL && (secret == NULL || number != NULL) &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, PUBLIC_LIMIT) ==
            1 &&
        (number == NULL || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1))
        params = OSSL_PARAM_BLD_to_param(build);
    if (params == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, secret == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                          params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    BN_clear_free(number);
    return key;
}

/* ---- both ---- */

static bool is_sm2(const char *suite)
{
    return strcmp(suite, SM2) == 0;
}

/* Ready to sign or verify one message with this key; NULL: OpenSSL cannot. */
static EVP_MD_CTX *begin(EVP_PKEY *key, const char *suite, bool sign)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const char *digest = is_sm2(suite) ? "SM3" : NULL;
    EVP_PKEY_CTX *inner = NULL;
    bool good =
        context != NULL && key != NULL &&
        (sign ? EVP_DigestSignInit_ex(context, &inner, digest, NULL, NULL, key, NULL)
              : EVP_DigestVerifyInit_ex(context, &inner, digest, NULL, NULL, key, NULL)) == 1 &&
        (!is_sm2(suite) || EVP_PKEY_CTX_set1_id(inner, SM2_IDENTITY, sizeof SM2_IDENTITY - 1) == 1);

    if (good)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

/* The id follows from suite and key, so no two keys share one. */
static void identify(struct public_key *key)
{
    struct smg_str parts[] = { str_of(key->suite), str_bytes("", 1),
                               str_bytes(key->bytes, key->len) };
    uint8_t digest[32];
    size_t i;

    digest_sha256_parts(parts, 3, digest);
    for (i = 0; i < RING_ID_BYTES; i++)
        snprintf(key->id + 2 * i, 3, "%02x", digest[i]);
}

static bool complete(struct public_key *key)
{
    key->key = is_sm2(key->suite)
                   ? sm2_key(key->bytes, NULL)
                   : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, key->len);
    identify(key);
    return key->key != NULL;
}

static EVP_PKEY *make_pair(const struct signing_key *key)
{
    return is_sm2(key->secret.suite)
               ? sm2_key(key->public.bytes, key->secret.secret)
               : EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->secret.secret,
                                              sizeof key->secret.secret);
}

/* The public half of what is in `secret`. */
static bool derive_public(struct signing_key *key)
{
    struct public_key *public = &key->public;
    EVP_PKEY *pair;
    bool good;

    memcpy(public->suite, key->secret.suite, sizeof public->suite);
    if (is_sm2(public->suite)) {
        public->len = PUBLIC_LIMIT;
        return sm2_point(key->secret.secret, public->bytes) && complete(public);
    }
    public->len = 32;
    pair = make_pair(key);
    good = pair != NULL && EVP_PKEY_get_raw_public_key(pair, public->bytes, &public->len) == 1 &&
           complete(public);
    EVP_PKEY_free(pair);
    return good;
}

static int write_public(const char *path, const struct public_key *key, struct smg_err *err)
{
    struct buf name = { 0 }, text = { 0 };
    int status;

    buf_printf(&name, "%s.pub", path);
    buf_printf(&text, "%s\nid %s\nsuite %s\nkey ", PUBLIC_LINE, key->id, key->suite);
    buf_hex(&text, str_bytes(key->bytes, key->len));
    buf_byte(&text, '\n');
    if (name.failed)
        status = smg_fail(err, SMG_E_MEMORY, "out of memory");
    else
        status = ring_file_create(AT_FDCWD, name.at, 0644, &text, err);
    buf_fini(&name);
    buf_fini(&text);
    return status;
}

int signing_key_init(const char *path, const char *suite, struct smg_err *err)
{
    struct signing_key *key = secret_new(sizeof *key);
    int status;

    if (key == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (strcmp(suite, ED25519) != 0 && !is_sm2(suite)) {
        signing_key_free(key);
        return smg_fail(err, SMG_E_INVALID, "no such suite: %.40s; ed25519 and sm2 exist", suite);
    }
    memcpy(key->secret.suite, suite, strlen(suite));
    do { /* a number SM2 cannot take comes once in 2^32 */
        random_bytes(key->secret.secret, sizeof key->secret.secret);
    } while (!derive_public(key));
    ring_key_identify(&key->secret);
    status = ring_key_write(AT_FDCWD, path, &key->secret, err);
    if (status == SMG_OK) {
        status = write_public(path, &key->public, err);
        if (status != SMG_OK && unlink(path) < 0) /* half a pair helps nobody */
            status = smg_fail(err, SMG_E_IO, "%s: has no public half and cannot be removed", path);
    }
    signing_key_free(key);
    return status;
}

struct signing_key *signing_key_open(const char *path, struct smg_err *err)
{
    struct signing_key *key = secret_new(sizeof *key);
    int status;

    if (key == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    status = ring_key_read(AT_FDCWD, path, &key->secret, err);
    if (status == SMG_OK && strcmp(key->secret.suite, ED25519) != 0 && !is_sm2(key->secret.suite))
        status = smg_fail(err, SMG_E_INVALID, "%.150s: is a key of suite %s, none that signs", path,
                          key->secret.suite);
    if (status == SMG_OK && !derive_public(key))
        status = smg_fail(err, SMG_E_INVALID, "%.150s: OpenSSL cannot use this key", path);
    if (status == SMG_OK)
        return key;
    signing_key_free(key);
    return NULL;
}

void signing_key_free(struct signing_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->public.key);
    secret_free(key, sizeof *key);
}

const char *signing_key_id(const struct signing_key *key)
{
    return key->public.id;
}

int signing_key_sign(const struct signing_key *key, struct smg_str message, struct buf *out,
                     struct smg_err *err)
{
    EVP_PKEY *pair = make_pair(key);
    EVP_MD_CTX *context = begin(pair, key->secret.suite, true);
    uint8_t signature[SIGNATURE_LIMIT];
    size_t len = sizeof signature;
    bool good = context != NULL && EVP_DigestSign(context, signature, &len,
                                                  (const uint8_t *)message.at, message.len) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pair);
    if (good)
        buf_put(out, signature, len);
    return good && !out->failed ? SMG_OK : smg_fail(err, SMG_E_MEMORY, "OpenSSL cannot sign");
}

static bool parse_public(struct smg_str text, struct public_key *key)
{
    struct smg_str version, id, suite, bytes;
    char written[RING_ID_DIGITS + 1];

    if (!ring_take_line(&text, PUBLIC_LINE, &version) || version.len != 0 ||
        !ring_take_line(&text, "id ", &id) || id.len != RING_ID_DIGITS ||
        !ring_take_line(&text, "suite ", &suite) || !ring_take_line(&text, "key ", &bytes) ||
        text.len != 0)
        return false;
    key->len = str_is(suite, SM2) ? PUBLIC_LIMIT : 32;
    if ((!str_is(suite, SM2) && !str_is(suite, ED25519)) ||
        !ring_read_hex(bytes, key->bytes, key->len))
        return false;
    memcpy(key->suite, suite.at, suite.len);
    memcpy(written, id.at, RING_ID_DIGITS);
    written[RING_ID_DIGITS] = '\0';
    return complete(key) && strcmp(written, key->id) == 0;
}

struct public_key *public_key_open(const char *path, struct smg_err *err)
{
    struct public_key *key = calloc(1, sizeof *key);
    struct buf text = { 0 };
    bool good;

    if (key == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    good = ring_file_read(AT_FDCWD, path, false, &text, err) == SMG_OK;
    if (good && !parse_public(buf_view(&text), key)) {
        smg_fail(err, SMG_E_INVALID, "%.150s: not a public key file", path);
        good = false;
    }
    buf_fini(&text);
    if (good)
        return key;
    public_key_free(key);
    return NULL;
}

void public_key_free(struct public_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->key);
    free(key);
}

const char *public_key_id(const struct public_key *key)
{
    return key->id;
}

const char *public_key_suite(const struct public_key *key)
{
    return key->suite;
}

bool public_key_verifies(const struct public_key *key, struct smg_str message,
                         struct smg_str signature)
{
    EVP_MD_CTX *context = begin(key->key, key->suite, false);
    bool good =
        context != NULL && EVP_DigestVerify(context, (const uint8_t *)signature.at, signature.len,
                                            (const uint8_t *)message.at, message.len) == 1;

    EVP_MD_CTX_free(context);
    return good;
}
