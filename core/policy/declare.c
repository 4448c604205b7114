/* SPDX-License-Identifier: Apache-2.0 */
/* The declaring words: fact, word, regulation, rule; and document, see document.c. */
#include "policy/articles.h"
#include "policy/document.h"
#include "policy/reach.h"
#include "policy/spec.h"

#include <lauxlib.h>
#include <stdlib.h>

/* The value on top as one of a fact's; false when it is of a kind no fact has. */
static bool take_value(lua_State *lua, struct policy_set *set, enum value_kind *kind,
                       struct fact_value *out)
{
    char number[24];

    switch (lua_type(lua, -1)) {
    case LUA_TBOOLEAN:
        *kind = VALUE_BOOLEAN;
        out->integer = lua_toboolean(lua, -1);
        out->text = str_of(out->integer == 1 ? "true" : "false");
        return true;
    case LUA_TNUMBER:
        if (!lua_isinteger(lua, -1))
            return false;
        *kind = VALUE_INTEGER;
        out->integer = lua_tointeger(lua, -1);
        snprintf(number, sizeof number, "%lld", (long long)out->integer);
        out->text = str_of(number);
        break;
    case LUA_TSTRING:
        *kind = VALUE_TEXT;
        out->text.at = lua_tolstring(lua, -1, &out->text.len);
        if (out->text.len == 0 || out->text.len > NAME_BYTES || !str_is_utf8(out->text) ||
            memchr(out->text.at, '\n', out->text.len) != NULL)
            return false;
        break;
    default:
        return false;
    }
    out->text.at = set_keep(set, out->text);
    return out->text.at != NULL;
}

static bool add_value(struct spec *spec, struct fact *fact)
{
    struct fact_value *value = &fact->values[fact->value_count];
    enum value_kind kind;
    size_t i;

    if (!take_value(spec->lua, spec->loading->set, &kind, value)) {
        spec_problem(spec, "a value must be true, false, a whole number or a short text");
        return false;
    }
    if (fact->value_count > 0 && kind != fact->kind) {
        spec_problem(spec, "values are of different kinds");
        return false;
    }
    for (i = 0; i < fact->value_count; i++)
        if (str_eq(fact->values[i].text, value->text)) {
            spec_problem(spec, "the value %s is listed twice", value->text.at);
            return false;
        }
    if (kind == VALUE_INTEGER && i > 0 && fact->values[i - 1].integer > value->integer) {
        spec_problem(spec, "whole numbers must be listed from the smallest up");
        return false;
    }
    fact->kind = kind;
    fact->value_count++;
    return true;
}

static bool learn_values(struct spec *spec, struct fact *fact)
{
    lua_Unsigned count, i;

    lua_getfield(spec->lua, spec->table, "values");
    if (!lua_istable(spec->lua, -1)) {
        spec_problem(spec, "has no values");
        lua_pop(spec->lua, 1);
        return true;
    }
    count = (lua_Unsigned)luaL_len(spec->lua, -1);
    if (count == 0 || count > FACT_VALUES) {
        spec_problem(spec, "needs 1 to %d values", FACT_VALUES);
        lua_pop(spec->lua, 1);
        return true;
    }
    fact->values = calloc((size_t)count, sizeof *fact->values);
    for (i = 1; fact->values != NULL && i <= count; i++) {
        bool added;

        lua_geti(spec->lua, -1, (lua_Integer)i);
        added = add_value(spec, fact);
        lua_pop(spec->lua, 1);
        if (!added)
            break;
    }
    lua_pop(spec->lua, 1);
    return fact->values != NULL;
}

