/* SPDX-License-Identifier: Apache-2.0 */
/* The table: names, types and limits of everything an application may say. */
#include "registration/member.h"

#include "registration/application.h"

#define END                                                                                        \
    {                                                                                              \
        NULL, MEMBER_TEXT, 0, NULL                                                                 \
    }

static const struct member document[] = {
    { "token", MEMBER_TEXT, 65536, NULL },
    { "type", MEMBER_TEXT, 64, NULL },
    { "number", MEMBER_TEXT, 64, NULL },
    { "address", MEMBER_TEXT, 400, NULL },
    { "issuer", MEMBER_TEXT, 200, NULL },
    { "valid_from", MEMBER_DATE, 0, NULL },
    { "valid_to", MEMBER_DATE, 0, NULL },
    { "long_term", MEMBER_BOOLEAN, 0, NULL },
    { "examined", MEMBER_TEXT, 32, NULL },
    { "read", MEMBER_CARD, 0, NULL },
    END,
};

static const struct member person[] = {
    { "kind", MEMBER_TEXT, 32, NULL },          { "name", MEMBER_TEXT, 200, NULL },
    { "birth", MEMBER_DATE, 0, NULL },          { "sex", MEMBER_TEXT, 16, NULL },
    { "nationality", MEMBER_TEXT, 3, NULL },    { "address", MEMBER_TEXT, 400, NULL },
    { "work_unit", MEMBER_TEXT, 200, NULL },    { "present", MEMBER_BOOLEAN, 0, NULL },
    { "relation", MEMBER_TEXT, 32, NULL },      { "phone", MEMBER_TEXT, 32, NULL },
    { "refuses", MEMBER_TEXT, 32, NULL },       { "declines_face", MEMBER_BOOLEAN, 0, NULL },
    { "document", MEMBER_OBJECT, 0, document }, END,
};

static const struct member authorization[] = { { "evidence", MEMBER_TEXT, 36, NULL }, END };

static const struct member organisation[] = {
    { "name", MEMBER_TEXT, 200, NULL },
    { "address", MEMBER_TEXT, 400, NULL },
    { "refuses", MEMBER_TEXT, 32, NULL },
    { "document", MEMBER_OBJECT, 0, document },
    { "authorization", MEMBER_OBJECT, 0, authorization },
    END,
};

static const struct member household_register[] = {
    { "number", MEMBER_TEXT, 64, NULL },
    { "shown", MEMBER_BOOLEAN, 0, NULL },
    { "lists_customer", MEMBER_BOOLEAN, 0, NULL },
    END,
};

static const struct member channel[] = {
    { "kind", MEMBER_TEXT, 32, NULL },        { "outlet", MEMBER_TEXT, 63, NULL },
    { "dealer", MEMBER_TEXT, 63, NULL },      { "staff", MEMBER_TEXT, 63, NULL },
    { "disclosed", MEMBER_BOOLEAN, 0, NULL }, END,
};

const struct member application_members[] = {
    { "operation", MEMBER_TEXT, 64, NULL },
    { "number", MEMBER_TEXT, 32, NULL },
    { "data", MEMBER_BOOLEAN, 0, NULL },
    { "region", MEMBER_TEXT, 6, NULL },
    { "channel", MEMBER_OBJECT, 0, channel },
    { "customer", MEMBER_OBJECT, 0, person },
    { "proxy", MEMBER_OBJECT, 0, person },
    { "guardian", MEMBER_OBJECT, 0, person },
    { "household_register", MEMBER_OBJECT, 0, household_register },
    { "organisation", MEMBER_OBJECT, 0, organisation },
    { "handler", MEMBER_OBJECT, 0, person },
    { "users", MEMBER_PEOPLE, 200, person },
    { "install_address", MEMBER_TEXT, 400, NULL },
    { "evidence", MEMBER_PICTURES, EVIDENCE_MAX, NULL },
    { "extra", MEMBER_FREE, 0, NULL },
    END,
};

bool member_is_told(const struct member *members)
{
    return members == person || members == organisation || members == household_register;
}

bool member_is_date(struct smg_str name)
{
    static const char *const dates[] = { "birth", "valid_from", "valid_to" };
    size_t from = name.len, i;

    while (from > 0 && name.at[from - 1] != '.')
        from--;
    for (i = 0; i < sizeof dates / sizeof *dates; i++)
        if (str_is(str_bytes(name.at + from, name.len - from), dates[i]))
            return true;
    return false;
}

bool member_is_name(struct smg_str name)
{
    size_t i, part = 0;

    for (i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (c == '.' ? part == 0 : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
        part = c == '.' ? 0 : part + 1;
    }
    return part > 0;
}

bool member_is_typed(struct smg_str part)
{
    static const char *const typed[] = { "kind",
                                         "given",
                                         "work_unit",
                                         "present",
                                         "relation",
                                         "phone",
                                         "refuses",
                                         "declines_face",
                                         "document.origin",
                                         "document.examined",
                                         "document.token",
                                         "document.read",
                                         "authorization.evidence" };
    size_t i;

    for (i = 0; i < sizeof typed / sizeof *typed; i++)
        if (str_is(part, typed[i]))
            return true;
    return false;
}

const struct member *member_find(const struct member *members, const char *name)
{
    for (; members->name != NULL; members++)
        if (strcmp(members->name, name) == 0)
            return members;
    return NULL;
}
