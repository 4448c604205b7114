/* SPDX-License-Identifier: Apache-2.0 */
/* Plugin files: from a name to a mapped, guarded descriptor. */
#include "plugin/library.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "plugin/guard.h"

struct library {
    char *file;
    const struct smg_plugin *plugin;
};

static const struct {
    const char *name, *folder;
} kinds[] = {
    [SMG_READER] = { "reader", "readers" },
    [SMG_STORAGE] = { "storage", "storage" },
    [SMG_VERIFIER] = { "verifier", "verifiers" },
    [SMG_REPORTER] = { "reporter", "reporters" },
};

static bool is_kind(enum smg_kind kind)
{
    return kind >= SMG_READER && kind <= SMG_REPORTER;
}

const char *library_kind_name(enum smg_kind kind)
{
    return is_kind(kind) ? kinds[kind].name : NULL;
}

const char *library_kind_folder(enum smg_kind kind)
{
    return is_kind(kind) ? kinds[kind].folder : NULL;
}

static char *file_of(const char *folder, enum smg_kind kind, const char *name)
{
    char *file = NULL;

    return asprintf(&file, "%s/%s/%s.so", folder, kinds[kind].folder, name) < 0 ? NULL : file;
}

/* A bare name of any kind is looked for in every kind's folder, and must mean one file. */
static int find_kind(const char *folder, const char *name, enum smg_kind *found,
                     struct smg_err *err)
{
    *found = 0;
    for (enum smg_kind kind = SMG_READER; kind <= SMG_REPORTER; kind++) {
        char *file = file_of(folder, kind, name);
        bool exists = file != NULL && access(file, F_OK) == 0;

        free(file);
        if (exists && *found != 0)
            return smg_fail(err, SMG_E_INVALID,
                            "plugin %s is both a %s and a %s; give the path of its file", name,
                            kinds[*found].name, kinds[kind].name);
        if (exists)
            *found = kind;
    }
    if (*found == 0)
        return smg_fail(err, SMG_E_NOT_FOUND, "no plugin %s under %s", name, folder);
    return SMG_OK;
}

/* NULL, and why in err. */
static char *find_file(const char *folder, enum smg_kind kind, const char *name,
                       struct smg_err *err)
{
    bool path = strchr(name, '/') != NULL;
    char *file;

    if (!path && !guard_is_name(str_of(name))) {
        smg_fail(err, SMG_E_INVALID,
                 "\"%.64s\" is no plugin's name: a-z, 0-9 and _, or the path of a file", name);
        return NULL;
    }
    if (!path && kind == 0 && find_kind(folder, name, &kind, err) < 0)
        return NULL;
    file = path ? strdup(name) : file_of(folder, kind, name);
    if (file == NULL)
        smg_fail(err, SMG_E_MEMORY, "plugin %s", name);
    return file;
}

/* The file's name without its folder and ".so": also the plugin's name and the symbol's end. */
static int find_stem(const char *file, struct smg_str *stem, struct smg_err *err)
{
    const char *slash = strrchr(file, '/');

    *stem = str_of(slash == NULL ? file : slash + 1);
    if (stem->len > 3 && memcmp(stem->at + stem->len - 3, ".so", 3) == 0) {
        stem->len -= 3;
        if (guard_is_name(*stem))
            return SMG_OK;
    }
    return smg_fail(err, SMG_E_INVALID, "plugin %s: the file must be named NAME.so (a-z, 0-9, _)",
                    file);
}

static const char *linker_text(void)
{
    const char *text = dlerror();

    return text == NULL ? "no reason given" : text;
}

/* Fill library->plugin. A file that fails here stays mapped too: its constructors have run. */
static int map_file(struct library *library, enum smg_kind kind, struct smg_err *err)
{
    const char *file = library->file;
    struct smg_err why = { 0 };
    struct smg_str stem;
    char symbol[128];
    void *handle;

    if (find_stem(file, &stem, err) < 0)
        return err->code;
    snprintf(symbol, sizeof symbol, "smg_plugin_%.*s", (int)stem.len, stem.at);
    handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL)
        return smg_fail(err, access(file, F_OK) == 0 ? SMG_E_INVALID : SMG_E_NOT_FOUND,
                        "plugin %s: %s", file, linker_text());
    library->plugin = dlsym(handle, symbol);
    if (library->plugin == NULL)
        return smg_fail(err, SMG_E_INVALID, "plugin %s: it does not export %s", file, symbol);
    if (guard_check(library->plugin, kind, &why) < 0)
        return smg_fail(err, (enum smg_code)why.code, "plugin %s: %s", file, why.text);
    if (!str_is(stem, library->plugin->name))
        return smg_fail(err, SMG_E_INVALID, "plugin %s: it calls itself %s", file,
                        library->plugin->name);
    return SMG_OK;
}

int library_load(const char *folder, enum smg_kind kind, const char *name, struct library **out,
                 struct smg_err *err)
{
    struct library *library = calloc(1, sizeof *library);

    if (library == NULL)
        return smg_fail(err, SMG_E_MEMORY, "plugin %s", name);
    library->file = find_file(folder, kind, name, err);
    if (library->file == NULL || map_file(library, kind, err) < 0) {
        library_free(library);
        return err->code;
    }
    *out = library;
    return SMG_OK;
}

int library_of(const struct smg_plugin *plugin, struct library **out, struct smg_err *err)
{
    struct library *library;

    if (guard_check(plugin, 0, err) < 0)
        return err->code;
    library = calloc(1, sizeof *library);
    if (library == NULL || (library->file = strdup(plugin->name)) == NULL) {
        free(library);
        return smg_fail(err, SMG_E_MEMORY, "plugin %s", plugin->name);
    }
    library->plugin = plugin;
    *out = library;
    return SMG_OK;
}

void library_free(struct library *library)
{
    if (library == NULL)
        return;
    free(library->file);
    free(library);
}

const struct smg_plugin *library_plugin(const struct library *library)
{
    return library->plugin;
}

const char *library_file(const struct library *library)
{
    return library->file;
}
