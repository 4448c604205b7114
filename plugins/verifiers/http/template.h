/* SPDX-License-Identifier: Apache-2.0 */
/* Texts with places for values: {name}, {birth:digits}, {document.portrait|document.photo},
 * {address?}. A brace that begins no place is itself, so JSON is written as it is. */
#ifndef HTTP_TEMPLATE_H
#define HTTP_TEMPLATE_H

#include "bytes.h"

/* How a value is written so that it stays one value. */
enum template_escape {
    TEMPLATE_AS_IS = 0,
    TEMPLATE_JSON, /* inside a string, RFC 8259, 7 */
    TEMPLATE_FORM, /* application/x-www-form-urlencoded */
    TEMPLATE_XML   /* text or an attribute's value */
};

/* The value of a name; false: it has none. */
typedef bool (*template_value_fn)(void *ctx, struct smg_str name, struct smg_value *out);

/* Write text to out, at most `most` bytes. A place takes the first of its names that has a value;
 * without one it is an error, or nothing when it ends in '?'. Dates are 2001-02-03, or 20010203
 * with :digits; BYTES are base64, or with :hex hexadecimal. What was written is the caller's to
 * wipe, also after an error. An error names the place, never a value. */
int template_fill(const char *text, enum template_escape escape, template_value_fn value, void *ctx,
                  struct bytes *out, size_t most, struct smg_err *err);

/* Is one of the places' names this one? */
bool template_names(const char *text, struct smg_str name);

#endif
