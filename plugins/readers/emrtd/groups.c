/* SPDX-License-Identifier: Apache-2.0 */
/* Data groups taken apart. */
#include "groups.h"

#include "tlv.h"

#include <string.h>

enum {
    DG1_TAG = 0x61,
    DG2_TAG = 0x75,
    DG11_TAG = 0x6B,
    NESTING_MAX_OF_FACE = 12,
    FACE_HEADER = 14,      /* "FAC", version, length, count */
    FACE_INFORMATION = 20, /* block length, number of feature points, and what we do not need */
    FACE_POINT = 8,
    FACE_IMAGE = 12,
    HAN_FROM = 0x2E80 /* from here on scripts are written without spaces */
};

int dg1_read(struct smg_str file, struct smg_date today, struct mrz *out, struct smg_err *err)
{
    static const uint32_t path[] = { DG1_TAG, 0x5F1F, 0 };
    struct smg_str zone;
    struct smg_err why;

    *out = (struct mrz){ 0 };
    if (!find_tlv_path(file, path, &zone))
        return smg_fail(err, SMG_E_CARD, "the chip's DG1 is malformed");
    if (mrz_read(zone, today, out, &why) < 0)
        return smg_fail(err, SMG_E_CARD, "the chip's DG1: %.200s", why.text);
    return SMG_OK;
}

static const char *picture_format(struct smg_str picture)
{
    static const struct {
        const char *begins, *format;
        size_t len;
    } known[] = {
        { "\xFF\xD8\xFF", "jpeg", 3 },
        { "\0\0\0\x0CjP  \r\n\x87\n", "jp2", 12 }, /* a file of JPEG 2000 */
        { "\xFF\x4F\xFF\x51", "jp2", 4 },          /* its code stream alone */
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (picture.len > known[i].len && memcmp(picture.at, known[i].begins, known[i].len) == 0)
            return known[i].format;
    return NULL;
}

static size_t read_big_endian(struct smg_str bytes, size_t at, size_t len)
{
    size_t number = 0;

    for (size_t i = 0; i < len; i++)
        number = number << 8 | byte_at(bytes, at + i);
    return number;
}

/* ISO/IEC 19794-5: headers, then the picture to the end of its block. Of several faces the first.
 */
static bool read_facial_record(struct smg_str record, struct smg_str *picture, const char **format)
{
    size_t block, before;

    if (record.len < FACE_HEADER + FACE_INFORMATION + FACE_IMAGE ||
        memcmp(record.at, "FAC\0", 4) != 0)
        return false;
    block = read_big_endian(record, FACE_HEADER, 4);
    before =
        FACE_INFORMATION + FACE_POINT * read_big_endian(record, FACE_HEADER + 4, 2) + FACE_IMAGE;
    if (block > record.len - FACE_HEADER || before > block)
        return false;
    *picture = (struct smg_str){ record.at + FACE_HEADER + before, block - before };
    *format = picture_format(*picture);
    return *format != NULL;
}

/* ISO/IEC 39794-5 nests its picture some levels deep: the first value that begins as one does. */
static bool find_picture(struct smg_str objects, unsigned depth, struct smg_str *picture,
                         const char **format)
{
    struct tlv object;

    while (depth < NESTING_MAX_OF_FACE && take_tlv(&objects, &object)) {
        bool nested = (object.tag > 0xFFFF ? object.tag >> 16
                       : object.tag > 0xFF ? object.tag >> 8
                                           : object.tag) &
                      0x20;

        *picture = object.value;
        *format = nested ? NULL : picture_format(object.value);
        if (*format != NULL || (nested && find_picture(object.value, depth + 1, picture, format)))
            return true;
    }
    return false;
}

bool dg2_read(struct smg_str file, struct smg_str *picture, const char **format)
{
    static const uint32_t path[] = { DG2_TAG, 0x7F61, 0x7F60, 0 };
    struct smg_str template, record;

    if (!find_tlv_path(file, path, &template))
        return false;
    if (find_tlv(template, 0x5F2E, &record) || find_tlv(template, 0x7F2E, &record)) {
        if (read_facial_record(record, picture, format))
            return true;
        return find_picture(record, 0, picture, format);
    }
    return false;
}

/* One character of UTF-8; false when it is none, or a control character. */
static bool take_character(struct smg_str *rest, uint32_t *character)
{
    static const uint32_t smallest[] = { 0, 0x20, 0x80, 0x800, 0x10000 };
    uint8_t first = byte_at(*rest, 0);
    size_t len = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;

    if (len == 0 || len > rest->len || first > 0xF4)
        return false;
    *character = len == 1 ? first : first & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((byte_at(*rest, i) & 0xC0) != 0x80)
            return false;
        *character = *character << 6 | (byte_at(*rest, i) & 0x3F);
    }
    rest->at += len;
    rest->len -= len;
    return *character >= smallest[len] && (*character < 0x7F || *character > 0x9F) &&
           (*character < 0xD800 || *character > 0xDFFF) && *character <= 0x10FFFF;
}

/* Well-formed, and written without spaces? */
static bool look_through(struct smg_str text, bool *han)
{
    uint32_t character;

    *han = false;
    while (text.len > 0) {
        if (!take_character(&text, &character))
            return false;
        *han = *han || character >= HAN_FROM;
    }
    return true;
}

bool dg11_read(struct smg_str file, char name[NAME_BYTES])
{
    static const uint32_t path[] = { DG11_TAG, 0x5F0E, 0 };
    struct smg_str text;
    size_t len = 0;
    bool han;

    if (!find_tlv_path(file, path, &text) || text.len >= NAME_BYTES || !look_through(text, &han))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool gap = text.at[i] == '<' || text.at[i] == ' ';

        if (!gap)
            name[len++] = text.at[i];
        else if (!han && len > 0 && name[len - 1] != ' ')
            name[len++] = ' ';
    }
    while (len > 0 && name[len - 1] == ' ')
        len--;
    name[len] = '\0';
    return len > 0;
}
