/* SPDX-License-Identifier: Apache-2.0 */
/* libmrtd, a reader of passports that other people wrote, in front of a virtual chip: it makes the
 * keys and the messages, what is here carries them. */
#ifndef HARNESS_MRTD_READER_H
#define HARNESS_MRTD_READER_H

#include "emulate/chip.h"
#include "emulate/tlv.h"

#include <bachelper.h>
#include <crypto.h>
#include <openssl/rand.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* The reader's side of a session. */
struct mrtd_reader {
    uint8_t encryption[16], mac[16];
    uint64_t counter;
};

static inline void mrtd_send(struct chip *chip, const uint8_t *command, size_t len,
                             struct buf *answer)
{
    assert_int_equal(chip_transmit(chip, str_bytes(command, len), answer), CHIP_ANSWERS);
}

/* BAC with the key information of a zone: number, birth and last day with their check digits. */
static inline void mrtd_open(struct chip *chip, const char *information, struct mrtd_reader *reader)
{
    static const uint8_t select[] = { 0, 0xA4, 4, 0x0C, 7, 0xA0, 0, 0, 2, 0x47, 0x10, 1 };
    static const uint8_t challenge[] = { 0, 0x84, 0, 0, 8 };
    uint8_t encryption[16], mac[16], random[8], share[16], random_icc[8], share_icc[16];
    uint8_t command[46] = { 0, 0x82, 0, 0, 0x28 };
    struct buf answer = { 0 };

    mrtd_bac_kmrz_to_kenc_kmac((const uint8_t *)information, encryption, mac);
    assert_true(RAND_bytes(random, 8) == 1 && RAND_bytes(share, 16) == 1);
    mrtd_send(chip, select, sizeof select, &answer);
    mrtd_send(chip, challenge, sizeof challenge, &answer);
    assert_int_equal(answer.len, 10);
    reader->counter = mrtd_bac_get_ssc((const uint8_t *)answer.at, random);
    mrtd_bac_cmd_data(random, share, (const uint8_t *)answer.at, encryption, mac, command + 5);
    command[45] = 0x28;
    mrtd_send(chip, command, sizeof command, &answer);
    assert_int_equal(answer.len, 42);
    assert_true(mrtd_bac_challenge_ok((const uint8_t *)answer.at, encryption, random, random_icc,
                                      share_icc));
    for (int i = 0; i < 16; i++)
        share[i] ^= share_icc[i];
    mrtd_bac_kenc_kmac(share, reader->encryption, reader->mac);
    buf_fini(&answer);
}

/* 8E holds what libmrtd's MAC makes of counter and objects. */
static inline void mrtd_check_mac(const struct mrtd_reader *reader, struct smg_str answer)
{
    struct smg_str objects = str_bytes(answer.at, answer.len - 2), value;
    struct buf input = { 0 };
    uint8_t mac[8];

    assert_true(tlv_find(objects, 0x8E, &value));
    assert_int_equal(value.len, 8);
    buf_u64(&input, reader->counter);
    buf_put(&input, objects.at, objects.len - 10);
    mrtd_crypto_mac_padding((const uint8_t *)input.at, mac, (int)input.len, reader->mac);
    assert_memory_equal(value.at, mac, 8);
    buf_fini(&input);
}

/* Send under protection, and check the answer's; the data, without the status. */
static inline void mrtd_send_secured(struct chip *chip, struct mrtd_reader *reader,
                                     const uint8_t *plain, int len, struct buf *data)
{
    uint8_t command[300], opened[300];
    int command_len = 0, opened_len = 0;
    struct buf answer = { 0 };

    reader->counter++;
    mrtd_bac_protected_apdu(plain, command, len, &command_len, reader->encryption, reader->mac,
                            reader->counter);
    mrtd_send(chip, command, (size_t)command_len, &answer);
    assert_memory_equal(answer.at + answer.len - 2, "\x90\x00", 2);
    reader->counter++;
    mrtd_check_mac(reader, buf_view(&answer));
    buf_clear(data);
    if ((uint8_t)answer.at[0] == 0x87) {
        mrtd_bac_decrypt_response((const uint8_t *)answer.at, opened, (int)answer.len, &opened_len,
                                  reader->encryption);
        buf_put(data, opened, (size_t)opened_len);
    }
    buf_fini(&answer);
}

#endif
