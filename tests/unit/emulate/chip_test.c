/* SPDX-License-Identifier: Apache-2.0 */
/* The chip against the worked examples of ICAO 9303-11, and what it refuses. */
#include "emulate/chip.h"
#include "emulate/tlv.h"

#include "passport_sheets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct buf hex(const char *text)
{
    struct buf out = { 0 };

    assert_true(buf_unhex(&out, str_of(text)));
    return out;
}

static void expect_hex(struct smg_str got, const char *wanted)
{
    struct buf text = { 0 }, upper = hex(wanted);

    buf_hex(&text, got);
    if (!str_eq(got, buf_view(&upper)))
        fail_msg("got %s, wanted %s", text.at, wanted);
    buf_fini(&text);
    buf_fini(&upper);
}

/* Random bytes as a worked example had them, in order. */
struct script {
    struct buf bytes;
    size_t used;
};

static bool fill_from_script(void *context, uint8_t *out, size_t len)
{
    struct script *script = context;

    if (script->bytes.len - script->used < len)
        return false;
    memcpy(out, script->bytes.at + script->used, len);
    script->used += len;
    return true;
}

struct bench {
    struct passport passport;
    struct chip chip;
    struct script script;
    struct buf answer;
};

static struct passport_sheet sheet_of(const char *access)
{
    struct passport_sheet sheet = passport_of_eriksson();

    sheet.number = "L898902C";
    sheet.birth = "1969-08-06";
    sheet.valid_from = "1994-06-24";
    sheet.valid_to = "1994-06-23";
    sheet.access = access;
    sheet.pace_curve = 13;
    return sheet;
}

static void lay_down(struct bench *bench, const struct passport_sheet *sheet, const char *random)
{
    struct smg_err err = { 0 };

    *bench = (struct bench){ .script.bytes = hex(random) };
    if (passport_encode(sheet, (struct smg_str){ "", 0 }, NULL, &bench->passport, &err) != SMG_OK)
        fail_msg("%s", err.text);
    chip_insert(&bench->chip, &bench->passport);
    if (*random != '\0')
        bench->chip.random = (struct chip_random){ fill_from_script, &bench->script };
}

static void take_away(struct bench *bench)
{
    chip_remove(&bench->chip);
    passport_free(&bench->passport);
    buf_fini(&bench->script.bytes);
    buf_fini(&bench->answer);
}

static enum chip_deed send(struct bench *bench, const char *command)
{
    struct buf bytes = hex(command);
    enum chip_deed deed = chip_transmit(&bench->chip, buf_view(&bytes), &bench->answer);

    buf_fini(&bytes);
    return deed;
}

static void expect(struct bench *bench, const char *command, const char *answer)
{
    assert_int_equal(send(bench, command), CHIP_ANSWERS);
    expect_hex(buf_view(&bench->answer), answer);
}

#define SELECT_APPLICATION "00A4040C07A0000002471001"
#define RND_IC "4608F91988702212"
#define K_IC "0B4F80323EB3191CB04970CB4052790B"
#define AUTHENTICATE                                                                               \
    "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728"
#define AUTHENTICATED                                                                              \
    "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000"
#define SELECT_COM "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800"

/* The example of appendix D: its EF.COM, and the session it opens. */
static void open_example(struct bench *bench, const char *fault)
{
    struct passport_sheet sheet = sheet_of("bac");

    sheet.fault = fault;
    lay_down(bench, &sheet, RND_IC K_IC);
    buf_fini(&bench->passport.com);
    bench->passport.com = hex("60145F0104303130365F36063034303030305C026175");
    expect(bench, SELECT_APPLICATION, "9000");
    expect(bench, "0084000008", RND_IC "9000");
    expect(bench, AUTHENTICATE, AUTHENTICATED);
}

static void test_bac_and_3des_are_those_of_appendix_d(void **state)
{
    struct bench bench;

    (void)state;
    open_example(&bench, NULL);
    assert_string_equal(bench.passport.key_information, "L898902C<369080619406236");
    expect(&bench, SELECT_COM, "990290008E08FA855A5D4C50A8ED9000");
    expect(&bench, "0CB000000D9701048E08ED6705417E96BA5500",
           "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000");
    expect(
        &bench, "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000");
    take_away(&bench);
}

