/* SPDX-License-Identifier: Apache-2.0 */
/* A chip from a sheet: data groups, the signature over them, and what is spoilt afterwards. */
#include "emulate/passport.h"
#include "emulate/lds.h"
#include "emulate/mrz.h"
#include "emulate/pace.h"
#include "emulate/portrait.h"
#include "emulate/sod.h"
#include "emulate/tlv.h"

#include <ctype.h>

const char *const passport_fault_words[PASSPORT_FAULTS + 1] = {
    [PASSPORT_SOUND] = "none",
    [PASSPORT_DG1_ALTERED] = "dg1_altered",
    [PASSPORT_DG2_ALTERED] = "dg2_altered",
    [PASSPORT_DG1_NOT_IN_SOD] = "dg1_not_in_sod",
    [PASSPORT_SOD_ALTERED] = "sod_altered",
    [PASSPORT_UNKNOWN_ALGORITHM] = "unknown_algorithm",
    [PASSPORT_WRONG_DIGEST] = "wrong_digest",
    [PASSPORT_UNKNOWN_CSCA] = "unknown_csca",
    [PASSPORT_SELF_SIGNED] = "self_signed",
    [PASSPORT_FOREIGN_SIGNER] = "foreign_signer",
    [PASSPORT_EXPIRED_SIGNER] = "expired_signer",
    [PASSPORT_DG2_TRUNCATED] = "dg2_truncated",
    [PASSPORT_LENGTH_65535] = "length_65535",
    [PASSPORT_LENGTH_4GIB] = "length_4gib",
    [PASSPORT_WRONG_MAC] = "wrong_mac",
    [PASSPORT_NO_MAC] = "no_mac",
    [PASSPORT_WRONG_STATUS] = "wrong_status",
    [PASSPORT_NO_STATUS] = "no_status",
    [PASSPORT_PLAIN] = "plain",
    [PASSPORT_PACE_WRONG_TOKEN] = "pace_wrong_token",
    [PASSPORT_PACE_BROKEN] = "pace_broken",
    [PASSPORT_SILENT] = "silent",
    [PASSPORT_CLOSES] = "closes",
    [PASSPORT_REMOVED] = "removed",
    [PASSPORT_GARBAGE] = "garbage",
    [PASSPORT_SLOW] = "slow",
};

