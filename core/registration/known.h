/* SPDX-License-Identifier: Apache-2.0 */
/* What is already known of a document before its chip is read: passports and their like open only
 * for who has seen the printed page (ICAO 9303 part 11). */
#ifndef REGISTRATION_KNOWN_H
#define REGISTRATION_KNOWN_H

#include "base/fields.h"
#include "crypto/seal.h"
#include "registration/problem.h"

/* Who may open a token among it. sealer NULL: there are no tokens here. */
struct known_context {
    struct sealer *sealer;
    const char *staff;
    int64_t now_ms, token_ttl_ms;
};

/* The access data of a text that is {"mrz"}, {"can"}, {"number", "birth", "valid_to"} or {"token"},
 * as fields for reader_read (the caller's to free): access.mrz without line breaks, access.can,
 * document.number, birth, document.valid_to. NULL: problems were said. */
struct smg_fields *known_read(const struct known_context *context, struct smg_str text,
                              struct problems *problems);
/* The same of a request's body: {"access": {…}}. An empty body or object is nothing known: NULL and
 * no problems. */
struct smg_fields *known_read_body(const struct known_context *context, struct smg_str body,
                                   struct problems *problems);

#endif
