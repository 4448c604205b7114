/* SPDX-License-Identifier: Apache-2.0 */
/* From texts to a policy set: name them by their content, run and check them. */
#include "policy/explore.h"
#include "policy/folder.h"
#include "policy/load.h"

#include "base/sha256.h"

#include <stdlib.h>

/* A file that is not there leaves no trace: a set keeps its name when there come to be more kinds
 * of files that may be missing. */
static void put_file(struct sha256 *hash, const struct file *file)
{
    struct buf length = { 0 };

    if (file->absent)
        return;
    buf_u64(&length, file->text.len);
    sha256_put(hash, buf_view(&length));
    sha256_put(hash, buf_view(&file->text));
    buf_fini(&length);
}

static void write_hash(struct sha256 *hash, char out[72])
{
    unsigned char digest[SHA256_BYTES];
    size_t i;

    sha256_end(hash, digest);
    snprintf(out, 72, "sha256:");
    for (i = 0; i < SHA256_BYTES; i++)
        snprintf(out + strlen(out), 3, "%02x", digest[i]);
}

/* Each text with its length, in the order documents, vocabulary, regulation. */
static bool put_hashes(struct policy_set *set)
{
    struct sha256 hash, all;
    char text[72];
    size_t i, j;

    sha256_init(&all);
    for (i = 0; i < set->file_count; i++)
        put_file(&all, &set->files[i]);
    write_hash(&all, set->hash);
    for (i = 0; i < set->regulation_count; i++) {
        sha256_init(&hash);
        for (j = 0; j < FILE_REGULATIONS; j++)
            put_file(&hash, &set->files[j]);
        put_file(&hash, &set->files[FILE_REGULATIONS + i]);
        write_hash(&hash, text);
        set->regulations[i].info.hash = set_keep(set, str_of(text));
        if (set->regulations[i].info.hash == NULL)
            return false;
        set->regulations[i].info.text = buf_view(&set->files[FILE_REGULATIONS + i].text);
    }
    return true;
}

/* Where the texts of a set come from: a folder, or memory. */
struct origin {
    const char *path;
    const struct policy_text *texts; /* in place of a folder */
    size_t text_count;
    bool counted;
};

static bool has_text(const struct origin *origin, const char *name)
{
    size_t i;

    for (i = 0; i < origin->text_count; i++)
        if (strcmp(origin->texts[i].name, name) == 0)
            return true;
    return origin->path != NULL && folder_has(origin->path, name);
}

static void take_text(const struct origin *origin, const char *name, struct buf *text,
                      struct buf *problems)
{
    size_t i;

    for (i = 0; i < origin->text_count; i++)
        if (strcmp(origin->texts[i].name, name) == 0) {
            buf_str(text, origin->texts[i].text);
            if (text->len > FOLDER_FILE_BYTES)
                set_problem(problems, name, 0, "is larger than %d bytes", FOLDER_FILE_BYTES);
            return;
        }
    set_problem(problems, name, 0, "is not among the texts given");
}

static bool add_file(struct policy_set *set, const struct origin *origin, const char *name,
                     bool optional, struct buf *problems)
{
    struct file *file = &set->files[set->file_count];

    file->name = strdup(name);
    if (file->name == NULL)
        return false;
    set->file_count++;
    file->absent = optional && !has_text(origin, name);
    if (!file->absent && origin->path != NULL)
        folder_read(origin->path, name, &file->text, problems);
    else if (!file->absent)
        take_text(origin, name, &file->text, problems);
    return true;
}

static bool add_regulation(struct policy_set *set, const struct origin *origin, const char *id,
                           struct buf *problems)
{
    struct regulation *regulation = &set->regulations[set->regulation_count];
    char name[FOLDER_ID_BYTES + 8];
    size_t i;

    if (!folder_id_is_valid(str_of(id))) {
        set_problem(problems, "stack", 0, "\"%.60s\" is no name of a regulation", id);
        return true;
    }
    for (i = 0; i < set->regulation_count; i++)
        if (str_is(str_of(set->regulations[i].info.id), id)) {
            set_problem(problems, "stack", 0, "\"%s\" stands there twice", id);
            return true;
        }
    regulation->info.id = set_keep(set, str_of(id));
    if (regulation->info.id == NULL)
        return false;
    set->regulation_count++;
    snprintf(name, sizeof name, "%s.lua", id);
    return add_file(set, origin, name, false, problems);
}

