/* SPDX-License-Identifier: Apache-2.0 */
/* The words of whoever stands at the counter: read a card, take pictures, register, look up. */
#include "simulate/script.h"

#include "loop/clock.h"
#include "plugin/reply.h"
#include "registration/json.h"
#include "simulate/photograph.h"
#include "simulate/value.h"

#include <cjson/cJSON.h>
#include <lauxlib.h>

enum { ANSWER_MS = 60000 }; /* every call is answered long before */

static struct call *new_call(lua_State *lua)
{
    struct script *script = script_of(lua);
    struct call *call;

    if (script->call_count == SCRIPT_CALLS)
        script_fail(lua, "more than %d calls in one run", SCRIPT_CALLS);
    call = &script->calls[script->call_count++];
    call_begin(&script->world, call);
    return call;
}

/* ---- what came back ---- */

/* Lists of effects, as decisions of policy tests show them: what each says, without doubles. */
static void push_words(lua_State *lua, const cJSON *list, const char *member)
{
    const cJSON *item;
    lua_Integer count = 0, i;

    lua_newtable(lua);
    cJSON_ArrayForEach(item, list)
    {
        const char *word = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, member));
        bool known = word == NULL;

        for (i = 1; !known && i <= count; i++) {
            lua_rawgeti(lua, -1, i);
            known = strcmp(lua_tostring(lua, -1), word) == 0;
            lua_pop(lua, 1);
        }
        if (known)
            continue;
        lua_pushstring(lua, word);
        lua_rawseti(lua, -2, ++count);
    }
}

static void push_rules(lua_State *lua, const cJSON *body)
{
    static const char *const lists[] = { "needs", "refusals", "reports", "obligations",
                                         "warnings" };
    cJSON *all = cJSON_CreateArray();
    const cJSON *item;
    size_t i;

    for (i = 0; all != NULL && i < sizeof lists / sizeof *lists; i++)
        cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(body, lists[i]))
            cJSON_AddItemReferenceToArray(all, (cJSON *)item);
    push_words(lua, all, "rule");
    cJSON_Delete(all);
}

/* "public-security customer match" */
static void push_checks(lua_State *lua, const cJSON *list)
{
    static const char *const members[] = { "service", "of", "result" };
    const cJSON *item;
    lua_Integer count = 0;

    lua_newtable(lua);
    cJSON_ArrayForEach(item, list)
    {
        struct buf text = { 0 };
        size_t i;

        for (i = 0; i < 3; i++) {
            const char *part =
                cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, members[i]));

            buf_printf(&text, "%s%s", i > 0 ? " " : "", part == NULL ? "?" : part);
        }
        lua_pushstring(lua, text.at);
        lua_rawseti(lua, -2, ++count);
        buf_fini(&text);
    }
}

/* Into the table on top. */
static void put_words(lua_State *lua, const cJSON *body)
{
    static const struct {
        const char *list, *member, *name;
    } words[] = { { "needs", "what", "need" },     { "refusals", "what", "refuse" },
                  { "reports", "kind", "report" }, { "obligations", "kind", "oblige" },
                  { "warnings", "what", "warn" },  { "policies", "id", "policies" },
                  { "errors", "code", "problems" } };
    size_t i;

    for (i = 0; i < sizeof words / sizeof *words; i++) {
        push_words(lua, cJSON_GetObjectItemCaseSensitive(body, words[i].list), words[i].member);
        lua_setfield(lua, -2, words[i].name);
    }
    push_rules(lua, body);
    lua_setfield(lua, -2, "rules");
    push_checks(lua, cJSON_GetObjectItemCaseSensitive(body, "checks"));
    lua_setfield(lua, -2, "checks");
}

void counter_push_decision(lua_State *lua, const cJSON *body)
{
    if (body != NULL)
        value_push_json(lua, body, script_shown, lua);
    else
        lua_newtable(lua);
    put_words(lua, body);
}

/* Name what came back before it is shown. */
static void name_member(lua_State *lua, const cJSON *body, const char *member, const char *kind)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, member));

    if (text != NULL)
        script_label(lua, kind, str_of(text));
}

/* Push the answer: its members, and the lists of words. */
static void push_answer(lua_State *lua, const struct call *call, const char *kind)
{
    struct problems problems = { 0 };
    cJSON *body = json_parse(buf_view(&call->body), &problems);
    const char *token;

    problems_fini(&problems);
    name_member(lua, body, "id", kind);
    counter_push_decision(lua, body);
    lua_pushinteger(lua, call->status);
    lua_setfield(lua, -2, "status");
    lua_pushboolean(lua, call->repeated);
    lua_setfield(lua, -2, "repeated");
    token = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "token"));
    if (token != NULL) {
        lua_pushstring(lua, script_label(lua, "card", str_of(token)));
        lua_setfield(lua, -2, "token");
    }
    cJSON_Delete(body);
}

