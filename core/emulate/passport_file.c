/* SPDX-License-Identifier: Apache-2.0 */
/* Card files of passports: YAML, one key for each thing that is printed or stored. */
#include "config/config.h"
#include "emulate/passport.h"

#include <errno.h>

static const char *const layouts[] = { "passport", NULL };
static const char *const sexes[] = { "male", "female", "unknown", NULL };
static const char *const zones[] = { "td3", "td1", NULL };
static const char *const details[] = { "none", "china", "a0", NULL };
static const char *const accesses[] = { "bac", "pace", "both", NULL };
static const char *const ciphers[] = { "aes-128", "aes-192", "aes-256", NULL };
static const char *const signers[] = { "rsa", "rsa_pss", "ecdsa", NULL };
static const char *const digests[] = { "sha1", "sha224", "sha256", "sha384", "sha512", NULL };
static const char *const parameters[] = { "named", "explicit", NULL };
static const char *const contents[] = { "lds", "id_data", NULL };
static const char *const encodings[] = { "der", "ber", NULL };
static const char *const names[] = { "same", "reversed", NULL };

#define TEXT(field, ...) SMG_OPTION_TEXT(passport_sheet, field, __VA_ARGS__)

static const struct smg_option keys[] = {
    TEXT(layout, .flags = SMG_REQUIRED, .choices = layouts, .help = "passport"),
    TEXT(name, .help = "name in Chinese, for DG11"),
    TEXT(name_latin, .flags = SMG_REQUIRED, .help = "SURNAME, GIVEN NAMES"),
    TEXT(number, .flags = SMG_REQUIRED, .help = "number of the document"),
    TEXT(nationality, .flags = SMG_REQUIRED, .help = "as in the MRZ: CHN, D, UTO"),
    TEXT(issuer, .flags = SMG_REQUIRED, .help = "issuing state, as in the MRZ"),
    TEXT(country, .flags = SMG_REQUIRED, .help = "of the certificates, two letters"),
    TEXT(birth, .flags = SMG_REQUIRED, .help = "day of birth, YYYY-MM-DD"),
    TEXT(sex, .choices = sexes, .help = "sex"),
    TEXT(valid_from, .flags = SMG_REQUIRED, .help = "day of issue and of signing, YYYY-MM-DD"),
    TEXT(valid_to, .flags = SMG_REQUIRED, .help = "last valid day, YYYY-MM-DD"),
    TEXT(personal_number, .help = "optional data of the MRZ, and in DG11"),
    TEXT(birth_place, .help = "place of birth, for DG11"),
    TEXT(address, .help = "address, for DG11"),
    TEXT(mrz, .preset = "td3", .choices = zones, .help = "td3 passport, td1 card"),
    TEXT(code, .help = "document code of the MRZ; P for td3, I for td1"),
    TEXT(dg11, .preset = "none", .choices = details,
         .help = "none, china (Latin name directly in 5F0F), a0 (as ICAO 9303 has it)"),
    SMG_OPTION_PATH(passport_sheet, portrait, .help = "file with a JPEG or JPEG 2000 picture"),
    SMG_OPTION_BYTES(passport_sheet, portrait_size, .max = PASSPORT_PORTRAIT,
                     .help = "a made-up picture is at least so long"),
    TEXT(access, .preset = "both", .choices = accesses, .help = "what the chip is opened with"),
    TEXT(can, .help = "card access number, six digits, in quotes"),
    SMG_OPTION_INT(passport_sheet, pace_curve, .preset = "12", .min = 8, .max = 18,
                   .help = "standardised domain parameters: 12 P-256, 13 brainpoolP256r1"),
    TEXT(pace_cipher, .preset = "aes-128", .choices = ciphers, .help = "cipher of PACE"),
    TEXT(signer, .preset = "rsa", .choices = signers, .help = "keys of the authority and signer"),
    TEXT(digest, .preset = "sha256", .choices = digests, .help = "of groups and signature"),
    TEXT(curve_parameters, .preset = "named", .choices = parameters,
         .help = "how certificates of ecdsa say their curve"),
    TEXT(content_type, .preset = "lds", .choices = contents,
         .help = "of the signed object; id_data as in China's passports"),
    TEXT(encoding, .preset = "der", .choices = encodings,
         .help = "ber: lengths left open, the content in pieces"),
    TEXT(signer_name, .preset = "same", .choices = names,
         .help = "reversed: its parts in another order than in the certificate"),
    TEXT(fault, .preset = "none", .choices = passport_fault_words, .help = "what is wrong"),
    SMG_OPTION_INT(passport_sheet, fault_after, .max = 100000,
                   .help = "answers before a fault in answers begins"),
    SMG_OPTIONS_END
};

bool passport_is_file(const char *path)
{
    struct config_errors errors = { 0 };
    struct config_tree *tree = config_tree_load(path, &errors);
    bool is_passport =
        tree != NULL &&
        strcmp(config_scalar(config_find(config_tree_top(tree), "layout")), "passport") == 0;

    config_tree_free(tree);
    config_errors_fini(&errors);
    return is_passport;
}

static bool read_portrait(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    char *room;

    if (file == NULL)
        return false;
    room = buf_grow(out, PASSPORT_PORTRAIT + 1);
    if (room != NULL)
        out->len = fread(room, 1, PASSPORT_PORTRAIT + 1, file);
    if (fclose(file) != 0 || room == NULL || out->len > PASSPORT_PORTRAIT || out->len == 0) {
        errno = EFBIG;
        return false;
    }
    return true;
}

/* The node a message begins with the name of, or the whole card. */
static const struct config_node *node_of(const struct config_node *top, const char *message)
{
    char name[32];
    size_t len = strcspn(message, " ");

    if (len >= sizeof name)
        return top;
    memcpy(name, message, len);
    name[len] = '\0';
    return config_find(top, name) == NULL ? top : config_find(top, name);
}

bool passport_load(const char *path, const char *authority, struct passport *out,
                   struct config_errors *errors)
{
    struct config_tree *tree = config_tree_load(path, errors);
    const struct config_node *top;
    struct passport_sheet sheet = { 0 };
    struct buf portrait = { 0 };
    struct smg_err err = { 0 };
    bool good;

    if (tree == NULL)
        return false;
    top = config_tree_top(tree);
    good = config_fill(top, top, keys, &sheet, errors);
    if (good && sheet.portrait != NULL && !read_portrait(sheet.portrait, &portrait)) {
        config_complain(errors, config_find(top, "portrait"),
                        "%s; expected a picture of at most 256 KiB", strerror(errno));
        good = false;
    }
    if (good && passport_encode(&sheet, buf_view(&portrait), authority, out, &err) != SMG_OK) {
        config_complain(errors, node_of(top, err.text), "%s", err.text);
        good = false;
    }
    buf_fini(&portrait);
    config_tree_free(tree);
    return good;
}
