/* SPDX-License-Identifier: Apache-2.0 */
/* Secure messaging: commands wrapped, answers unwrapped. */
#include "messaging.h"

#include "apdu.h"
#include "tlv.h"

#include <openssl/crypto.h>
#include <string.h>

enum {
    DO_CIPHERTEXT = 0x87,            /* after a byte that says how it was padded */
    DO_CIPHERTEXT_OF_OBJECTS = 0x85, /* of a command with an odd INS: without that byte */
    DO_EXPECTED = 0x97,
    DO_STATUS = 0x99,
    DO_MAC = 0x8E,
    PADDED = 0x01,
    PLAIN_MAX = 223 /* so that what is made of it fits in a short command */
};

int channel_open(struct channel *channel, enum suite suite, const uint8_t *secret, size_t len,
                 const uint8_t *counter, struct smg_err *err)
{
    *channel = (struct channel){ .suite = suite };
    if (!derive_key(suite, secret, len, KEY_ENCRYPT, &channel->encrypt) ||
        !derive_key(suite, secret, len, KEY_MAC, &channel->mac))
        return smg_fail(err, SMG_E_BUG, "OpenSSL derives no key");
    if (counter != NULL)
        memcpy(channel->counter, counter, suite_block(suite));
    channel->state = CHANNEL_OPEN;
    return SMG_OK;
}

static void count_up_counter(struct channel *channel)
{
    size_t i = suite_block(channel->suite);

    while (i > 0 && ++channel->counter[--i] == 0)
        continue;
}

/* AES starts from the enciphered counter, triple DES from zeros. */
static bool make_iv(const struct channel *channel, uint8_t iv[BLOCK_MAX])
{
    memset(iv, 0, BLOCK_MAX);
    return channel->suite == SUITE_3DES ||
           cbc_encrypt(channel->suite, &channel->encrypt, NULL, channel->counter, BLOCK_MAX, iv);
}

static bool write_ciphertext(const struct channel *channel, const struct command *command,
                             struct writer *objects)
{
    uint8_t text[1 + PLAIN_MAX + 1 + BLOCK_MAX], iv[BLOCK_MAX];
    bool odd = command->ins % 2 == 1;
    size_t len;

    if (command->len == 0)
        return true;
    if (command->len > PLAIN_MAX)
        return false;
    text[0] = PADDED;
    memcpy(text + 1, command->data, command->len);
    len = pad_to_block(text + 1, command->len, suite_block(channel->suite));
    if (!make_iv(channel, iv) ||
        !cbc_encrypt(channel->suite, &channel->encrypt, iv, text + 1, len, text + 1))
        return false;
    if (odd)
        write_tlv(objects, DO_CIPHERTEXT_OF_OBJECTS, text + 1, len);
    else
        write_tlv(objects, DO_CIPHERTEXT, text, len + 1);
    return true;
}

/* Over the counter, the padded header of a command, and the objects. */
static bool sign(const struct channel *channel, const uint8_t *header, const uint8_t *objects,
                 size_t len, uint8_t mac[MAC_BYTES])
{
    uint8_t text[2 * BLOCK_MAX + ANSWER_BYTES + BLOCK_MAX];
    size_t block = suite_block(channel->suite), used = block;

    if (len > ANSWER_BYTES)
        return false;
    memcpy(text, channel->counter, block);
    if (header != NULL) {
        memcpy(text + used, header, 4);
        used += pad_to_block(text + used, 4, block);
    }
    if (len > 0)
        memcpy(text + used, objects, len);
    used = pad_to_block(text, used + len, block);
    return make_mac(channel->suite, &channel->mac, text, used, mac);
}

int channel_protect(struct channel *channel, const struct command *command, struct writer *out,
                    struct smg_err *err)
{
    const uint8_t header[] = { (uint8_t)(command->cla | 0x0C), command->ins, command->p1,
                               command->p2 };
    const uint8_t expected = (uint8_t)command->expected;
    uint8_t at[APDU_BYTES], mac[MAC_BYTES];
    struct writer objects = { .at = at, .room = sizeof at };

