/* SPDX-License-Identifier: Apache-2.0 */
/* The members of an application's JSON as one table, by which it is read and written. */
#ifndef REGISTRATION_MEMBER_H
#define REGISTRATION_MEMBER_H

#include "base/str.h"

enum member_type {
    MEMBER_TEXT,
    MEMBER_BOOLEAN,
    MEMBER_DATE,
    MEMBER_OBJECT,
    MEMBER_PEOPLE,   /* a list of persons */
    MEMBER_PICTURES, /* the list of evidence */
    MEMBER_FREE,     /* an object of any members, each a field */
    MEMBER_CARD      /* what a card says, by field name; only where cards are believed */
};

struct member {
    const char *name;
    enum member_type type;
    size_t limit; /* TEXT: bytes; lists: items */
    const struct member *members;
};

enum { MEMBER_FREE_BYTES = 64 }; /* names of FREE members are shorter */

/* Ended by a NULL name, as all lists of members. */
extern const struct member application_members[];

const struct member *member_find(const struct member *members, const char *name);
/* Do fields of this name hold days ("customer.birth")? */
bool member_is_date(struct smg_str name);
/* Lower-case words with '.' between, so that it can be part of a field's name. */
bool member_is_name(struct smg_str name);
/* Is this said of somebody by a clerk or by the gateway, never by their card ("work_unit")? All
 * else a card may say. */
bool member_is_typed(struct smg_str part);
/* Is an object of these members somebody or something brought, told as NAME.given? */
bool member_is_told(const struct member *members);

#endif
