/* SPDX-License-Identifier: Apache-2.0 */
/* PACE: a nonce only the password opens moves the generator, and a key agreement on it makes the
 * keys. */
#include "emulate/pace.h"
#include "emulate/tlv.h"

#include <openssl/obj_mac.h>

enum { NOT_BEGUN = 0, NONCE, MAPPING, AGREEMENT, TOKENS };
enum { DYNAMIC_DATA = 0x7C, PUBLIC_KEY = 0x7F49, POINT = 0x86 };
enum { BY_MRZ = 1, BY_CAN = 2, COORDINATE_MAX = 66 };

EC_GROUP *pace_curve(int parameters)
{
    static const int curves[] = { NID_X9_62_prime192v1, NID_brainpoolP192r1,  NID_secp224r1,
                                  NID_brainpoolP224r1,  NID_X9_62_prime256v1, NID_brainpoolP256r1,
                                  NID_brainpoolP320r1,  NID_secp384r1,        NID_brainpoolP384r1,
                                  NID_brainpoolP512r1,  NID_secp521r1 };

    if (parameters < 8 || parameters > 18)
        return NULL;
    return EC_GROUP_new_by_curve_name(curves[parameters - 8]);
}

/* id-PACE-ECDH-GM-AES-CBC-CMAC-128, -192, -256. */
static void put_protocol(enum chip_cipher cipher, struct buf *out)
{
    char dotted[32];

    snprintf(dotted, sizeof dotted, "0.4.0.127.0.7.2.2.4.2.%d", (int)cipher);
    tlv_oid(out, dotted);
}

void pace_card_access(const struct pace_offer *offer, struct buf *out)
{
    put_protocol(offer->cipher, out);
    tlv_integer(out, 2);
    tlv_integer(out, (unsigned)offer->curve);
    tlv_wrap(out, 0, 0x30);
    tlv_wrap(out, 0, 0x31);
}

void pace_reset(struct pace *pace)
{
    EC_POINT_free(pace->generator);
    EC_POINT_free(pace->peer);
    EC_POINT_free(pace->own);
    EC_GROUP_free(pace->curve);
    BN_clear_free(pace->nonce);
    str_wipe(pace, sizeof *pace);
}

static bool derive_password(int reference, enum chip_cipher cipher, const char *key_information,
                            const char *can, struct chip_key *out)
{
    uint8_t digest[CHIP_SHA1];

    if (reference == BY_CAN)
        return chip_derive(cipher, str_of(can), CHIP_PASSWORD, out);
    return chip_sha1(str_of(key_information), digest) &&
           chip_derive(cipher, str_bytes(digest, sizeof digest), CHIP_PASSWORD, out);
}

/* Is the protocol the card offers what the terminal asks for? */
static bool is_offered(const struct pace_offer *offer, struct smg_str data)
{
    struct buf protocol = { 0 };
    struct smg_str wanted, view, value, curve;
    unsigned tag;
    bool good;

    put_protocol(offer->cipher, &protocol);
    view = buf_view(&protocol);
    good = tlv_take(&view, &tag, &wanted) && tlv_find(data, 0x80, &value) &&
           str_eq(value, wanted) &&
           (!tlv_find(data, 0x84, &curve) || (curve.len == 1 && curve.at[0] == offer->curve));
    buf_fini(&protocol);
    return good;
}

unsigned pace_choose(struct pace *pace, const struct pace_offer *offer, struct smg_str data,
                     const char *key_information, const char *can)
{
    struct smg_str reference;

    pace_reset(pace);
    if (!is_offered(offer, data) || !tlv_find(data, 0x83, &reference) || reference.len != 1)
        return SW_WRONG_DATA;
    if (reference.at[0] != BY_MRZ && (reference.at[0] != BY_CAN || *can == '\0'))
        return SW_REFERENCE_NOT_FOUND;
    pace->offer = *offer;
    pace->curve = pace_curve(offer->curve);
    if (pace->curve == NULL ||
        !derive_password(reference.at[0], offer->cipher, key_information, can, &pace->password))
        return SW_BROKEN;
    pace->step = NONCE;
    return SW_DONE;
}

