/* SPDX-License-Identifier: Apache-2.0 */
/* Running files of scenarios: each scenario as often as it wants, each run from a seed of its own.
 */
#include "simulate/script.h"

#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHRINK_MOST = 2000 };

/* ---- what runs share ---- */

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL)
        closedir(folder);
    rmdir(path);
}

/* Keys for this process only: the ring is read from a folder, which is gone again at once. */
static struct keyring *make_keys(struct smg_err *err)
{
    const char *place = getenv("TMPDIR");
    struct keyring *keyring = NULL;
    char folder[512], ring[520];

    snprintf(folder, sizeof folder, "%s/shiming-simulate-XXXXXX", place == NULL ? P_tmpdir : place);
    if (mkdtemp(folder) == NULL) {
        smg_fail(err, SMG_E_IO, "%.200s: %s", folder, strerror(errno));
        return NULL;
    }
    snprintf(ring, sizeof ring, "%s/keys", folder);
    if (keyring_init(ring, "aes-256-gcm", err) == SMG_OK)
        keyring = keyring_open(ring, NULL, err);
    remove_folder(ring);
    rmdir(folder);
    return keyring;
}

struct simulation *simulation_new(const struct simulate_options *options, struct smg_err *err)
{
    struct simulation *simulation = calloc(1, sizeof *simulation);

