/* SPDX-License-Identifier: Apache-2.0 */
/* The formats by name, what a verdict means to a clerk, and the parts all formats are made of. */
#include "policy/number_parts.h"

enum { NUMBER_LONGEST = 32, FIRST_YEAR = 1800 };

static const struct {
    const char *name;
    number_fn read;
} formats[] = {
    { "gb11643", number_resident },
    { "gb11643_hmt", number_resident_hmt },
    { "foreigner", number_foreigner },
    { "household", number_household },
    { "hk_macau_permit", number_hk_macau_permit },
    { "hk_macau_exit_permit", number_hk_macau_exit_permit },
    { "taiwan_permit", number_taiwan_permit },
    { "passport_cn", number_passport_cn },
    { "passport_hk_macau", number_passport_hk_macau },
    { "passport_taiwan", number_passport_taiwan },
    { "passport", number_passport },
    { "uscc", number_uscc },
    { "gb11714", number_gb11714 },
    { "licence15", number_licence15 },
    { "institution", number_institution },
    { "association", number_association },
    { "free", number_free },
};

number_fn number_format(struct smg_str name)
{
    size_t i;

    for (i = 0; i < sizeof formats / sizeof *formats; i++)
        if (str_is(name, formats[i].name))
            return formats[i].read;
    return NULL;
}

const char *number_format_name(size_t i)
{
    return i < sizeof formats / sizeof *formats ? formats[i].name : NULL;
}

static const struct {
    const char *name;
    struct number_text text;
} verdicts[] = {
    [NUMBER_OK] = { "ok", { "", "" } },
    [NUMBER_LENGTH] = { "length", { "号码位数不对", "the number has the wrong length" } },
    [NUMBER_CHARACTER] = { "character",
                           { "号码中有不该出现的字符（请用半角数字和字母）",
                             "a character cannot stand where it stands (plain letters and "
                             "digits)" } },
    [NUMBER_CHECK] = { "check_digit",
                       { "校验位不符，请逐位核对",
                         "the check digit does not fit; compare it digit by digit" } },
    [NUMBER_DATE] = { "date",
                      { "号码中的出生日期不存在或晚于今天",
                        "the birth date in the number does not exist or is in the future" } },
    [NUMBER_REGION] = { "region",
                        { "号码中的地区代码不存在", "the number names no existing region" } },
    [NUMBER_CATEGORY] = { "category",
                          { "号码的类别或前缀不存在",
                            "the number has an unknown category or prefix" } },
    [NUMBER_RETIRED] = { "retired",
                         { "15位旧号码已停用，请出示18位号码的证件",
                           "15-digit numbers are retired; bring the document with 18" } },
    [NUMBER_UNSUITABLE] = { "unsuitable",
                            { "这是另一种证件的号码，请核对证件类型",
                              "this number belongs to another kind of document" } },
};

const char *number_verdict_name(enum number_verdict verdict)
{
    size_t i = (size_t)verdict;

    return i < sizeof verdicts / sizeof *verdicts ? verdicts[i].name : "unknown";
}

/* What to do about a number of another kind of document. */
static const struct {
    const char *of;
    struct number_text text;
} hints[] = {
    { "resident_id",
      { "这是公民身份号码，请选居民身份证",
        "a resident number; choose the resident identity card" } },
    { "hmt_residence_permit",
      { "这是港澳台居民居住证号码",
        "the number of a residence permit for Hong Kong, Macau and Taiwan" } },
    { "permanent_residence",
      { "这是外国人永久居留身份证号码", "the number of a foreigner's permanent residence card" } },
    { "hk_identity_card",
      { "香港身份证不能用于登记，请出示港澳居民来往内地通行证",
        "a Hong Kong identity card does not serve here; bring the mainland travel permit" } },
    { "macau_identity_card",
      { "澳门身份证不能用于登记，请出示港澳居民来往内地通行证",
        "a Macau identity card does not serve here; bring the mainland travel permit" } },
    { "taiwan_identity_card",
      { "台湾身份证不能用于登记，请出示台湾居民来往大陆通行证",
        "a Taiwan identity card does not serve here; bring the mainland travel permit" } },
    { "prc_passport",
      { "这是中华人民共和国护照号码，请核对证件类型",
        "the number of a passport of the People's Republic" } },
    { "hk_macau_passport",
      { "港澳特区护照不能用于登记，请出示港澳居民来往内地通行证",
        "a passport of Hong Kong or Macau does not serve here; bring the mainland travel "
        "permit" } },
    { "taiwan_passport",
      { "台湾护照不能用于登记，请出示台湾居民来往大陆通行证",
        "a Taiwan passport does not serve here; bring the mainland travel permit" } },
    { "hk_macau_exit_permit",
      { "往来港澳通行证不能用于登记，请出示居民身份证",
        "a permit to visit Hong Kong and Macau does not serve here; bring the identity card" } },
    { "hk_macau_permit",
      { "这是港澳居民来往内地通行证号码", "the number of a Hong Kong and Macau travel permit" } },
    { "uscc",
      { "这是另一类单位的统一社会信用代码，请核对证件类型",
        "the social credit code of another kind of organisation; compare the kind of document" } },
};

