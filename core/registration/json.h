/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside (RFC 8259): checked whole before the library sees it, because the library
 * checks neither UTF-8, duplicate names nor the grammar of numbers. A number has at most 63 bytes.
 */
#ifndef REGISTRATION_JSON_H
#define REGISTRATION_JSON_H

#include "base/buf.h"
#include "registration/problem.h"

struct cJSON;

enum { JSON_LEVELS = 32 };

/* The tree of a text that is one JSON object, or NULL with the problem said: malformed (with its
 * byte), not UTF-8, NUL or half a surrogate pair in a string, a name twice in one object, over
 * JSON_LEVELS deep. */
struct cJSON *json_parse(struct smg_str text, struct problems *problems);

/* Is the whole text one JSON value as above? at: the byte where it is not. */
bool json_check(struct smg_str text, size_t *at, const char **why);

#endif
