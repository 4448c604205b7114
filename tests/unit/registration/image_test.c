/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: whole ones are told by format and size; cut, damaged and strange ones are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "registration/image.h"

#define PUT(buf, literal) buf_put(buf, literal, sizeof(literal) - 1)

static void put_frame(struct buf *out, unsigned char marker, uint16_t width, uint16_t height)
{
    buf_byte(out, 0xFF);
    buf_byte(out, marker);
    PUT(out, "\x00\x0B\x08");
    buf_u16(out, height);
    buf_u16(out, width);
    PUT(out, "\x01\x01\x11\x00");
}

static void put_scan(struct buf *out)
{
    PUT(out, "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00");
    PUT(out, "coded\xFF\x00"
             "data\xFF\xD0"
             "more\xFF\xFF\x00"
             "x");
}

static void put_jpeg(struct buf *out, uint16_t width, uint16_t height)
{
    PUT(out, "\xFF\xD8\xFF\xE0\x00\x07JFIF\0");
    PUT(out, "\xFF\xDB\x00\x04qt\xFF\xFF\xC4\x00\x04ht");
    put_frame(out, 0xC0, width, height);
    put_scan(out);
    PUT(out, "\xFF\xD9");
}

static uint32_t crc_of(const char *at, size_t len)
{
    uint32_t crc = 0xFFFFFFFF;
    size_t i;
    int bit;

    for (i = 0; i < len; i++) {
        crc ^= (unsigned char)at[i];
        for (bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
    }
    return ~crc;
}

static void put_chunk(struct buf *out, const char *name, const char *data, size_t len)
{
    size_t start;

    buf_u32(out, (uint32_t)len);
    start = out->len;
    buf_text(out, name);
    buf_put(out, data, len);
    buf_u32(out, crc_of(out->at + start, 4 + len));
}

static void put_png_start(struct buf *out, uint32_t width, uint32_t height)
{
    struct buf header = { 0 };

    PUT(out, "\x89PNG\r\n\x1A\n");
    buf_u32(&header, width);
    buf_u32(&header, height);
    PUT(&header, "\x08\x02\x00\x00\x00");
    put_chunk(out, "IHDR", header.at, header.len);
    buf_fini(&header);
}

static void put_png(struct buf *out, uint32_t width, uint32_t height)
{
    put_png_start(out, width, height);
    put_chunk(out, "gAMA", "\x00\x00\xB1\x8F", 4);
    put_chunk(out, "IDAT", "pixels", 6);
    put_chunk(out, "IDAT", "", 0);
    put_chunk(out, "tEXt", "a\0b", 3);
    put_chunk(out, "IEND", "", 0);
}

static void put_low_first(struct buf *out, uint32_t number, unsigned bytes)
{
    for (; bytes > 0; bytes--, number >>= 8)
        buf_byte(out, (unsigned char)number);
}

static void put_riff(struct buf *out, const struct buf *chunks)
{
    PUT(out, "RIFF");
    put_low_first(out, (uint32_t)chunks->len + 4, 4);
    PUT(out, "WEBP");
    buf_str(out, buf_view(chunks));
}

static void put_lossy(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "VP8 ");
    put_low_first(out, 13, 4);
    put_low_first(out, 3u << 5 | 0x10, 3); /* a key frame, first part of three bytes */
    PUT(out, "\x9D\x01\x2A");
    put_low_first(out, width, 2);
    put_low_first(out, height, 2);
    PUT(out, "abc");
    buf_byte(out, 0); /* to an even length */
}

static void put_lossless(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "VP8L");
    put_low_first(out, 8, 4);
    buf_byte(out, 0x2F);
    put_low_first(out, (width - 1) | (height - 1) << 14, 4);
    PUT(out, "abc");
}

static void put_extended(struct buf *out, uint32_t width, uint32_t height, unsigned char flags)
{
    PUT(out, "VP8X");
    put_low_first(out, 10, 4);
    put_low_first(out, flags, 4);
    put_low_first(out, width - 1, 3);
    put_low_first(out, height - 1, 3);
}

static void put_webp(struct buf *out, uint32_t width, uint32_t height)
{
    struct buf chunks = { 0 };

    put_lossy(&chunks, width, height);
    put_riff(out, &chunks);
    buf_fini(&chunks);
}

static void put_webp_lossless(struct buf *out, uint32_t width, uint32_t height)
{
    struct buf chunks = { 0 };

    put_extended(&chunks, width, height, 0x10);
    put_lossless(&chunks, width, height);
    PUT(&chunks, "EXIF\x02\x00\x00\x00xy");
    put_riff(out, &chunks);
    buf_fini(&chunks);
}

