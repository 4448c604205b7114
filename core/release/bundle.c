/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a bundle: the index first, then every file against it, then the rules, and the rules once
 * more against the index, because a folder may change while it is read. */
#include "release/bundle.h"

#include "policy/set.h"
#include "policy/testing.h"
#include "workbench/prove.h"
#include "workbench/sample.h"

#define TESTS "_test.lua"
#define PROPERTIES "_properties.lua"

/* ---- the index ---- */

static const struct trusted_key *find_key(const struct bundle_source *source, const char *id)
{
    size_t i;

    for (i = 0; i < source->key_count; i++)
        if (strcmp(public_key_id(source->keys[i].key), id) == 0)
            return &source->keys[i];
    return NULL;
}

static void complain_of_day(struct buf *problems, const char *what, const char *verb,
                            struct smg_date day)
{
    struct buf text = { 0 };

    date_write(day, &text);
    set_problem(problems, INDEX_NAME, 0, "%s %s %s", what, verb, text.failed ? "?" : text.at);
    buf_fini(&text);
}

/* The earlier of two days, either of which may be open. */
static struct smg_date earlier(struct smg_date a, struct smg_date b)
{
    if (date_is_none(a))
        return b;
    return date_is_none(b) || date_compare(a, b) < 0 ? a : b;
}

static void check_key(const struct bundle_source *source, struct smg_date today,
                      struct smg_str text, struct bundle *out, struct buf *problems)
{
    const struct release_index *index = &out->index;
    const struct trusted_key *key = find_key(source, index->key);
    char what[48];

    snprintf(what, sizeof what, "the signing key %s", index->key);
    if (key == NULL) {
        set_problem(problems, INDEX_NAME, 0, "%s is not among policies.keys", what);
        return;
    }
    if (!public_key_verifies(key->key, text, str_bytes(index->signature, index->signature_len)))
        set_problem(problems, INDEX_NAME, 0, "the signature is not one of %s over this text",
                    index->key);
    if (!date_is_none(key->from) && date_compare(today, key->from) < 0)
        complain_of_day(problems, what, "counts only from", key->from);
    if (!date_is_none(key->until) && date_compare(today, key->until) >= 0)
        complain_of_day(problems, what, "has not counted since", key->until);
    if (!date_is_none(index->valid_until) && date_compare(today, index->valid_until) >= 0)
        complain_of_day(problems, "the bundle", "has not been valid since", index->valid_until);
    out->until = earlier(key->until, index->valid_until);
}

static void check_stack(const struct bundle_source *source, const struct release_index *index,
                        struct buf *problems)
{
    bool same = source->count == index->stack_count;
    size_t i;

    for (i = 0; same && i < source->count; i++)
        same = strcmp(source->stack[i], index->stack[i]) == 0;
    if (!same)
        set_problem(problems, INDEX_NAME, 0,
                    "is signed for another stack, which begins with %s and has %zu regulations",
                    index->stack[0], index->stack_count);
}

static void expect_digest(const struct release_index *index, const char *name, struct smg_str text,
                          struct buf *problems)
{
    const struct index_file *file = index_find(index, name);
    char digest[DIGEST_TEXT_BYTES];

    index_digest(text, digest);
    if (file == NULL)
        set_problem(problems, name, 0, "is not in the signed index");
    else if (strcmp(file->digest, digest) != 0)
        set_problem(problems, name, 0, "is not the text that was signed");
}

/* Every file as it lies in the folder. */
static void check_files(const struct bundle_source *source, const struct release_index *index,
                        struct buf *problems)
{
    size_t i;

    for (i = 0; i < index->file_count; i++) {
        struct buf text = { 0 };

        if (folder_read(source->path, index->files[i].name, &text, problems))
            expect_digest(index, index->files[i].name, buf_view(&text), problems);
        buf_fini(&text);
    }
}

static bool verify(const struct bundle_source *source, struct smg_date today, struct bundle *out,
                   struct buf *problems)
{
    struct buf text = { 0 };
    size_t before = problems->len, signed_len;

    if (!folder_has(source->path, INDEX_NAME))
        set_problem(problems, INDEX_NAME, 0,
                    "is missing; only signed policies are trusted here: shiming policy sign");
    else if (folder_read(source->path, INDEX_NAME, &text, problems) &&
             index_read(buf_view(&text), &out->index, &signed_len, problems)) {
        check_key(source, today, str_bytes(text.at, signed_len), out, problems);
        check_stack(source, &out->index, problems);
        if (problems->len == before)
            check_files(source, &out->index, problems);
    }
    buf_fini(&text);
    return problems->len == before && !problems->failed;
}

/* ---- the texts ---- */

/* A file that may be there. */
static void read_extra(const char *path, const char *id, const char *end, struct bundle *out,
                       struct buf *problems)
{
    size_t i = out->extra_count;
    char *name = out->extra_names[i];

    snprintf(name, INDEX_NAME_BYTES, "%s%s", id, end);
    if (!folder_has(path, name) || !folder_read(path, name, &out->extra_bytes[i], problems))
        return;
    out->extras[i] = (struct policy_text){ name, buf_view(&out->extra_bytes[i]) };
    out->extra_count++;
}

/* What does not decide, but goes where the regulations go. */
static void read_extras(const struct bundle_source *source, struct bundle *out,
                        struct buf *problems)
{
    static const char *const ends[] = { TESTS, PROPERTIES, "_articles.lua" };
    size_t i, j;

