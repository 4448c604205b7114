/* SPDX-License-Identifier: Apache-2.0 */
/* Reading policy files, and finding which regulations there are. */
#include "policy/folder.h"
#include "policy/set.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

bool folder_id_is_valid(struct smg_str id)
{
    size_t i;

    if (id.len == 0 || id.len > FOLDER_ID_BYTES)
        return false;
    for (i = 0; i < id.len; i++) {
        char c = id.at[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool between = i > 0 && i + 1 < id.len && (c == '/' || c == '-' || c == '_' || c == '.');

        if (!word && !(between && ((id.at[i - 1] >= 'a' && id.at[i - 1] <= 'z') ||
                                   (id.at[i - 1] >= '0' && id.at[i - 1] <= '9'))))
            return false;
    }
    return true;
}

/* The next folder of a path; false after the last. */
static bool next_folder(const char **path, struct buf *out)
{
    size_t len = strcspn(*path, ":");

    if (*path[0] == '\0')
        return false;
    buf_clear(out);
    buf_put(out, *path, len);
    *path += len + ((*path)[len] == ':');
    return true;
}

static FILE *open_first(const char *path, const char *name)
{
    struct buf whole = { 0 };
    FILE *file = NULL;

    errno = ENOENT;
    while (file == NULL && errno == ENOENT && next_folder(&path, &whole)) {
        buf_printf(&whole, "/%s", name);
        if (!whole.failed)
            file = fopen(whole.at, "re");
    }
    buf_fini(&whole);
    return file;
}

bool folder_has(const char *path, const char *name)
{
    FILE *file = open_first(path, name);
    bool has = file != NULL || errno != ENOENT;

    if (file != NULL)
        fclose(file);
    return has;
}

bool folder_read(const char *path, const char *name, struct buf *text, struct buf *problems)
{
    FILE *file = open_first(path, name);
    char part[4096];
    size_t len;
    bool read = false;

    if (file == NULL) {
        set_problem(problems, name, 0, "cannot be read: %s", strerror(errno));
        return false;
    }
    while ((len = fread(part, 1, sizeof part, file)) > 0 && text->len <= FOLDER_FILE_BYTES)
        buf_put(text, part, len);
    if (ferror(file) || text->failed)
        set_problem(problems, name, 0, "cannot be read: %s", strerror(errno));
    else if (text->len > FOLDER_FILE_BYTES)
        set_problem(problems, name, 0, "is larger than %d bytes", FOLDER_FILE_BYTES);
    else
        read = true;
    fclose(file);
    return read;
}

/* ---- which regulations there are ---- */

/* Issuer by issuer, "cn" before "cn-54", and each one's in the order of their names. */
static int compare(const void *a, const void *b)
{
    const char *x = a, *y = b;

    for (; *x == *y && *x != '\0'; x++, y++)
        ;
    return (*x == '/' ? 1 : *x) - (*y == '/' ? 1 : *y);
}

static bool ends_with(struct smg_str text, const char *end)
{
    size_t len = strlen(end);

    return text.len >= len && memcmp(text.at + text.len - len, end, len) == 0;
}

static void add(struct policy_stack *stack, struct smg_str id, struct buf *problems)
{
    size_t i;

    if (!folder_id_is_valid(id))
        return;
    for (i = 0; i < stack->count; i++)
        if (str_is(id, stack->names[i]))
            return;
    if (stack->count == DECISION_POLICIES)
        set_problem(problems, "stack", 0, "there are more than %d regulations; name those you mean",
                    DECISION_POLICIES);
    else
        snprintf(stack->names[stack->count++], sizeof stack->names[0], "%.*s", (int)id.len, id.at);
}

/* FOLDER/ISSUER/NAME.lua; what stands beside a regulation (its tests, properties, articles) has an
 * underscore in its name. */
static void look_into(const char *folder, const char *issuer, struct policy_stack *stack,
                      struct buf *problems)
{
    static const char end[] = ".lua";
    struct buf path = { 0 };
    struct dirent *entry;
    DIR *dir;

    buf_printf(&path, "%s/%s", folder, issuer);
    dir = path.failed ? NULL : opendir(path.at);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct smg_str name = str_of(entry->d_name);

        if (!ends_with(name, end) || strchr(entry->d_name, '_') != NULL)
            continue;
        buf_clear(&path);
        buf_printf(&path, "%s/%.*s", issuer, (int)(name.len - strlen(end)), name.at);
        if (!path.failed)
            add(stack, buf_view(&path), problems);
    }
    if (dir != NULL)
        closedir(dir);
    buf_fini(&path);
}

bool policy_stack_find(const char *path, struct policy_stack *out, struct buf *problems)
{
    struct buf folder = { 0 };
    size_t before = problems->len, i;

    *out = (struct policy_stack){ .count = 0 };
    while (next_folder(&path, &folder)) {
        DIR *dir = folder.failed ? NULL : opendir(folder.at);
        struct dirent *entry;

        if (dir == NULL)
            set_problem(problems, folder.failed ? "policies" : folder.at, 0, "cannot be read: %s",
                        strerror(errno));
        while (dir != NULL && (entry = readdir(dir)) != NULL)
            if (folder_id_is_valid(str_of(entry->d_name)))
                look_into(folder.at, entry->d_name, out, problems);
        if (dir != NULL)
            closedir(dir);
    }
    if (out->count == 0 && problems->len == before)
        set_problem(problems, folder.len == 0 ? "policies" : folder.at, 0, "holds no regulation");
    buf_fini(&folder);
    qsort(out->names, out->count, sizeof out->names[0], compare);
    for (i = 0; i < out->count; i++)
        out->ids[i] = out->names[i];
    return problems->len == before && !problems->failed;
}
