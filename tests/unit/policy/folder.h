/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the policy room: a policy folder of a few texts, in a temporary directory. */
#ifndef FOLDER_H
#define FOLDER_H

#include "policy/evaluate.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct folder {
    char path[64];
    struct buf problems;
};

static const char some_documents[] =
    "document \"resident_id\" { zh = \"居民身份证\", en = \"resident identity card\",\n"
    "  number = \"gb11643\", person = true, organisation = false, machine = \"sdt\", dated = true "
    "}\n"
    "document \"licence\" { zh = \"营业执照\", en = \"business licence\",\n"
    "  number = \"uscc\", person = false, organisation = true }\n";

static const char some_header[] =
    "regulation { id = \"a/1\", region = \"54\", from = \"2018-01-01\",\n"
    "  title = { zh = \"办法\", en = \"measures\" }, order = \"1\" }\n";

/* The bytes may hold NUL; the folders in the name are made. */
static inline void folder_write_bytes(const struct folder *folder, const char *name,
                                      struct smg_str bytes)
{
    char path[256];
    char *slash;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    slash = strrchr(path, '/');
    *slash = '\0';
    (void)mkdir(path, 0700);
    *slash = '/';
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static inline void folder_write(const struct folder *folder, const char *name, const char *text)
{
    folder_write_bytes(folder, name, str_of(text));
}

static inline void folder_init(struct folder *folder)
{
    *folder = (struct folder){ .path = "/tmp/shiming-policy-XXXXXX" };
    assert_non_null(mkdtemp(folder->path));
    folder_write(folder, "documents.lua", some_documents);
}

static inline int folder_erase(const char *path, const struct stat *stat, int flag,
                               struct FTW *walk)
{
    (void)stat;
    (void)flag;
    (void)walk;
    return remove(path);
}

static inline void folder_fini(struct folder *folder)
{
    nftw(folder->path, folder_erase, 8, FTW_DEPTH | FTW_PHYS);
    buf_fini(&folder->problems);
}

/* One regulation, a/1, of this text after the usual header. */
static inline void folder_fill(struct folder *folder, const char *vocabulary, const char *rules)
{
    struct buf text = { 0 };

    buf_text(&text, some_header);
    buf_text(&text, rules);
    assert_false(text.failed);
    folder_write(folder, "vocabulary.lua", vocabulary);
    folder_write_bytes(folder, "a/1.lua", buf_view(&text));
    buf_fini(&text);
}

static const char *const some_stack[] = { "a/1" };

static inline struct policy *folder_policy_of(struct policy_set *set)
{
    struct smg_err err = { 0 };
    struct policy *policy;

    policy = policy_new(set, &err);
    policy_set_free(set);
    if (policy == NULL)
        fail_msg("%s", err.text);
    return policy;
}

/* Load as a gateway does: nothing may be wrong. */
static inline struct policy *folder_load(struct folder *folder, const char *const *stack,
                                         size_t count)
{
    struct policy_set *set = policy_set_load(folder->path, stack, count, &folder->problems);

    if (set == NULL)
        fail_msg("%s", folder->problems.at);
    return folder_policy_of(set);
}

static inline bool decision_says(const struct decision *decision, enum effect_kind kind,
                                 const char *what, const char *rule)
{
    size_t i;

    for (i = 0; i < decision->effect_count; i++)
        if (decision->effects[i].kind == kind && strcmp(decision->effects[i].what, what) == 0 &&
            strcmp(decision->effects[i].rule, rule) == 0)
            return true;
    return false;
}

#endif
