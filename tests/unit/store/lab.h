/* SPDX-License-Identifier: Apache-2.0 */
/* A storage plugin's file in a folder of its own, and the host it needs, for the tests of this
 * room. */
#ifndef STORE_LAB_H
#define STORE_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "mariadb_server.h"
#include "plugin/library.h"
#include "store/store.h"

/* An instance without the rest of the plugin room: the tests hand the store whatever they like. */
struct instance {
    const struct smg_storage_ops *ops;
    void *self;
};

const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self)
{
    *self = instance->self;
    return instance->ops;
}

struct lab {
    char folder[64], path[96];
    const struct mariadb_server *server; /* for the storage on MariaDB, set before lab_new */
    struct smg_host host;
    struct library *library;
    const struct smg_plugin *plugin;
    void *config;
    struct instance instance;
};

static inline void lab_log(const struct smg_host *host, enum smg_level level, const char *fmt, ...)
{
    (void)host;
    (void)level;
    (void)fmt;
}

static inline void lab_state(const struct smg_host *host, enum smg_state state, const char *why)
{
    (void)host;
    (void)state;
    (void)why;
}

static inline int64_t lab_number(const char *text)
{
    char *unit;
    int64_t number = strtoll(text, &unit, 10);

    if (strcmp(unit, "s") == 0)
        return number * 1000;
    if (strcmp(unit, "KiB") == 0)
        return number << 10;
    if (strcmp(unit, "MiB") == 0)
        return number << 20;
    return number;
}

/* The places of this test, where an option is one. */
static inline const char *lab_place(const struct lab *lab, const struct smg_option *option)
{
    if (strcmp(option->name, "path") == 0)
        return lab->path;
    if (lab->server != NULL && strcmp(option->name, "hosts") == 0)
        return lab->server->hosts;
    if (lab->server != NULL && strcmp(option->name, "password_file") == 0)
        return lab->server->password;
    return option->preset;
}

/* Every option as it is when the file says nothing, and the places. */
static inline void lab_fill(struct lab *lab)
{
    for (const struct smg_option *option = lab->plugin->options; option->name != NULL; option++) {
        char *field = (char *)lab->config + option->offset;
        const char *text = lab_place(lab, option);
        int64_t number = text == NULL ? 0 : lab_number(text);

        if (option->type == SMG_OPT_BOOL)
            *(bool *)field = text != NULL && strcmp(text, "true") == 0;
        else if (option->type <= SMG_OPT_BYTES)
            memcpy(field, &number, sizeof number);
        else
            memcpy(field, &text, sizeof text);
    }
}

/* Set a number the way the file would; before lab_start. */
static inline void lab_set(struct lab *lab, const char *name, int64_t number)
{
    const struct smg_option *option = lab->plugin->options;

    while (strcmp(option->name, name) != 0)
        option++;
    memcpy((char *)lab->config + option->offset, &number, sizeof number);
}

static inline void lab_load(struct lab *lab, const char *name)
{
    struct smg_err err = { 0 };

    lab->host = (struct smg_host){ .size = sizeof lab->host,
                                   .abi_major = SMG_ABI_MAJOR,
                                   .abi_minor = SMG_ABI_MINOR,
                                   .log = lab_log,
                                   .state = lab_state };
    snprintf(lab->path, sizeof lab->path, "%s/store.db", lab->folder);
    if (library_load(BINARY_DIR "/plugins", SMG_STORAGE, name, &lab->library, &err) < 0)
        fail_msg("%s", err.text);
    lab->plugin = library_plugin(lab->library);
    lab->config = calloc(1, lab->plugin->config_size);
    lab_fill(lab);
}

static inline void lab_folder(struct lab *lab, const char *name)
{
    snprintf(lab->folder, sizeof lab->folder, "/tmp/shiming-store-XXXXXX");
    assert_non_null(mkdtemp(lab->folder));
    lab_load(lab, name);
}

static inline void lab_new(struct lab *lab, const char *name)
{
    if (lab->server != NULL)
        mariadb_sql(lab->server, "DROP DATABASE shiming; CREATE DATABASE shiming");
    lab_folder(lab, name);
}

static inline int lab_try_start(struct lab *lab, struct smg_err *err)
{
    void *self = NULL;
    int code = lab->plugin->open(&lab->host, lab->config, &self, err);

    if (code < 0)
        return code;
    code = lab->plugin->start(self, err);
    if (code == SMG_OK && lab->plugin->storage->layout_make != NULL)
        code = lab->plugin->storage->layout_make(self, err);
    if (code < 0) {
        lab->plugin->close(self);
        return code;
    }
    lab->instance = (struct instance){ .ops = lab->plugin->storage, .self = self };
    return SMG_OK;
}

static inline void lab_start(struct lab *lab)
{
    struct smg_err err = { 0 };

    if (lab_try_start(lab, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void lab_stop(struct lab *lab)
{
    if (lab->plugin->stop != NULL)
        lab->plugin->stop(lab->instance.self);
    lab->plugin->close(lab->instance.self);
}

static inline void lab_free(struct lab *lab)
{
    DIR *folder = opendir(lab->folder);
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder != NULL)
        closedir(folder);
    rmdir(lab->folder);
    free(lab->config);
    library_free(lab->library);
}

#endif