static bool read_files(struct policy_set *set, const struct origin *origin,
                       const char *const *stack, size_t count, struct buf *problems)
{
    size_t i;

    set->files = calloc(count + FILE_REGULATIONS, sizeof *set->files);
    set->regulations = calloc(count, sizeof *set->regulations);
    if (set->files == NULL || set->regulations == NULL ||
        !add_file(set, origin, "documents.lua", false, problems) ||
        !add_file(set, origin, "vocabulary.lua", false, problems) ||
        !add_file(set, origin, "case.lua", true, problems) ||
        !add_file(set, origin, "words.lua", true, problems) ||
        !add_file(set, origin, "additions.lua", true, problems))
        return false;
    for (i = 0; i < count; i++)
        if (!add_regulation(set, origin, stack[i], problems))
            return false;
    return true;
}

static bool learn(struct policy_set *set, struct buf *problems)
{
    struct loading loading = { .set = set,
                               .problems = problems,
                               .learning = true,
                               .from = calloc(SET_FACTS, sizeof(int)),
                               .example = calloc(SET_FACTS, sizeof(int)),
                               .applies = calloc(SET_RULES, sizeof(int)),
                               .check = calloc(SET_RULES, sizeof(int)) };
    bool learned = false;

    loading.box = sandbox_new(NULL);
    if (loading.box != NULL && loading.from != NULL && loading.example != NULL &&
        loading.applies != NULL && loading.check != NULL)
        learned = load_run(&loading);
    else
        set_problem(problems, "policies", 0, "out of memory");
    sandbox_free(loading.box);
    free(loading.from);
    free(loading.example);
    free(loading.applies);
    free(loading.check);
    return learned;
}

static struct policy_set *build(const struct origin *origin, const char *const *stack, size_t count,
                                struct buf *problems)
{
    struct policy_set *set = calloc(1, sizeof *set);
    size_t before = problems->len;

    if (count == 0 || count > DECISION_POLICIES) {
        set_problem(problems, "stack", 0, "1 to %d regulations can be stacked, not %zu",
                    DECISION_POLICIES, count);
        free(set);
        return NULL;
    }
    if (set != NULL) {
        atomic_init(&set->owners, 1);
        set->counted = origin->counted;
    }
    if (set == NULL || !read_files(set, origin, stack, count, problems)) {
        set_problem(problems, "policies", 0, "out of memory");
        goto broken;
    }
    if (problems->len != before)
        goto broken;
    learn(set, problems);
    check_set(set, problems);
    if (problems->len != before || problems->failed)
        goto broken;
    if (put_hashes(set))
        return set;
    set_problem(problems, "policies", 0, "out of memory");
broken:
    policy_set_free(set);
    return NULL;
}

struct policy_set *set_build(const char *path, const char *const *stack, size_t count,
                             struct buf *problems)
{
    return build(&(struct origin){ .path = path }, stack, count, problems);
}

struct policy_set *set_build_from(const struct policy_text *texts, size_t text_count,
                                  const char *const *stack, size_t count, bool counted,
                                  struct buf *problems)
{
    const struct origin origin = { .texts = texts, .text_count = text_count, .counted = counted };

    return build(&origin, stack, count, problems);
}

static struct policy_set *explored(struct policy_set *set, struct buf *problems)
{
    size_t before = problems->len;

    if (set == NULL)
        return NULL;
    explore_set(set, problems);
    if (problems->len == before && !problems->failed)
        return set;
    policy_set_free(set);
    return NULL;
}

struct policy_set *policy_set_load(const char *path, const char *const *stack, size_t count,
                                   struct buf *problems)
{
    return explored(set_build(path, stack, count, problems), problems);
}

struct policy_set *policy_set_from(const struct policy_text *texts, size_t text_count,
                                   const char *const *stack, size_t count, struct buf *problems)
{
    return explored(set_build_from(texts, text_count, stack, count, false, problems), problems);
}
