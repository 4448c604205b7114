/* SPDX-License-Identifier: Apache-2.0 */
/* One card of each layout for the tests of the text, and how they are read. */
#ifndef SDT_SHEETS_H
#define SDT_SHEETS_H

#include "text.c"

#include "emulate/card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static inline struct card_sheet resident_sheet(void)
{
    return (struct card_sheet){ .layout = "resident",
                                .name = "扎西·示例",
                                .sex = "male",
                                .nation = "04",
                                .birth = "1988-03-14",
                                .address = "西藏自治区拉萨市城关区示例路1号",
                                .number = "11010519491231002X",
                                .issuer = "拉萨市公安局城关分局",
                                .valid_from = "2018-05-01",
                                .valid_to = "2038-05-01" };
}

static inline struct card_sheet permit_sheet(void)
{
    struct card_sheet sheet = resident_sheet();

    sheet.layout = "J";
    sheet.nation = NULL;
    sheet.number = "810000199408230021";
    sheet.permit_number = "H12345678";
    sheet.issue_count = "01";
    return sheet;
}

static inline struct card_sheet sheet_2017(void)
{
    return (struct card_sheet){ .layout = "I",
                                .name = "示例",
                                .name_latin = "SPECIMEN, ALIYA  NURLAN",
                                .sex = "female",
                                .birth = "1990-12-31",
                                .number = "KAZ110090123105",
                                .nationality = "KAZ",
                                .version = "01",
                                .old_authority = "1500",
                                .valid_from = "2018-06-15",
                                .valid_to = "2028-06-14" };
}

static inline struct card_sheet sheet_2023(void)
{
    return (struct card_sheet){ .layout = "Y",
                                .name_latin = "SPECIMEN, MUHAMMAD ABDULLAH IBRAHIM KHAN YUSUF",
                                .sex = "female",
                                .birth = "1980-01-01",
                                .number = "931586198001010028",
                                .nationality = "PAK",
                                .renewal_count = "01",
                                .link = "000",
                                .valid_from = "2024-01-10",
                                .valid_to = "2034-01-09" };
}

static inline struct card encode(const struct card_sheet *sheet)
{
    struct card card;
    struct smg_err err = { 0 };

    if (card_encode(sheet, &card, &err) != SMG_OK)
        fail_msg("%s", err.text);
    return card;
}

static inline struct document read_sheet(const struct card_sheet *sheet)
{
    struct card card = encode(sheet);
    struct document document;
    struct smg_err err = { 0 };

    if (text_read(card.text, &document, &err) != SMG_OK)
        fail_msg("%s", err.text);
    return document;
}

static inline int refusal(const uint8_t *block)
{
    struct document document, none = { 0 };
    struct smg_err err = { 0 };
    int rc = text_read(block, &document, &err);

    if (rc != SMG_OK) {
        assert_memory_equal(&document, &none, sizeof none);
        assert_true(err.text[0] != '\0');
    }
    return rc;
}

static inline void refuse_sheet(const struct card_sheet *sheet)
{
    struct card card = encode(sheet);

    assert_int_equal(refusal(card.text), SMG_E_CARD);
}

static inline void expect_day(struct smg_date date, int year, int month, int day)
{
    assert_int_equal(date.year, year);
    assert_int_equal(date.month, month);
    assert_int_equal(date.day, day);
}

static inline void put_units(struct card *card, size_t at, size_t count, uint16_t unit)
{
    for (size_t i = 0; i < count; i++) {
        card->text[at + 2 * i] = (uint8_t)(unit & 0xFF);
        card->text[at + 2 * i + 1] = (uint8_t)(unit >> 8);
    }
}

#endif