/* keeps = true, or a list of the values that stay. */
static void learn_keeps(struct spec *spec, struct fact *fact)
{
    lua_Unsigned count, i;
    size_t value;

    if (lua_getfield(spec->lua, spec->table, "keeps") == LUA_TTABLE) {
        count = (lua_Unsigned)luaL_len(spec->lua, -1);
        for (i = 1; i <= count && i <= FACT_VALUES; i++) {
            lua_geti(spec->lua, -1, (lua_Integer)i);
            luaL_tolstring(spec->lua, -1, NULL);
            for (value = 0; value < fact->value_count; value++)
                if (str_is(fact->values[value].text, lua_tostring(spec->lua, -1)))
                    fact->keeps |= UINT64_C(1) << value;
            lua_pop(spec->lua, 2);
        }
        if ((lua_Unsigned)__builtin_popcountll(fact->keeps) != count)
            spec_problem(spec, "keeps lists what is not one of its values, or one twice");
    } else if (lua_isboolean(spec->lua, -1) && lua_toboolean(spec->lua, -1)) {
        fact->keeps = UINT64_MAX;
    } else if (!lua_isnil(spec->lua, -1)) {
        spec_problem(spec, "keeps is true or a list of values");
    }
    lua_pop(spec->lua, 1);
}

/* What the fact is in a plain case: the first of its values unless it says another. */
static void learn_plain(struct spec *spec, struct fact *fact)
{
    struct fact_value value;
    enum value_kind kind = VALUE_BOOLEAN;
    int found, index = FACT_BROKEN;

    lua_pushliteral(spec->lua, "plain");
    found = lua_rawget(spec->lua, spec->table);
    if (found != LUA_TNIL && take_value(spec->lua, spec->loading->set, &kind, &value))
        index = kind == fact->kind ? fact_index_of_text(fact, value.text) : FACT_BROKEN;
    lua_pop(spec->lua, 1);
    if (found != LUA_TNIL && index == FACT_BROKEN)
        spec_problem(spec, "plain is none of its values");
    else if (found != LUA_TNIL)
        fact->plain = (size_t)index;
}

static void learn_source(struct spec *spec, struct fact *fact)
{
    int source = spec_choice(spec, "source", source_names, true);
    const char *service = spec_text(spec, "service", source == SOURCE_SERVICE);
    const char *registry = spec_text(spec, "registry", source == SOURCE_REGISTRY);

    fact->source = source < 0 ? SOURCE_FORM : (enum source)source;
    fact->ask = service != NULL ? service : registry;
    if (service != NULL && source != SOURCE_SERVICE)
        spec_problem(spec, "names a service, but its source is not \"service\"");
    if (registry != NULL && source != SOURCE_REGISTRY)
        spec_problem(spec, "names a registry, but its source is not \"registry\"");
}

static bool learn_fact(struct spec *spec)
{
    static const char *const keys[] = { "values", "source", "service", "registry", "of",    "zh",
                                        "en",     "from",   "example", "plain",    "keeps", NULL };
    struct policy_set *set = spec->loading->set;
    struct fact *fact;
    bool has_example;

    if (set_fact(set, spec->name) != NULL) {
        spec_problem(spec, "is declared twice");
        return true;
    }
    fact = set_grow(set->facts, set->fact_count, sizeof *fact);
    if (fact == NULL || set->fact_count == SET_FACTS)
        return false;
    set->facts = fact;
    fact += set->fact_count;
    fact->name = set_keep(set, spec->name);
    fact->file = spec->file;
    fact->line = spec->line;
    if (fact->name == NULL)
        return false;
    spec->loading->from[set->fact_count] = spec_function(spec, "from", false);
    spec->loading->example[set->fact_count] = spec_function(spec, "example", false);
    has_example = spec->loading->example[set->fact_count++] != LUA_NOREF;
    spec_check_keys(spec, keys);
    fact->zh = spec_text(spec, "zh", true);
    fact->en = spec_text(spec, "en", true);
    fact->of = spec_text(spec, "of", false);
    learn_source(spec, fact);
    if (has_example && fact->source >= SOURCE_SERVICE)
        spec_problem(spec, "is answered, not derived: no fields are an example of it");
    if (!learn_values(spec, fact))
        return false;
    learn_plain(spec, fact);
    learn_keeps(spec, fact);
    return true;
}