/* The bytes lie in memory of exactly their size, so that a sanitizer sees one read too many. */
static int check_exactly(struct smg_str bytes, struct image_info *info)
{
    struct smg_err err = { 0 };
    char *copy = malloc(bytes.len == 0 ? 1 : bytes.len);
    int code;

    assert_non_null(copy);
    memcpy(copy, bytes.at, bytes.len);
    code = image_check((struct smg_str){ copy, bytes.len }, info, &err);
    assert_true(code == SMG_OK || err.code == code);
    free(copy);
    return code;
}

static void expect_whole(struct buf *picture, const char *type, uint32_t width, uint32_t height)
{
    struct image_info info = { 0 };

    assert_int_equal(check_exactly(buf_view(picture), &info), SMG_OK);
    assert_string_equal(info.type, type);
    assert_int_equal(info.width, width);
    assert_int_equal(info.height, height);
    buf_fini(picture);
}

static void expect_refused(struct buf *picture)
{
    struct image_info info = { .type = "untouched" };

    assert_int_equal(check_exactly(buf_view(picture), &info), SMG_E_INVALID);
    assert_string_equal(info.type, "untouched");
    buf_fini(picture);
}

static const struct {
    const char *type;
    void (*put)(struct buf *out, unsigned width, unsigned height);
} formats[] = {
    { "image/png", put_png },
    { "image/webp", put_webp },
    { "image/webp", put_webp_lossless },
};

static void test_whole_pictures_are_told_with_their_size(void **state)
{
    struct buf picture = { 0 };
    size_t i;

    (void)state;
    put_jpeg(&picture, 320, 200);
    expect_whole(&picture, "image/jpeg", 320, 200);
    for (i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        formats[i].put(&picture, 320, 200);
        expect_whole(&picture, formats[i].type, 320, 200);
    }
}

static void expect_all_cuts_refused(struct buf *picture)
{
    struct image_info info;
    size_t len;

    for (len = 0; len < picture->len; len++)
        assert_int_not_equal(check_exactly((struct smg_str){ picture->at, len }, &info), SMG_OK);
    buf_fini(picture);
}

static void test_a_picture_cut_anywhere_is_refused(void **state)
{
    struct buf picture = { 0 };
    size_t i;

    (void)state;
    put_jpeg(&picture, 320, 200);
    expect_all_cuts_refused(&picture);
    for (i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        formats[i].put(&picture, 320, 200);
        expect_all_cuts_refused(&picture);
    }
}

/* Every byte takes every value: a verdict each time, and never a size out of limits. */
static void change_every_byte(struct buf *picture)
{
    size_t i;
    int value;

    for (i = 0; i < picture->len; i++) {
        char was = picture->at[i];

        for (value = 0; value < 256; value++) {
            struct image_info info = { .width = IMAGE_SIDE_MIN, .height = IMAGE_SIDE_MIN };

            picture->at[i] = (char)value;
            (void)check_exactly(buf_view(picture), &info);
            assert_in_range(info.width, IMAGE_SIDE_MIN, IMAGE_SIDE_MAX);
            assert_in_range(info.height, IMAGE_SIDE_MIN, IMAGE_SIDE_MAX);
        }
        picture->at[i] = was;
    }
    buf_fini(picture);
}

static void test_a_changed_byte_harms_nobody(void **state)
{
    struct buf picture = { 0 };
    size_t i;

    (void)state;
    put_jpeg(&picture, 320, 200);
    change_every_byte(&picture);
    for (i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        formats[i].put(&picture, 320, 200);
        change_every_byte(&picture);
    }
}

static void test_a_png_with_any_byte_changed_is_refused(void **state)
{
    struct buf picture = { 0 };
    struct image_info info;
    size_t i;

    (void)state;
    put_png(&picture, 320, 200);
    for (i = 0; i < picture.len; i++) {
        picture.at[i] ^= 0x40;
        assert_int_not_equal(check_exactly(buf_view(&picture), &info), SMG_OK);
        picture.at[i] ^= 0x40;
    }
    buf_fini(&picture);
}

static void test_bytes_behind_a_picture_are_refused(void **state)
{
    struct buf picture = { 0 };
    size_t i;

    (void)state;
    put_jpeg(&picture, 320, 200);
    PUT(&picture, "PK\x03\x04");
    expect_refused(&picture);
    for (i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        formats[i].put(&picture, 320, 200);
        PUT(&picture, "<script>");
        expect_refused(&picture);
    }
}

static void test_a_telephone_may_put_more_pictures_behind_the_first(void **state)
{
    struct buf picture = { 0 };

    (void)state;
    put_jpeg(&picture, 320, 200);
    PUT(&picture, "\0\0\0");
    put_jpeg(&picture, 80, 50);
    put_jpeg(&picture, 40, 25);
    expect_whole(&picture, "image/jpeg", 320, 200);
    put_jpeg(&picture, 320, 200);
    put_jpeg(&picture, 80, 50);
    picture.len--;
    expect_refused(&picture);
}