static void test_pace_is_that_of_appendix_g(void **state)
{
    static const char *const exchange[][2] = {
        { "0022C1A412800A04007F0007020204020283010184010D", "9000" },
        { "10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000" },
        { "10860000457C438141047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E5445"
          "52DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
          "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F5730D8C879AAA9C9"
          "F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000" },
        { "10860000457C438341042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C3556"
          "F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
          "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB7764B22277A2ED"
          "DC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000" },
        { "008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000" },
    };
    struct passport_sheet sheet = sheet_of("pace");
    struct bench bench;

    (void)state;
    sheet.number = "T22000129";
    sheet.birth = "1964-08-12";
    sheet.valid_to = "2010-10-31";
    lay_down(&bench, &sheet,
             "3F00C4D39D153F2B2A214A078D899B22"
             "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560"
             "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A");
    expect_hex(buf_view(&bench.passport.card_access),
               "31143012060A04007F0007020204020202010202010D");
    for (size_t i = 0; i < sizeof exchange / sizeof *exchange; i++)
        expect(&bench, exchange[i][0], exchange[i][1]);
    assert_true(bench.chip.session.is_open);
    expect_hex(str_bytes(bench.chip.session.encryption.at, 16), "F5F0E35C0D7161EE6724EE513A0D9A7F");
    expect_hex(str_bytes(bench.chip.session.mac.at, 16), "FE251C7858B356B24514B3BD5F4297D1");
    take_away(&bench);
}

