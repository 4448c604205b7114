/* SPDX-License-Identifier: Apache-2.0 */
/* Tag, length, value as chips speak it (ISO 7816-4, X.690): read with every length checked, and
 * written. */
#ifndef EMRTD_TLV_H
#define EMRTD_TLV_H

#include <shiming/plugin.h>

/* Tags are their bytes as one number: 0x61, 0x5F1F, 0x7F49. */
struct tlv {
    uint32_t tag;
    struct smg_str value;
};

/* Take one object off the front of rest. false, and nothing taken, when it is malformed or longer
 * than rest. A constructed object may have the indefinite length of BER; its value is what lies
 * before the end mark. */
bool take_tlv(struct smg_str *rest, struct tlv *out);
/* The first object of that tag among those that stand one after another; false when there is none
 * or one before it is malformed. */
bool find_tlv(struct smg_str among, uint32_t tag, struct smg_str *value);
/* The same, one inside the other: tags ended by 0. */
bool find_tlv_path(struct smg_str among, const uint32_t *tags, struct smg_str *value);

static inline uint8_t byte_at(struct smg_str bytes, size_t i)
{
    return (uint8_t)bytes.at[i];
}

/* Bytes put into a room of fixed size; `full` stays true when they did not fit. */
struct writer {
    uint8_t *at;
    size_t len, room;
    bool full;
};

void write_bytes(struct writer *writer, const void *bytes, size_t len);
void write_byte(struct writer *writer, uint8_t byte);
/* An object; len at most 65535. */
void write_tlv(struct writer *writer, uint32_t tag, const void *bytes, size_t len);

#endif
