/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG (ITU-T T.81): segments up to a scan, coded data over the scan, and so on to the end marker.
 */
#include "registration/picture.h"

enum {
    MARK_TEM = 0x01,
    MARK_SOF0 = 0xC0,
    MARK_DHT = 0xC4,
    MARK_JPG = 0xC8,
    MARK_DAC = 0xCC,
    MARK_SOF15 = 0xCF,
    MARK_RST0 = 0xD0,
    MARK_RST7 = 0xD7,
    MARK_SOI = 0xD8,
    MARK_EOI = 0xD9,
    MARK_SOS = 0xDA,
};

bool jpeg_starts(struct smg_str bytes)
{
    return bytes.len >= 3 && memcmp(bytes.at, "\xFF\xD8\xFF", 3) == 0;
}

/* 0xFF, as often as the writer likes, then the marker's own byte. */
static bool take_marker(struct smg_str *left, uint8_t *marker)
{
    if (!take_u8(left, marker) || *marker != 0xFF)
        return false;
    while (*marker == 0xFF)
        if (!take_u8(left, marker))
            return false;
    return *marker != 0;
}

static bool is_frame(uint8_t marker)
{
    return marker >= MARK_SOF0 && marker <= MARK_SOF15 && marker != MARK_DHT &&
           marker != MARK_JPG && marker != MARK_DAC;
}

/* The size of the picture. A height of zero would come after the first scan (DNL): nobody writes
 * that, and it is refused as too small. */
static bool read_frame(struct smg_str segment, struct image_info *out)
{
    uint16_t width, height;
    uint8_t precision, parts;

    if (out->width != 0 || out->height != 0) /* a second frame */
        return false;
    if (!take_u8(&segment, &precision) || !take_u16(&segment, &height) ||
        !take_u16(&segment, &width) || !take_u8(&segment, &parts))
        return false;
    out->width = width;
    out->height = height;
    return parts >= 1 && parts <= 4 && segment.len == (size_t)3 * parts;
}

/* Over the coded data of a scan to the marker behind it, which stays. */
static bool skip_scan(struct smg_str *left)
{
    while (left->len >= 2) {
        const char *at = memchr(left->at, 0xFF, left->len - 1);
        unsigned char next;

        if (at == NULL)
            return false;
        next = (unsigned char)at[1];
        left->len -= (size_t)(at - left->at);
        left->at = at;
        if (next != 0 && next != 0xFF && (next < MARK_RST0 || next > MARK_RST7))
            return true;
        left->at += next == 0xFF ? 1 : 2;
        left->len -= next == 0xFF ? 1 : 2;
    }
    return false;
}

/* One picture, from its start marker to its end marker. */
static bool take_picture(struct smg_str *left, struct image_info *out)
{
    bool framed = false, scanned = false;
    uint8_t marker;

    if (!take_marker(left, &marker) || marker != MARK_SOI)
        return false;
    for (;;) {
        struct smg_str segment;
        uint16_t len;

        if (!take_marker(left, &marker))
            return false;
        if (marker == MARK_EOI)
            return framed && scanned;
        if (marker == MARK_SOI || marker == MARK_TEM ||
            (marker >= MARK_RST0 && marker <= MARK_RST7))
            return false;
        if (!take_u16(left, &len) || len < 2 || !take_bytes(left, len - 2u, &segment))
            return false;
        if (is_frame(marker)) {
            if (!read_frame(segment, out))
                return false;
            framed = true;
        } else if (marker == MARK_SOS) {
            if (!framed || !skip_scan(left))
                return false;
            scanned = true;
        }
    }
}

/* Telephones put more pictures behind the first (CIPA DC-007, brightness maps), perhaps after zero
 * bytes. Nothing else may follow. */
static bool ends_well(struct smg_str left)
{
    while (left.len > 0) {
        struct image_info more = { 0 };

        if (*left.at == 0) {
            left.at++;
            left.len--;
        } else if (!take_picture(&left, &more)) {
            return false;
        }
    }
    return true;
}

int jpeg_walk(struct smg_str bytes, struct image_info *out, struct smg_err *err)
{
    if (!take_picture(&bytes, out) || !ends_well(bytes))
        return smg_fail(err, SMG_E_INVALID, "the JPEG picture is damaged or cut short");
    return SMG_OK;
}
