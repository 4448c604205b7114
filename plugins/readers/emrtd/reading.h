/* SPDX-License-Identifier: Apache-2.0 */
/* One read of a travel document: its chip opened, its files read, what they say and whether that
 * may be believed. */
#ifndef EMRTD_READING_H
#define EMRTD_READING_H

#include "access.h"
#include "files.h"
#include "groups.h"
#include "trust.h"

struct reading_wish {
    const struct access *access;
    const struct anchors *anchors;
    struct smg_date today;
    bool portrait;
};

struct chip_reading {
    bool legible; /* DG1 could be read: mrz and type are there */
    struct mrz mrz;
    const char *type;      /* document.type */
    char name[NAME_BYTES]; /* of DG11; "" */
    struct smg_str picture;
    const char *format;     /* of the picture; NULL: there is none */
    enum finding authentic; /* the data are those that were signed, and the signature holds */
    enum finding trusted;   /* the signer has its certificate from an installed authority */
    const char *why;        /* one of them is not YES: a constant; else NULL */
    struct file sod, dg1, dg2, dg11;
};

/* Both findings YES, either NO, or UNKNOWN. */
enum finding reading_verified(const struct chip_reading *reading);

/* What does not verify is a finding, and no error. SMG_E_DENIED, SMG_E_INVALID: the access data are
 * wrong, or of the wrong kind; SMG_E_CARD: the chip cannot be read; SMG_E_UNSUPPORTED: the document
 * proves no identity here. out is to be freed in any case. */
int reading_take(struct icc *icc, const struct reading_wish *wish, struct chip_reading *out,
                 struct smg_err *err);
void reading_free(struct chip_reading *reading); /* wipes */

#endif