static void step_answer(struct script *script, const char *word, lua_State *lua)
{
    static const char *const lists[] = { "problems", "need", "refuse" };
    struct buf text = { 0 };
    size_t i;

    lua_getfield(lua, -1, "verdict");
    if (!lua_isnil(lua, -1))
        buf_printf(&text, " %s", lua_tostring(lua, -1));
    lua_pop(lua, 1);
    for (i = 0; i < 3; i++) {
        if (lua_getfield(lua, -1, lists[i]) == LUA_TTABLE && lua_rawlen(lua, -1) > 0) {
            buf_printf(&text, ", %s ", lists[i]);
            value_describe(lua, lua_gettop(lua), &text);
        }
        lua_pop(lua, 1);
    }
    lua_getfield(lua, -1, "status");
    script_step(script, "%s: %d%.400s", word, (int)lua_tointeger(lua, -1),
                text.at == NULL ? "" : text.at);
    lua_pop(lua, 1);
    buf_fini(&text);
}

/* Wait for the call and push what it answered. */
static int finish(lua_State *lua, struct call *call, const char *word, const char *kind)
{
    struct script *script = script_of(lua);

    world_run(&script->world, clock_now_ms() + ANSWER_MS, &call->over);
    if (!call->over)
        return script_fail(lua, "%s: no answer after a minute", word);
    world_run(&script->world, clock_now_ms(), NULL);
    push_answer(lua, call, kind);
    step_answer(script, word, lua);
    return 1;
}

/* ---- registering ---- */

/* Who asks, and the table at `at` as the body. The script keeps the body until the next one:
 * raising loses nothing. */
static void fill_request(lua_State *lua, int at, struct request *request)
{
    struct script *script = script_of(lua);

    luaL_checktype(lua, at, LUA_TTABLE);
    buf_clear(&script->body);
    value_write(lua, at, script_value, script, &script->body);
    request->body = buf_view(&script->body);
    request->staff = script->counter;
    request->dealer = script->dealer;
}

/* send(application, { key = }): begin, and do not wait. */
static struct call *send(lua_State *lua, bool record)
{
    static const char *const keys[] = { "key", NULL };
    struct script *script = script_of(lua);
    struct request request = { .record = record };
    struct call *call;

    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_settop(lua, 3);
    if (!lua_isnil(lua, 3)) {
        luaL_checktype(lua, 3, LUA_TTABLE);
        script_keys(lua, 3, "the second table", keys);
        request.key = str_of(script_text(lua, 3, "key", NULL));
    }
    fill_request(lua, 2, &request);
    call = new_call(lua);
    desk_case(&script->world.desk, &request, call_answer, call);
    return call;
}

static int do_register(lua_State *lua)
{
    return finish(lua, send(lua, true), "register", "registration");
}

static int do_decide(lua_State *lua)
{
    return finish(lua, send(lua, false), "decide", "registration");
}

static int do_send(lua_State *lua)
{
    struct script *script = script_of(lua);

    send(lua, true);
    script_step(script, "send");
    lua_pushinteger(lua, (lua_Integer)script->call_count);
    return 1;
}

/* answer(sent): wait for what send began. nil: it was lost in a crash. */
static int do_answer(lua_State *lua)
{
    struct script *script = script_of(lua);
    lua_Integer number = luaL_checkinteger(lua, 2);

    if (number < 1 || number > (lua_Integer)script->call_count)
        return script_fail(lua, "answer(what send gave)");
    if (!script->calls[number - 1].lost)
        return finish(lua, &script->calls[number - 1], "answer", "registration");
    lua_pushnil(lua);
    return 1;
}

/* is_answered(sent) */
static int do_is_answered(lua_State *lua)
{
    struct script *script = script_of(lua);
    lua_Integer number = luaL_checkinteger(lua, 2);

    if (number < 1 || number > (lua_Integer)script->call_count)
        return script_fail(lua, "is_answered(what send gave)");
    lua_pushboolean(lua, script->calls[number - 1].over && !script->calls[number - 1].lost);
    return 1;
}

/* ---- readers ---- */

static const struct {
    const char *fault;
    enum smg_code code;
    const char *says; /* as the API answers it */
} reader_faults[] = {
    { "no_card", SMG_E_NO_CARD, "no_card" },
    { "withdrawn", SMG_E_CARD, "card_unreadable" },
    { "unplugged", SMG_E_GONE, "reader_gone" },
    { "silent", SMG_E_TIMEOUT, "reader_timeout" },
    { "garbage", SMG_E_PROTOCOL, "reader_nonsense" },
};

static void put_field(lua_State *lua, struct reply *reply, const char *name, int at,
                      struct smg_err *err)
{
    struct smg_value value = { .type = SMG_TEXT };
    struct smg_date date;

