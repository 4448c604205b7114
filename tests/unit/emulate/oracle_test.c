/* SPDX-License-Identifier: Apache-2.0 */
/* The chip against libmrtd, a reader of passports that other people wrote: thousands of documents,
 * exchanges and reads, all of them random, must come out as it says. */
#include "emulate/chip.h"
#include "emulate/mrz.h"
#include "emulate/tlv.h"

#include "passport_sheets.h"

#include <openssl/rand.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <bachelper.h>
#include <crypto.h>
#include <cmocka.h>

enum { DOCUMENTS = 2000, EXCHANGES = 500, READS = 6, PIECE = 118 /* what libmrtd asks for */ };

static unsigned below(unsigned limit)
{
    uint8_t bytes[4];

    assert_int_equal(RAND_bytes(bytes, sizeof bytes), 1);
    return ((unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2]) % limit;
}

/* What is printed in somebody's passport. */
struct page {
    char number[10], birth[11], valid_to[11]; /* for a sheet */
    char field[10], birth_field[7], valid_to_field[7];
};

static void make_day(char out[11], char field[7])
{
    unsigned year = 1940 + below(120), month = 1 + below(12), day = 1 + below(28);

    snprintf(out, 11, "%04u-%02u-%02u", year, month, day);
    snprintf(field, 7, "%02u%02u%02u", year % 100, month, day);
}

static struct page make_page(void)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct page page = { .field = "<<<<<<<<<" };
    unsigned len = 6 + below(4);

    for (unsigned i = 0; i < len; i++)
        page.number[i] = page.field[i] = letters[below(36)];
    make_day(page.birth, page.birth_field);
    make_day(page.valid_to, page.valid_to_field);
    return page;
}

static void its_information(const struct page *page, char out[32])
{
    memset(out, 0, 32);
    mrtd_bac_get_kmrz((const uint8_t *)page->field, (const uint8_t *)page->birth_field,
                      (const uint8_t *)page->valid_to_field, (uint8_t *)out);
}

static void our_information(const struct page *page, char out[PASSPORT_KEY])
{
    struct passport_sheet sheet = {
        .number = page->number, .birth = page->birth, .valid_to = page->valid_to, .mrz = "td3"
    };
    struct smg_err err = { 0 };

    assert_int_equal(mrz_key_information(&sheet, out, &err), SMG_OK);
}

static void test_keys_of_a_document(void **state)
{
    (void)state;
    for (int i = 0; i < DOCUMENTS; i++) {
        struct page page = make_page();
        char theirs[32], ours[PASSPORT_KEY];
        uint8_t encryption[16], mac[16], digest[CHIP_SHA1];
        struct chip_key key;

        its_information(&page, theirs);
        our_information(&page, ours);
        assert_string_equal(ours, theirs);
        mrtd_bac_kmrz_to_kenc_kmac((const uint8_t *)theirs, encryption, mac);
        assert_true(chip_sha1(str_of(ours), digest));
        assert_true(chip_derive(CHIP_3DES, str_bytes(digest, 16), CHIP_ENCRYPTION, &key));
        assert_memory_equal(key.at, encryption, 16);
        assert_true(chip_derive(CHIP_3DES, str_bytes(digest, 16), CHIP_MAC, &key));
        assert_memory_equal(key.at, mac, 16);
    }
}

/* The reader's side of a session. */
struct reader {
    uint8_t encryption[16], mac[16];
    uint64_t counter;
};

static void send(struct chip *chip, const uint8_t *command, size_t len, struct buf *answer)
{
    assert_int_equal(chip_transmit(chip, str_bytes(command, len), answer), CHIP_ANSWERS);
}