    if (simulation == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    simulation->options = *options;
    simulation->keyring = make_keys(err);
    if (simulation->keyring == NULL) {
        free(simulation);
        return NULL;
    }
    return simulation;
}

void simulation_free(struct simulation *simulation)
{
    size_t i;

    if (simulation == NULL)
        return;
    for (i = 0; i < simulation->set_count; i++) {
        free(simulation->sets[i].name);
        rules_free(&simulation->sets[i].spare);
        policy_set_free(simulation->sets[i].set);
    }
    keyring_free(simulation->keyring);
    free(simulation);
}

/* The simulation's own folder, or another, seen from the script's file, laid over it. */
static void policy_folder(lua_State *lua, int at, char *out, size_t room)
{
    const struct script *script = script_of(lua);
    const char *from = script_text(lua, at, "from", NULL);
    const char *slash = strrchr(script->file, '/');
    bool beside = from != NULL && from[0] != '/' && slash != NULL;

    if ((size_t)snprintf(out, room, "%.*s%s%s%s%s", beside ? (int)(slash - script->file) : 0,
                         script->file, beside ? "/" : "", from == NULL ? "" : from,
                         from == NULL ? "" : ":", script->simulation->options.policies) >= room)
        script_fail(lua, "the folder's path is too long");
}

/* The entry of this folder and stack, loaded when it is new; raises. */
static size_t find_set(lua_State *lua, const char *folder, const char *const *stack, size_t count)
{
    struct simulation *simulation = script_of(lua)->simulation;
    char name[1024];
    struct buf problems = { 0 };
    size_t i, len = (size_t)snprintf(name, sizeof name, "%.500s", folder);
    struct policy_set *set;

    for (i = 0; i < count; i++)
        len += (size_t)snprintf(name + len, sizeof name - len, " %.30s", stack[i]);
    for (i = 0; i < simulation->set_count; i++)
        if (strcmp(simulation->sets[i].name, name) == 0)
            return i;
    if (i == SCRIPT_SETS)
        script_fail(lua, "at most %d stacks of policies", SCRIPT_SETS);
    set = policy_set_load(folder, stack, count, &problems);
    if (set == NULL) {
        snprintf(name, sizeof name, "%.1000s", problems.at == NULL ? "" : problems.at);
        buf_fini(&problems);
        script_fail(lua, "the policies do not load: %s", name);
    }
    buf_fini(&problems);
    simulation->sets[i].set = set;
    simulation->sets[i].name = strdup(name);
    if (simulation->sets[i].name == NULL)
        abort();
    simulation->set_count++;
    return i;
}

void simulation_rules(lua_State *lua, int at, struct rules *out)
{
    struct simulation *simulation = script_of(lua)->simulation;
    const char *stack[DECISION_POLICIES];
    struct smg_err err = { 0 };
    char folder[600];
    size_t count = 0, i;

    for (; lua_rawgeti(lua, at, (lua_Integer)count + 1) == LUA_TSTRING; lua_pop(lua, 1)) {
        if (count == DECISION_POLICIES)
            script_fail(lua, "at most %d policies", DECISION_POLICIES);
        stack[count++] = lua_tostring(lua, -1); /* its table keeps it */
    }
    lua_pop(lua, 1);
    policy_folder(lua, at, folder, sizeof folder);
    i = find_set(lua, folder, stack, count);
    *out = simulation->sets[i].spare;
    simulation->sets[i].spare = (struct rules){ .set = NULL };
    if (out->set == NULL && rules_make(simulation->sets[i].set, NULL, out, &err) < 0)
        script_fail(lua, "%s", err.text);
}

void simulation_give_back(struct simulation *simulation, struct rules *rules)
{
    size_t i;

    for (i = 0; i < simulation->set_count; i++)
        if (simulation->sets[i].set == rules->set && simulation->sets[i].spare.set == NULL) {
            simulation->sets[i].spare = *rules;
            return;
        }
    rules_free(rules);
}

/* ---- runs ---- */

struct running {
    struct simulation *simulation;
    const char *file;
    struct smg_str text;
    size_t which;
    struct choices choices; /* of the newest run */
    struct buf why, steps, lines;
    struct buf first_why; /* the failure that is being made smaller */
    unsigned runs;
    int64_t simulated_ms;
};

static void keep(struct buf *to, const struct buf *from)
{
    buf_clear(to);
    buf_str(to, buf_view(from));
    buf_byte(to, 0); /* a text even when it is empty */
    to->len -= to->len > 0;
}

static bool run_once(struct running *running, struct choices *choices)
{
    struct script *script = calloc(1, sizeof *script);
    bool passed;

    if (script == NULL)
        abort();
    script->simulation = running->simulation;
    script->file = running->file;
    passed = script_run(script, running->text, running->which, choices);
    keep(&running->why, &script->why);
    keep(&running->steps, &script->steps);
    keep(&running->lines, &script->choice_lines);
    running->runs++;
    running->simulated_ms += script_fini(script);
    free(script);
    return passed;
}

/* Another failure than the one that was found proves nothing about it: the place must be the same.
 */
static bool fails_alike(void *ctx, struct choices *choices)
{
    struct running *running = ctx;
    const char *first = running->first_why.at, *colon = strchr(first, ' ');
    size_t place = colon == NULL ? strlen(first) : (size_t)(colon - first);

    return !run_once(running, choices) && strncmp(running->why.at, first, place) == 0;
}

static unsigned shrink(struct running *running)
{
    unsigned before = running->runs;

    keep(&running->first_why, &running->why);
    choices_shrink(&running->choices, fails_alike, running, SHRINK_MOST);
    choices_repeat(&running->choices, running->choices.made, running->choices.count);
    run_once(running, &running->choices);
    return running->runs - before;
}

static bool run_scenario(struct running *running, const struct scenario *scenario,
                         simulate_tell_fn tell, void *ctx)
{
    const struct simulate_options *options = &running->simulation->options;
    unsigned runs = scenario->runs > 1 && options->runs > 0 ? options->runs : scenario->runs, i;
    struct simulate_result result = {
        .file = running->file, .name = scenario->name, .article = scenario->article, .passed = true
    };

    running->runs = 0;
    running->simulated_ms = 0;
    for (i = 0; i < runs && result.passed; i++) {
        choices_begin(&running->choices,
                      choices_seed(options->seed, (uint64_t)running->which << 32 | i));
        result.passed = run_once(running, &running->choices);
    }
    result.runs = i;
    if (!result.passed && options->shrink && running->choices.count > 0)
        result.shrinking = shrink(running);
    result.why = running->why.at;
    result.steps = running->steps.at;
    result.choices = running->lines.at;
    result.simulated_ms = running->simulated_ms;
    tell(ctx, &result);
    return result.passed;
}

int simulation_run(struct simulation *simulation, const char *path, struct smg_str text,
                   simulate_tell_fn tell, void *ctx, struct buf *problems)
{
    struct running *running = calloc(1, sizeof *running);
    struct scenario *scenarios = NULL;
    size_t count = 0, i;
    int failures = 0;

    if (running == NULL || !script_list(simulation, path, text, &scenarios, &count, problems)) {
        free(running);
        return SMG_E_INVALID;
    }
    *running = (struct running){ .simulation = simulation, .file = path, .text = text };
    for (i = 0; i < count; i++) {
        running->which = i;
        failures += !run_scenario(running, &scenarios[i], tell, ctx);
    }
    script_list_free(scenarios, count);
    buf_fini(&running->why);
    buf_fini(&running->steps);
    buf_fini(&running->lines);
    buf_fini(&running->first_why);
    free(running);
    return failures;
}