static void test_keys_of_aes_are_those_of_the_examples(void **state)
{
    static const struct {
        enum chip_cipher cipher;
        enum chip_use use;
        size_t len;
        const char *secret, *key;
    } cases[] = {
        { CHIP_AES_128, CHIP_PASSWORD, 16, "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD",
          "89DED1B26624EC1E634C1989302849DD" },
        { CHIP_AES_192, CHIP_PASSWORD, 24, "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD12345678",
          "4487BB60D75E55928AB2406733D060BB600C7FA4AEEAB92B" },
        { CHIP_AES_256, CHIP_PASSWORD, 32,
          "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD12345678ABCDEF1234567890",
          "AC92515EDD0F4714CBB46C683CC1A66DEBB68B3CC34F29904DB757AC88988D31" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf secret = hex(cases[i].secret);
        struct chip_key key;

        assert_true(chip_derive(cases[i].cipher, buf_view(&secret), cases[i].use, &key));
        expect_hex(str_bytes(key.at, cases[i].len), cases[i].key);
        buf_fini(&secret);
    }
}

static struct session aes_session(const char *encryption, const char *mac, const char *counter)
{
    struct session session = { .is_open = true,
                               .encryption.cipher = CHIP_AES_128,
                               .mac.cipher = CHIP_AES_128 };
    struct buf bytes = hex(encryption);

    memcpy(session.encryption.at, bytes.at, 16);
    buf_fini(&bytes);
    bytes = hex(mac);
    memcpy(session.mac.at, bytes.at, 16);
    buf_fini(&bytes);
    bytes = hex(counter);
    memcpy(session.counter, bytes.at, 16);
    buf_fini(&bytes);
    return session;
}

static void test_secure_messaging_by_aes(void **state)
{
    struct session session =
        aes_session("CC86415F2ED7E8FD663B754265695AE1", "581E84B8EE06C4D3EEE30461498D7FB3",
                    "000000000000000000000000000000BA");
    struct buf command =
        hex("0C2241A41D871101980953D37F67558690045D78A853B18A8E08929767A2CEF172E200");
    struct buf plain = { 0 };
    struct apdu apdu;

    (void)state;
    assert_int_equal(session_unwrap(&session, buf_view(&command), &apdu, &plain), SW_DONE);
    expect_hex(apdu.data, "800A04007F000702020302028401C3");
    assert_int_equal(session.counter[15], 0xBB);
    buf_fini(&command);
    buf_fini(&plain);
}

static void test_an_answer_by_aes(void **state)
{
    struct session session =
        aes_session("A8E85E938514EC67AE33CDA3D43D3C48", "27F1ADEB705A049A305B0C619B14B9B3",
                    "0000000000000000000000000000000B");
    struct buf data =
        hex("A729901D1A71874700133107EC53306404307BC382C63D8C150C3C72080ACE05AFA0C2BEA28E4FB2278713"
            "9165EFBA91F90F8AA5814A503AD4EB04A8C7DD22CE2826043004A8C7DD22CE28268B39B55416F0447C2FB7"
            "7DE107DCD2A62E880EA53EEB62D57CB4390295DBC9943AB78696FA504C110461041D1C64F068CF45FFA2A6"
            "3A81B7C13F6B8847A3E77EF14FE3DB7FCAFE0CBD10E8E826E03436D646AAEF87B2E247D4AF1E8ABE1D7520"
            "F9C2A45CB1EB8E95CFD55262B70B29FEEC5864E19C054FF99129280E4646217791811142820341263C5315"
            "0231008CB91E82A3");
    struct buf answer = { 0 };

    (void)state;
    assert_true(session_wrap(&session, PASSPORT_SOUND, false, buf_view(&data), SW_DONE, &answer));
    expect_hex(
        buf_view(&answer),
        "8781E1012FABF9E0655D7E987FD28A8AEB19C9CADD990D49399799ED1FE465BCEA56DA9BA3024291D40D23D7F1"
        "E00485D71FADDC6D8C1382E8028DD22EFDCC72ED47663D56D20DD6C4B867956FE0507313083AE7FC54FB46133F"
        "184FEBBE13AD6FD3E2616A1F4A829E75ADA1A0E443CA738288F6014BE8A7745D8259B089E6BEE35BCC4BF5B63D"
        "B5FDD84244F67ECA099213B70A861B4487225AA68AF684278FCEB4CB809DE42BE3EE95B0E0D72BCDB0ED47CB56"
        "EFC264E04A9397A90E81AD1D81EFA2D14B2CA8EC7BD997F4B1C1FD344D5DEE8589C38B227CA4CB35810060A7CC"
        "76403E990290008E083EB47EF4FA82AFC99000");
    buf_fini(&data);
    buf_fini(&answer);
}

static void test_nothing_is_read_without_access(void **state)
{
    struct passport_sheet sheet = sheet_of("both");
    struct bench bench;

    (void)state;
    lay_down(&bench, &sheet, "");
    expect(&bench, "00A4020C020101", "6A82"); /* not in the master file */
    expect(&bench, "00A4020C02011C", "9000");
    expect(&bench, "00B0000002", "31149000");
    expect(&bench, "00B0001E04", "6B00");
    expect(&bench, "00A4040C07A0000002471002", "6A82");
    expect(&bench, SELECT_APPLICATION, "9000");
    expect(&bench, "00A4020C020101", "6982");
    expect(&bench, "00B0810004", "6982");
    expect(&bench, "0CB000000D9701048E08ED6705417E96BA5500", "6E00");
    expect(&bench, "00820000080000000000000000", "6985"); /* no challenge yet */
    send(&bench, "0084000008");
    expect(&bench, "00820000080000000000000000", "6700");
    expect(&bench, "00CA000000", "6D00");
    expect(&bench, "00A4", "6700");
    take_away(&bench);
}

static void test_a_wrong_mrz_is_refused(void **state)
{
    struct passport_sheet sheet = sheet_of("bac");
    struct bench bench;

    (void)state;
    sheet.number = "L898902D";
    lay_down(&bench, &sheet, RND_IC K_IC);
    expect(&bench, SELECT_APPLICATION, "9000");
    expect(&bench, "0084000008", RND_IC "9000");
    expect(&bench, AUTHENTICATE, "6300");
    expect(&bench, AUTHENTICATE, "6985"); /* a challenge is good once */
    assert_false(bench.chip.session.is_open);
    take_away(&bench);
}

static void test_a_spoilt_command_ends_the_session(void **state)
{
    static const char *const cases[][2] = {
        { "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F900", "6988" }, /* its MAC */
        { "0CA4020C158709016375432908C044F78E08BF8B92D635FF24F800", "6988" }, /* its data */
        { "0CA4020C0B8709016375432908C044F600", "6987" },
        { "0CA4020C158709016375432908C044F68F08BF8B92D635FF24F800", "6988" },
        { "00A4020C02011E", "6982" }, /* in the clear */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;

        open_example(&bench, NULL);
        expect(&bench, cases[i][0], cases[i][1]);
        assert_false(bench.chip.session.is_open);
        expect(&bench, "00A4020C02011E", "6982");
        take_away(&bench);
    }
}

static void test_a_reset_ends_the_session(void **state)
{
    struct bench bench;

    (void)state;
    open_example(&bench, NULL);
    chip_reset(&bench.chip);
    expect(&bench, "00A4020C02011E", "6A82");
    expect(&bench, SELECT_APPLICATION, "9000");
    expect(&bench, "00A4020C02011E", "6982");
    take_away(&bench);
}

static void test_faults_in_secured_answers(void **state)
{
    static const char *const cases[][2] = {
        { "wrong_mac", "990290008E08FB855A5D4C50A8ED9000" },
        { "no_mac", "990290009000" },
        { "plain", "9000" },
    };
    struct bench bench;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_example(&bench, cases[i][0]);
        expect(&bench, SELECT_COM, cases[i][1]);
        take_away(&bench);
    }
    open_example(&bench, "wrong_status");
    send(&bench, SELECT_COM);
    assert_memory_equal(bench.answer.at, "\x99\x02\x62\x00\x8E\x08", 6);
    take_away(&bench);
    open_example(&bench, "no_status");
    send(&bench, SELECT_COM);
    assert_memory_equal(bench.answer.at, "\x8E\x08", 2);
    assert_int_equal(bench.answer.len, 12);
    take_away(&bench);
}