    read_extra(source->path, "processes", ".lua", out, problems);
    for (i = 0; i < source->count; i++)
        for (j = 0; j < sizeof ends / sizeof *ends; j++)
            read_extra(source->path, source->stack[i], ends[j], out, problems);
}

/* What was loaded is what was signed. */
static void check_loaded(const struct bundle *bundle, struct buf *problems)
{
    struct policy_text text;
    size_t i;

    for (i = 0; (text = policy_set_text(bundle->set, i)).name != NULL; i++)
        expect_digest(&bundle->index, text.name, text.text, problems);
    for (i = 0; i < bundle->extra_count; i++)
        expect_digest(&bundle->index, bundle->extras[i].name, bundle->extras[i].text, problems);
    if (strcmp(bundle->index.set, policy_set_hash(bundle->set)) != 0)
        set_problem(problems, INDEX_NAME, 0, "names the set %s, but its files make %s",
                    bundle->index.set, policy_set_hash(bundle->set));
}

bool bundle_load(const struct bundle_source *source, struct smg_date today, struct bundle *out,
                 struct buf *problems)
{
    size_t before = problems->len;

    memset(out, 0, sizeof *out);
    if (source->must_be_signed && !verify(source, today, out, problems))
        return false;
    out->set = policy_set_load(source->path, source->stack, source->count, problems);
    if (out->set != NULL)
        read_extras(source, out, problems);
    if (out->set != NULL && source->must_be_signed)
        check_loaded(out, problems);
    return out->set != NULL && problems->len == before && !problems->failed;
}

void bundle_fini(struct bundle *bundle)
{
    size_t i;

    policy_set_free(bundle->set);
    for (i = 0; i < BUNDLE_EXTRAS; i++)
        buf_fini(&bundle->extra_bytes[i]);
    bundle->set = NULL;
    bundle->extra_count = 0;
}

/* ---- what must hold ---- */

static const struct policy_text *find_extra(const struct bundle *bundle, size_t regulation,
                                            const char *end)
{
    const char *id = policy_set_info(bundle->set, regulation)->id;
    size_t len = strlen(id), i;

    for (i = 0; i < bundle->extra_count; i++)
        if (strncmp(bundle->extras[i].name, id, len) == 0 &&
            strcmp(bundle->extras[i].name + len, end) == 0)
            return &bundle->extras[i];
    return NULL;
}

/* Returns how many there were. */
static size_t run_file(struct policy *policy, size_t regulation, struct smg_str text,
                       struct buf *problems)
{
    struct testing *testing = testing_open_text(policy, regulation, text, problems);
    size_t count = testing == NULL ? 0 : testing_count(testing), i;
    const struct fault *why;

    for (i = 0; i < count; i++)
        if (!testing_run(testing, i, &why))
            set_problem(problems, why->file[0] == '\0' ? testing_file(testing) : why->file,
                        why->line, "%s: the test \"%.100s\" fails", why->text,
                        testing_name(testing, i));
    testing_close(testing);
    return count;
}

static void run_tests(const struct bundle *bundle, struct buf *problems)
{
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(bundle->set, &err);
    size_t i;

    if (policy == NULL)
        set_problem(problems, "policies", 0, "%s", err.text);
    for (i = 0; policy != NULL && i < policy_set_count(bundle->set); i++) {
        const struct policy_text *text = find_extra(bundle, i, TESTS);

        if (text == NULL || run_file(policy, i, text->text, problems) == 0)
            set_problem(problems, policy_set_info(bundle->set, i)->id, 0, "has no test");
    }
    policy_free(policy);
}

static void tell_proof(void *ctx, struct space *space, const struct proof *proof)
{
    struct buf *problems = ctx, example = { 0 };

    if (proof->outcome == PROOF_FAILS)
        sample_write(space, proof->counterexample, &example);
    if (proof->outcome != PROOF_HOLDS)
        set_problem(problems, proof->property->file, proof->property->line,
                    "the property \"%.100s\" %s%.200s", proof->property->text,
                    proof->outcome == PROOF_FAILS ? "fails, for example: " : "speaks of no case",
                    example.len == 0 ? "" : example.at);
    buf_fini(&example);
}

/* Each regulation's over every case, where it is in force with all that stands beside it. */
static void run_properties(const struct bundle *bundle, struct buf *problems)
{
    size_t i;

    for (i = 0; i < policy_set_count(bundle->set); i++) {
        const struct policy_text *text = find_extra(bundle, i, PROPERTIES);
        struct space_of of = { .set = bundle->set };
        struct smg_err err = { 0 };
        struct space *space = NULL;
        char region[8];

        if (text == NULL || !space_place_of(bundle->set, i, &of.on, region))
            continue;
        of.region = region;
        of.begun = of.on;
        space = space_new(&of, 1, &err);
        if (space == NULL)
            set_problem(problems, text->name, 0, "%s", err.text);
        else
            prove_file(space, text->name, text->text, tell_proof, problems, problems);
        space_free(space);
    }
}

bool bundle_prove(const struct bundle *bundle, struct buf *problems)
{
    static void (*const hooks[])(const struct bundle *, struct buf *) = { run_tests,
                                                                          run_properties };
    size_t before = problems->len, i;

    for (i = 0; i < sizeof hooks / sizeof *hooks; i++)
        hooks[i](bundle, problems);
    return problems->len == before && !problems->failed;
}
