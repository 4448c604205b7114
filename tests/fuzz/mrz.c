/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a scanner into a machine readable zone: what passes keeps every promise of mrz.h. */
#include "../../plugins/shared/mrz.c"
#include "../../plugins/shared/mrz_country.c"
#include "../../plugins/shared/mrz_document.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth)
{
    if (!truth)
        abort();
}

/* Ended by NUL, and made of the characters of a zone (a name: with spaces for fillers). */
static void expect_text(const char *text, size_t room, char filler)
{
    size_t len = strnlen(text, room);

    expect(len < room && (len == 0 || text[len - 1] != filler));
    for (size_t i = 0; i < len; i++)
        expect(is_letter(text[i]) || is_digit(text[i]) || text[i] == filler);
}

static void expect_date(struct smg_date date, int from, int to)
{
    expect(date.year == 0 || (date.year >= from && date.year <= to));
    expect(date.month >= 0 && date.month <= 12 && (date.month != 0 || date.day == 0));
    if (date.day != 0)
        expect(is_day(date.year, date.month, date.day));
}

static void expect_zone(const struct mrz *mrz, struct smg_date today)
{
    struct mrz again;
    struct smg_err err = { 0 };

    expect_text(mrz->code, sizeof mrz->code, '<');
    expect_text(mrz->issuer, sizeof mrz->issuer, '<');
    expect_text(mrz->nationality, sizeof mrz->nationality, '<');
    expect_text(mrz->number, sizeof mrz->number, '<');
    expect_text(mrz->optional, sizeof mrz->optional, '<');
    expect_text(mrz->more_optional, sizeof mrz->more_optional, '<');
    expect_text(mrz->surname, sizeof mrz->surname, ' ');
    expect_text(mrz->given, sizeof mrz->given, ' ');
    expect(mrz->number[0] != '\0' && mrz->surname[0] != '\0' && strlen(mrz->issuer) == 3);
    expect_date(mrz->birth, today.year - 100, today.year);
    expect_date(mrz->expiry, today.year - 50, today.year + 50);
    expect((mrz_document_type(mrz, &err) == NULL) == (err.code != SMG_OK));
    expect(mrz_read((struct smg_str){ mrz->zone, strlen(mrz->zone) }, today, &again, &err) ==
           SMG_OK);
    expect(!again.corrected && strcmp(again.zone, mrz->zone) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct smg_date today = { 2026, 11, 25 };
    struct smg_str text = { (const char *)data, size };
    struct mrz mrz;
    struct smg_err err = { 0 };

    if (mrz_read(text, today, &mrz, &err) == SMG_OK)
        expect_zone(&mrz, today);
    else
        expect(err.text[0] != '\0' && mrz.zone[0] == '\0');
    return 0;
}
