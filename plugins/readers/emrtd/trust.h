/* SPDX-License-Identifier: Apache-2.0 */
/* Whom to believe: the country signing certificates (CSCA, ICAO 9303-12) that were installed, and
 * whether one of them issued the certificate of a document's signer. */
#ifndef EMRTD_TRUST_H
#define EMRTD_TRUST_H

#include <openssl/x509.h>
#include <shiming/plugin.h>

enum finding { FINDING_UNKNOWN, FINDING_YES, FINDING_NO };

struct anchors {
    STACK_OF(X509) * certificates; /* NULL: none */
};

/* From a file or every file in a folder: certificates (DER, or PEM, one or many) and master lists
 * (9303-12 section 9; DER or PEM). That a file lies there is what makes it trusted: the signature
 * of a master list is not looked at. SMG_E_INVALID when a file holds none of them, or there is
 * none. */
int anchors_load(const char *path, struct anchors *out, struct smg_err *err);
void anchors_free(struct anchors *anchors);
size_t anchors_count(const struct anchors *anchors);

/* Did an installed authority of the signer's own country, which is `issuer`'s (three letters of the
 * zone), issue this certificate while it was valid itself, and was it valid when it signed?
 * UNKNOWN: no authority of that country is installed. why: a constant. */
enum finding anchors_judge(const struct anchors *anchors, X509 *signer, const ASN1_TIME *signed_at,
                           const char *issuer, const char **why);

#endif
