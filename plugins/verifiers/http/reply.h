/* SPDX-License-Identifier: Apache-2.0 */
/* An answer's body, taken apart as far as a few values are looked for in it. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <shiming/plugin.h>

enum reply_form {
    REPLY_JSON = 0, /* a place is a JSON pointer, RFC 6901 */
    REPLY_FORM,     /* name=value, between '&' or line ends; a place is a name */
    REPLY_XML       /* elements; a place is the name of one that is there once and holds text */
};

struct reply;

/* NULL: out of memory, or it is not of that form. body must stay until reply_close. Comments, CDATA
 * and document types are not taken for XML here: an answer needs none. */
struct reply *reply_open(enum reply_form form, struct smg_str body);
/* Wipes what was copied. NULL is fine. */
void reply_close(struct reply *reply);

/* The text at a place, ended by a NUL: strings, numbers, true and false. false: nothing is there,
 * or more than one thing, or it is no such value, or longer than the room. */
bool reply_text(const struct reply *reply, const char *place, char *out, size_t room);

#endif
