/* SPDX-License-Identifier: Apache-2.0 */
/* What opens a chip: the machine readable zone's number, birth and expiry, or the card access
 * number. BAC (ICAO 9303-11 section 4.3) and PACE (section 4.4) make a secure channel of it. */
#ifndef EMRTD_ACCESS_H
#define EMRTD_ACCESS_H

#include "apdu.h"

#include <shiming/plugin.h>

struct access {
    char information[48]; /* of the zone: number, birth, expiry, each with its check digit; or "" */
    char can[7];          /* six digits, or "" */
};

/* From what the host was given: access.mrz, access.can or the three fields. Of several, all are
 * taken. SMG_E_INVALID when there is nothing that opens a chip; SMG_E_DENIED when the zone was
 * misread. */
int access_take(const struct smg_host *host, const struct smg_fields *given, struct smg_date today,
                struct access *out, struct smg_err *err);
void access_wipe(struct access *access);

/* Basic access control with a selected application; the channel is open afterwards. SMG_E_DENIED:
 * the zone is another document's. */
int bac_open(struct icc *icc, const struct access *access, struct smg_err *err);

/* One protocol a chip offers in EF.CardAccess that we can do. */
struct pace_info {
    const char *oid; /* as bytes */
    size_t oid_len;
    enum suite suite;
    int parameters; /* standardised domain parameters, 9303-11 table 6 */
    int curve;      /* OpenSSL's number of them */
};

/* The strongest of those offered; false: none we can do. */
bool pace_find_info(struct smg_str card_access, struct pace_info *out);
/* Password authenticated connection establishment; the channel is open afterwards. The zone is
 * preferred to the CAN. SMG_E_DENIED: it is another document's. */
int pace_open(struct icc *icc, const struct pace_info *info, const struct access *access,
              struct smg_err *err);

/* Is it the status of a chip that was told a wrong password? */
bool access_is_refusal(uint16_t status);
/* "the MRZ or CAN does not belong to this card" */
int access_refused(struct smg_err *err);

#endif