struct number_text number_text(const struct number_says *says)
{
    size_t i;

    if (says->verdict == NUMBER_UNSUITABLE && says->of != NULL)
        for (i = 0; i < sizeof hints / sizeof *hints; i++)
            if (strcmp(says->of, hints[i].of) == 0)
                return hints[i].text;
    if (says->verdict == NUMBER_OK && (says->warnings & NUMBER_WARN_OUTER) != 0)
        return (struct number_text){ "早期试点代码，末位校验不符，请核对营业执照",
                                     "an early pilot code without a fitting last character; "
                                     "compare it with the licence" };
    if (says->verdict == NUMBER_OK && (says->warnings & NUMBER_WARN_REGION) != 0)
        return (struct number_text){ "地区代码不在表内，请留意核对",
                                     "the region is not in our table; look twice" };
    i = (size_t)says->verdict;
    if (i < sizeof verdicts / sizeof *verdicts)
        return verdicts[i].text;
    return (struct number_text){ "", "" };
}

void number_begin(struct number_says *out, const char *standard)
{
    memset(out, 0, sizeof *out);
    out->standard = standard;
}

void number_refuse(struct number_says *out, enum number_verdict verdict)
{
    const char *standard = out->standard;

    str_wipe(out, sizeof *out);
    number_begin(out, standard);
    out->verdict = verdict;
}

void number_unsuitable(struct number_says *out, const char *of)
{
    number_refuse(out, NUMBER_UNSUITABLE);
    out->of = of;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* An ASCII letter in upper case, a digit as it is, or NUL; not isalnum, which asks the locale. */
static char plain(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    if (is_digit(c) || (c >= 'A' && c <= 'Z'))
        return c;
    return '\0';
}

bool number_take(struct smg_str text, struct number_says *out)
{
    size_t i;

    for (i = 0; i < text.len; i++) {
        if (plain(text.at[i]) == '\0') {
            number_refuse(out, NUMBER_CHARACTER);
            return false;
        }
    }
    if (text.len == 0 || text.len > NUMBER_LONGEST) {
        number_refuse(out, NUMBER_LENGTH);
        return false;
    }
    for (i = 0; i < text.len; i++)
        out->normal[i] = plain(text.at[i]);
    out->normal[i] = '\0';
    return true;
}

bool number_digits(const char *at, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (!is_digit(at[i]))
            return false;
    return true;
}

bool number_birth(const char *at, struct smg_date on, struct number_says *out)
{
    struct smg_date birth;

    if (!date_parse_compact(str_bytes(at, 8), &birth) || birth.year < FIRST_YEAR ||
        date_compare(birth, on) > 0)
        return false;
    out->birth = birth;
    return true;
}

char number_mod11_2(const char *at)
{
    static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0;
    size_t i;

    for (i = 0; i < sizeof weights / sizeof *weights; i++)
        sum += (at[i] - '0') * weights[i];
    return "0123456789X"[(12 - sum % 11) % 11];
}

/* The first character of a well-formed UTF-8 text as a code point; its length in bytes in step. */
static uint32_t code_point(struct smg_str text, size_t *step)
{
    unsigned char first = (unsigned char)text.at[0];
    uint32_t point;
    size_t i;

    *step = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    point = *step == 1 ? first : first & (0x7FU >> *step);
    for (i = 1; i < *step; i++)
        point = point << 6 | ((unsigned char)text.at[i] & 0x3F);
    return point;
}

/* What stands in the free numbers of older certificates: letters, digits, a few marks, Chinese. */
static bool may_stand(uint32_t point)
{
    if (point < 0x80)
        return plain((char)point) != '\0' || strchr("-/().[]", (int)point) != NULL;
    return (point >= 0x3400 && point <= 0x9FFF) || point == 0xFF08 || point == 0xFF09 ||
           point == 0x3014 || point == 0x3015;
}

/* No rule to hold it against: some letters or digits among what may stand in a number at all. */
void number_free(struct smg_str text, struct smg_date on, struct number_says *out)
{
    size_t i, step, telling = 0;

    (void)on;
    number_begin(out, "");
    if (text.len == 0 || text.len >= sizeof out->normal) {
        number_refuse(out, NUMBER_LENGTH);
        return;
    }
    if (!str_is_utf8(text)) {
        number_refuse(out, NUMBER_CHARACTER);
        return;
    }
    for (i = 0; i < text.len; i += step) {
        char upper = plain(text.at[i]);

        if (!may_stand(code_point(str_bytes(text.at + i, text.len - i), &step))) {
            number_refuse(out, NUMBER_CHARACTER);
            return;
        }
        telling += upper != '\0';
        memcpy(out->normal + i, text.at + i, step);
        if (upper != '\0')
            out->normal[i] = upper;
    }
    if (telling == 0)
        number_refuse(out, NUMBER_CHARACTER);
}
