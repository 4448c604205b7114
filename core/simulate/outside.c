/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what stands around the counter: time, services, recipients, storage, dealers,
 * staff, policies; and for what the gateway left behind: reports, the audit log. */
#include "simulate/script.h"

#include "audit/audit.h"
#include "loop/clock.h"
#include "policy/evaluate.h"
#include "registration/answer.h"
#include "registration/json.h"
#include "simulate/value.h"
#include "supervision/dealer.h"

#include <cjson/cJSON.h>
#include <lauxlib.h>

/* ---- time ---- */

#define LAST_MS INT64_C(253402271999999) /* the end of the year 9999 in China */

/* wait "15m" */
static int do_wait(lua_State *lua)
{
    struct script *script = script_of(lua);
    int64_t ms = script_duration(lua, luaL_checkstring(lua, 2));

    if (clock_now_ms() + ms > LAST_MS)
        return script_fail(lua, "time ends with the year 9999");
    world_run(&script->world, clock_now_ms() + ms, NULL);
    script_step(script, "after %s", lua_tostring(lua, 2));
    return 0;
}

/* wait_until "2027-01-01 00:00" */
static int do_wait_until(lua_State *lua)
{
    struct script *script = script_of(lua);
    int64_t ms = script_moment(lua, luaL_checkstring(lua, 2));

    if (ms < clock_now_ms())
        return script_fail(lua, "%s is over", lua_tostring(lua, 2));
    world_run(&script->world, ms, NULL);
    script_step(script, "it is time");
    return 0;
}

static void push_moment(lua_State *lua, int64_t ms)
{
    struct buf text = { 0 };

    time_write(ms, &text);
    lua_pushstring(lua, text.at);
    buf_fini(&text);
}

/* now(): RFC 3339, as the API writes moments. */
static int do_now(lua_State *lua)
{
    push_moment(lua, clock_now_ms());
    return 1;
}

/* today(): the day in China. */
static int do_today(lua_State *lua)
{
    struct buf text = { 0 };

    date_write(date_of(clock_now_ms()), &text);
    lua_pushstring(lua, text.at);
    buf_fini(&text);
    return 1;
}

/* ---- services and recipients ---- */

/* "match", or { answer = "match", after = "2s" } */
void outside_set_service(lua_State *lua, const char *name, int at)
{
    static const char *const keys[] = { "answer", "after", NULL };
    struct scripted_service *service = world_service(&script_of(lua)->world, name);
    const char *answer;

    if (service == NULL) {
        script_fail(lua, "the service %s: services are named in the scenario's header, at most %d",
                    name, WORLD_SERVICES);
        return;
    }
    service->after_ms = 0;
    if (lua_istable(lua, at)) {
        script_keys(lua, at, "a service", keys);
        service->after_ms = script_ms(lua, at, "after", 0);
        answer = script_text(lua, at, "answer", "match");
    } else {
        answer = luaL_checkstring(lua, at);
    }
    if (strlen(answer) >= sizeof service->answer)
        script_fail(lua, "an answer is a word");
    snprintf(service->answer, sizeof service->answer, "%s", answer);
}

/* service(name, answer) */
static int do_service(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 2);

    luaL_checkany(lua, 3);
    outside_set_service(lua, name, 3);
    script_step(script_of(lua), "service %s changes", name);
    return 0;
}

/* asked(name): how many questions the service was put. */
static int do_asked(lua_State *lua)
{
    const struct scripted_service *service =
        world_service(&script_of(lua)->world, luaL_checkstring(lua, 2));

    lua_pushinteger(lua, service == NULL ? 0 : service->asked);
    return 1;
}

/* recipient(name, { down = "40m" }) or { silent = "40m" } */
static int do_recipient(lua_State *lua)
{
    static const char *const keys[] = { "down", "silent", NULL };
    struct script *script = script_of(lua);
    struct scripted_recipient *recipient =
        world_recipient(&script->world, luaL_checkstring(lua, 2));

    luaL_checktype(lua, 3, LUA_TTABLE);
    script_keys(lua, 3, "a recipient", keys);
    if (recipient == NULL)
        return script_fail(lua, "there is no recipient %s", lua_tostring(lua, 2));
    recipient->silent = script_text(lua, 3, "silent", NULL) != NULL;
    recipient->until_ms =
        clock_now_ms() + script_ms(lua, 3, recipient->silent ? "silent" : "down", 0);
    script_step(script, "recipient %s changes", recipient->name);
    return 0;
}

static void push_report(lua_State *lua, const struct scripted_recipient *recipient,
                        const struct delivery *delivery)
{
    struct problems problems = { 0 };
    cJSON *body = json_parse(buf_view(&delivery->report), &problems);

    problems_fini(&problems);
    if (body != NULL)
        value_push_json(lua, body, script_shown, lua);
    else
        lua_newtable(lua);
    cJSON_Delete(body);
    lua_pushstring(lua, recipient->name);
    lua_setfield(lua, -2, "arrived_at");
    push_moment(lua, delivery->at_ms);
    lua_setfield(lua, -2, "arrived");
}