static void test_sides_and_areas_have_limits(void **state)
{
    struct buf picture = { 0 };

    (void)state;
    put_png(&picture, 16, 16);
    expect_whole(&picture, "image/png", 16, 16);
    put_png(&picture, 15, 16);
    expect_refused(&picture);
    put_jpeg(&picture, 16, 0);
    expect_refused(&picture);
    put_png(&picture, 20000, 5000);
    expect_whole(&picture, "image/png", 20000, 5000);
    put_png(&picture, 20000, 5001);
    expect_refused(&picture);
    put_png(&picture, 20001, 16);
    expect_refused(&picture);
    put_png(&picture, UINT32_MAX, UINT32_MAX);
    expect_refused(&picture);
    put_jpeg(&picture, UINT16_MAX, UINT16_MAX);
    expect_refused(&picture);
}

static void test_a_jpeg_needs_one_frame_before_its_scans(void **state)
{
    struct buf picture = { 0 };

    (void)state;
    PUT(&picture, "\xFF\xD8"); /* none */
    put_scan(&picture);
    PUT(&picture, "\xFF\xD9");
    expect_refused(&picture);
    PUT(&picture, "\xFF\xD8"); /* two */
    put_frame(&picture, 0xC0, 320, 200);
    put_frame(&picture, 0xC0, 320, 200);
    put_scan(&picture);
    PUT(&picture, "\xFF\xD9");
    expect_refused(&picture);
    PUT(&picture, "\xFF\xD8"); /* no scan */
    put_frame(&picture, 0xC0, 320, 200);
    PUT(&picture, "\xFF\xD9");
    expect_refused(&picture);
    PUT(&picture, "\xFF\xD8"); /* progressive: many scans */
    put_frame(&picture, 0xC2, 320, 200);
    put_scan(&picture);
    put_scan(&picture);
    PUT(&picture, "\xFF\xD9");
    expect_whole(&picture, "image/jpeg", 320, 200);
}

static void test_a_png_keeps_its_order_of_chunks(void **state)
{
    struct buf picture = { 0 };

    (void)state;
    put_png_start(&picture, 320, 200); /* no picture data */
    put_chunk(&picture, "IEND", "", 0);
    expect_refused(&picture);
    put_png_start(&picture, 320, 200); /* data in two places */
    put_chunk(&picture, "IDAT", "a", 1);
    put_chunk(&picture, "tEXt", "b", 1);
    put_chunk(&picture, "IDAT", "c", 1);
    put_chunk(&picture, "IEND", "", 0);
    expect_refused(&picture);
    PUT(&picture, "\x89PNG\r\n\x1A\n"); /* no header first */
    put_chunk(&picture, "IDAT", "a", 1);
    put_chunk(&picture, "IEND", "", 0);
    expect_refused(&picture);
}

static void test_a_webp_holds_one_still_picture_of_the_size_it_says(void **state)
{
    struct buf chunks = { 0 }, picture = { 0 };

    (void)state;
    put_extended(&chunks, 320, 200, 0x02); /* animated */
    put_lossy(&chunks, 320, 200);
    put_riff(&picture, &chunks);
    expect_refused(&picture);
    buf_clear(&chunks);
    put_extended(&chunks, 320, 201, 0); /* another size */
    put_lossy(&chunks, 320, 200);
    put_riff(&picture, &chunks);
    expect_refused(&picture);
    buf_clear(&chunks);
    put_lossy(&chunks, 320, 200); /* two */
    put_lossless(&chunks, 320, 200);
    put_riff(&picture, &chunks);
    expect_refused(&picture);
    buf_fini(&chunks);
    put_riff(&picture, &chunks); /* none */
    expect_refused(&picture);
}

static void test_other_files_are_not_pictures(void **state)
{
    static const char *const others[] = { "",           "\xFF\xD8", "GIF89a",       "BM",
                                          "%PDF-1.4",   "<svg/>",   "RIFF0000WAVE", "\x89PNG",
                                          "RIFF0000WEB" };
    struct image_info info;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(check_exactly(str_of(others[i]), &info), SMG_E_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_pictures_are_told_with_their_size),
        cmocka_unit_test(test_a_picture_cut_anywhere_is_refused),
        cmocka_unit_test(test_a_changed_byte_harms_nobody),
        cmocka_unit_test(test_a_png_with_any_byte_changed_is_refused),
        cmocka_unit_test(test_bytes_behind_a_picture_are_refused),
        cmocka_unit_test(test_a_telephone_may_put_more_pictures_behind_the_first),
        cmocka_unit_test(test_sides_and_areas_have_limits),
        cmocka_unit_test(test_a_jpeg_needs_one_frame_before_its_scans),
        cmocka_unit_test(test_a_png_keeps_its_order_of_chunks),
        cmocka_unit_test(test_a_webp_holds_one_still_picture_of_the_size_it_says),
        cmocka_unit_test(test_other_files_are_not_pictures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