static void open_chip(struct chip *chip, const struct page *page, struct reader *reader)
{
    static const uint8_t select[] = { 0, 0xA4, 4, 0x0C, 7, 0xA0, 0, 0, 2, 0x47, 0x10, 1 };
    static const uint8_t challenge[] = { 0, 0x84, 0, 0, 8 };
    uint8_t encryption[16], mac[16], random[8], share[16], random_icc[8], share_icc[16];
    uint8_t command[46] = { 0, 0x82, 0, 0, 0x28 };
    char information[32];
    struct buf answer = { 0 };

    its_information(page, information);
    mrtd_bac_kmrz_to_kenc_kmac((const uint8_t *)information, encryption, mac);
    assert_true(RAND_bytes(random, 8) == 1 && RAND_bytes(share, 16) == 1);
    send(chip, select, sizeof select, &answer);
    send(chip, challenge, sizeof challenge, &answer);
    assert_int_equal(answer.len, 10);
    reader->counter = mrtd_bac_get_ssc((const uint8_t *)answer.at, random);
    mrtd_bac_cmd_data(random, share, (const uint8_t *)answer.at, encryption, mac, command + 5);
    command[45] = 0x28;
    send(chip, command, sizeof command, &answer);
    assert_int_equal(answer.len, 42);
    assert_true(mrtd_bac_challenge_ok((const uint8_t *)answer.at, encryption, random, random_icc,
                                      share_icc));
    for (int i = 0; i < 16; i++)
        share[i] ^= share_icc[i];
    mrtd_bac_kenc_kmac(share, reader->encryption, reader->mac);
    buf_fini(&answer);
}

/* 8E holds what libmrtd's MAC makes of counter and objects. */
static void check_mac(const struct reader *reader, struct smg_str answer)
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
static void send_secured(struct chip *chip, struct reader *reader, const uint8_t *plain, int len,
                         struct buf *data)
{
    uint8_t command[300], opened[300];
    int command_len = 0, opened_len = 0;
    struct buf answer = { 0 };

    reader->counter++;
    mrtd_bac_protected_apdu(plain, command, len, &command_len, reader->encryption, reader->mac,
                            reader->counter);
    send(chip, command, (size_t)command_len, &answer);
    assert_memory_equal(answer.at + answer.len - 2, "\x90\x00", 2);
    reader->counter++;
    check_mac(reader, buf_view(&answer));
    buf_clear(data);
    if ((uint8_t)answer.at[0] == 0x87) {
        mrtd_bac_decrypt_response((const uint8_t *)answer.at, opened, (int)answer.len, &opened_len,
                                  reader->encryption);
        buf_put(data, opened, (size_t)opened_len);
    }
    buf_fini(&answer);
}

static void read_at_random(struct chip *chip, struct reader *reader, uint8_t group,
                           struct smg_str file)
{
    uint8_t select[] = { 0, 0xA4, 0x02, 0x0C, 0x02, 0x01, group };
    struct buf data = { 0 };

    send_secured(chip, reader, select, sizeof select, &data);
    assert_int_equal(data.len, 0);
    for (int i = 0; i < READS; i++) {
        unsigned len = 1 + below(PIECE), offset = below((unsigned)file.len - len);
        uint8_t read[] = { 0, 0xB0, (uint8_t)(offset >> 8), (uint8_t)offset, (uint8_t)len };

        send_secured(chip, reader, read, sizeof read, &data);
        assert_int_equal(data.len, len);
        assert_memory_equal(data.at, file.at + offset, len);
    }
    buf_fini(&data);
}

static void test_exchanges_and_secured_reads(void **state)
{
    struct passport_sheet sheet = passport_of_nobody();
    struct passport passport;
    struct smg_err err = { 0 };

    (void)state;
    sheet.access = "bac";
    sheet.portrait_size = 3000;
    assert_int_equal(passport_encode(&sheet, (struct smg_str){ "", 0 }, NULL, &passport, &err),
                     SMG_OK);
    for (int i = 0; i < EXCHANGES; i++) {
        struct page page = make_page();
        struct reader reader;
        struct chip chip;

        our_information(&page, passport.key_information);
        chip_insert(&chip, &passport);
        open_chip(&chip, &page, &reader);
        read_at_random(&chip, &reader, 2, buf_view(&passport.group[2]));
        chip_remove(&chip);
    }
    passport_free(&passport);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_a_document),
        cmocka_unit_test(test_exchanges_and_secured_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
