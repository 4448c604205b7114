/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a signed bundle: which texts, for which stack, in which order of bundles, and by
 * whom. One word and its value a line, in one order only:
 *
 *   shiming-policies 1
 *   sequence 7
 *   signed_at 2026-11-25T10:00:00.000Z
 *   valid_until 2027-07-01                  (may be missing)
 *   stack cn/2013                           (one a regulation)
 *   set sha256:...                          (policy_set_hash)
 *   file sha256:... documents.lua           (one a file)
 *   key 0123456789abcdef
 *   signature ...                           (hex, over every line before it)
 */
#ifndef RELEASE_INDEX_H
#define RELEASE_INDEX_H

#include "policy/folder.h"

#define INDEX_NAME "policies.index"

enum {
    INDEX_FILES = 5 + 4 * DECISION_POLICIES, /* five for all, and up to four each */
    INDEX_NAME_BYTES = FOLDER_ID_BYTES + 24,
    DIGEST_TEXT_BYTES = 72 /* "sha256:", 64 digits and a NUL */
};

struct index_file {
    char name[INDEX_NAME_BYTES];
    char digest[DIGEST_TEXT_BYTES];
};

struct release_index {
    uint64_t sequence; /* from 1; a store never goes back to a lower one */
    int64_t signed_at_ms;
    struct smg_date valid_until; /* the day from which it is refused, or DATE_NONE */
    char stack[DECISION_POLICIES][FOLDER_ID_BYTES + 1];
    size_t stack_count;
    char set[DIGEST_TEXT_BYTES];
    struct index_file files[INDEX_FILES];
    size_t file_count;
    char key[17];
    uint8_t signature[80];
    size_t signature_len;
};

/* "sha256:..." of a text. */
void index_digest(struct smg_str text, char out[DIGEST_TEXT_BYTES]);
/* Append what is signed: every line but the last. */
void index_write(const struct release_index *index, struct buf *out);
/* Only what index_write writes, and a signature, is read; the problem names the line. signed_len:
 * how many bytes the signature is over. */
bool index_read(struct smg_str text, struct release_index *out, size_t *signed_len,
                struct buf *problems);
/* The file of this name, or NULL. */
const struct index_file *index_find(const struct release_index *index, const char *name);

#endif
