/* SPDX-License-Identifier: Apache-2.0 */
/* Data groups out of what the sheet says. */
#include "emulate/lds.h"
#include "emulate/mrz.h"
#include "emulate/portrait.h"
#include "emulate/tlv.h"

int lds_dg1(const struct passport_sheet *sheet, struct buf *out, struct smg_err *err)
{
    int rc = mrz_write(sheet, out, err);

    tlv_wrap(out, 0, 0x5F1F);
    tlv_wrap(out, 0, 0x61);
    return rc;
}

/* The record: its header, what is known of the face (little), of the picture, and the picture. */
static void put_face(const struct passport_sheet *sheet, struct smg_str picture, struct buf *out)
{
    enum { RECORD_HEADER = 14, FACE = 20, IMAGE = 12, JPEG = 0, JPEG_2000 = 1 };
    bool is_jpeg = picture.len > 1 && (uint8_t)picture.at[0] == 0xFF;
    uint32_t block = (uint32_t)(FACE + IMAGE + picture.len);
    uint8_t sex = sheet->sex == NULL                ? 0
                  : strcmp(sheet->sex, "male") == 0 ? 1
                                                    : 2 * (strcmp(sheet->sex, "female") == 0);

    buf_put(out,
            "FAC\0"
            "010\0",
            8);
    buf_u32(out, RECORD_HEADER + block);
    buf_u16(out, 1); /* pictures */
    buf_u32(out, block);
    buf_u16(out, 0); /* feature points */
    buf_byte(out, sex);
    buf_put(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0", 13);
    buf_byte(out, 1); /* full frontal */
    buf_byte(out, is_jpeg ? JPEG : JPEG_2000);
    buf_u16(out, PORTRAIT_WIDTH);
    buf_u16(out, PORTRAIT_HEIGHT);
    buf_put(out, "\0\0\0\0\0\0", 6);
    buf_str(out, picture);
}

void lds_dg2(const struct passport_sheet *sheet, struct smg_str picture, struct buf *out)
{
    /* a face; no subtype; the format is ISO/IEC 19794-5's */
    static const uint8_t header[] = { 0x81, 0x01, 0x02, 0x82, 0x01, 0x00, 0x87,
                                      0x02, 0x01, 0x01, 0x88, 0x02, 0x00, 0x08 };
    size_t template, record;

    tlv_integer(out, 1); /* instances */
    template = out->len;
    tlv_put(out, 0xA1, str_bytes(header, sizeof header));
    record = out->len;
    put_face(sheet, picture, out);
    tlv_wrap(out, record, 0x5F2E);
    tlv_wrap(out, template, 0x7F60);
    tlv_wrap(out, 0, 0x7F61);
    tlv_wrap(out, 0, 0x75);
}

struct group {
    struct buf tags, values;
};

static void put_detail(struct group *group, unsigned tag, const char *text)
{
    if (text == NULL)
        return;
    if (tag > 0xFF)
        buf_byte(&group->tags, (unsigned char)(tag >> 8));
    buf_byte(&group->tags, (unsigned char)(tag & 0xFF));
    tlv_put(&group->values, tag, str_of(text));
}

/* As 9303-10 says: other names in a template that counts them. */
static void put_other_names(struct group *group, const char *name)
{
    size_t from = group->values.len;

    if (name == NULL)
        return;
    buf_byte(&group->tags, 0xA0);
    tlv_integer(&group->values, 1);
    tlv_put(&group->values, 0x5F0F, str_of(name));
    tlv_wrap(&group->values, from, 0xA0);
}

static void put_birth(struct group *group, const char *birth)
{
    char digits[9] = "";
    size_t count = 0;

    for (; *birth != '\0' && count < 8; birth++)
        if (*birth != '-')
            digits[count++] = *birth;
    put_detail(group, 0x5F2B, digits);
}

void lds_dg11(const struct passport_sheet *sheet, struct buf *out)
{
    struct group group = { 0 };
    bool as_china = strcmp(sheet->dg11, "china") == 0;

    if (strcmp(sheet->dg11, "none") == 0)
        return;
    put_detail(&group, 0x5F0E, sheet->name);
    if (as_china)
        put_detail(&group, 0x5F0F, sheet->name_latin);
    else
        put_other_names(&group, sheet->name_latin);
    put_detail(&group, 0x5F10, sheet->personal_number);
    if (!as_china)
        put_birth(&group, sheet->birth);
    put_detail(&group, 0x5F11, sheet->birth_place);
    put_detail(&group, 0x5F42, sheet->address);
    tlv_put(out, 0x5C, buf_view(&group.tags));
    buf_str(out, buf_view(&group.values));
    out->failed = out->failed || group.tags.failed || group.values.failed;
    tlv_wrap(out, 0, 0x6B);
    buf_fini(&group.tags);
    buf_fini(&group.values);
}

void lds_com(const struct passport *passport, struct buf *out)
{
    static const uint8_t tags[PASSPORT_GROUPS + 1] = { 0,    0x61, 0x75, 0x63, 0x76, 0x65,
                                                       0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B,
                                                       0x6C, 0x6D, 0x6E, 0x6F, 0x70 };
    size_t list;

    tlv_put(out, 0x5F01, str_of("0107"));
    tlv_put(out, 0x5F36, str_of("040000"));
    list = out->len;
    for (int i = 1; i <= PASSPORT_GROUPS; i++)
        if (passport->group[i].len > 0)
            buf_byte(out, tags[i]);
    tlv_wrap(out, list, 0x5C);
    tlv_wrap(out, 0, 0x60);
}