    if (lua_isboolean(lua, at)) {
        value.type = SMG_BOOL;
        value.boolean = lua_toboolean(lua, at) != 0;
    } else {
        value.str.at = lua_tolstring(lua, at, &value.str.len);
        if (value.str.at == NULL)
            script_fail(lua, "a card's %s is a text", name);
        if (date_parse(value.str, &date)) {
            value.type = SMG_DATE;
            value.date = date;
        }
    }
    if (err->code == SMG_OK)
        reply_put(reply, str_of(name), &value, err);
}

/* The fields of the card at `at`, checked as those of any reader are. */
static void put_card(lua_State *lua, struct reply *reply, const char *prefix, int at,
                     struct smg_err *err)
{
    lua_Integer i;
    int keys;

    value_check_depth(lua);
    value_push_keys(lua, at);
    keys = lua_gettop(lua);
    for (i = 1; lua_rawgeti(lua, keys, i) != LUA_TNIL; i++) {
        char name[160];

        snprintf(name, sizeof name, "%s%s", prefix, lua_tostring(lua, -1));
        if (strcmp(name, "document.address") == 0) /* a card tells it with its holder */
            snprintf(name, sizeof name, "address");
        lua_pushvalue(lua, -1);
        if (lua_rawget(lua, at) == LUA_TTABLE) {
            strncat(name, ".", sizeof name - strlen(name) - 1);
            put_card(lua, reply, name, lua_gettop(lua), err);
        } else {
            put_field(lua, reply, name, lua_gettop(lua), err);
        }
        lua_settop(lua, keys);
    }
    lua_settop(lua, keys - 1);
}

/* The reader's fault, as the API says it; NULL: none. */
static const char *find_fault(lua_State *lua, const char *fault)
{
    size_t i;

    for (i = 0; fault != NULL && i < sizeof reader_faults / sizeof *reader_faults; i++)
        if (strcmp(reader_faults[i].fault, fault) == 0)
            return reader_faults[i].says;
    if (fault != NULL)
        script_fail(lua,
                    "fault = \"%s\": a reader's faults are no_card, withdrawn, unplugged, "
                    "silent and garbage",
                    fault);
    return NULL;
}

static int push_reader_error(lua_State *lua, const char *says)
{
    lua_newtable(lua);
    lua_pushstring(lua, says);
    lua_setfield(lua, -2, "error");
    script_step(script_of(lua), "read: %s", says);
    return 1;
}

/* What desk_card makes of the card: the token and the masked fields. */
static int show_card(lua_State *lua, const char *reader)
{
    struct script *script = script_of(lua);
    struct outcome outcome = { 0 };
    struct call *call = new_call(lua);

    desk_card(&script->world.desk, script->card.fields, NULL, reader, script->counter, &outcome);
    call_answer(call, &outcome);
    buf_fini(&outcome.body);
    return finish(lua, call, "read", "card");
}

/* read { card =, chip =, after =, fault =, reader = } */
static int do_read(lua_State *lua)
{
    static const char *const keys[] = { "card", "chip", "after", "fault", "reader", NULL };
    struct script *script = script_of(lua);
    struct smg_err err = { 0 };
    const char *says, *chip;

    reply_fini(&script->card);
    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_settop(lua, 2);
    script_keys(lua, 2, "read", keys);
    says = find_fault(lua, script_text(lua, 2, "fault", NULL));
    chip = script_text(lua, 2, "chip", "yes");
    world_run(&script->world, clock_now_ms() + script_ms(lua, 2, "after", 0), NULL);
    if (says != NULL)
        return push_reader_error(lua, says);
    if (lua_getfield(lua, 2, "card") != LUA_TTABLE)
        return script_fail(lua, "read { card = person { ... } }, or a fault");
    put_card(lua, &script->card, "", 3, &err);
    if (strcmp(chip, "unread") != 0 && err.code == SMG_OK)
        reply_put(&script->card, SMG_STR("chip.verified"),
                  &(struct smg_value){ .type = SMG_TEXT, .str = str_of(chip) }, &err);
    if (err.code == SMG_OK)
        return show_card(lua, script_text(lua, 2, "reader", "counter-1"));
    return push_reader_error(lua, "reader_nonsense");
}

/* ---- pictures ---- */

/* bytes.at NULL: one taken now. */
static struct call *send_picture(lua_State *lua, struct smg_str bytes)
{
    struct script *script = script_of(lua);
    struct buf taken = { 0 };
    struct request request = { .body = bytes, .staff = script->counter, .dealer = script->dealer };
    struct call *call = new_call(lua);

    if (bytes.at == NULL) {
        photograph(++script->pictures, &taken);
        request.body = buf_view(&taken);
    }
    desk_evidence(&script->world.desk, &request, call_answer, call);
    buf_fini(&taken);
    return call;
}

