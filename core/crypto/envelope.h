/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes only their recipient can open: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM
 * (RFC 5084), for a recipient known by an X.509 certificate with an RSA or EC key. Anything that
 * speaks CMS opens them: openssl cms -decrypt -inform DER -inkey KEY. */
#ifndef CRYPTO_ENVELOPE_H
#define CRYPTO_ENVELOPE_H

#include "base/buf.h"

struct envelope_recipient;

/* The certificate of a PEM file. SMG_E_INVALID: there is none in it, its days are over or have not
 * begun, or nothing can be sealed to its key. */
struct envelope_recipient *envelope_recipient_open(const char *path, struct smg_err *err);
void envelope_recipient_free(struct envelope_recipient *recipient); /* NULL is fine */
/* Append the envelope, DER. Any thread. */
int envelope_seal(const struct envelope_recipient *recipient, struct smg_str plain, struct buf *out,
                  struct smg_err *err);

#endif
