/* SPDX-License-Identifier: Apache-2.0 */
/* A test country that issues passports: its signing authority (CSCA) and its document signer, whose
 * keys are made up and protect nothing (ICAO 9303-12). Inside the room. */
#ifndef EMULATE_ISSUING_H
#define EMULATE_ISSUING_H

#include "emulate/passport.h"

#include <openssl/x509.h>

enum signer_kind { SIGNER_RSA, SIGNER_RSA_PSS, SIGNER_ECDSA, SIGNER_ECDSA_EXPLICIT };

struct issuing_wish {
    const char *folder; /* NULL: keys for this once */
    const char *country;
    enum signer_kind kind;
    struct smg_date signed_on;
    enum passport_fault fault;
};

struct issuing {
    EVP_PKEY *signer_key;
    X509 *signer;
};

/*
 * The document signer. In the folder are then private/COUNTRY-KIND.pem and
 * private/COUNTRY-KIND-signer.pem with the keys, and certificates/COUNTRY-KIND.pem, which a reader
 * may trust. Programs may do this at the same time.
 */
int issuing_open(const struct issuing_wish *wish, struct issuing *out, struct smg_err *err);
void issuing_close(struct issuing *issuing);

#endif