static bool learn_word(struct spec *spec)
{
    static const char *const keys[] = { "kind", "zh", "en", NULL };
    static const char *const kinds[] = { "need", "refuse", "report", "oblige", NULL };
    struct policy_set *set = spec->loading->set;
    struct word *word;
    int kind;

    if (set_word(set, spec->name) != NULL) {
        spec_problem(spec, "is declared twice");
        return true;
    }
    word = set_grow(set->words, set->word_count, sizeof *word);
    if (word == NULL || set->word_count == SET_WORDS)
        return false;
    set->words = word;
    word += set->word_count;
    spec_check_keys(spec, keys);
    kind = spec_choice(spec, "kind", kinds, true);
    word->kind = kind < 0 ? EFFECT_NEED : (enum effect_kind)(kind + EFFECT_NEED);
    word->name = set_keep(set, spec->name);
    word->zh = spec_text(spec, "zh", true);
    word->en = spec_text(spec, "en", true);
    set->word_count++;
    return word->name != NULL;
}

/* A day to bite from lies inside its regulation's time: else it would say nothing. */
static void check_bite(struct spec *spec, const struct rule *rule)
{
    const struct regulation *regulation = &spec->loading->set->regulations[rule->regulation];

    if (date_is_none(rule->bites) || date_is_none(regulation->from))
        return;
    if (date_compare(rule->bites, regulation->from) <= 0)
        spec_problem(spec, "bites_from = \"%s\" is not after its regulation's from",
                     rule->bites_from);
    else if (!date_is_none(regulation->until) && date_compare(rule->bites, regulation->until) >= 0)
        spec_problem(spec, "bites_from = \"%s\" is not before its regulation's until",
                     rule->bites_from);
}

static bool learn_rule(struct spec *spec)
{
    static const char *const keys[] = { "zh",       "en",      "applies",    "check",
                                        "replaces", "loosens", "bites_from", NULL };
    struct loading *loading = spec->loading;
    struct policy_set *set = loading->set;
    size_t regulation = loading->file - FILE_REGULATIONS;
    char id[2 * NAME_BYTES];
    struct rule *rule;

    if (!set->regulations[regulation].declared)
        spec_problem(spec, "stands before regulation { ... }");
    snprintf(id, sizeof id, "%s#%.*s", set->regulations[regulation].info.id, (int)spec->name.len,
             spec->name.at);
    if (set_rule(set, str_of(id)) != RULE_NONE) {
        spec_problem(spec, "is declared twice");
        return true;
    }
    rule = set_grow(set->rules, set->rule_count, sizeof *rule);
    if (rule == NULL || set->rule_count == SET_RULES)
        return false;
    set->rules = rule;
    rule += set->rule_count;
    loading->applies[set->rule_count] = spec_function(spec, "applies", false);
    loading->check[set->rule_count] = spec_function(spec, "check", true);
    spec_check_keys(spec, keys);
    *rule = (struct rule){ .id = set_keep(set, str_of(id)),
                           .zh = spec_text(spec, "zh", true),
                           .en = spec_text(spec, "en", true),
                           .regulation = regulation,
                           .replaces = spec_text(spec, "replaces", false),
                           .replaced = RULE_NONE,
                           .loosens = spec_bool(spec, "loosens", false),
                           .bites_from = spec_text(spec, "bites_from", false),
                           .bites = spec_date(spec, "bites_from", false),
                           .file = spec->file,
                           .line = spec->line };
    if (rule->id == NULL)
        return false;
    if (rule->loosens && rule->replaces == NULL)
        spec_problem(spec, "loosens nothing: it replaces no rule");
    check_bite(spec, rule);
    set->rule_count++;
    set->regulations[regulation].info.rules++;
    return true;
}

static void learn_title(struct spec *spec, struct policy_info *info)
{
    static const char *const keys[] = { "zh", "en", NULL };
    struct spec title = *spec;

    lua_getfield(spec->lua, spec->table, "title");
    if (!lua_istable(spec->lua, -1)) {
        spec_problem(spec, "has no title = { zh = ..., en = ... }");
    } else {
        title.table = lua_gettop(spec->lua);
        title.what = "regulation: title";
        spec_check_keys(&title, keys);
        info->zh = spec_text(&title, "zh", true);
        info->en = spec_text(&title, "en", true);
    }
    lua_pop(spec->lua, 1);
}

