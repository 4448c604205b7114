/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up numbers of every format. What is given out is held against its own format first, so a
 * number that would say something else is never given. */
#include "policy/number_parts.h"

enum { ADULT_YEARS = 30, LEGACY_LENGTH = 15 };

/* What stands before the birth of an 18-digit number. */
static const char resident[] = "540102", hong_kong[] = "810000", foreigner[] = "954840";

struct making {
    const struct number_wish *wish;
    struct smg_date birth;
    char *out; /* 64 bytes */
};

static void break_check(char *last)
{
    *last = *last == '0' ? '1' : '0';
}

/* Region, birth, sequence and check digit of GB 11643 and its kin. */
static void eighteen(struct making *making, const char *head)
{
    snprintf(making->out, 64, "%s%04d%02d%02d01%d", head, making->birth.year, making->birth.month,
             making->birth.day, making->wish->sex == 'F' ? 2 : 1);
    making->out[17] = number_mod11_2(making->out);
    making->out[18] = '\0';
}

/* The 15 digits of before 1999: a birth of the twentieth century, no check digit. */
static bool fifteen(struct making *making)
{
    if (making->birth.year / 100 != 19)
        return false;
    snprintf(making->out, 64, "%s%02d%02d%02d01%d", resident, making->birth.year % 100,
             making->birth.month, making->birth.day, making->wish->sex == 'F' ? 2 : 1);
    return true;
}

/* The unified code of a department: "91" a company, "12" an institution, "51" an association. */
static void unified(struct making *making, const char *category)
{
    snprintf(making->out, 64, "%s540100MA000001", category);
    making->out[16] = number_check_code(making->out + 8);
    making->out[17] = number_check_uscc(making->out);
    making->out[18] = '\0';
}

static bool person(struct making *making, const char *head, const char *others)
{
    if (making->wish->kind == NUMBER_OLD)
        return fifteen(making);
    eighteen(making, making->wish->kind == NUMBER_OF_OTHERS ? others : head);
    if (making->wish->kind == NUMBER_WRONG)
        break_check(&making->out[17]);
    return true;
}

static bool make_resident(struct making *making)
{
    return person(making, resident, foreigner);
}

static bool make_resident_hmt(struct making *making)
{
    return person(making, hong_kong, resident);
}

static bool make_foreigner(struct making *making)
{
    return person(making, foreigner, resident);
}

static bool organisation(struct making *making, const char *category, const char *others)
{
    unified(making, making->wish->kind == NUMBER_OF_OTHERS ? others : category);
    if (making->wish->kind == NUMBER_WRONG)
        break_check(&making->out[17]);
    return true;
}

static bool make_uscc(struct making *making)
{
    return organisation(making, "91", "91");
}

static bool make_licence15(struct making *making)
{
    return organisation(making, "91", "12");
}

static bool make_institution(struct making *making)
{
    return organisation(making, "12", "91");
}

static bool make_association(struct making *making)
{
    return organisation(making, "51", "91");
}

static bool make_gb11714(struct making *making)
{
    snprintf(making->out, 64, "MA000001");
    making->out[8] = number_check_code(making->out);
    making->out[9] = '\0';
    if (making->wish->kind == NUMBER_WRONG)
        break_check(&making->out[8]);
    return true;
}

/* A number without check digits is one of three texts; NULL: there is none of others. */
static bool plain(struct making *making, const char *good, const char *wrong, const char *others)
{
    const char *text = making->wish->kind == NUMBER_WRONG       ? wrong
                       : making->wish->kind == NUMBER_OF_OTHERS ? others
                                                                : good;

    if (text == NULL)
        return false;
    snprintf(making->out, 64, "%s", text);
    return true;
}

static const char taiwan_card[] = "A100000001", exit_permit[] = "C10000001";

static bool make_hk_macau_permit(struct making *making)
{
    return plain(making, "H10000001", "H1", exit_permit);
}

static bool make_hk_macau_exit_permit(struct making *making)
{
    return plain(making, exit_permit, "C1", NULL);
}

static bool make_taiwan_permit(struct making *making)
{
    return plain(making, "10000001", "1", taiwan_card);
}

static bool make_passport_cn(struct making *making)
{
    return plain(making, "E10000001", "E1", taiwan_card);
}

static bool make_passport_hk_macau(struct making *making)
{
    return plain(making, "K10000001", "K1", "E10000001");
}

static bool make_passport_taiwan(struct making *making)
{
    return plain(making, "300000001", "3", "E10000001");
}

static bool make_passport(struct making *making)
{
    return plain(making, "P1000001", "P100000100000000000001", NULL);
}

static bool make_free(struct making *making)
{
    return plain(making, "54000001", "*", NULL);
}

static const struct {
    const char *format;
    bool (*make)(struct making *making);
} makers[] = {
    { "gb11643", make_resident },
    { "gb11643_hmt", make_resident_hmt },
    { "foreigner", make_foreigner },
    { "household", make_resident },
    { "hk_macau_permit", make_hk_macau_permit },
    { "hk_macau_exit_permit", make_hk_macau_exit_permit },
    { "taiwan_permit", make_taiwan_permit },
    { "passport_cn", make_passport_cn },
    { "passport_hk_macau", make_passport_hk_macau },
    { "passport_taiwan", make_passport_taiwan },
    { "passport", make_passport },
    { "uscc", make_uscc },
    { "gb11714", make_gb11714 },
    { "licence15", make_licence15 },
    { "institution", make_institution },
    { "association", make_association },
    { "free", make_free },
};

static bool is_kind(enum number_verdict verdict, enum number_wish_kind kind)
{
    switch (verdict) {
    case NUMBER_OK:
        return kind == NUMBER_GOOD;
    case NUMBER_RETIRED:
        return kind == NUMBER_OLD;
    case NUMBER_UNSUITABLE:
        return kind == NUMBER_OF_OTHERS;
    default:
        return kind == NUMBER_WRONG;
    }
}

/* A birth or a sex the number tells must be the one that was wished for. */
static bool is_wish(const struct number_says *says, const struct number_wish *wish)
{
    return is_kind(says->verdict, wish->kind) &&
           (date_is_none(wish->birth) || date_is_none(says->birth) ||
            date_compare(wish->birth, says->birth) == 0) &&
           (wish->sex == 0 || says->sex == 0 || wish->sex == says->sex);
}

bool number_example(struct smg_str format, const struct number_wish *wish, struct smg_date on,
                    char out[64])
{
    struct making making = { .wish = wish, .birth = wish->birth, .out = out };
    struct number_says says;
    size_t i = 0;

    if (date_is_none(making.birth))
        making.birth = on.year > ADULT_YEARS ? date_add_years(on, -ADULT_YEARS) : on;
    while (i < sizeof makers / sizeof *makers && !str_is(format, makers[i].format))
        i++;
    if (i == sizeof makers / sizeof *makers || !makers[i].make(&making))
        return false;
    number_format(format)(str_of(out), on, &says);
    return is_wish(&says, wish);
}

bool number_wish_named(struct smg_str name, enum number_wish_kind *out)
{
    static const char *const kinds[] = { "good", "wrong", "retired", "unsuitable" };
    size_t i;

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!str_is(name, kinds[i]))
            continue;
        *out = (enum number_wish_kind)i;
        return true;
    }
    return false;
}