/* Which of the words it is, ended by NULL; the first when it is none. */
static int word_index(const char *word, const char *const *words)
{
    for (int i = 0; word != NULL && words[i] != NULL; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return 0;
}

static enum signer_kind signer_kind(const struct passport_sheet *sheet)
{
    static const char *const words[] = { "rsa", "rsa_pss", "ecdsa", NULL };
    int kind = word_index(sheet->signer, words);

    if (kind == SIGNER_ECDSA && strcmp(sheet->curve_parameters, "explicit") == 0)
        return SIGNER_ECDSA_EXPLICIT;
    return (enum signer_kind)kind;
}

static const EVP_MD *digest_of(const char *word)
{
    static const char *const words[] = { "sha256", "sha1", "sha224", "sha384", "sha512", NULL };

    switch (word_index(word, words)) {
    case 1:
        return EVP_sha1();
    case 2:
        return EVP_sha224();
    case 3:
        return EVP_sha384();
    case 4:
        return EVP_sha512();
    default:
        return EVP_sha256();
    }
}

static int put_groups(const struct passport_sheet *sheet, struct smg_str portrait,
                      struct passport *out, struct smg_err *err)
{
    struct buf drawn = { 0 };
    int rc;

    if (portrait.len == 0) {
        portrait_draw((size_t)sheet->portrait_size, &drawn);
        portrait = buf_view(&drawn);
    }
    rc = lds_dg1(sheet, &out->group[1], err);
    lds_dg2(sheet, portrait, &out->group[2]);
    lds_dg11(sheet, &out->group[11]);
    lds_com(out, &out->com);
    if (rc == SMG_OK && (drawn.failed || out->group[1].failed || out->group[2].failed ||
                         out->group[11].failed || out->com.failed))
        rc = smg_fail(err, SMG_E_MEMORY, "out of memory");
    buf_fini(&drawn);
    return rc;
}

static int put_signature(const struct passport_sheet *sheet, const char *authority,
                         struct passport *out, struct smg_err *err)
{
    struct issuing issuing;
    struct issuing_wish wish = { .folder = authority,
                                 .country =
                                     out->fault == PASSPORT_FOREIGN_SIGNER ? "ZZ" : sheet->country,
                                 .kind = signer_kind(sheet),
                                 .fault = out->fault };
    struct sod_wish sod = { .kind = wish.kind,
                            .digest = digest_of(sheet->digest),
                            .id_data = strcmp(sheet->content_type, "id_data") == 0,
                            .indefinite = strcmp(sheet->encoding, "ber") == 0,
                            .name_reversed = strcmp(sheet->signer_name, "reversed") == 0,
                            .fault = out->fault };
    int rc;

    if (!date_parse(str_of(sheet->valid_from), &wish.signed_on))
        return smg_fail(err, SMG_E_INVALID, "valid_from is not a day like 2030-01-31");
    sod.signed_on = wish.signed_on;
    rc = issuing_open(&wish, &issuing, err);
    if (rc == SMG_OK)
        rc = sod_sign(&sod, &issuing, out, &out->sod, err);
    issuing_close(&issuing);
    return rc;
}

/* Another length in the head of a data group of one tag byte. */
static void claim_length(struct buf *group, struct smg_str length)
{
    struct smg_str view = buf_view(group), value;
    struct buf spoilt = { 0 };
    unsigned tag = 0;

    if (!tlv_take(&view, &tag, &value))
        return;
    buf_byte(&spoilt, (unsigned char)tag);
    buf_str(&spoilt, length);
    buf_str(&spoilt, value);
    buf_fini(group);
    *group = spoilt;
}

static void spoil(struct passport *passport)
{
    struct buf *dg1 = &passport->group[1], *dg2 = &passport->group[2];

    switch (passport->fault) {
    case PASSPORT_DG1_ALTERED: /* the first letter of the name; no check digit is over it */
        for (size_t i = 10; i < dg1->len; i++)
            if (isupper((unsigned char)dg1->at[i])) {
                dg1->at[i] = dg1->at[i] == 'X' ? 'Y' : 'X';
                break;
            }
        break;
    case PASSPORT_DG2_ALTERED:
        dg2->at[dg2->len - 8] = (char)(dg2->at[dg2->len - 8] ^ 1);
        break;
    case PASSPORT_DG2_TRUNCATED:
        dg2->len /= 2;
        break;
    case PASSPORT_LENGTH_65535:
        claim_length(dg2, str_bytes("\x82\xFF\xFF", 3));
        passport->endless_length = 65535 + 4;
        break;
    case PASSPORT_LENGTH_4GIB:
        claim_length(dg2, str_bytes("\x84\xFF\xFF\xFF\xFF", 5));
        passport->endless_length = (size_t)UINT32_MAX + 6;
        break;
    default:
        break;
    }
}

static int put_access(const struct passport_sheet *sheet, struct passport *out, struct smg_err *err)
{
    static const char *const ciphers[] = { "", "", "aes-128", "aes-192", "aes-256", NULL };
    struct pace_offer offer = { .cipher = (enum chip_cipher)word_index(sheet->pace_cipher, ciphers),
                                .curve = (int)sheet->pace_curve };

    out->basic_access = strcmp(sheet->access, "pace") != 0;
    out->pace_cipher = (int)offer.cipher;
    out->pace_curve = offer.curve;
    if (sheet->can != NULL) {
        if (strlen(sheet->can) != 6 || strspn(sheet->can, "0123456789") != 6)
            return smg_fail(err, SMG_E_INVALID, "can is not six digits");
        memcpy(out->can, sheet->can, sizeof out->can);
    }
    if (strcmp(sheet->access, "bac") != 0)
        pace_card_access(&offer, &out->card_access);
    return mrz_key_information(sheet, out->key_information, err);
}

int passport_encode(const struct passport_sheet *sheet, struct smg_str portrait,
                    const char *authority, struct passport *out, struct smg_err *err)
{
    int rc;

    *out = (struct passport){
        .fault = (enum passport_fault)word_index(sheet->fault, passport_fault_words),
        .fault_after = (unsigned)sheet->fault_after,
    };
    if (strlen(sheet->country) != 2 || !isupper((unsigned char)sheet->country[0]) ||
        !isupper((unsigned char)sheet->country[1]))
        return smg_fail(err, SMG_E_INVALID, "country is not two capital letters");
    rc = put_access(sheet, out, err);
    if (rc == SMG_OK)
        rc = put_groups(sheet, portrait, out, err);
    if (rc == SMG_OK)
        rc = put_signature(sheet, authority, out, err);
    if (rc == SMG_OK)
        spoil(out);
    else
        passport_free(out);
    return rc;
}

void passport_free(struct passport *passport)
{
    buf_fini(&passport->card_access);
    buf_fini(&passport->com);
    buf_fini(&passport->sod);
    for (int i = 0; i <= PASSPORT_GROUPS; i++)
        buf_fini(&passport->group[i]);
    str_wipe(passport, sizeof *passport);
}
