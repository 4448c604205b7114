/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the mapping share. */
#ifndef HTTP_MAPPING_INSIDE_H
#define HTTP_MAPPING_INSIDE_H

#include "mapping.h"
#include "reply.h"

#include <openssl/evp.h>

struct mapping {
    const struct config *config;
    enum template_escape escape;
    enum reply_form form;
    const EVP_MD *digest;
    struct bytes sign_key;
    double score_match, score_mismatch;
};

/* Where the values of a template come from. */
struct sources {
    const struct mapping *mapping;
    const struct smg_host *host;
    const struct smg_fields *subject;
    const struct inquiry *inquiry;
    const struct https_answer *answer;
    int64_t now_ms;
    char text[64];
    unsigned char signature[EVP_MAX_MD_SIZE];
    size_t signature_len;
};

int64_t mapping_now_ms(void); /* of the wall clock */
/* Is the word in the list, which has commas between its words? */
bool mapping_lists(const char *list, struct smg_str word);
/* The HMAC of a filled template, to sources->signature; false: err says why. */
bool mapping_sign(const struct mapping *mapping, const char *text, template_value_fn value,
                  struct sources *sources, struct smg_err *err);
int mapping_open_answer(struct mapping *mapping, struct smg_err *err);

#endif
