/* SPDX-License-Identifier: Apache-2.0 */
/* What data groups say, in the forms issuers write them in, and bounds that are not believed. */
#include "bench.h"

static struct buf tlv_of(uint32_t tag, struct smg_str value)
{
    static uint8_t room[70000];
    struct writer out = { .at = room, .room = sizeof room };
    struct buf bytes = { 0 };

    write_tlv(&out, tag, value.at, value.len);
    assert_false(out.full);
    buf_put(&bytes, room, out.len);
    return bytes;
}

static void wrap(struct buf *bytes, uint32_t tag)
{
    struct buf outer = tlv_of(tag, buf_view(bytes));

    buf_fini(bytes);
    *bytes = outer;
}

static void expect_name(const char *written, const char *wanted)
{
    struct buf file = tlv_of(0x5F0E, str_of(written));
    char name[NAME_BYTES] = "";

    wrap(&file, 0x6B);
    assert_int_equal(dg11_read(buf_view(&file), name), wanted != NULL);
    if (wanted != NULL)
        assert_string_equal(name, wanted);
    buf_fini(&file);
}

static void test_names_are_written_as_their_script_is(void **state)
{
    (void)state;
    expect_name("示例·卓玛", "示例·卓玛");
    expect_name("示例<<卓玛", "示例卓玛");
    expect_name("ERIKSSON<<ANNA<MARIA", "ERIKSSON ANNA MARIA");
    expect_name("Смирнов<<Иван<Петрович<<<", "Смирнов Иван Петрович");
    expect_name("ÅSTRÖM", "ÅSTRÖM");
}

static void test_a_name_that_is_no_text_is_no_name(void **state)
{
    char endless[NAME_BYTES + 1];

    (void)state;
    memset(endless, 'A', NAME_BYTES);
    endless[NAME_BYTES] = '\0';
    expect_name(endless, NULL);
    expect_name("", NULL);
    expect_name("<<<", NULL);
    expect_name("\xC3(", NULL);
    expect_name("\xED\xA0\x80", NULL);
    expect_name("\xC0\xAF", NULL);
    expect_name("\xF5\x80\x80\x80", NULL);
    expect_name("A\nB", NULL);
    expect_name("\xE7\xA4", NULL);
}

/* The sample of 9303-10 appendix A.5, whose outer length is three too long. */
static void test_a_length_beyond_the_end_is_not_believed(void **state)
{
    struct buf file = tlv_of(0x5F0E, SMG_STR("SMITH<<JOHN<T"));
    char name[NAME_BYTES];

    (void)state;
    wrap(&file, 0x6B);
    assert_true(dg11_read(buf_view(&file), name));
    file.at[1] = (char)(file.at[1] + 3);
    assert_false(dg11_read(buf_view(&file), name));
    for (size_t len = 0; len < file.len; len++)
        assert_false(dg11_read(str_bytes(file.at, len), name));
    buf_fini(&file);
}

/* A facial record of ISO/IEC 19794-5 with so many feature points. */
static struct buf facial_record(unsigned points, struct smg_str picture)
{
    struct buf record = { 0 };
    size_t block = 20 + 8u * points + 12 + picture.len;

    buf_put(&record,
            "FAC\0"
            "010\0",
            8);
    buf_u32(&record, (uint32_t)(14 + block));
    buf_u16(&record, 1);
    buf_u32(&record, (uint32_t)block);
    buf_u16(&record, (uint16_t)points);
    for (size_t i = 6; i < 20 + 8u * points + 12; i++)
        buf_byte(&record, 0);
    buf_str(&record, picture);
    return record;
}

static void wrap_face(struct buf *record, uint32_t block_tag)
{
    struct buf count = tlv_of(0x02, SMG_STR("\x01"));

    wrap(record, block_tag);
    wrap(record, 0x7F60);
    buf_str(&count, buf_view(record));
    buf_fini(record);
    *record = count;
    wrap(record, 0x7F61);
    wrap(record, 0x75);
}

