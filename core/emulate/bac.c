/* SPDX-License-Identifier: Apache-2.0 */
/* Basic access control: both sides show that they know the MRZ, and agree on keys. */
#include "emulate/bac.h"

enum { BODY = 32, SEED = 16 };

struct bac_keys {
    struct chip_key encryption, mac;
};

static bool derive(struct smg_str key_information, struct bac_keys *out)
{
    uint8_t digest[CHIP_SHA1];

    return chip_sha1(key_information, digest) &&
           chip_derive(CHIP_3DES, str_bytes(digest, SEED), CHIP_ENCRYPTION, &out->encryption) &&
           chip_derive(CHIP_3DES, str_bytes(digest, SEED), CHIP_MAC, &out->mac);
}

static bool body_mac(const struct bac_keys *keys, const uint8_t *body, uint8_t out[CHIP_MAC_BYTES])
{
    struct buf padded = { 0 };
    bool good;

    buf_put(&padded, body, BODY);
    chip_pad(&padded, 8);
    good = !padded.failed && chip_mac(&keys->mac, buf_view(&padded), out);
    buf_fini(&padded);
    return good;
}

/* The session out of both shares; its counter is the ends of both random numbers. */
static bool agree(const uint8_t *theirs, const uint8_t *challenge, const uint8_t *key_share,
                  struct session *session)
{
    uint8_t seed[BAC_KEY];

    for (size_t i = 0; i < BAC_KEY; i++)
        seed[i] = theirs[16 + i] ^ key_share[i];
    if (!session_open(session, CHIP_3DES, str_bytes(seed, sizeof seed)))
        return false;
    memcpy(session->counter, challenge + 4, 4);
    memcpy(session->counter + 4, theirs + 4, 4);
    return true;
}

unsigned bac_authenticate(struct smg_str key_information, const uint8_t challenge[BAC_CHALLENGE],
                          const uint8_t key_share[BAC_KEY], struct smg_str message, uint8_t *out,
                          struct session *session)
{
    struct bac_keys keys;
    uint8_t mac[CHIP_MAC_BYTES], theirs[BODY], ours[BODY];

    if (message.len != BAC_MESSAGE)
        return SW_WRONG_LENGTH;
    if (!derive(key_information, &keys) || !body_mac(&keys, (const uint8_t *)message.at, mac))
        return SW_BROKEN;
    if (!str_eq_secret(str_bytes(mac, sizeof mac), str_bytes(message.at + BODY, CHIP_MAC_BYTES)))
        return SW_AUTHENTICATION_FAILED;
    if (!chip_decrypt(&keys.encryption, NULL, str_bytes(message.at, BODY), theirs))
        return SW_BROKEN;
    if (memcmp(theirs + BAC_CHALLENGE, challenge, BAC_CHALLENGE) != 0)
        return SW_AUTHENTICATION_FAILED;
    memcpy(ours, challenge, BAC_CHALLENGE);
    memcpy(ours + BAC_CHALLENGE, theirs, BAC_CHALLENGE);
    memcpy(ours + 16, key_share, BAC_KEY);
    if (!chip_encrypt(&keys.encryption, NULL, str_bytes(ours, BODY), out) ||
        !body_mac(&keys, out, out + BODY) || !agree(theirs, challenge, key_share, session))
        return SW_BROKEN;
    return SW_DONE;
}
