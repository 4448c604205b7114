/* SPDX-License-Identifier: Apache-2.0 */
/* Card files: YAML, one key for each thing written on a card. */
#include "emulate/card.h"
#include "config/config.h"

#include <errno.h>

static const char *const layouts[] = { "resident", "J", "I", "Y", NULL };
static const char *const sexes[] = { "male", "female", "unknown", "not_stated", NULL };
static const char *const fingerprints[] = { "none", "512", "1024", NULL };

static const struct smg_option keys[] = {
    SMG_OPTION_TEXT(card_sheet, layout, .flags = SMG_REQUIRED, .choices = layouts,
                    .help = "resident card, J residence permit, I 2017 or Y 2023 foreigner card"),
    SMG_OPTION_TEXT(card_sheet, name, .help = "name in Chinese"),
    SMG_OPTION_TEXT(card_sheet, name_latin, .help = "name in Latin letters, on I and Y"),
    SMG_OPTION_TEXT(card_sheet, sex, .choices = sexes, .help = "sex"),
    SMG_OPTION_TEXT(card_sheet, nation, .help = "nation, two digits of GB/T 3304, in quotes"),
    SMG_OPTION_TEXT(card_sheet, birth, .help = "day of birth, YYYY-MM-DD"),
    SMG_OPTION_TEXT(card_sheet, address, .help = "address"),
    SMG_OPTION_TEXT(card_sheet, number, .flags = SMG_REQUIRED, .help = "number of the document"),
    SMG_OPTION_TEXT(card_sheet, issuer, .help = "issuing authority"),
    SMG_OPTION_TEXT(card_sheet, valid_from, .help = "first valid day, YYYY-MM-DD"),
    SMG_OPTION_TEXT(card_sheet, valid_to, .help = "last valid day, YYYY-MM-DD, or long_term"),
    SMG_OPTION_TEXT(card_sheet, permit_number, .help = "travel permit, on J"),
    SMG_OPTION_TEXT(card_sheet, issue_count, .help = "issue count, on J"),
    SMG_OPTION_TEXT(card_sheet, nationality, .help = "ISO 3166 alpha-3, on I and Y"),
    SMG_OPTION_TEXT(card_sheet, renewal_count, .help = "renewal count, on Y"),
    SMG_OPTION_TEXT(card_sheet, link, .help = "link item to the number before, on Y"),
    SMG_OPTION_TEXT(card_sheet, version, .help = "version of the card, on I"),
    SMG_OPTION_TEXT(card_sheet, old_authority, .help = "code of the accepting authority, on I"),
    SMG_OPTION_TEXT(card_sheet, added_address, .help = "address added after the card was issued"),
    SMG_OPTION_TEXT(card_sheet, fingerprint, .preset = "none", .choices = fingerprints,
                    .help = "bytes of fingerprint data on the card"),
    SMG_OPTION_PATH(card_sheet, photo, .help = "file with the photo's bytes, at most 1024"),
    SMG_OPTION_BOOL(card_sheet, find_again,
                    .help = "the card answers find again without leaving the field"),
    SMG_OPTION_BOOL(card_sheet, laid_again,
                    .help = "the card is lifted after every read and laid down anew"),
    SMG_OPTIONS_END
};

static bool read_photo(const char *path, struct card *card)
{
    uint8_t bytes[CARD_PHOTO + 1];
    FILE *file = fopen(path, "rb");
    size_t len;

    if (file == NULL)
        return false;
    len = fread(bytes, 1, sizeof bytes, file);
    if (fclose(file) != 0 || len > CARD_PHOTO) {
        errno = EFBIG;
        return false;
    }
    memcpy(card->photo, bytes, len);
    card->photo_len = len;
    return true;
}

bool card_load(const char *path, struct card *out, struct config_errors *errors)
{
    struct config_tree *tree = config_tree_load(path, errors);
    const struct config_node *top;
    struct card_sheet sheet = { 0 };
    struct smg_err err = { 0 };
    bool good;

    if (tree == NULL)
        return false;
    top = config_tree_top(tree);
    good = config_fill(top, top, keys, &sheet, errors);
    if (good && card_encode(&sheet, out, &err) != SMG_OK) {
        config_complain(errors, top, "%s", err.text);
        good = false;
    }
    if (good && sheet.photo != NULL && !read_photo(sheet.photo, out)) {
        config_complain(errors, config_find(top, "photo"),
                        "%s; expected a file of at most 1024 bytes", strerror(errno));
        good = false;
    }
    config_tree_free(tree);
    return good;
}
