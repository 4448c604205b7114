/* SPDX-License-Identifier: Apache-2.0 */
/* The document security object EF.SOD (ICAO 9303-10 section 4.6.2, RFC 5652): the hashes of the
 * data groups, signed by the issuer. */
#ifndef EMRTD_SOD_H
#define EMRTD_SOD_H

#include "trust.h"

#include <openssl/cms.h>

enum { SOD_GROUPS_MAX = 16 };

struct sod {
    CMS_ContentInfo *cms;
    X509 *signer;               /* whose key the signature fits; NULL: nobody's in the object */
    const ASN1_TIME *signed_at; /* as the signer says; NULL: it does not */
    const EVP_MD *hash;
    struct smg_str digests[SOD_GROUPS_MAX + 1]; /* by data group; at NULL: not signed */
};

/* Open the file and check the signature. YES: it holds. NO: it does not, or this is no such object.
 * UNKNOWN: it is of a kind that cannot be checked. Whatever it says, the digests that could be read
 * are there. why: a constant, unless YES. */
enum finding sod_open(struct smg_str file, struct sod *out, const char **why);
/* Is this what was signed as that data group? YES or NO. */
enum finding sod_check_group(const struct sod *sod, unsigned group, struct smg_str file);
void sod_free(struct sod *sod);

#endif
