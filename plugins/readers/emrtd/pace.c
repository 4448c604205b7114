/* SPDX-License-Identifier: Apache-2.0 */
/* PACE over elliptic curves with the generic mapping (ICAO 9303-11 section 4.4). */
#include "access.h"
#include "tlv.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <string.h>

enum {
    POINT_MAX = 1 + 2 * 66, /* an uncompressed point of the largest curve */
    FIELD_MAX = 66,
    NONCE_MAX = 32,
    TRIES_MAX = 64,
    DYNAMIC = 0x7C,
    PASSWORD_MRZ = 1,
    PASSWORD_CAN = 2
};

/* id-PACE-ECDH-GM: 0.4.0.127.0.7.2.2.4.2, then the suite. */
static const uint8_t ecdh_gm[] = { 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02 };

/* Standardised domain parameters of 9303-11 table 6, those OpenSSL has. */
static const struct {
    int parameters, curve;
} curves[] = {
    { 8, NID_X9_62_prime192v1 }, { 9, NID_brainpoolP192r1 },   { 10, NID_secp224r1 },
    { 11, NID_brainpoolP224r1 }, { 12, NID_X9_62_prime256v1 }, { 13, NID_brainpoolP256r1 },
    { 14, NID_brainpoolP320r1 }, { 15, NID_secp384r1 },        { 16, NID_brainpoolP384r1 },
    { 17, NID_brainpoolP512r1 }, { 18, NID_secp521r1 },
};

/* One SecurityInfo: object identifier, version 2, parameters. */
static bool read_info(struct smg_str bytes, struct pace_info *out)
{
    struct tlv oid, version, parameters;

    if (!take_tlv(&bytes, &oid) || oid.tag != 0x06 || !take_tlv(&bytes, &version) ||
        version.tag != 0x02 || !take_tlv(&bytes, &parameters) || parameters.tag != 0x02)
        return false;
    if (oid.value.len != sizeof ecdh_gm + 1 || memcmp(oid.value.at, ecdh_gm, sizeof ecdh_gm) != 0 ||
        version.value.len != 1 || byte_at(version.value, 0) != 2 || parameters.value.len != 1)
        return false;
    *out = (struct pace_info){ .oid = oid.value.at,
                               .oid_len = oid.value.len,
                               .suite = (enum suite)byte_at(oid.value, sizeof ecdh_gm),
                               .parameters = byte_at(parameters.value, 0) };
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (curves[i].parameters == out->parameters)
            out->curve = curves[i].curve;
    return out->curve != 0 && out->suite >= SUITE_3DES && out->suite <= SUITE_AES256;
}

bool pace_find_info(struct smg_str card_access, struct pace_info *out)
{
    struct tlv set, one;
    bool found = false;

    if (!take_tlv(&card_access, &set) || set.tag != 0x31)
        return false;
    while (take_tlv(&set.value, &one)) {
        struct pace_info info;

        if (one.tag != 0x30 || !read_info(one.value, &info) || (found && info.suite <= out->suite))
            continue;
        *out = info;
        found = true;
    }
    return found;
}

/* What one run works with. */
struct pace_run {
    struct icc *icc;
    const struct pace_info *info;
    EC_GROUP *group;
    BN_CTX *numbers;
    EC_POINT *generator; /* the mapped one */
    uint8_t nonce[NONCE_MAX];
    size_t nonce_len;
    uint8_t ours[POINT_MAX], theirs[POINT_MAX]; /* public keys of the agreement */
    size_t point_len;
    struct key tokens;
};

static int pace_bug(struct smg_err *err)
{
    return smg_fail(err, SMG_E_BUG, "PACE: OpenSSL computes nothing");
}

