/* SPDX-License-Identifier: Apache-2.0 */
/* Basic access control: both sides show that they know the zone, and agree on keys. */
#include "access.h"

#include <openssl/crypto.h>
#include <string.h>

enum {
    NONCE = 8,
    SEED = 16,
    SEED_AT = 2 * NONCE,
    TOLD = SEED_AT + SEED, /* two nonces and a seed, enciphered */
    SIGNED = TOLD + MAC_BYTES
};

static int ask_for_nonce(struct icc *icc, uint8_t nonce[NONCE], struct smg_err *err)
{
    const struct command get_challenge = { .ins = 0x84, .expected = NONCE };
    struct answer answer;

    if (icc_send(icc, &get_challenge, &answer, err) < 0)
        return err->code;
    if (answer.status != STATUS_DONE || answer.len != NONCE)
        return smg_fail(err, SMG_E_CARD, "the chip gives no challenge (status %04X)",
                        answer.status);
    memcpy(nonce, answer.data, NONCE);
    return SMG_OK;
}

/* What follows is sent enciphered, with its MAC: our nonce, the chip's, our half of the seed. */
static bool seal_told(const struct key *encrypt, const struct key *mac, const uint8_t told[TOLD],
                      uint8_t out[SIGNED])
{
    uint8_t padded[TOLD + NONCE];

    if (!cbc_encrypt(SUITE_3DES, encrypt, NULL, told, TOLD, out))
        return false;
    memcpy(padded, out, TOLD);
    return make_mac(SUITE_3DES, mac, padded, pad_to_block(padded, TOLD, NONCE), out + TOLD);
}

static bool unseal_told(const struct key *encrypt, const struct key *mac, const uint8_t in[SIGNED],
                        uint8_t told[TOLD])
{
    uint8_t padded[TOLD + NONCE], is[MAC_BYTES];

    memcpy(padded, in, TOLD);
    return make_mac(SUITE_3DES, mac, padded, pad_to_block(padded, TOLD, NONCE), is) &&
           CRYPTO_memcmp(is, in + TOLD, sizeof is) == 0 &&
           cbc_decrypt(SUITE_3DES, encrypt, NULL, in, TOLD, told);
}

/* theirs: the chip's nonce, ours, its half of the seed. */
static int agree(struct channel *channel, const uint8_t ours[TOLD], const uint8_t theirs[TOLD],
                 struct smg_err *err)
{
    uint8_t seed[SEED], counter[BLOCK_MAX] = { 0 };
    int code;

    if (CRYPTO_memcmp(theirs, ours + NONCE, NONCE) != 0 ||
        CRYPTO_memcmp(theirs + NONCE, ours, NONCE) != 0)
        return smg_fail(err, SMG_E_CARD, "the chip answered another challenge than ours");
    for (size_t i = 0; i < SEED; i++)
        seed[i] = ours[SEED_AT + i] ^ theirs[SEED_AT + i];
    memcpy(counter, theirs + NONCE / 2, NONCE / 2);
    memcpy(counter + NONCE / 2, ours + NONCE / 2, NONCE / 2);
    code = channel_open(channel, SUITE_3DES, seed, sizeof seed, counter, err);
    OPENSSL_cleanse(seed, sizeof seed);
    return code;
}

static int authenticate(struct icc *icc, const struct key *encrypt, const struct key *mac,
                        uint8_t told[TOLD], struct smg_err *err)
{
    struct command command = { .ins = 0x82, .len = SIGNED, .expected = SIGNED };
    uint8_t sealed[SIGNED], theirs[TOLD];
    struct answer answer;
    int code;

    if (!seal_told(encrypt, mac, told, sealed))
        return smg_fail(err, SMG_E_BUG, "OpenSSL enciphers nothing");
    command.data = sealed;
    if (icc_send(icc, &command, &answer, err) < 0)
        return err->code;
    if (access_is_refusal(answer.status))
        return access_refused(err);
    if (answer.status != STATUS_DONE || answer.len != SIGNED)
        return smg_fail(err, SMG_E_CARD, "the chip does not authenticate (status %04X)",
                        answer.status);
    if (!unseal_told(encrypt, mac, answer.data, theirs))
        return smg_fail(err, SMG_E_CARD, "the chip does not know what it should: its MAC is wrong");
    code = agree(&icc->channel, told, theirs, err);
    OPENSSL_cleanse(theirs, sizeof theirs);
    return code;
}

int bac_open(struct icc *icc, const struct access *access, struct smg_err *err)
{
    uint8_t digest[SHA1_BYTES], told[TOLD];
    struct key encrypt, mac;
    int code;

    if (!hash_sha1(access->information, strlen(access->information), digest) ||
        !derive_key(SUITE_3DES, digest, SEED, KEY_ENCRYPT, &encrypt) ||
        !derive_key(SUITE_3DES, digest, SEED, KEY_MAC, &mac) ||
        !icc->chance(icc->ctx, told, NONCE) || !icc->chance(icc->ctx, told + SEED_AT, SEED))
        return smg_fail(err, SMG_E_BUG, "OpenSSL derives no key");
    code = ask_for_nonce(icc, told + NONCE, err);
    if (code == SMG_OK)
        code = authenticate(icc, &encrypt, &mac, told, err);
    OPENSSL_cleanse(digest, sizeof digest);
    OPENSSL_cleanse(told, sizeof told);
    OPENSSL_cleanse(&encrypt, sizeof encrypt);
    OPENSSL_cleanse(&mac, sizeof mac);
    return code;
}