static void test_faults_in_any_answer_begin_after_so_many(void **state)
{
    static const struct {
        const char *fault;
        enum chip_deed deed;
    } cases[] = {
        { "silent", CHIP_KEEPS_SILENT },
        { "closes", CHIP_LEAVES },
        { "removed", CHIP_ANSWERS_AND_LEAVES },
        { "slow", CHIP_ANSWERS_LATE },
        { "garbage", CHIP_ANSWERS },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct passport_sheet sheet = sheet_of("both");
        struct bench bench;

        sheet.fault = cases[i].fault;
        sheet.fault_after = 2;
        lay_down(&bench, &sheet, "");
        expect(&bench, SELECT_APPLICATION, "9000");
        expect(&bench, "00A4020C020101", "6982");
        assert_int_equal(send(&bench, SELECT_APPLICATION), cases[i].deed);
        if (cases[i].deed == CHIP_ANSWERS)
            assert_memory_not_equal(bench.answer.at, "\x90\x00", 2);
        take_away(&bench);
    }
}

/* The offset in an object, and the answer in one that Le counts whole. */
static void test_read_binary_with_an_odd_instruction(void **state)
{
    struct passport_sheet sheet = sheet_of("pace");
    struct bench bench;

    (void)state;
    lay_down(&bench, &sheet, "");
    expect(&bench, "00A4020C02011C", "9000");
    expect(&bench,
           "00B1000003540100"
           "03",
           "5301319000");
    expect(&bench,
           "00B100000454020014"
           "04",
           "5302010D9000");
    expect(&bench,
           "00B100000454020014"
           "05",
           "5302010D6282");
    expect(&bench, "00B10000045402001604", "6B00");
    expect(&bench, "00B10000035301000A", "6A80");
    take_away(&bench);
}

static void test_pace_by_what_is_not_offered_is_refused(void **state)
{
    static const char *const cases[][2] = {
        { "0022C1A40F800A04007F00070202040204830101", "6A80" },       /* AES-256 */
        { "0022C1A412800A04007F0007020204020283010184010C", "6A80" }, /* another curve */
        { "0022C1A40F800A04007F00070202040202830102", "6A88" },       /* there is no CAN */
        { "0022C1A40F800A04007F00070202040202830103", "6A88" },
        { "002241A40F800A04007F00070202040202830101", "6A86" },
        { "10860000027C0000", "6985" },
    };
    struct passport_sheet sheet = sheet_of("pace");
    struct bench bench;

    (void)state;
    lay_down(&bench, &sheet, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(&bench, cases[i][0], cases[i][1]);
    expect(&bench, "0022C1A40F800A04007F00070202040202830101", "9000");
    send(&bench, "10860000027C0000");
    assert_int_equal(bench.answer.len, 22);
    expect(&bench, "10860000057C0381010400", "6300"); /* no point */
    expect(&bench, "10860000057C0381010400", "6985"); /* from the beginning */
    take_away(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bac_and_3des_are_those_of_appendix_d),
        cmocka_unit_test(test_pace_is_that_of_appendix_g),
        cmocka_unit_test(test_keys_of_aes_are_those_of_the_examples),
        cmocka_unit_test(test_secure_messaging_by_aes),
        cmocka_unit_test(test_an_answer_by_aes),
        cmocka_unit_test(test_nothing_is_read_without_access),
        cmocka_unit_test(test_a_wrong_mrz_is_refused),
        cmocka_unit_test(test_a_spoilt_command_ends_the_session),
        cmocka_unit_test(test_a_reset_ends_the_session),
        cmocka_unit_test(test_faults_in_secured_answers),
        cmocka_unit_test(test_faults_in_any_answer_begin_after_so_many),
        cmocka_unit_test(test_read_binary_with_an_odd_instruction),
        cmocka_unit_test(test_pace_by_what_is_not_offered_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
