/* SPDX-License-Identifier: Apache-2.0 */
/* Commands out of their protection, answers into it, and answers protected badly. */
#include "emulate/secure_messaging.h"
#include "emulate/tlv.h"

enum {
    CIPHER_TEXT_EVEN = 0x87,
    CIPHER_TEXT_ODD = 0x85,
    EXPECTED_LENGTH = 0x97,
    STATUS = 0x99,
    CHECKSUM = 0x8E,
    PADDED = 0x01 /* padding indicator: ISO padding */
};

bool session_open(struct session *session, enum chip_cipher cipher, struct smg_str secret)
{
    *session = (struct session){ 0 };
    session->is_open = chip_derive(cipher, secret, CHIP_ENCRYPTION, &session->encryption) &&
                       chip_derive(cipher, secret, CHIP_MAC, &session->mac);
    return session->is_open;
}

void session_close(struct session *session)
{
    str_wipe(session, sizeof *session);
}

static size_t block_of(const struct session *session)
{
    return chip_block(session->mac.cipher);
}

static void count(struct session *session)
{
    size_t at = block_of(session);

    while (at > 0 && ++session->counter[at - 1] == 0)
        at--;
}

/* 3DES: zeros; AES: the encrypted counter. */
static bool make_iv(const struct session *session, uint8_t iv[CHIP_BLOCK_MAX])
{
    memset(iv, 0, CHIP_BLOCK_MAX);
    return session->mac.cipher == CHIP_3DES ||
           chip_encrypt(&session->encryption, NULL, str_bytes(session->counter, CHIP_BLOCK_MAX),
                        iv);
}

/* The MAC over counter, header (empty for an answer) and objects. */
static bool checksum(const struct session *session, struct smg_str header, struct smg_str objects,
                     uint8_t out[CHIP_MAC_BYTES])
{
    size_t block = block_of(session);
    struct buf input = { 0 };
    bool good;

    buf_put(&input, session->counter, block);
    if (header.len > 0) {
        buf_str(&input, header);
        chip_pad(&input, block);
    }
    if (objects.len > 0) {
        buf_str(&input, objects);
        chip_pad(&input, block);
    }
    good = !input.failed && chip_mac(&session->mac, buf_view(&input), out);
    buf_fini(&input);
    return good;
}

/* Decrypt and take the padding off; false when there is none. */
static bool open_data(const struct session *session, struct smg_str text, struct buf *plain)
{
    uint8_t iv[CHIP_BLOCK_MAX];
    uint8_t *at;

    if (text.len == 0 || text.len % block_of(session) != 0 || !make_iv(session, iv))
        return false;
    at = (uint8_t *)buf_grow(plain, text.len);
    if (at == NULL || !chip_decrypt(&session->encryption, iv, text, at))
        return false;
    while (plain->len > 0 && plain->at[plain->len - 1] == 0)
        plain->len--;
    if (plain->len == 0 || (uint8_t)plain->at[plain->len - 1] != 0x80)
        return false;
    plain->len--;
    return true;
}

/* The objects of a protected command; those the MAC is over come first. */
struct objects {
    struct smg_str cipher_text, length, checksum, covered;
    bool has_text, has_length, has_checksum, odd;
};

static bool find_objects(struct smg_str data, struct objects *out)
{
    struct smg_str rest = data, value;
    unsigned tag;

    *out = (struct objects){ 0 };
    while (rest.len > 0) {
        struct smg_str before = rest;

        if (!tlv_take(&rest, &tag, &value) || out->has_checksum)
            return false;
        if ((tag == CIPHER_TEXT_EVEN || tag == CIPHER_TEXT_ODD) && !out->has_text) {
            out->cipher_text = value;
            out->has_text = true;
            out->odd = tag == CIPHER_TEXT_ODD;
        } else if (tag == EXPECTED_LENGTH && !out->has_length) {
            out->length = value;
            out->has_length = true;
        } else if (tag == CHECKSUM) {
            out->checksum = value;
            out->has_checksum = true;
            out->covered = str_bytes(data.at, (size_t)(before.at - data.at));
        } else {
            return false;
        }
    }
    return true;
}