/* MSE:SET AT: which protocol, which password, which parameters. */
static int set_protocol(struct pace_run *pace, uint8_t password, struct smg_err *err)
{
    const uint8_t parameters = (uint8_t)pace->info->parameters;
    uint8_t data[32];
    struct writer out = { .at = data, .room = sizeof data };
    struct command command = { .ins = 0x22, .p1 = 0xC1, .p2 = 0xA4, .data = data };
    struct answer answer;

    write_tlv(&out, 0x80, pace->info->oid, pace->info->oid_len);
    write_tlv(&out, 0x83, &password, 1);
    write_tlv(&out, 0x84, &parameters, 1);
    command.len = out.len;
    if (icc_send(pace->icc, &command, &answer, err) < 0)
        return err->code;
    /* 63 Cx: it takes the password and warns that few tries are left. */
    if (answer.status != STATUS_DONE && (answer.status & 0xFFF0) != 0x63C0)
        return smg_fail(err, SMG_E_CARD, "the chip refuses the PACE it offers (status %04X)",
                        answer.status);
    return SMG_OK;
}

/* GENERAL AUTHENTICATE: one object there (tag 0: none), one of another tag back, of at most room
 * bytes. Only the last answer of the chip depends on the password. */
static int exchange(struct pace_run *pace, bool last, uint32_t tag, const uint8_t *told,
                    size_t told_len, uint32_t wanted, uint8_t *out, size_t room, size_t *len,
                    struct smg_err *err)
{
    const uint32_t path[] = { DYNAMIC, wanted, 0 };
    uint8_t inner[POINT_MAX + 4] = { 0 }, data[POINT_MAX + 8];
    struct writer object = { .at = inner, .room = sizeof inner };
    struct writer whole = { .at = data, .room = sizeof data };
    struct command command = {
        .cla = last ? 0x00 : 0x10, .ins = 0x86, .data = data, .expected = 256
    };
    struct smg_str value;
    struct answer answer;

    if (tag != 0)
        write_tlv(&object, tag, told, told_len);
    write_tlv(&whole, DYNAMIC, inner, object.len);
    command.len = whole.len;
    if (object.full || whole.full)
        return pace_bug(err);
    if (icc_send(pace->icc, &command, &answer, err) < 0)
        return err->code;
    if (last && access_is_refusal(answer.status))
        return access_refused(err);
    if (answer.status != STATUS_DONE)
        return smg_fail(err, SMG_E_CARD, "the chip breaks PACE off (status %04X)", answer.status);
    if (!find_tlv_path((struct smg_str){ (const char *)answer.data, answer.len }, path, &value) ||
        value.len == 0 || value.len > room)
        return smg_fail(err, SMG_E_CARD, "PACE: the chip's answer is malformed");
    memcpy(out, value.at, value.len);
    *len = value.len;
    return SMG_OK;
}

static int read_nonce(struct pace_run *pace, const struct key *password, struct smg_err *err)
{
    enum suite suite = pace->info->suite;
    uint8_t sealed[NONCE_MAX];

    if (exchange(pace, false, 0, NULL, 0, 0x80, sealed, sizeof sealed, &pace->nonce_len, err) < 0)
        return err->code;
    if (pace->nonce_len % suite_block(suite) != 0)
        return smg_fail(err, SMG_E_CARD, "PACE: the chip's nonce is malformed");
    return cbc_decrypt(suite, password, NULL, sealed, pace->nonce_len, pace->nonce) ? SMG_OK
                                                                                    : pace_bug(err);
}

/* A private key: from 1 to the order less one. */
static BIGNUM *draw_private(struct pace_run *pace)
{
    const BIGNUM *order = EC_GROUP_get0_order(pace->group);
    int bits = BN_num_bits(order);
    size_t len = (size_t)(bits + 7) / 8;
    BIGNUM *drawn = BN_secure_new();
    uint8_t bytes[FIELD_MAX];
    bool good = false;

    for (int i = 0; drawn != NULL && !good && i < TRIES_MAX; i++) {
        if (len > sizeof bytes || !pace->icc->chance(pace->icc->ctx, bytes, len))
            break;
        if (bits % 8 != 0)
            bytes[0] &= (uint8_t)((1u << bits % 8) - 1);
        good = BN_bin2bn(bytes, (int)len, drawn) != NULL && !BN_is_zero(drawn) &&
               BN_cmp(drawn, order) < 0;
    }
    OPENSSL_cleanse(bytes, sizeof bytes);
    if (good)
        BN_set_flags(drawn, BN_FLG_CONSTTIME);
    else
        BN_clear_free(drawn);
    return good ? drawn : NULL;
}

