/* SPDX-License-Identifier: Apache-2.0 */
/* Passports by their issuer; China's cards by the form of their number, since the codes of the
 * newer ones are not published. */
#include "mrz_document.h"

#include <string.h>

/* '#' is a digit, '@' a letter, anything else itself. */
static bool fits(const char *number, const char *shape)
{
    for (; *number != '\0' && *shape != '\0'; number++, shape++)
        if (*shape == '#'   ? *number < '0' || *number > '9'
            : *shape == '@' ? *number < 'A' || *number > 'Z'
                            : *number != *shape)
            return false;
    return *number == *shape;
}

static const struct {
    const char *shape, *type;
} cards[] = {
    { "H########", "hk_macau_permit" },      { "M########", "hk_macau_permit" },
    { "HA#######", "hk_macau_permit" },      { "MA#######", "hk_macau_permit" },
    { "H##########", "hk_macau_permit" },    { "M##########", "hk_macau_permit" },
    { "########", "taiwan_permit" },         { "##########", "taiwan_permit" },
    { "C########", "hk_macau_exit_permit" }, { "C@#######", "hk_macau_exit_permit" },
};

/* Hong Kong's and Macau's passports have the issuer CHN too; only their numbers tell. */
static const char *passport_type(const struct mrz *mrz)
{
    static const char *const hk_macau[] = { "K########", "H########", "KJ#######", "M########",
                                            "MA#######" };

    if (strcmp(mrz->issuer, "TWN") == 0)
        return "taiwan_passport";
    if (strcmp(mrz->issuer, "HKG") == 0 || strcmp(mrz->issuer, "MAC") == 0)
        return "hk_macau_passport";
    if (strcmp(mrz->issuer, "CHN") != 0)
        return "passport";
    for (size_t i = 0; i < sizeof hk_macau / sizeof *hk_macau; i++)
        if (fits(mrz->number, hk_macau[i]))
            return "hk_macau_passport";
    return "prc_passport";
}

static bool is_permanent_residence(const struct mrz *mrz)
{
    return fits(mrz->number, "@@@############") || fits(mrz->number, "9#################") ||
           fits(mrz->number, "9################X");
}

const char *mrz_document_type(const struct mrz *mrz, struct smg_err *err)
{
    if (mrz->code[0] == 'P')
        return passport_type(mrz);
    if (strcmp(mrz->issuer, "CHN") == 0) {
        if (is_permanent_residence(mrz))
            return "permanent_residence";
        for (size_t i = 0; i < sizeof cards / sizeof *cards; i++)
            if (fits(mrz->number, cards[i].shape))
                return cards[i].type;
    }
    smg_fail(
        err, SMG_E_UNSUPPORTED,
        "this card proves no identity here; ask for the passport, or for the permit that China "
        "issued");
    return NULL;
}
