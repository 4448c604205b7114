/* SPDX-License-Identifier: Apache-2.0 */
/* The driver against libmrtd, a reader of passports that other people wrote: both read the same
 * virtual passports, and must come away with the same files. */
#include "bench.h"

#include "mrtd_reader.h"
#include "specimen.h"

typedef struct nfc_device nfc_device;
#include <fileread.h>

enum { DOCUMENTS = 12, PIECE = 118 /* what libmrtd asks for */ };

struct table {
    struct passport passport;
    struct chip chip;
};

static int carry(void *ctx, const uint8_t *command, size_t len, uint8_t *answer, size_t room,
                 size_t *used, struct smg_err *err)
{
    struct table *table = ctx;
    struct buf said = { 0 };

    (void)err;
    assert_int_equal(chip_transmit(&table->chip, str_bytes(command, len), &said), CHIP_ANSWERS);
    assert_true(said.len <= room);
    memcpy(answer, said.at, said.len);
    *used = said.len;
    buf_fini(&said);
    return SMG_OK;
}

static bool draw(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return RAND_bytes(out, (int)len) == 1;
}

/* A document like no other: `i` chooses what its number and days are. */
static void lay_down(struct table *table, unsigned i, char room[3][16])
{
    static const char *const digests[] = { "sha256", "sha1", "sha512" };
    static const char *const dg11[] = { "a0", "china", "none" };
    struct passport_sheet sheet = specimen();
    struct smg_err err = { 0 };

    snprintf(room[0], sizeof room[0], "X%u%c", 7u * i * i + 12345u, (char)('A' + i));
    snprintf(room[1], sizeof room[1], "%u-%02u-%02u", 1940 + 5 * i, 1 + i % 12, 1 + 2 * i);
    snprintf(room[2], sizeof room[2], "20%u-%02u-%02u", 30 + i, 1 + (i + 5) % 12, 28 - i);
    sheet.number = room[0];
    sheet.birth = room[1];
    sheet.valid_to = room[2];
    sheet.access = "bac";
    sheet.digest = digests[i % 3];
    sheet.dg11 = dg11[i % 3];
    sheet.name = "示例";
    sheet.portrait_size = 500 + 997 * (int64_t)i;
    *table = (struct table){ 0 };
    if (passport_encode(&sheet, (struct smg_str){ "", 0 }, authority, &table->passport, &err) !=
        SMG_OK)
        fail_msg("%s", err.text);
    chip_insert(&table->chip, &table->passport);
}

static void read_ours(struct table *table, struct chip_reading *reading)
{
    struct access access = { 0 };
    struct anchors anchors = { 0 };
    const struct reading_wish wish = {
        .access = &access, .anchors = &anchors, .today = { 2026, 11, 25 }, .portrait = true
    };
    struct icc icc = { .transmit = carry, .chance = draw, .ctx = table };
    struct smg_err err = { 0 };

    assert_int_equal(anchors_load(certificates(), &anchors, &err), SMG_OK);
    snprintf(access.information, sizeof access.information, "%.47s",
             table->passport.key_information);
    chip_reset(&table->chip);
    if (reading_take(&icc, &wish, reading, &err) != SMG_OK)
        fail_msg("%s", err.text);
    assert_int_equal(reading_verified(reading), FINDING_YES);
    icc_wipe(&icc);
    anchors_free(&anchors);
}

/* The whole file, as long as its head says. */
static struct buf read_theirs(struct chip *chip, struct mrtd_reader *reader, uint8_t id)
{
    uint8_t select[] = { 0, 0xA4, 0x02, 0x0C, 0x02, 0x01, id };
    struct buf file = { 0 }, data = { 0 };
    size_t whole = 4;

    mrtd_send_secured(chip, reader, select, sizeof select, &data);
    while (file.len < whole) {
        size_t left = whole - file.len, len = left < PIECE ? left : PIECE;
        uint8_t read[] = { 0, 0xB0, (uint8_t)(file.len >> 8), (uint8_t)file.len, (uint8_t)len };

        mrtd_send_secured(chip, reader, read, sizeof read, &data);
        assert_int_equal(data.len, len);
        buf_str(&file, buf_view(&data));
        if (file.len == 4) {
            const uint8_t *at = (const uint8_t *)file.at;

            whole = at[1] < 0x80    ? 2u + at[1]
                    : at[1] == 0x81 ? 3u + at[2]
                                    : 4u + ((unsigned)at[2] << 8 | at[3]);
        }
    }
    buf_fini(&data);
    return file;
}

static void expect_same(struct chip *chip, struct mrtd_reader *reader, uint8_t id,
                        const struct file *ours)
{
    struct buf theirs = read_theirs(chip, reader, id);

    assert_int_equal(theirs.len, ours->len);
    assert_memory_equal(theirs.at, ours->at, ours->len);
    buf_fini(&theirs);
}

/* They open the chip with what they make of the zone we read. */
static void open_with_our_zone(struct table *table, const struct chip_reading *reading,
                               struct mrtd_reader *reader)
{
    uint8_t information[32] = { 0 };

    mrtd_bac_get_kmrz_from_mrz((const uint8_t *)reading->mrz.zone + 44, information);
    assert_string_equal((const char *)information, table->passport.key_information);
    chip_reset(&table->chip);
    mrtd_open(&table->chip, (const char *)information, reader);
}

static void test_both_read_the_same_passports_alike(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        struct chip_reading reading = { 0 };
        struct mrtd_reader reader;
        struct table table;
        char room[3][16];

        lay_down(&table, i, room);
        read_ours(&table, &reading);
        open_with_our_zone(&table, &reading, &reader);
        expect_same(&table.chip, &reader, 0x01, &reading.dg1);
        expect_same(&table.chip, &reader, 0x02, &reading.dg2);
        expect_same(&table.chip, &reader, 0x1D, &reading.sod);
        if (reading.dg11.len > 0)
            expect_same(&table.chip, &reader, 0x0B, &reading.dg11);
        reading_free(&reading);
        chip_remove(&table.chip);
        passport_free(&table.passport);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_read_the_same_passports_alike),
    };

    return cmocka_run_group_tests(tests, make_authority, remove_authority);
}