/* reports(name): what arrived there, the oldest first. */
static int do_reports(lua_State *lua)
{
    const struct scripted_recipient *recipient =
        world_recipient(&script_of(lua)->world, luaL_checkstring(lua, 2));
    size_t i;

    if (recipient == NULL)
        return script_fail(lua, "there is no recipient %s", lua_tostring(lua, 2));
    lua_newtable(lua);
    for (i = 0; i < recipient->count; i++) {
        push_report(lua, recipient, &recipient->deliveries[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- storage ---- */

/* storage "well", or { fault = "full", lasts = "5m", times = 1, takes = "20s" } */
static int do_storage(lua_State *lua)
{
    static const char *const keys[] = { "fault", "lasts", "times", "takes", NULL };
    struct script *script = script_of(lua);
    const char *name;
    int64_t until_ms = INT64_MAX, lasts_ms, takes_ms = 0;
    lua_Integer times = 0;
    unsigned i = 0;

    lua_settop(lua, 2);
    if (lua_istable(lua, 2)) {
        script_keys(lua, 2, "storage", keys);
        name = script_text(lua, 2, "fault", "well");
        lasts_ms = script_ms(lua, 2, "lasts", -1);
        until_ms = lasts_ms < 0 ? INT64_MAX : clock_now_ms() + lasts_ms;
        takes_ms = script_ms(lua, 2, "takes", 20000);
        lua_getfield(lua, 2, "times");
        times = luaL_optinteger(lua, -1, 0);
    } else {
        name = luaL_checkstring(lua, 2);
    }
    while (memory_fault_names[i] != NULL && strcmp(memory_fault_names[i], name) != 0)
        i++;
    if (memory_fault_names[i] == NULL || times < 0 || times > 1000)
        return script_fail(lua, "a storage is well, full, cut, cut_after, down or slow");
    memory_break(script->world.memory, (enum memory_fault)i, until_ms, (unsigned)times, takes_ms);
    script_step(script, "storage: %s", name);
    return 0;
}

/* lose(id): a record is gone from the storage, and nobody said so. */
static int do_lose(lua_State *lua)
{
    struct script *script = script_of(lua);
    struct id id;

    if (!id_parse(script_value(script, str_of(luaL_checkstring(lua, 2))), &id) ||
        !memory_lose(script->world.memory, SMG_SPACE_REGISTRATION, id_view(&id)))
        return script_fail(lua, "there is no registration %s", lua_tostring(lua, 2));
    script_step(script, "the storage loses %s", lua_tostring(lua, 2));
    return 0;
}

static int start_again(lua_State *lua, bool crash)
{
    struct script *script = script_of(lua);
    struct smg_err err = { 0 };
    size_t i;

    for (i = 0; crash && i < script->call_count; i++)
        script->calls[i].lost = script->calls[i].lost || !script->calls[i].over;
    world_stop(&script->world, crash);
    if (world_start(&script->world, &err) < 0)
        return script_fail(lua, "the gateway does not start: %s", err.text);
    script_step(script, crash ? "crashed, and started again" : "stopped, and started again");
    return 0;
}

static int do_restart(lua_State *lua)
{
    return start_again(lua, false);
}

/* crash(): as if somebody pulled the plug; what was under way is answered to nobody. */
static int do_crash(lua_State *lua)
{
    return start_again(lua, true);
}

/* ---- dealers and staff ---- */

/* Write the unit, which this takes. */
static void apply(lua_State *lua, struct unit *unit, int built, struct smg_err *err)
{
    if (unit == NULL)
        script_fail(lua, "out of memory");
    if (built < 0)
        unit_free(unit);
    if (built < 0 || world_apply(&script_of(lua)->world, unit, err) < 0)
        script_fail(lua, "%s", err->text);
}

static struct smg_date day_of(lua_State *lua, int at, const char *key)
{
    const char *text = script_text(lua, at, key, NULL);
    struct smg_date day = DATE_NONE;

    if (text != NULL && !date_parse(str_of(text), &day))
        script_fail(lua, "%s is a day: write \"2026-12-31\"", key);
    return day;
}

/* { from = "2026-01-01", to = "2026-12-31", able = true } */
void outside_put_dealer(lua_State *lua, const char *id, int at)
{
    static const char *const keys[] = { "from", "to", "able", NULL };
    struct script *script = script_of(lua);
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    struct dealer dealer = { .name = "示例代理商" };

    luaL_checktype(lua, at, LUA_TTABLE);
    script_keys(lua, at, "a dealer", keys);
    snprintf(dealer.id, sizeof dealer.id, "%s", id);
    dealer.contract_from = day_of(lua, at, "from");
    dealer.contract_to = day_of(lua, at, "to");
    lua_getfield(lua, at, "able");
    dealer.able = lua_isnil(lua, -1) || lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    apply(lua, unit,
          dealer_put(script->world.desk.sealer, &dealer, "simulation", clock_now_ms(), unit, &err),
          &err);
}

/* { dealer = "D-17", role = "clerk" } */
void outside_put_staff(lua_State *lua, const char *id, int at)
{
    static const char *const keys[] = { "dealer", "role", NULL };
    struct script *script = script_of(lua);
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    struct staff staff = { .role = ROLE_CLERK, .added_ms = clock_now_ms() };
    struct buf token = { 0 };
    int built;

    luaL_checktype(lua, at, LUA_TTABLE);
    script_keys(lua, at, "a staff member", keys);
    snprintf(staff.id, sizeof staff.id, "%s", id);
    snprintf(staff.dealer, sizeof staff.dealer, "%s", script_text(lua, at, "dealer", ""));
    if (!role_parse(str_of(script_text(lua, at, "role", "clerk")), &staff.role))
        script_fail(lua, "a role is clerk, auditor or admin");
    built = staff_add(script->world.desk.sealer, &staff, "simulation", unit, &token, &err);
    buf_fini(&token);
    apply(lua, unit, built, &err);
}

static int get_row(struct script *script, struct smg_str key, struct store_read *read,
                   struct smg_str *value, struct smg_err *err)
{
    *read = (struct store_read){ .space = SMG_SPACE_STAFF, .keys = &key, .key_count = 1 };
    if (store_read_wait(script->world.store, read, err) < 0)
        return err->code;
    *value = store_read_value(read, key);
    return value->at == NULL ? smg_fail(err, SMG_E_NOT_FOUND, "there is no such staff member")
                             : SMG_OK;
}

/* From the id to the row of the token, and from that to the person. */
void outside_stand(lua_State *lua, const char *id)
{
    struct script *script = script_of(lua);
    struct store_read by_id = { 0 }, by_token = { 0 };
    struct smg_err err = { 0 };
    struct smg_str token = { NULL, 0 }, row = { NULL, 0 };
    struct staff staff;
    char key[80];
    int code;

    snprintf(key, sizeof key, "S%s", id);
    code = get_row(script, str_of(key), &by_id, &token, &err);
    if (code == SMG_OK)
        code = get_row(script, token, &by_token, &row, &err);
    if (code == SMG_OK)
        code = staff_open(script->world.desk.sealer, token, row, &staff, &err);
    store_read_fini(&by_token);
    store_read_fini(&by_id);
    if (code < 0)
        script_fail(lua, "%s: %s", id, err.text);
    memcpy(script->counter, staff.id, sizeof script->counter);
    memcpy(script->dealer, staff.dealer, sizeof script->dealer);
}

static int do_dealer(lua_State *lua)
{
    outside_put_dealer(lua, luaL_checkstring(lua, 2), 3);
    script_step(script_of(lua), "dealer %s changes", lua_tostring(lua, 2));
    return 0;
}

static int do_staff(lua_State *lua)
{
    outside_put_staff(lua, luaL_checkstring(lua, 2), 3);
    script_step(script_of(lua), "staff %s is added", lua_tostring(lua, 2));
    return 0;
}

/* counter "S-9": who stands there from now on. */
static int do_counter(lua_State *lua)
{
    outside_stand(lua, luaL_checkstring(lua, 2));
    script_step(script_of(lua), "%s is at the counter", lua_tostring(lua, 2));
    return 0;
}

/* ---- policies and facts ---- */

/* policies { "cn-54/2018" }: decide by these from now on, as after a reload. */
static int do_policies(lua_State *lua)
{
    struct script *script = script_of(lua);
    struct rules rules;

    luaL_checktype(lua, 2, LUA_TTABLE);
    simulation_rules(lua, 2, &rules);
    desk_switch(&script->world.desk, &rules);
    simulation_give_back(script->simulation, &rules);
    script_step(script, "the policies change");
    return 0;
}

/* Tell every fact of the table at 2: names as the vocabulary has them, with their dots. */
static void tell_facts(lua_State *lua, struct policy *policy)
{
    lua_Integer i;

    value_push_keys(lua, 2);
    for (i = 1; lua_rawgeti(lua, 3, i) != LUA_TNIL; i++) {
        const char *name = lua_tostring(lua, -1);
        const struct fact *fact = set_fact(policy->set, str_of(name));
        struct buf value = { 0 };
        int told = SMG_E_INVALID;

        lua_pushvalue(lua, -1);
        lua_rawget(lua, 2);
        if (fact != NULL && !lua_istable(lua, -1)) {
            value_describe(lua, lua_gettop(lua), &value);
            told = evaluate_tell(policy, fact, buf_view(&value));
        }
        buf_fini(&value);
        if (told != SMG_OK)
            script_fail(lua,
                        fact == NULL ? "the fact %s is not declared" : "the fact %s cannot be that",
                        name);
        lua_settop(lua, 3);
    }
    lua_settop(lua, 2);
}

/* Push a decision as the desk's answers have it, through the same JSON. */
static void push_decided(lua_State *lua, const struct decision *decision)
{
    struct buf text = { 0 };
    struct problems problems = { 0 };
    cJSON *body;

    buf_byte(&text, '{');
    answer_decision(&text, decision, NULL, 0);
    buf_byte(&text, '}');
    body = json_parse(buf_view(&text), &problems);
    problems_fini(&problems);
    buf_fini(&text);
    counter_push_decision(lua, body);
    cJSON_Delete(body);
}

/* facts({ ["customer.minor"] = true, ... }, { begun = "2026-12-31" }): decide on facts alone, as of
 * now, perhaps of a case that began earlier. */
static int do_facts(lua_State *lua)
{
    static const char *const keys[] = { "begun", NULL };
    struct script *script = script_of(lua);
    struct policy *policy = script->world.desk.rules.policy;
    struct smg_date begun = DATE_NONE;
    struct decision *out;

    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_settop(lua, 3);
    if (lua_istable(lua, 3)) {
        script_keys(lua, 3, "the second table", keys);
        begun = day_of(lua, 3, "begun");
    }
    out = lua_newuserdatauv(lua, sizeof *out, 0);
    lua_replace(lua, 1);
    lua_settop(lua, 2);
    evaluate_begin(policy, NULL, script->world.region, date_of(clock_now_ms()), begun);
    tell_facts(lua, policy);
    decision_run(policy, out);
    push_decided(lua, out);
    script_step(script, "facts: %s", verdict_name(out->verdict));
    return 1;
}

/* ---- the audit log ---- */

/* { at =, actor =, action =, purpose = } */
static void push_event(lua_State *lua, const struct audit_event *event)
{
    lua_newtable(lua);
    push_moment(lua, event->at_ms);
    lua_setfield(lua, -2, "at");
    lua_pushlstring(lua, event->actor.at, event->actor.len);
    lua_setfield(lua, -2, "actor");
    lua_pushlstring(lua, event->action.at, event->action.len);
    lua_setfield(lua, -2, "action");
    lua_pushlstring(lua, event->purpose.at, event->purpose.len);
    lua_setfield(lua, -2, "purpose");
}

static void count_finding(void *ctx, const char *stream, uint64_t sequence, const char *what)
{
    lua_Integer *count = ctx;

    (void)stream;
    (void)sequence;
    (void)what;
    (*count)++;
}

/* audit(): every event in order, and `findings`, how many things its verification finds wrong. */
static int do_audit(lua_State *lua)
{
    struct script *script = script_of(lua);
    struct store_read read = { .scan = { .space = SMG_SPACE_AUDIT } };
    struct audit_totals totals;
    struct audit_event event;
    struct smg_err err = { 0 };
    lua_Integer count = 0, findings = 0;
    size_t i;

    if (store_read_wait(script->world.store, &read, &err) < 0 ||
        audit_verify(script->world.storage.instance, script->world.keyring, true, count_finding,
                     &findings, &totals, &err) == SMG_E_IO) {
        store_read_fini(&read);
        return script_fail(lua, "%s", err.text);
    }
    lua_newtable(lua);
    for (i = 0; i < read.count; i++)
        if (audit_event_read(read.rows[i].key, read.rows[i].value, &event)) {
            push_event(lua, &event);
            lua_rawseti(lua, -2, ++count);
        }
    store_read_fini(&read);
    lua_pushinteger(lua, findings);
    lua_setfield(lua, -2, "findings");
    return 1;
}

void outside_push_words(lua_State *lua)
{
    static const luaL_Reg words[] = { { "wait", do_wait },
                                      { "wait_until", do_wait_until },
                                      { "now", do_now },
                                      { "today", do_today },
                                      { "service", do_service },
                                      { "asked", do_asked },
                                      { "recipient", do_recipient },
                                      { "reports", do_reports },
                                      { "storage", do_storage },
                                      { "lose", do_lose },
                                      { "restart", do_restart },
                                      { "crash", do_crash },
                                      { "dealer", do_dealer },
                                      { "staff", do_staff },
                                      { "counter", do_counter },
                                      { "policies", do_policies },
                                      { "facts", do_facts },
                                      { "audit", do_audit },
                                      { NULL, NULL } };

    luaL_setfuncs(lua, words, 0);
}