/* When it was made known, begins and ends, and which day of a case that is looked at. */
static void learn_days(struct spec *spec, struct regulation *regulation)
{
    static const char *const pending[] = { "decided", "begun", NULL };
    struct policy_info *info = &regulation->info;
    struct smg_date published = spec_date(spec, "published", false);
    int choice = spec_choice(spec, "pending", pending, false);

    info->published = spec_text(spec, "published", false);
    info->from = spec_text(spec, "from", true);
    regulation->from = spec_date(spec, "from", false);
    info->until = spec_text(spec, "until", false);
    regulation->until = spec_date(spec, "until", false);
    info->pending = pending[choice < 0 ? 0 : choice];
    regulation->by_begin = choice == 1;
    if (!date_is_none(regulation->from) && !date_is_none(regulation->until) &&
        date_compare(regulation->from, regulation->until) >= 0)
        spec_problem(spec, "until must be after from");
    if (!date_is_none(published) && !date_is_none(regulation->from) &&
        date_compare(regulation->from, published) < 0)
        spec_problem(spec, "from must not be before published");
}

static bool learn_regulation(struct spec *spec)
{
    static const char *const keys[] = { "id",      "region",  "published", "from",  "until",
                                        "pending", "repeals", "title",     "order", NULL };
    struct loading *loading = spec->loading;
    struct regulation *regulation = &loading->set->regulations[loading->file - FILE_REGULATIONS];
    struct policy_info *info = &regulation->info;
    const char *id = spec_text(spec, "id", true);
    size_t i;

    if (regulation->declared)
        spec_problem(spec, "stands twice in the file");
    regulation->declared = true;
    spec_check_keys(spec, keys);
    if (id != NULL && strcmp(id, info->id) != 0)
        spec_problem(spec, "id = \"%.60s\", but the file's place says \"%s\"", id, info->id);
    info->region = spec_text(spec, "region", false);
    if (info->region == NULL)
        spec_problem(spec, "has no region: \"54\", or \"\" for the nation");
    for (i = 0; info->region != NULL && info->region[i] != '\0'; i++)
        if (i == 6 || info->region[i] < '0' || info->region[i] > '9') {
            spec_problem(spec, "region must be the first digits of a six-digit region code");
            break;
        }
    learn_days(spec, regulation);
    info->order = spec_text(spec, "order", false);
    info->repeals = spec_text(spec, "repeals", false);
    learn_title(spec, info);
    return true;
}

/* In an evaluator the set is full: only the functions are taken, under the same names. */
static bool take_functions(struct spec *spec, const char *what)
{
    struct loading *loading = spec->loading;
    struct policy_set *set = loading->set;
    char id[2 * NAME_BYTES];
    int i;

    if (strcmp(what, "fact") == 0) {
        const struct fact *fact = set_fact(set, spec->name);

        if (fact == NULL)
            return false;
        loading->from[fact - set->facts] = spec_function(spec, "from", false);
        loading->example[fact - set->facts] = spec_function(spec, "example", false);
    } else if (strcmp(what, "rule") == 0) {
        snprintf(id, sizeof id, "%s#%.*s",
                 set->regulations[loading->file - FILE_REGULATIONS].info.id, (int)spec->name.len,
                 spec->name.at);
        i = set_rule(set, str_of(id));
        if (i == RULE_NONE)
            return false;
        loading->applies[i] = spec_function(spec, "applies", false);
        loading->check[i] = spec_function(spec, "check", true);
    }
    return true;
}

static const char not_name[] = "is not a name: lower-case words joined by points";
static const char not_paragraph[] = "is not a paragraph: write \"6.3\" or \"9.2/proxy\"";
static const char not_article[] = "is not a number of the law: write \"6.3\" or \"7.1/2\"";

