/* SPDX-License-Identifier: Apache-2.0 */
/* The chip against libmrtd, a reader of passports that other people wrote: thousands of documents,
 * exchanges and reads, all of them random, must come out as it says. */
#include "emulate/mrz.h"

#include "mrtd_reader.h"
#include "passport_sheets.h"

#include <stdlib.h>

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

static void read_at_random(struct chip *chip, struct mrtd_reader *reader, uint8_t group,
                           struct smg_str file)
{
    uint8_t select[] = { 0, 0xA4, 0x02, 0x0C, 0x02, 0x01, group };
    struct buf data = { 0 };

    mrtd_send_secured(chip, reader, select, sizeof select, &data);
    assert_int_equal(data.len, 0);
    for (int i = 0; i < READS; i++) {
        unsigned len = 1 + below(PIECE), offset = below((unsigned)file.len - len);
        uint8_t read[] = { 0, 0xB0, (uint8_t)(offset >> 8), (uint8_t)offset, (uint8_t)len };

        mrtd_send_secured(chip, reader, read, sizeof read, &data);
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
        struct mrtd_reader reader;
        struct chip chip;
        char information[32];

        its_information(&page, information);
        our_information(&page, passport.key_information);
        chip_insert(&chip, &passport);
        mrtd_open(&chip, information, &reader);
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