static void expect_picture(struct buf *file, struct smg_str wanted, const char *wanted_format)
{
    struct smg_str picture;
    const char *format = NULL;

    assert_true(dg2_read(buf_view(file), &picture, &format));
    assert_string_equal(format, wanted_format);
    assert_true(str_eq(picture, wanted));
}

#define JPEG SMG_STR("\xFF\xD8\xFF\xE0 a face \xFF\xD9")
#define JP2 SMG_STR("\0\0\0\x0CjP  \r\n\x87\n and more of it")
#define CODE_STREAM SMG_STR("\xFF\x4F\xFF\x51\0\x2F and more of it")

static void test_faces_are_found_in_each_format(void **state)
{
    const struct smg_str pictures[] = { JPEG, JP2, CODE_STREAM };
    static const char *const formats[] = { "jpeg", "jp2", "jp2" };

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (unsigned points = 0; points < 3; points++) {
            struct buf file = facial_record(points, pictures[i]);

            wrap_face(&file, points == 1 ? 0x7F2E : 0x5F2E);
            expect_picture(&file, pictures[i], formats[i]);
            buf_fini(&file);
        }
}

/* ISO/IEC 39794-5: the picture is a value some levels down. */
static void test_a_face_of_39794_is_found(void **state)
{
    struct buf file = tlv_of(0x82, JPEG), before = tlv_of(0x80, SMG_STR("\x03"));

    (void)state;
    buf_str(&before, buf_view(&file));
    buf_fini(&file);
    file = before;
    for (int i = 0; i < 5; i++)
        wrap(&file, 0xA1);
    wrap_face(&file, 0x7F2E);
    expect_picture(&file, JPEG, "jpeg");
    buf_fini(&file);
}

static void test_headers_that_lead_out_of_the_record_lead_nowhere(void **state)
{
    struct buf good = facial_record(1, JPEG);
    struct smg_str picture;
    const char *format;

    (void)state;
    for (size_t at = 14; at < 20; at++) {
        struct buf file = { 0 };

        buf_str(&file, buf_view(&good));
        file.at[at] = (char)0xFF;
        wrap_face(&file, 0x5F2E);
        assert_false(dg2_read(buf_view(&file), &picture, &format));
        buf_fini(&file);
    }
    wrap_face(&good, 0x5F2E);
    for (size_t len = 0; len < good.len; len++)
        assert_false(dg2_read(str_bytes(good.at, len), &picture, &format));
    buf_fini(&good);
}

static void test_indefinite_lengths_are_read_and_end(void **state)
{
    struct buf good = unhex("3080040101308000000000");
    struct smg_str rest = buf_view(&good);
    struct buf deep = { 0 };
    struct tlv object;

    (void)state;
    assert_true(take_tlv(&rest, &object));
    assert_int_equal(object.value.len, 7);
    assert_int_equal(rest.len, 0);
    for (size_t len = 0; len < good.len; len++) {
        rest = str_bytes(good.at, len);
        assert_false(take_tlv(&rest, &object));
        assert_int_equal(rest.len, len);
    }
    for (int i = 0; i < 10000; i++)
        buf_put(&deep, "\x30\x80", 2);
    rest = buf_view(&deep);
    assert_false(take_tlv(&rest, &object));
    rest = SMG_STR("\x04\x80\0\0"); /* a value cannot be open */
    assert_false(take_tlv(&rest, &object));
    buf_fini(&good);
    buf_fini(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_written_as_their_script_is),
        cmocka_unit_test(test_a_name_that_is_no_text_is_no_name),
        cmocka_unit_test(test_a_length_beyond_the_end_is_not_believed),
        cmocka_unit_test(test_faces_are_found_in_each_format),
        cmocka_unit_test(test_a_face_of_39794_is_found),
        cmocka_unit_test(test_headers_that_lead_out_of_the_record_lead_nowhere),
        cmocka_unit_test(test_indefinite_lengths_are_read_and_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
