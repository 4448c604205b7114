/* SPDX-License-Identifier: Apache-2.0 */
/* The files on a chip (ICAO 9303-10 section 3). */
#ifndef EMRTD_FILES_H
#define EMRTD_FILES_H

#include "apdu.h"

enum {
    FILE_CARD_ACCESS = 0x011C,
    FILE_COM = 0x011E,
    FILE_SOD = 0x011D,
    FILE_DG1 = 0x0101,
    FILE_DG2 = 0x0102,
    FILE_DG11 = 0x010B,
    FILE_BYTES_MAX = 320 * 1024
};

/* A file's bytes, ours to free. */
struct file {
    uint8_t *at;
    size_t len; /* 0: there is none, or it is not for us */
    bool whole; /* as long as its first bytes say; no longer than FILE_BYTES_MAX */
};

static inline struct smg_str file_bytes(const struct file *file)
{
    return (struct smg_str){ (const char *)file->at, file->len };
}

/* Where EF.CardAccess lies. Chips that are there already may refuse it: that is no error. */
int icc_select_master(struct icc *icc, struct smg_err *err);
/* The application of travel documents. SMG_E_CARD: the chip is none. */
int icc_select_application(struct icc *icc, struct smg_err *err);
/* Whatever the chip says against it leaves an empty file, or one that is not whole; SMG_E_CARD and
 * others mean that nothing more can be asked of the chip. */
int icc_read_file(struct icc *icc, uint16_t id, struct file *out, struct smg_err *err);
void file_free(struct file *file); /* wipes */

#endif