static bool take_expected_length(struct smg_str value, struct apdu *out)
{
    if (value.len != 1 && value.len != 2)
        return false;
    out->has_le = true;
    out->le = 0;
    for (size_t i = 0; i < value.len; i++)
        out->le = out->le << 8 | (uint8_t)value.at[i];
    if (out->le == 0)
        out->le = (size_t)1 << 8 * value.len;
    return true;
}

static unsigned open_objects(const struct session *session, struct objects *objects,
                             struct apdu *out, struct buf *plain)
{
    struct smg_str text = objects->cipher_text;

    out->data = (struct smg_str){ "", 0 };
    out->has_le = false;
    if (objects->has_text) {
        if (objects->odd != (out->ins & 1))
            return SW_OBJECT_WRONG;
        if (!objects->odd) {
            if (text.len == 0 || text.at[0] != PADDED)
                return SW_OBJECT_WRONG;
            text = str_bytes(text.at + 1, text.len - 1);
        }
        if (!open_data(session, text, plain))
            return SW_OBJECT_WRONG;
        out->data = buf_view(plain);
    }
    if (objects->has_length && !take_expected_length(objects->length, out))
        return SW_OBJECT_WRONG;
    return SW_DONE;
}

unsigned session_unwrap(struct session *session, struct smg_str command, struct apdu *out,
                        struct buf *plain)
{
    struct objects objects;
    uint8_t wanted[CHIP_MAC_BYTES];
    unsigned status = SW_DONE;

    buf_clear(plain);
    count(session);
    if (!apdu_parse(command, out))
        status = SW_WRONG_LENGTH;
    else if (!find_objects(out->data, &objects))
        status = SW_OBJECT_WRONG;
    else if (!objects.has_checksum)
        status = SW_OBJECT_MISSING;
    else if (!checksum(session, str_bytes(command.at, 4), objects.covered, wanted))
        status = SW_BROKEN;
    else if (!str_eq_secret(objects.checksum, str_bytes(wanted, sizeof wanted)))
        status = SW_OBJECT_WRONG;
    else
        status = open_objects(session, &objects, out, plain);
    if (status != SW_DONE)
        session_close(session);
    return status;
}

static bool put_data(const struct session *session, bool odd, struct smg_str data, struct buf *out)
{
    uint8_t iv[CHIP_BLOCK_MAX];
    struct buf padded = { 0 };
    size_t from = out->len;
    uint8_t *at = NULL;
    bool good;

    buf_str(&padded, data);
    chip_pad(&padded, block_of(session));
    if (!odd)
        buf_byte(out, PADDED);
    if (!padded.failed)
        at = (uint8_t *)buf_grow(out, padded.len);
    good = at != NULL && make_iv(session, iv) &&
           chip_encrypt(&session->encryption, iv, buf_view(&padded), at);
    tlv_wrap(out, from, odd ? CIPHER_TEXT_ODD : CIPHER_TEXT_EVEN);
    buf_fini(&padded);
    return good && !out->failed;
}

static void put_status(enum passport_fault fault, unsigned status, struct buf *out)
{
    uint8_t bytes[] = { (uint8_t)(status >> 8), (uint8_t)(status & 0xFF) };

    if (fault == PASSPORT_WRONG_STATUS)
        bytes[0] = 0x62;
    if (fault != PASSPORT_NO_STATUS)
        tlv_put(out, STATUS, str_bytes(bytes, sizeof bytes));
}

bool session_wrap(struct session *session, enum passport_fault fault, bool odd, struct smg_str data,
                  unsigned status, struct buf *out)
{
    uint8_t mac[CHIP_MAC_BYTES];

    buf_clear(out);
    count(session);
    if (fault == PASSPORT_PLAIN) {
        buf_str(out, data);
        buf_u16(out, (uint16_t)status);
        return !out->failed;
    }
    if (data.len > 0 && !put_data(session, odd, data, out))
        return false;
    put_status(fault, status, out);
    if (out->failed || !checksum(session, (struct smg_str){ "", 0 }, buf_view(out), mac))
        return false;
    if (fault == PASSPORT_WRONG_MAC)
        mac[0] ^= 1;
    if (fault != PASSPORT_NO_MAC)
        tlv_put(out, CHECKSUM, str_bytes(mac, sizeof mac));
    buf_u16(out, (uint16_t)status);
    return !out->failed;
}
