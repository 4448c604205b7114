/* SPDX-License-Identifier: Apache-2.0 */
/* What opens a chip, from what the host was given. */
#include "access.h"

#include "mrz.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_SHORTEST = 9, NUMBER_LONGEST = 22, CAN_DIGITS = 6 };

static bool get_given_text(const struct smg_host *host, const struct smg_fields *given,
                           const char *name, struct smg_str *out)
{
    struct smg_value value;

    if (!host->get(host, given, name, &value) || value.type != SMG_TEXT || value.str.len == 0)
        return false;
    *out = value.str;
    return true;
}

static bool get_given_date(const struct smg_host *host, const struct smg_fields *given,
                           const char *name, struct smg_date *out)
{
    struct smg_value value;

    if (!host->get(host, given, name, &value) || value.type != SMG_DATE)
        return false;
    *out = value.date;
    return true;
}

/* One field of the zone, with fillers up to a length, and its check digit. */
static void add_information(struct access *access, struct smg_str field, size_t shortest)
{
    char filled[NUMBER_LONGEST + 1] = { 0 };
    size_t used = strlen(access->information), len = field.len;

    if (len > NUMBER_LONGEST)
        len = NUMBER_LONGEST;
    memcpy(filled, field.at, len);
    while (len < shortest)
        filled[len++] = '<';
    snprintf(access->information + used, sizeof access->information - used, "%s%c", filled,
             mrz_check_digit((struct smg_str){ filled, len }));
    OPENSSL_cleanse(filled, sizeof filled);
}

/* Where birth and expiry stand, six characters each. They are taken as they stand, because what is
 * not known of a day is part of the key too. */
static void take_zone(const struct mrz *mrz, struct access *out)
{
    static const size_t birth_at[] = { [MRZ_TD1] = 30, [MRZ_TD2] = 36 + 13, [MRZ_TD3] = 44 + 13 };

    add_information(out, (struct smg_str){ mrz->number, strlen(mrz->number) }, NUMBER_SHORTEST);
    add_information(out, (struct smg_str){ mrz->zone + birth_at[mrz->form], 6 }, 6);
    add_information(out, (struct smg_str){ mrz->zone + birth_at[mrz->form] + 8, 6 }, 6);
}

static void take_typed(struct smg_str number, struct smg_date birth, struct smg_date valid_to,
                       struct access *out)
{
    const struct smg_date dates[] = { birth, valid_to };
    char day[16];

    add_information(out, number, NUMBER_SHORTEST);
    for (size_t i = 0; i < 2; i++) {
        snprintf(day, sizeof day, "%02u%02u%02u", (unsigned)dates[i].year % 100u,
                 (unsigned)dates[i].month % 100u, (unsigned)dates[i].day % 100u);
        add_information(out, (struct smg_str){ day, 6 }, 6);
    }
    OPENSSL_cleanse(day, sizeof day);
}

static int take_given_zone(struct smg_str text, struct smg_date today, struct access *out,
                           struct smg_err *err)
{
    struct smg_err why;
    struct mrz mrz;
    int code = mrz_read(text, today, &mrz, &why);

    if (code == SMG_OK)
        take_zone(&mrz, out);
    else
        smg_fail(err, SMG_E_DENIED, "the MRZ was misread, scan its page again: %.150s", why.text);
    OPENSSL_cleanse(&mrz, sizeof mrz);
    return code == SMG_OK ? SMG_OK : err->code;
}

static bool take_can(struct smg_str can, struct access *out)
{
    if (can.len != CAN_DIGITS)
        return false;
    for (size_t i = 0; i < can.len; i++)
        if (can.at[i] < '0' || can.at[i] > '9')
            return false;
    memcpy(out->can, can.at, can.len);
    return true;
}

int access_take(const struct smg_host *host, const struct smg_fields *given, struct smg_date today,
                struct access *out, struct smg_err *err)
{
    struct smg_date birth, valid_to;
    struct smg_str text;

    *out = (struct access){ 0 };
    if (given != NULL && get_given_text(host, given, "access.mrz", &text)) {
        if (take_given_zone(text, today, out, err) < 0)
            return err->code;
    } else if (given != NULL && get_given_text(host, given, "document.number", &text) &&
               text.len <= NUMBER_LONGEST && get_given_date(host, given, "birth", &birth) &&
               get_given_date(host, given, "document.valid_to", &valid_to)) {
        take_typed(text, birth, valid_to, out);
    }
    if (given != NULL && get_given_text(host, given, "access.can", &text) && !take_can(text, out))
        return smg_fail(err, SMG_E_INVALID, "a CAN has six digits");
    if (out->information[0] == '\0' && out->can[0] == '\0')
        return smg_fail(err, SMG_E_INVALID,
                        "this chip opens only for who has seen its page: give the MRZ or the CAN");
    return SMG_OK;
}

void access_wipe(struct access *access)
{
    OPENSSL_cleanse(access, sizeof *access);
}

bool access_is_refusal(uint16_t status)
{
    return (status & 0xFFF0) == 0x63C0 || status == 0x6300 || status == 0x6982 ||
           status == 0x6985 || status == 0x6988;
}

int access_refused(struct smg_err *err)
{
    return smg_fail(err, SMG_E_DENIED,
                    "the MRZ or CAN does not belong to this card: scan its page again");
}