static bool write_point(struct pace_run *pace, const EC_POINT *point, uint8_t out[POINT_MAX])
{
    pace->point_len = EC_POINT_point2oct(pace->group, point, POINT_CONVERSION_UNCOMPRESSED, out,
                                         POINT_MAX, pace->numbers);
    return pace->point_len > 0;
}

/* Diffie-Hellman on one generator (NULL: the curve's own): our public key goes there under tag,
 * theirs comes back under the next one. The point both then know, or NULL. */
static EC_POINT *agree_on_point(struct pace_run *pace, const EC_POINT *generator, uint32_t tag,
                                struct smg_err *err)
{
    EC_POINT *ours = EC_POINT_new(pace->group), *theirs = EC_POINT_new(pace->group);
    BIGNUM *secret = draw_private(pace);
    size_t len = 0;
    bool good = false;

    if (ours == NULL || theirs == NULL || secret == NULL ||
        EC_POINT_mul(pace->group, ours, generator == NULL ? secret : NULL, generator,
                     generator == NULL ? NULL : secret, pace->numbers) != 1 ||
        !write_point(pace, ours, pace->ours))
        pace_bug(err);
    else if (exchange(pace, false, tag, pace->ours, pace->point_len, tag + 1, pace->theirs,
                      sizeof pace->theirs, &len, err) < 0)
        good = false;
    else if (len != pace->point_len || pace->theirs[0] != POINT_CONVERSION_UNCOMPRESSED ||
             EC_POINT_oct2point(pace->group, theirs, pace->theirs, len, pace->numbers) != 1 ||
             memcmp(pace->ours, pace->theirs, len) == 0)
        smg_fail(err, SMG_E_CARD, "PACE: the chip's public key is no such key");
    else if (EC_POINT_mul(pace->group, ours, NULL, theirs, secret, pace->numbers) != 1 ||
             EC_POINT_is_at_infinity(pace->group, ours))
        smg_fail(err, SMG_E_CARD, "PACE: nothing comes of the chip's public key");
    else
        good = true;
    BN_clear_free(secret);
    EC_POINT_free(theirs);
    if (good)
        return ours;
    EC_POINT_clear_free(ours);
    return NULL;
}

/* The generic mapping: the nonce times the generator, plus a point both sides know. */
static int map_generator(struct pace_run *pace, struct smg_err *err)
{
    EC_POINT *shared = agree_on_point(pace, NULL, 0x81, err);
    BIGNUM *nonce = BN_bin2bn(pace->nonce, (int)pace->nonce_len, NULL);
    int code = SMG_OK;

    pace->generator = EC_POINT_new(pace->group);
    if (shared == NULL)
        code = err->code;
    else if (nonce == NULL || pace->generator == NULL ||
             EC_POINT_mul(pace->group, pace->generator, nonce, shared, BN_value_one(),
                          pace->numbers) != 1)
        code = pace_bug(err);
    else if (EC_POINT_is_at_infinity(pace->group, pace->generator))
        code = smg_fail(err, SMG_E_CARD, "PACE: the mapped generator is none");
    BN_clear_free(nonce);
    EC_POINT_clear_free(shared);
    return code;
}

/* The keys come from the x coordinate of the point agreed on, as long as the field. */
static int make_keys_of(struct pace_run *pace, const EC_POINT *shared, struct channel *channel,
                        struct smg_err *err)
{
    size_t len = ((size_t)EC_GROUP_get_degree(pace->group) + 7) / 8;
    BIGNUM *x = BN_secure_new();
    uint8_t secret[FIELD_MAX];
    int code = SMG_OK;

    if (x == NULL || len > sizeof secret ||
        EC_POINT_get_affine_coordinates(pace->group, shared, x, NULL, pace->numbers) != 1 ||
        BN_bn2binpad(x, secret, (int)len) < 0)
        code = pace_bug(err);
    else
        code = channel_open(channel, pace->info->suite, secret, len, NULL, err);
    if (code == SMG_OK)
        pace->tokens = channel->mac;
    OPENSSL_cleanse(secret, sizeof secret);
    BN_clear_free(x);
    return code;
}