    if (channel->state != CHANNEL_OPEN)
        return smg_fail(err, SMG_E_CARD, "secure messaging broke off");
    count_up_counter(channel);
    channel->odd = command->ins % 2 == 1;
    if (!write_ciphertext(channel, command, &objects))
        return smg_fail(err, SMG_E_BUG, "a command does not fit under secure messaging");
    if (command->expected > 0)
        write_tlv(&objects, DO_EXPECTED, &expected, 1);
    if (!sign(channel, header, at, objects.len, mac))
        return smg_fail(err, SMG_E_BUG, "OpenSSL makes no MAC");
    write_tlv(&objects, DO_MAC, mac, sizeof mac);
    if (objects.full || objects.len > 255)
        return smg_fail(err, SMG_E_BUG, "a command does not fit under secure messaging");
    write_bytes(out, header, sizeof header);
    write_byte(out, (uint8_t)objects.len);
    write_bytes(out, at, objects.len);
    write_byte(out, 0);
    return SMG_OK;
}

struct objects {
    struct smg_str ciphertext; /* at NULL: none */
    uint32_t tag;              /* of it */
    struct smg_str status, mac;
    size_t signed_bytes; /* what stands before the MAC */
};

/* Ciphertext if there is any, status, MAC; in that order, and nothing else. */
static bool read_objects(struct smg_str bytes, struct objects *out)
{
    struct smg_str rest = bytes;
    struct tlv object;

    *out = (struct objects){ 0 };
    if (!take_tlv(&rest, &object))
        return false;
    if (object.tag == DO_CIPHERTEXT || object.tag == DO_CIPHERTEXT_OF_OBJECTS) {
        out->ciphertext = object.value;
        out->tag = object.tag;
        if (!take_tlv(&rest, &object))
            return false;
    }
    if (object.tag != DO_STATUS || object.value.len != 2)
        return false;
    out->status = object.value;
    out->signed_bytes = bytes.len - rest.len;
    if (!take_tlv(&rest, &object) || object.tag != DO_MAC || object.value.len != MAC_BYTES)
        return false;
    out->mac = object.value;
    return rest.len == 0;
}

static bool decipher(const struct channel *channel, const struct objects *objects,
                     struct answer *answer)
{
    const uint8_t *text = (const uint8_t *)objects->ciphertext.at;
    size_t len = objects->ciphertext.len;
    uint8_t iv[BLOCK_MAX];

    if (objects->tag == DO_CIPHERTEXT_OF_OBJECTS && !channel->odd)
        return false;
    if (objects->tag == DO_CIPHERTEXT) {
        if (len == 0 || text[0] != PADDED)
            return false;
        text++;
        len--;
    }
    return len > 0 && len % suite_block(channel->suite) == 0 && len <= sizeof answer->data &&
           make_iv(channel, iv) &&
           cbc_decrypt(channel->suite, &channel->encrypt, iv, text, len, answer->data) &&
           cut_padding(answer->data, len, &answer->len);
}

static const char *find_fault(struct channel *channel, const uint8_t *raw, size_t len,
                              struct answer *answer)
{
    struct objects objects;
    uint8_t mac[MAC_BYTES];

    if (len < 2)
        return "an answer without a status";
    answer->status = (uint16_t)(raw[len - 2] << 8 | raw[len - 1]);
    if (len == 2)
        return "an answer in the clear";
    if (!read_objects((struct smg_str){ (const char *)raw, len - 2 }, &objects))
        return "objects missing or out of order";
    count_up_counter(channel);
    if (!sign(channel, NULL, raw, objects.signed_bytes, mac) ||
        CRYPTO_memcmp(mac, objects.mac.at, sizeof mac) != 0)
        return "a wrong MAC";
    if (memcmp(objects.status.at, raw + len - 2, 2) != 0)
        return "two different statuses";
    if (objects.ciphertext.at != NULL && !decipher(channel, &objects, answer))
        return "data that cannot be deciphered";
    return NULL;
}

int channel_open_answer(struct channel *channel, const uint8_t *raw, size_t len,
                        struct answer *answer, struct smg_err *err)
{
    const char *fault;

    answer->len = answer->status = 0;
    fault = find_fault(channel, raw, len, answer);
    if (fault == NULL)
        return SMG_OK;
    channel->state = CHANNEL_BROKEN;
    answer->len = 0;
    return smg_fail(err, SMG_E_CARD, "secure messaging broke off: %s (status %04X)", fault,
                    answer->status);
}