static unsigned give_nonce(struct pace *pace, struct chip_random random, struct buf *answer)
{
    uint8_t nonce[PACE_NONCE], hidden[PACE_NONCE];

    if (!random.fill(random.context, nonce, sizeof nonce) ||
        !chip_encrypt(&pace->password, NULL, str_bytes(nonce, sizeof nonce), hidden))
        return SW_BROKEN;
    pace->nonce = BN_bin2bn(nonce, sizeof nonce, NULL);
    tlv_put(answer, 0x80, str_bytes(hidden, sizeof hidden));
    return pace->nonce == NULL ? SW_BROKEN : SW_DONE;
}

/* A private key: random, below the order, not zero. */
static BIGNUM *new_private(const struct pace *pace, struct chip_random random)
{
    uint8_t bytes[COORDINATE_MAX];
    const BIGNUM *order = EC_GROUP_get0_order(pace->curve);
    size_t len = (size_t)(BN_num_bits(order) + 7) / 8;
    BIGNUM *key = NULL;

    for (int i = 0; key == NULL && i < 1000; i++) {
        if (!random.fill(random.context, bytes, len))
            return NULL;
        if (BN_num_bits(order) % 8 != 0)
            bytes[0] &= (uint8_t)((1U << BN_num_bits(order) % 8) - 1);
        key = BN_bin2bn(bytes, (int)len, NULL);
        if (key != NULL && (BN_is_zero(key) || BN_cmp(key, order) >= 0)) {
            BN_free(key);
            key = NULL;
        }
    }
    return key;
}

static EC_POINT *read_point(const struct pace *pace, struct smg_str bytes)
{
    EC_POINT *point = EC_POINT_new(pace->curve);

    if (point != NULL && bytes.len > 0 && bytes.at[0] == 0x04 &&
        EC_POINT_oct2point(pace->curve, point, (const uint8_t *)bytes.at, bytes.len, NULL) == 1 &&
        !EC_POINT_is_at_infinity(pace->curve, point))
        return point;
    EC_POINT_free(point);
    return NULL;
}

static void put_point(const struct pace *pace, const EC_POINT *point, unsigned tag, struct buf *out)
{
    uint8_t bytes[1 + 2 * COORDINATE_MAX];
    size_t len = EC_POINT_point2oct(pace->curve, point, POINT_CONVERSION_UNCOMPRESSED, bytes,
                                    sizeof bytes, NULL);

    if (len == 0)
        out->failed = true;
    tlv_put(out, tag, str_bytes(bytes, len));
}

/* private * at, or private * the curve's own generator when at is NULL; plus `add` when there is
 * one. */
static EC_POINT *multiply(const struct pace *pace, const EC_POINT *at, const BIGNUM *private)
{
    EC_POINT *point = EC_POINT_new(pace->curve);

    if (point == NULL || EC_POINT_mul(pace->curve, point, at == NULL ? private : NULL, at,
                                      at == NULL ? NULL : private, NULL) != 1) {
        EC_POINT_free(point);
        return NULL;
    }
    return point;
}

/* The mapped generator: nonce * generator + the secret both sides share. */
static EC_POINT *map_generator(const struct pace *pace, const EC_POINT *shared)
{
    EC_POINT *mapped = EC_POINT_new(pace->curve);

    if (mapped != NULL &&
        EC_POINT_mul(pace->curve, mapped, pace->nonce, shared, BN_value_one(), NULL) == 1 &&
        !EC_POINT_is_at_infinity(pace->curve, mapped))
        return mapped;
    EC_POINT_free(mapped);
    return NULL;
}

static unsigned map(struct pace *pace, struct smg_str theirs, struct chip_random random,
                    struct buf *answer)
{
    EC_POINT *peer = read_point(pace, theirs), *own = NULL, *shared = NULL;
    BIGNUM *private = NULL;
    unsigned status = SW_AUTHENTICATION_FAILED;

    if (peer != NULL) {
        private = new_private(pace, random);
        own = private == NULL ? NULL : multiply(pace, NULL, private);
        shared = private == NULL ? NULL : multiply(pace, peer, private);
        pace->generator = shared == NULL ? NULL : map_generator(pace, shared);
        status = own != NULL && pace->generator != NULL ? SW_DONE : SW_BROKEN;
    }
    if (status == SW_DONE)
        put_point(pace, own, 0x82, answer);
    EC_POINT_free(peer);
    EC_POINT_free(own);
    EC_POINT_free(shared);
    BN_clear_free(private);
    return status;
}