/* A token shows that its maker has the keys: the MAC over the other side's public key. */
static bool make_token(const struct pace_run *pace, const uint8_t *point, uint8_t out[MAC_BYTES])
{
    uint8_t inner[POINT_MAX + 24], data[POINT_MAX + 28 + BLOCK_MAX];
    struct writer object = { .at = inner, .room = sizeof inner };
    struct writer whole = { .at = data, .room = sizeof data - BLOCK_MAX };
    size_t len;

    write_tlv(&object, 0x06, pace->info->oid, pace->info->oid_len);
    write_tlv(&object, 0x86, point, pace->point_len);
    write_tlv(&whole, 0x7F49, inner, object.len);
    len = whole.len;
    if (pace->info->suite == SUITE_3DES)
        len = pad_to_block(data, len, suite_block(SUITE_3DES));
    return !object.full && !whole.full &&
           make_mac(pace->info->suite, &pace->tokens, data, len, out);
}

static int prove(struct pace_run *pace, struct smg_err *err)
{
    uint8_t ours[MAC_BYTES], wanted[MAC_BYTES], theirs[MAC_BYTES];
    size_t len = 0;

    if (!make_token(pace, pace->theirs, ours) || !make_token(pace, pace->ours, wanted))
        return pace_bug(err);
    if (exchange(pace, true, 0x85, ours, sizeof ours, 0x86, theirs, sizeof theirs, &len, err) < 0)
        return err->code;
    if (len != sizeof wanted || CRYPTO_memcmp(theirs, wanted, len) != 0)
        return smg_fail(err, SMG_E_CARD,
                        "the chip does not know what it should: its token is wrong");
    return SMG_OK;
}

static int run_pace(struct pace_run *pace, const struct access *access, struct smg_err *err)
{
    bool by_zone = access->information[0] != '\0';
    struct channel channel = { 0 };
    uint8_t digest[SHA1_BYTES];
    EC_POINT *shared = NULL;
    struct key password;
    bool derived;
    int code;

    derived =
        by_zone ? hash_sha1(access->information, strlen(access->information), digest) &&
                      derive_key(pace->info->suite, digest, sizeof digest, KEY_PASSWORD, &password)
                : derive_key(pace->info->suite, (const uint8_t *)access->can, strlen(access->can),
                             KEY_PASSWORD, &password);
    code = derived ? set_protocol(pace, by_zone ? PASSWORD_MRZ : PASSWORD_CAN, err) : pace_bug(err);
    if (code == SMG_OK)
        code = read_nonce(pace, &password, err);
    if (code == SMG_OK)
        code = map_generator(pace, err);
    if (code == SMG_OK) {
        shared = agree_on_point(pace, pace->generator, 0x83, err);
        code = shared == NULL ? err->code : make_keys_of(pace, shared, &channel, err);
    }
    if (code == SMG_OK)
        code = prove(pace, err);
    if (code == SMG_OK)
        pace->icc->channel = channel;
    EC_POINT_clear_free(shared);
    OPENSSL_cleanse(&channel, sizeof channel);
    OPENSSL_cleanse(digest, sizeof digest);
    OPENSSL_cleanse(&password, sizeof password);
    return code;
}

int pace_open(struct icc *icc, const struct pace_info *info, const struct access *access,
              struct smg_err *err)
{
    struct pace_run pace = { .icc = icc, .info = info };
    int code;

    pace.group = EC_GROUP_new_by_curve_name(info->curve);
    pace.numbers = BN_CTX_secure_new();
    code =
        pace.group == NULL || pace.numbers == NULL ? pace_bug(err) : run_pace(&pace, access, err);
    EC_POINT_clear_free(pace.generator);
    BN_CTX_free(pace.numbers);
    EC_GROUP_free(pace.group);
    OPENSSL_cleanse(&pace, sizeof pace);
    return code;
}
