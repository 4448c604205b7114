/* SPDX-License-Identifier: Apache-2.0 */
/* Fields: named values about one case, "customer.document.number". All of it is personal data, so
 * what is freed is wiped. This is also the struct smg_fields of the plugin header. */
#ifndef BASE_FIELDS_H
#define BASE_FIELDS_H

#include "base/buf.h"

struct smg_fields;

struct smg_fields *fields_new(void); /* NULL: out of memory */
void fields_free(struct smg_fields *fields);

/* Copies name and value. A second set of the same name replaces the first. Names are at most 120
 * bytes. false: out of memory, or more than 4,096 fields. */
bool fields_set(struct smg_fields *fields, struct smg_str name, const struct smg_value *value);
bool fields_set_text(struct smg_fields *fields, const char *name, struct smg_str text);
bool fields_set_bool(struct smg_fields *fields, const char *name, bool boolean);
bool fields_set_int(struct smg_fields *fields, const char *name, int64_t integer);
bool fields_set_date(struct smg_fields *fields, const char *name, struct smg_date date);
void fields_erase(struct smg_fields *fields, const char *name);

/* NULL when there is none. Valid until any field is set or erased; the bytes of a text stay where
 * they are until its own field is. */
const struct smg_value *fields_get(const struct smg_fields *fields, struct smg_str name);
/* The text of a TEXT field, or { NULL, 0 }. */
struct smg_str fields_text(const struct smg_fields *fields, const char *name);

/* In the order they were first set. */
size_t fields_count(const struct smg_fields *fields);
struct smg_str fields_name(const struct smg_fields *fields, size_t i);
const struct smg_value *fields_value(const struct smg_fields *fields, size_t i);

/* A flat binary form: count, then name, type, value. Reading checks every length. */
void fields_write(const struct smg_fields *fields, struct buf *out);
struct smg_fields *fields_read(struct smg_str bytes, struct smg_err *err);

#endif
