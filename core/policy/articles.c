/* SPDX-License-Identifier: Apache-2.0 */
/* The declarations of a register, and what must be true of all of them together. */
#include "policy/articles.h"

#include "policy/folder.h"
#include "policy/spec.h"

#include <lauxlib.h>
#include <stdlib.h>

/* ---- numbers ---- */

struct place {
    int64_t part[4]; /* article, inserted after it, paragraph, item */
};

static bool take_part(struct smg_str *number, int64_t *out)
{
    size_t digits = 0;

    while (digits < number->len && number->at[digits] >= '0' && number->at[digits] <= '9')
        digits++;
    if (digits == 0 || digits > 4 || number->at[0] == '0' ||
        !str_to_int((struct smg_str){ number->at, digits }, out))
        return false;
    number->at += digits;
    number->len -= digits;
    return true;
}

static bool take_mark(struct smg_str *number, char mark)
{
    if (number->len == 0 || number->at[0] != mark)
        return false;
    number->at++;
    number->len--;
    return true;
}

static bool parse_number(struct smg_str number, struct place *out)
{
    *out = (struct place){ { 0 } };
    if (!take_part(&number, &out->part[0]) ||
        (take_mark(&number, '-') && !take_part(&number, &out->part[1])) ||
        !take_mark(&number, '.') || !take_part(&number, &out->part[2]) ||
        (take_mark(&number, '/') && !take_part(&number, &out->part[3])))
        return false;
    return number.len == 0;
}

bool articles_number_is_valid(struct smg_str number)
{
    struct place place;

    return parse_number(number, &place);
}

/* Does b come right after a: the next item, the next paragraph, or the first of the next article?
 */
static bool follows(struct place a, struct place b)
{
    if (a.part[0] == b.part[0] && a.part[1] == b.part[1]) {
        if (a.part[2] == b.part[2])
            return b.part[3] == a.part[3] + 1;
        return b.part[2] == a.part[2] + 1 && b.part[3] == 0;
    }
    if (b.part[2] != 1 || b.part[3] != 0)
        return false;
    return a.part[0] == b.part[0] ? b.part[1] == a.part[1] + 1
                                  : b.part[0] == a.part[0] + 1 && b.part[1] == 0;
}

/* Is b later in the law than a? */
static bool is_later(struct place a, struct place b)
{
    size_t i = 0;

    while (i < 3 && a.part[i] == b.part[i])
        i++;
    return b.part[i] > a.part[i];
}

/* ---- declarations ---- */

/* Walk the texts of a list; false: there is no such list, or what it holds is wrong (said). */
typedef bool (*list_fn)(struct spec *spec, struct smg_str text, void *ctx);