static const struct declaring {
    const char *what;
    enum file_kind kind;
    bool (*learn)(struct spec *);
    bool (*name_is_valid)(struct smg_str name); /* NULL: it has no name */
    const char *wrong;
} declarings[] = {
    { "document", KIND_DOCUMENTS, document_learn, set_name_is_valid, not_name },
    { "fact", KIND_VOCABULARY, learn_fact, set_name_is_valid, not_name },
    { "word", KIND_VOCABULARY, learn_word, set_name_is_valid, not_name },
    { "regulation", KIND_REGULATION, learn_regulation, NULL, NULL },
    { "rule", KIND_REGULATION, learn_rule, set_paragraph_is_valid, not_paragraph },
    { "process", KIND_PROCESSES, articles_learn_process, set_name_is_valid, not_name },
    { "register", KIND_ARTICLES, articles_learn_register, NULL, NULL },
    { "article", KIND_ARTICLES, articles_learn_article, articles_number_is_valid, not_article },
};

static struct loading *loading_of(lua_State *lua)
{
    struct loading *loading = sandbox_of(lua)->loading;

    if (loading == NULL || !loading->running)
        luaL_error(lua, "declarations stand at the top of a file, not inside a rule");
    return loading;
}

/* Upvalues: which declaring, the name, the line. Argument: the table. */
static int finish(lua_State *lua)
{
    const struct declaring *declaring = lua_touserdata(lua, lua_upvalueindex(1));
    struct loading *loading = loading_of(lua);
    struct spec spec = { .loading = loading,
                         .lua = lua,
                         .table = 1,
                         .what = declaring->what,
                         .file = loading->set->files[loading->file].name,
                         .line = (int)lua_tointeger(lua, lua_upvalueindex(3)) };

    spec.name.at = lua_tolstring(lua, lua_upvalueindex(2), &spec.name.len);
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    loading->open = false;
    if (!(loading->learning ? declaring->learn(&spec) : take_functions(&spec, declaring->what)))
        return luaL_error(lua, "%s: there is no room for more", declaring->what);
    return 0;
}

void declare_check_open(struct loading *loading)
{
    if (loading->open)
        set_problem(loading->problems, loading->set->files[loading->file].name, loading->open_line,
                    "%s is not followed by its table", loading->open_name);
    loading->open = false;
}

/* fact "name": gives the function that takes the table. regulation takes it at once. */
static int declare(lua_State *lua)
{
    const struct declaring *declaring = lua_touserdata(lua, lua_upvalueindex(1));
    struct loading *loading = loading_of(lua);
    struct fault here;
    struct smg_str name = { NULL, 0 };

    sandbox_where(lua, &here);
    if (declaring->name_is_valid == NULL) {
        lua_pushvalue(lua, lua_upvalueindex(1));
        lua_pushliteral(lua, "");
        lua_pushinteger(lua, here.line);
        lua_pushcclosure(lua, finish, 3);
        lua_pushvalue(lua, 1);
        lua_call(lua, 1, 0);
        return 0;
    }
    if (lua_type(lua, 1) != LUA_TSTRING)
        return luaL_error(lua, "%s needs a name in quotes", declaring->what);
    name.at = lua_tolstring(lua, 1, &name.len);
    if (!declaring->name_is_valid(name))
        set_problem(loading->problems, here.file, here.line, "%s \"%.*s\": %s", declaring->what,
                    (int)(name.len > NAME_BYTES ? NAME_BYTES : name.len), name.at,
                    declaring->wrong);
    declare_check_open(loading);
    loading->open = true;
    loading->open_line = here.line;
    snprintf(loading->open_name, sizeof loading->open_name, "%s \"%.*s\"", declaring->what,
             (int)(name.len > NAME_BYTES ? NAME_BYTES : name.len), name.at);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_pushvalue(lua, 1);
    lua_pushinteger(lua, here.line);
    lua_pushcclosure(lua, finish, 3);
    return 1;
}

void declare_push_words(lua_State *lua, enum file_kind kind)
{
    size_t i;

    for (i = 0; i < sizeof declarings / sizeof declarings[0]; i++) {
        if (declarings[i].kind != kind)
            continue;
        lua_pushlightuserdata(lua, (void *)&declarings[i]);
        lua_pushcclosure(lua, declare, 1);
        lua_setfield(lua, -2, declarings[i].what);
    }
}
