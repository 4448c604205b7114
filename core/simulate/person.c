/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up people, with numbers whose check digits are right. */
#include "simulate/script.h"

#include <lauxlib.h>

/* GB 11643: weights of the first 17 digits, and the last character by the remainder. */
static char check_digit(const char digits[17])
{
    static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0, i;

    for (i = 0; i < 17; i++)
        sum += (digits[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

static void put_text(lua_State *lua, const char *key, const char *text)
{
    lua_pushstring(lua, text);
    lua_setfield(lua, -2, key);
}

/* By the age on its first day a card is valid for 5, 10 or 20 years (Law on Resident Identity
 * Cards, article 5). Whoever was not 26 in 2016 has a later card. */
static void put_validity(lua_State *lua, struct smg_date born)
{
    bool was_26 = date_compare(born, (struct smg_date){ 1990, 1, 1 }) <= 0;
    int first = born.year > 2005 ? 2024 : was_26 ? 2016 : 2020;
    int years = born.year > 2005 ? 5 : born.year >= 1994 ? 10 : 20;
    struct smg_date from = { (int16_t)first, 1, 1 }, to = { (int16_t)(first + years), 1, 1 };
    struct buf text = { 0 };

    date_write(from, &text);
    put_text(lua, "valid_from", text.at);
    buf_clear(&text);
    date_write(to, &text);
    put_text(lua, "valid_to", text.at);
    buf_fini(&text);
}

static void put_number(lua_State *lua, int at, struct smg_date born, bool male)
{
    const char *given = script_text(lua, at, "number", NULL);
    const char *home = script_text(lua, at, "home", "540102");
    lua_Integer order;
    char number[32];

    lua_getfield(lua, at, "order");
    order = luaL_optinteger(lua, -1, 0);
    lua_pop(lua, 1);
    if (strlen(home) != 6 || order < 0 || order > 499)
        script_fail(lua, "home is a six-digit code, order a number from 0 to 499");
    snprintf(number, sizeof number, "%s%04d%02d%02d%03d", home, born.year % 10000, born.month,
             born.day, (int)(2 * order + male) % 1000);
    number[17] = check_digit(number);
    number[18] = '\0';
    put_text(lua, "number", given == NULL ? number : given);
}

/* person { birth = "1990-01-01", sex = "male", name =, home = "540102", order = 0, number = }:
 * somebody with a resident identity card, as a form or a card would say it. */
static int person(lua_State *lua)
{
    static const char *const keys[] = { "birth", "sex", "name", "home", "order", "number", NULL };
    const char *birth, *sex;
    struct smg_date born;

    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    script_keys(lua, 1, "a person", keys);
    birth = script_text(lua, 1, "birth", "1990-01-01");
    sex = script_text(lua, 1, "sex", "male");
    if (!date_parse(str_of(birth), &born))
        return script_fail(lua, "birth is a day: write \"1990-01-31\"");
    if (strcmp(sex, "male") != 0 && strcmp(sex, "female") != 0)
        return script_fail(lua, "sex is male or female");
    lua_newtable(lua);
    put_text(lua, "name", script_text(lua, 1, "name", "测试人甲"));
    put_text(lua, "birth", birth);
    put_text(lua, "sex", sex);
    lua_newtable(lua);
    put_text(lua, "type", "resident_id");
    put_text(lua, "address", "示例路1号");
    put_validity(lua, born);
    put_number(lua, 1, born, strcmp(sex, "male") == 0);
    lua_setfield(lua, -2, "document");
    return 1;
}

void person_push_words(lua_State *lua)
{
    static const luaL_Reg words[] = { { "person", person }, { NULL, NULL } };

    luaL_setfuncs(lua, words, 0);
}
