/* SPDX-License-Identifier: Apache-2.0 */
/* EF.SOD: the hashes of the data groups, signed (ICAO 9303-10, section 4.6.2; RFC 5652). Inside the
 * room. */
#ifndef EMULATE_SOD_H
#define EMULATE_SOD_H

#include "emulate/issuing.h"

struct sod_wish {
    enum signer_kind kind;
    const EVP_MD *digest;
    bool id_data;       /* the content says it is plain data, as China's does */
    bool indefinite;    /* BER with lengths left open and the content in pieces */
    bool name_reversed; /* the signer's name with its parts in another order */
    struct smg_date signed_on;
    enum passport_fault fault;
};

/* Over the groups the passport has by now. */
int sod_sign(const struct sod_wish *wish, const struct issuing *issuing,
             const struct passport *passport, struct buf *out, struct smg_err *err);

#endif
