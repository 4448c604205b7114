/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a read (ICAO 9303-11 section 4.2): PACE where the chip offers it, else BAC; then the
 * security object and the groups. */
#include "reading.h"

#include "mrz_document.h"
#include "sod.h"
#include "tlv.h"

#include <openssl/crypto.h>

/* What the chip offers, if it is something we can do. *found false: BAC then. A chip that offers
 * PACE is opened by it or not at all: falling back would let whoever disturbs the air choose the
 * weaker lock. */
static int look_for_pace(struct icc *icc, struct file *card_access, struct pace_info *info,
                         bool *found, struct smg_err *err)
{
    int code = icc_select_master(icc, err);

    if (code == SMG_OK)
        code = icc_read_file(icc, FILE_CARD_ACCESS, card_access, err);
    *found = code == SMG_OK && pace_find_info(file_bytes(card_access), info);
    return code;
}

static int open_by_bac(struct icc *icc, const struct access *access, struct smg_err *err)
{
    if (access->information[0] == '\0')
        return smg_fail(err, SMG_E_INVALID, "this chip knows no CAN: give the MRZ");
    if (icc_select_application(icc, err) < 0)
        return err->code;
    return bac_open(icc, access, err);
}

static int open_chip(struct icc *icc, const struct access *access, struct smg_err *err)
{
    struct file card_access = { 0 };
    struct pace_info info;
    bool pace;
    int code = look_for_pace(icc, &card_access, &info, &pace, err);

    if (code == SMG_OK && pace) {
        code = pace_open(icc, &info, access, err);
        if (code == SMG_OK)
            code = icc_select_application(icc, err);
    } else if (code == SMG_OK) {
        code = open_by_bac(icc, access, err);
    }
    file_free(&card_access);
    return code;
}

/* EF.COM lists the groups by their tags; it is not signed, so it only saves questions. */
static bool com_lists(const struct file *com, uint8_t tag)
{
    static const uint32_t path[] = { 0x60, 0x5C, 0 };
    struct smg_str tags;

    if (!find_tlv_path(file_bytes(com), path, &tags))
        return true;
    for (size_t i = 0; i < tags.len; i++)
        if (byte_at(tags, i) == tag)
            return true;
    return false;
}

static int read_files(struct icc *icc, const struct reading_wish *wish, struct chip_reading *out,
                      struct smg_err *err)
{
    struct file com = { 0 };
    int code = icc_read_file(icc, FILE_COM, &com, err);

    if (code == SMG_OK)
        code = icc_read_file(icc, FILE_SOD, &out->sod, err);
    if (code == SMG_OK)
        code = icc_read_file(icc, FILE_DG1, &out->dg1, err);
    if (code == SMG_OK && wish->portrait)
        code = icc_read_file(icc, FILE_DG2, &out->dg2, err);
    if (code == SMG_OK && com_lists(&com, 0x6B))
        code = icc_read_file(icc, FILE_DG11, &out->dg11, err);
    file_free(&com);
    return code;
}

/* A group that must be there (DG1, DG2), or was read though it need not be. */
static void check_group(const struct sod *sod, unsigned group, const struct file *file,
                        bool required, struct chip_reading *out)
{
    if (file->len == 0 && !required)
        return;
    if (file->whole && sod_check_group(sod, group, file_bytes(file)) == FINDING_YES)
        return;
    out->authentic = FINDING_NO;
    out->why = group == 1   ? "its DG1 is not what was signed"
               : group == 2 ? "its DG2 is not what was signed"
                            : "its DG11 is not what was signed";
}

/* A chip without a security object is no passport's: authentic is NO there too. */
static void judge(const struct reading_wish *wish, struct chip_reading *out)
{
    struct sod sod;
    const char *why;

    out->authentic = sod_open(file_bytes(&out->sod), &sod, &out->why);
    if (out->authentic == FINDING_YES)
        out->why = NULL;
    if (out->authentic != FINDING_UNKNOWN || sod.hash != NULL) {
        check_group(&sod, 1, &out->dg1, true, out);
        check_group(&sod, 2, &out->dg2, wish->portrait, out);
        check_group(&sod, 11, &out->dg11, false, out);
    }
    if (sod.signer != NULL && out->legible) {
        out->trusted =
            anchors_judge(wish->anchors, sod.signer, sod.signed_at, out->mrz.issuer, &why);
        if (out->trusted != FINDING_YES && out->why == NULL)
            out->why = why;
    }
    sod_free(&sod);
}

/* What cannot be read because it was altered is a finding; what cannot be read though it is what
 * was signed, or nobody can say, is an error. */
static int read_groups(const struct reading_wish *wish, struct chip_reading *out,
                       struct smg_err *err)
{
    struct smg_err why = { 0 };

    out->legible =
        out->dg1.whole && dg1_read(file_bytes(&out->dg1), wish->today, &out->mrz, &why) == SMG_OK;
    judge(wish, out);
    if (!out->legible && out->authentic == FINDING_NO && out->sod.len > 0)
        return SMG_OK;
    if (!out->legible)
        return smg_fail(err, SMG_E_CARD, "%s",
                        why.code == SMG_OK ? "the chip has no DG1" : why.text);
    out->type = mrz_document_type(&out->mrz, err);
    if (out->type == NULL)
        return err->code;
    if (out->dg2.whole && !dg2_read(file_bytes(&out->dg2), &out->picture, &out->format))
        out->format = NULL;
    if (!out->dg11.whole || !dg11_read(file_bytes(&out->dg11), out->name))
        out->name[0] = '\0';
    return SMG_OK;
}

enum finding reading_verified(const struct chip_reading *reading)
{
    if (reading->authentic == FINDING_NO || reading->trusted == FINDING_NO)
        return FINDING_NO;
    return reading->authentic == FINDING_YES && reading->trusted == FINDING_YES ? FINDING_YES
                                                                                : FINDING_UNKNOWN;
}

int reading_take(struct icc *icc, const struct reading_wish *wish, struct chip_reading *out,
                 struct smg_err *err)
{
    *out = (struct chip_reading){ 0 };
    if (open_chip(icc, wish->access, err) < 0 || read_files(icc, wish, out, err) < 0)
        return err->code;
    return read_groups(wish, out, err);
}

void reading_free(struct chip_reading *reading)
{
    file_free(&reading->sod);
    file_free(&reading->dg1);
    file_free(&reading->dg2);
    file_free(&reading->dg11);
    OPENSSL_cleanse(reading, sizeof *reading);
}