/* picture(): one, taken now. picture(bytes): those. */
static int do_picture(lua_State *lua)
{
    struct smg_str bytes = { NULL, 0 };

    if (!lua_isnoneornil(lua, 2))
        bytes.at = luaL_checklstring(lua, 2, &bytes.len);
    return finish(lua, send_picture(lua, bytes), "picture", "picture");
}

/* Append to the list at `list` one picture of each person named in the list `kind` of the table
 * at 2. */
static void take_each(lua_State *lua, const char *key, const char *kind, int list)
{
    lua_Integer i, count;

    if (lua_getfield(lua, 2, key) != LUA_TTABLE) {
        lua_pop(lua, 1);
        return;
    }
    count = (lua_Integer)lua_rawlen(lua, -1);
    for (i = 1; i <= count; i++) {
        lua_newtable(lua);
        lua_pushstring(lua, kind);
        lua_setfield(lua, -2, "kind");
        lua_rawgeti(lua, -2, i);
        lua_setfield(lua, -2, "of");
        finish(lua, send_picture(lua, (struct smg_str){ NULL, 0 }), "picture", "picture");
        lua_getfield(lua, -1, "id");
        lua_remove(lua, -2);
        lua_setfield(lua, -2, "id");
        lua_rawseti(lua, list, (lua_Integer)lua_rawlen(lua, list) + 1);
    }
    lua_pop(lua, 1);
}

/* photos { document = { "customer" }, face = { "customer" } }: the evidence of an application. */
static int do_photos(lua_State *lua)
{
    static const char *const keys[] = { "document", "face", NULL };

    luaL_checktype(lua, 2, LUA_TTABLE);
    script_keys(lua, 2, "photos", keys);
    lua_settop(lua, 2);
    lua_newtable(lua);
    take_each(lua, "document", "document_photo", 3);
    take_each(lua, "face", "portrait", 3);
    return 1;
}

/* ---- looking up ---- */

static struct id id_argument(lua_State *lua, const char *word)
{
    struct id id = { { 0 } };

    if (lua_type(lua, 2) != LUA_TSTRING ||
        !id_parse(script_value(script_of(lua), str_of(lua_tostring(lua, 2))), &id))
        script_fail(lua, "%s: the first argument is the id of something there", word);
    return id;
}

/* show(id, purpose) */
static int do_show(lua_State *lua)
{
    struct script *script = script_of(lua);
    struct id id = id_argument(lua, "show");
    struct call *call = new_call(lua);

    desk_show(&script->world.desk, id, script->counter, str_of(luaL_optstring(lua, 3, NULL)),
              call_answer, call);
    return finish(lua, call, "show", "registration");
}

/* look(id, purpose): a picture; its bytes are not the script's. */
static int do_look(lua_State *lua)
{
    struct script *script = script_of(lua);
    struct id id = id_argument(lua, "look");
    struct call *call = new_call(lua);

    desk_picture(&script->world.desk, id, script->counter, str_of(luaL_optstring(lua, 3, NULL)),
                 call_answer, call);
    return finish(lua, call, "look", "picture");
}

/* search { number = } or { identity = } */
static int do_search(lua_State *lua)
{
    struct script *script = script_of(lua);
    struct request request = { .record = false };
    struct call *call;

    fill_request(lua, 2, &request);
    call = new_call(lua);
    desk_search(&script->world.desk, &request, call_answer, call);
    return finish(lua, call, "search", "registration");
}

/* terminate(id, { at = }): RFC 3339, as the API takes it; without, now. */
static int do_terminate(lua_State *lua)
{
    struct script *script = script_of(lua);
    struct id id = id_argument(lua, "terminate");
    struct request request = { .record = false };
    struct buf now = { 0 };
    struct call *call;

    if (lua_isnoneornil(lua, 3)) {
        lua_settop(lua, 2);
        lua_newtable(lua);
        time_write(clock_now_ms(), &now);
        lua_pushstring(lua, now.at);
        lua_setfield(lua, 3, "at");
        buf_fini(&now);
    }
    fill_request(lua, 3, &request);
    call = new_call(lua);
    desk_terminate(&script->world.desk, id, &request, call_answer, call);
    return finish(lua, call, "terminate", "registration");
}

void counter_push_words(lua_State *lua)
{
    static const luaL_Reg words[] = { { "register", do_register },
                                      { "decide", do_decide },
                                      { "send", do_send },
                                      { "answer", do_answer },
                                      { "is_answered", do_is_answered },
                                      { "read", do_read },
                                      { "picture", do_picture },
                                      { "photos", do_photos },
                                      { "show", do_show },
                                      { "look", do_look },
                                      { "search", do_search },
                                      { "terminate", do_terminate },
                                      { NULL, NULL } };

    luaL_setfuncs(lua, words, 0);
}