/* Keys from the x coordinate of the shared point, as long as the field's elements. */
static bool derive_keys(struct pace *pace, const EC_POINT *shared)
{
    uint8_t x[COORDINATE_MAX];
    int len = (EC_GROUP_get_degree(pace->curve) + 7) / 8;
    BIGNUM *number = BN_new();
    bool good = number != NULL &&
                EC_POINT_get_affine_coordinates(pace->curve, shared, number, NULL, NULL) == 1 &&
                BN_bn2binpad(number, x, len) == len &&
                session_open(&pace->keys, pace->offer.cipher, str_bytes(x, (size_t)len));

    BN_clear_free(number);
    str_wipe(x, sizeof x);
    return good;
}

static unsigned agree(struct pace *pace, struct smg_str theirs, struct chip_random random,
                      struct buf *answer)
{
    EC_POINT *shared = NULL;
    BIGNUM *private = NULL;
    bool good = false;

    pace->peer = read_point(pace, theirs);
    if (pace->peer == NULL)
        return SW_AUTHENTICATION_FAILED;
    private = new_private(pace, random);
    if (private != NULL) {
        pace->own = multiply(pace, pace->generator, private);
        shared = multiply(pace, pace->peer, private);
    }
    good = pace->own != NULL && shared != NULL && derive_keys(pace, shared);
    if (good)
        put_point(pace, pace->own, 0x84, answer);
    EC_POINT_free(shared);
    BN_clear_free(private);
    return good ? SW_DONE : SW_BROKEN;
}

/* The token over the other side's public key. */
static bool token(const struct pace *pace, const EC_POINT *key, uint8_t out[CHIP_MAC_BYTES])
{
    struct buf input = { 0 };
    bool good;

    put_protocol(pace->offer.cipher, &input);
    put_point(pace, key, POINT, &input);
    tlv_wrap(&input, 0, PUBLIC_KEY);
    good = !input.failed && chip_mac(&pace->keys.mac, buf_view(&input), out);
    buf_fini(&input);
    return good;
}

static unsigned exchange_tokens(struct pace *pace, struct smg_str theirs, enum passport_fault fault,
                                struct buf *answer, struct session *session)
{
    uint8_t wanted[CHIP_MAC_BYTES], ours[CHIP_MAC_BYTES];

    if (!token(pace, pace->own, wanted) || !token(pace, pace->peer, ours))
        return SW_BROKEN;
    if (!str_eq_secret(theirs, str_bytes(wanted, sizeof wanted)))
        return SW_AUTHENTICATION_FAILED;
    if (fault == PASSPORT_PACE_WRONG_TOKEN)
        ours[0] ^= 1;
    tlv_put(answer, 0x86, str_bytes(ours, sizeof ours));
    *session = pace->keys;
    return SW_DONE;
}

static unsigned take_step(struct pace *pace, struct smg_str data, struct chip_random random,
                          enum passport_fault fault, struct buf *answer, struct session *session)
{
    static const unsigned tags[] = { [MAPPING] = 0x81, [AGREEMENT] = 0x83, [TOKENS] = 0x85 };
    struct smg_str value = { "", 0 };

    if (pace->step == NONCE)
        return data.len == 0 ? give_nonce(pace, random, answer) : SW_WRONG_DATA;
    if (!tlv_find(data, tags[pace->step], &value))
        return SW_WRONG_DATA;
    if (pace->step == MAPPING)
        return map(pace, value, random, answer);
    if (pace->step == AGREEMENT)
        return agree(pace, value, random, answer);
    return exchange_tokens(pace, value, fault, answer, session);
}

unsigned pace_authenticate(struct pace *pace, bool last, struct smg_str data,
                           struct chip_random random, enum passport_fault fault, struct buf *answer,
                           struct session *session)
{
    struct smg_str inner;
    unsigned status = SW_CONDITIONS;

    if (pace->step == NOT_BEGUN || last != (pace->step == TOKENS))
        status = SW_CONDITIONS;
    else if (fault == PASSPORT_PACE_BROKEN || !tlv_find(data, DYNAMIC_DATA, &inner))
        status = SW_WRONG_DATA;
    else
        status = take_step(pace, inner, random, fault, answer, session);
    if (status == SW_DONE)
        tlv_wrap(answer, 0, DYNAMIC_DATA);
    if (status != SW_DONE || pace->step == TOKENS)
        pace_reset(pace);
    else
        pace->step++;
    return status;
}