static bool each_text(struct spec *spec, const char *key, size_t most, list_fn fn, void *ctx)
{
    lua_State *lua = spec->lua;
    lua_Unsigned count, i;
    bool good = true;

    lua_getfield(lua, spec->table, key);
    if (!lua_istable(lua, -1)) {
        spec_problem(spec, "%s must be a list of texts", key);
        lua_pop(lua, 1);
        return false;
    }
    count = lua_rawlen(lua, -1);
    if (count == 0 || count > most) {
        spec_problem(spec, "%s names 1 to %zu", key, most);
        good = false;
    }
    for (i = 1; good && i <= count; i++) {
        struct smg_str text = { NULL, 0 };

        lua_rawgeti(lua, -1, (lua_Integer)i);
        if (lua_type(lua, -1) == LUA_TSTRING)
            text.at = lua_tolstring(lua, -1, &text.len);
        else
            spec_problem(spec, "%s must be a list of texts", key);
        good = text.at != NULL && fn(spec, text, ctx);
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
    return good;
}

/* A verb of the program, a call of its API, or a file of the source. */
static bool is_place(struct smg_str text)
{
    static const char *const starts[] = { "shiming ", "GET /", "POST /", "tests/", "core/" };
    size_t i;

    for (i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (str_starts(text, starts[i]) && text.len > strlen(starts[i]))
            return text.len <= 160 && str_is_utf8(text);
    return false;
}

static bool take_place(struct spec *spec, struct smg_str text, void *ctx)
{
    struct process *process = ctx;

    if (!is_place(text)) {
        spec_problem(spec,
                     "where = \"%.40s\" is neither a verb (\"shiming ...\"), nor a call (\"GET "
                     "/...\"), nor a file of core/ or tests/",
                     text.at);
        return false;
    }
    process->where[process->where_count] = set_keep(spec->loading->set, text);
    return process->where[process->where_count++] != NULL;
}

bool articles_learn_process(struct spec *spec)
{
    static const char *const keys[] = { "zh", "en", "where", NULL };
    struct articles *articles = spec->loading->articles;
    struct process *process;

    if (articles->process_count == PROCESSES)
        return false;
    process = &articles->processes[articles->process_count];
    process->where = calloc(PROCESS_PLACES, sizeof *process->where);
    if (process->where == NULL)
        return false;
    articles->process_count++;
    spec_check_keys(spec, keys);
    process->name = set_keep(spec->loading->set, spec->name);
    process->zh = spec_text(spec, "zh", true);
    process->en = spec_text(spec, "en", true);
    each_text(spec, "where", PROCESS_PLACES, take_place, process);
    return process->name != NULL;
}

/* { zh = "...", en = "..." } under a key. */
static void learn_texts(struct spec *spec, const char *key, const char *what, const char **zh,
                        const char **en)
{
    static const char *const keys[] = { "zh", "en", NULL };
    struct spec inner = *spec;

    lua_getfield(spec->lua, spec->table, key);
    if (!lua_istable(spec->lua, -1)) {
        spec_problem(spec, "%s must be { zh = ..., en = ... }", key);
    } else {
        inner.table = lua_gettop(spec->lua);
        inner.what = what;
        spec_check_keys(&inner, keys);
        *zh = spec_text(&inner, "zh", true);
        *en = spec_text(&inner, "en", true);
    }
    lua_pop(spec->lua, 1);
}

bool articles_learn_register(struct spec *spec)
{
    static const char *const keys[] = { "regulation", "text", "source", "checked", NULL };
    static const char *const texts[] = { "at hand", "not at hand", "extract", NULL };
    struct articles *articles = spec->loading->articles;
    const char *id = articles->set->regulations[articles->regulation].info.id;
    const char *said = spec_text(spec, "regulation", true);
    int text;

    if (articles->declared)
        spec_problem(spec, "stands twice in the file");
    articles->declared = true;
    spec_check_keys(spec, keys);
    if (said != NULL && strcmp(said, id) != 0)
        spec_problem(spec, "regulation = \"%.60s\", but the file's place says \"%s\"", said, id);
    text = spec_choice(spec, "text", texts, true);
    articles->at_hand = text == 0;
    articles->extract = text == 2;
    learn_texts(spec, "source", "register: source", &articles->source_zh, &articles->source_en);
    articles->checked = spec_date(spec, "checked", true);
    return true;
}

static bool take_rule(struct spec *spec, struct smg_str text, void *ctx)
{
    struct article *article = ctx;
    const struct articles *articles = spec->loading->articles;
    const struct policy_set *set = articles->set;
    const char *names[SET_RULES], *near;
    size_t i, count = 0;

    for (i = 0; i < set->rule_count; i++) {
        const char *name = strchr(set->rules[i].id, '#') + 1;

        if (set->rules[i].regulation != articles->regulation)
            continue;
        if (str_is(text, name)) {
            article->rules[article->rule_count++] = i;
            return true;
        }
        names[count++] = name;
    }
    near = str_nearest(text, names, count);
    if (near != NULL)
        spec_problem(spec, "\"%.60s\" is no rule of %s; did you mean \"%s\"?", text.at,
                     set->regulations[articles->regulation].info.id, near);
    else
        spec_problem(spec, "\"%.60s\" is no rule of %s", text.at,
                     set->regulations[articles->regulation].info.id);
    return false;
}

static void learn_bound_process(struct spec *spec, struct article *article)
{
    const struct articles *articles = spec->loading->articles;
    const char *name = spec_text(spec, "process", true), *names[PROCESSES], *near;
    size_t i;

    if (name == NULL)
        return;
    for (i = 0; i < articles->process_count; i++) {
        names[i] = articles->processes[i].name;
        if (names[i] != NULL && strcmp(name, names[i]) == 0) {
            article->process = &articles->processes[i];
            return;
        }
    }
    near = str_nearest(str_of(name), names, i);
    if (near != NULL)
        spec_problem(spec, "\"%.60s\" is no process of processes.lua; did you mean \"%s\"?", name,
                     near);
    else
        spec_problem(spec, "\"%.60s\" is no process of processes.lua", name);
}

static bool has(struct spec *spec, const char *key)
{
    bool there = lua_getfield(spec->lua, spec->table, key) != LUA_TNIL;

    lua_pop(spec->lua, 1);
    return there;
}

static void learn_binding(struct spec *spec, struct article *article)
{
    bool rules = has(spec, "rules"), process = has(spec, "process"),
         people = has(spec, "not_automated");

    if (!rules && !process && !people)
        spec_problem(spec, "is bound to nothing: it needs rules, a process, or not_automated");
    if (rules)
        each_text(spec, "rules", ARTICLE_RULES, take_rule, article);
    if (process)
        learn_bound_process(spec, article);
    if (people)
        learn_texts(spec, "not_automated", "article: not_automated", &article->reason_zh,
                    &article->reason_en);
}

static void learn_digest(struct spec *spec, struct article *article)
{
    const char *digest = spec_text(spec, "digest", false);
    size_t len = digest == NULL ? 0 : strlen(digest);

    article->digest = digest;
    if (digest == NULL && spec->loading->articles->at_hand)
        spec_problem(spec, "has no digest, though the register says that the text is at hand");
    if (digest != NULL && !spec->loading->articles->at_hand && !spec->loading->articles->extract)
        spec_problem(spec, "has a digest, though the register says that the text is not at hand");
    if (digest != NULL && (strncmp(digest, "sha256:", 7) != 0 || len != 71 ||
                           strspn(digest + 7, "0123456789abcdef") != 64))
        spec_problem(spec, "digest is written as \"sha256:\" and 64 hexadecimal digits");
}

bool articles_learn_article(struct spec *spec)
{
    static const char *const keys[] = { "zh", "en", "digest", "rules", "process", "not_automated",
                                        NULL };
    struct articles *articles = spec->loading->articles;
    struct place before = { { 0 } }, place;
    struct article *article;

    if (!articles->declared)
        spec_problem(spec, "stands before register { ... }");
    if (articles->count == ARTICLES)
        return false;
    article = &articles->articles[articles->count];
    article->rules = calloc(ARTICLE_RULES, sizeof *article->rules);
    article->number = set_keep(spec->loading->set, spec->name);
    if (article->number == NULL || article->rules == NULL)
        return false;
    article->line = spec->line;
    if (articles->count > 0)
        parse_number(str_of(articles->articles[articles->count - 1].number), &before);
    if (parse_number(spec->name, &place) &&
        !(articles->extract ? is_later(before, place) : follows(before, place)))
        spec_problem(spec, "does not follow \"%s\"",
                     articles->count == 0 ? "0" : articles->articles[articles->count - 1].number);
    articles->count++;
    spec_check_keys(spec, keys);
    article->zh = spec_text(spec, "zh", true);
    article->en = spec_text(spec, "en", true);
    learn_digest(spec, article);
    learn_binding(spec, article);
    return true;
}

/* ---- the whole ---- */

const struct article *articles_find(const struct articles *articles, struct smg_str number)
{
    size_t i;

    for (i = 0; i < articles->count; i++)
        if (str_is(number, articles->articles[i].number))
            return &articles->articles[i];
    return NULL;
}

enum binding article_binding(const struct article *article)
{
    if (article->rule_count > 0)
        return BOUND_RULES;
    return article->process != NULL ? BOUND_PROCESS : BOUND_BY_PEOPLE;
}

bool articles_bind(const struct articles *articles, size_t rule)
{
    size_t i, k;

    for (i = 0; i < articles->count; i++)
        for (k = 0; k < articles->articles[i].rule_count; k++)
            if (articles->articles[i].rules[k] == rule)
                return true;
    return false;
}

static void check_whole(const struct articles *articles, struct buf *problems)
{
    const struct policy_set *set = articles->set;
    size_t i;

    if (!articles->declared)
        set_problem(problems, articles->file, 1, "has no register { ... }");
    for (i = 0; i < set->rule_count; i++)
        if (set->rules[i].regulation == articles->regulation && !articles_bind(articles, i))
            set_problem(problems, set->rules[i].file, set->rules[i].line,
                        "rule \"%s\": no article of %s is bound to it",
                        strchr(set->rules[i].id, '#') + 1, articles->file);
}

static bool prepare(struct articles *articles, const char *id)
{
    struct policy_set *kept = calloc(1, sizeof *kept);
    char name[NAME_BYTES];

    articles->kept = kept;
    if (kept == NULL)
        return false;
    atomic_init(&kept->owners, 1);
    articles->processes = calloc(PROCESSES, sizeof *articles->processes);
    articles->articles = calloc(ARTICLES, sizeof *articles->articles);
    kept->files = calloc(2, sizeof *kept->files);
    if (articles->processes == NULL || articles->articles == NULL || kept->files == NULL)
        return false;
    kept->file_count = 2;
    snprintf(name, sizeof name, "%s_articles.lua", id);
    kept->files[0].name = strdup("processes.lua");
    kept->files[1].name = strdup(name);
    articles->file = kept->files[1].name;
    return kept->files[0].name != NULL && articles->file != NULL;
}

static void run(struct articles *articles, const char *path, struct buf *problems)
{
    static const enum file_kind kinds[] = { KIND_PROCESSES, KIND_ARTICLES };
    struct loading loading = {
        .set = articles->kept, .problems = problems, .learning = true, .articles = articles
    };

    loading.box = sandbox_new(NULL);
    if (loading.box == NULL) {
        set_problem(problems, articles->file, 0, "out of memory");
        return;
    }
    loading.box->loading = &loading;
    for (loading.file = 0; loading.file < 2; loading.file++) {
        struct file *file = &articles->kept->files[loading.file];

        loading.kind = kinds[loading.file];
        /* A register that names no process needs no list of them. */
        if (loading.kind == KIND_PROCESSES && !folder_has(path, file->name))
            continue;
        if (folder_read(path, file->name, &file->text, problems))
            load_file(&loading);
    }
    sandbox_free(loading.box);
}

struct articles *articles_load(const char *path, const struct policy_set *set, size_t regulation,
                               struct buf *problems)
{
    struct articles *articles = calloc(1, sizeof *articles);
    size_t before = problems->len;

    if (articles == NULL) {
        set_problem(problems, "articles", 0, "out of memory");
        return NULL;
    }
    articles->set = set;
    articles->regulation = regulation;
    if (prepare(articles, set->regulations[regulation].info.id))
        run(articles, path, problems);
    else
        set_problem(problems, "articles", 0, "out of memory");
    if (problems->len == before)
        check_whole(articles, problems);
    if (problems->len == before && !problems->failed)
        return articles;
    articles_free(articles);
    return NULL;
}

void articles_free(struct articles *articles)
{
    size_t i;

    if (articles == NULL)
        return;
    for (i = 0; articles->articles != NULL && i < ARTICLES; i++)
        free(articles->articles[i].rules);
    for (i = 0; articles->processes != NULL && i < PROCESSES; i++)
        free(articles->processes[i].where);
    free(articles->articles);
    free(articles->processes);
    policy_set_free(articles->kept);
    free(articles);
}
