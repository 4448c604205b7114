/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of one file: read it, keep its memory, know its folder. */
#include "config/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/build.h"

enum { FILE_BYTES = 1024 * 1024, CHUNK_BYTES = 16 * 1024 };

struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

struct config_tree {
    char *file, *folder; /* folder: no link in it, no slash at the end */
    struct chunk *chunks;
    const struct config_node *top;
};

const char *tree_file(const struct config_tree *tree)
{
    return tree->file;
}

const struct config_node *config_tree_top(const struct config_tree *tree)
{
    return tree->top;
}

static void *alloc_bytes(struct config_tree *tree, size_t size)
{
    const size_t grain = _Alignof(max_align_t);
    struct chunk *chunk = tree->chunks;
    void *at;

    size = (size + grain - 1) / grain * grain;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;

        chunk = calloc(1, sizeof *chunk + room);
        if (chunk == NULL)
            return NULL;
        chunk->size = room;
        chunk->next = tree->chunks;
        tree->chunks = chunk;
    }
    at = chunk->bytes + chunk->used;
    chunk->used += size;
    return at;
}

void *tree_alloc(struct config_tree *tree, size_t size, struct config_errors *errors)
{
    void *at = alloc_bytes(tree, size);

    if (at == NULL)
        config_complain(errors, NULL, "%s: out of memory", tree->file);
    return at;
}

const char *tree_absolute(struct config_tree *tree, const char *path, struct smg_err *err)
{
    size_t folder_len = strlen(tree->folder), room;
    char *at;

    /* The folder has no links, so going up from it is cutting it. */
    while (path[0] == '.' && (path[1] == '/' || (path[1] == '.' && path[2] == '/'))) {
        if (path[1] == '.') {
            while (folder_len > 0 && tree->folder[folder_len - 1] != '/')
                folder_len--;
            if (folder_len > 0)
                folder_len--;
        }
        path = strchr(path, '/');
        path += strspn(path, "/");
    }
    if (path[0] == '/')
        folder_len = 0;
    room = folder_len + strlen(path) + 2;
    if (room > PATH_MAX) {
        smg_fail(err, SMG_E_INVALID, "is too long; expected a path of at most %d bytes", PATH_MAX);
        return NULL;
    }
    at = alloc_bytes(tree, room);
    if (at == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    snprintf(at, room, "%.*s%s%s", (int)folder_len, tree->folder, path[0] == '/' ? "" : "/", path);
    return at;
}

bool tree_read_file(const char *file, struct buf *out, struct config_errors *errors)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : 1;

    while (got > 0 && out->len <= FILE_BYTES) {
        char piece[4096];

        got = read(fd, piece, sizeof piece);
        if (got > 0)
            buf_put(out, piece, (size_t)got);
        else if (got < 0 && errno == EINTR)
            got = 1;
        str_wipe(piece, sizeof piece); /* a configuration may hold secrets */
    }
    if (got < 0)
        config_complain(errors, NULL, "%s: cannot be read: %s; expected a configuration file", file,
                        strerror(errno));
    if (fd >= 0)
        close(fd);
    if (got >= 0 && out->len > FILE_BYTES)
        config_complain(errors, NULL, "%s: is larger than 1 MiB; expected a configuration file",
                        file);
    if (out->failed)
        config_complain(errors, NULL, "%s: out of memory", file);
    return got >= 0 && out->len <= FILE_BYTES && !out->failed;
}

/* The folder a file is in, by its real name. */
static char *find_folder(const char *file)
{
    const char *slash = strrchr(file, '/');
    char *folder, *real;

    if (slash == NULL)
        folder = strdup(".");
    else
        folder = strndup(file, slash == file ? 1 : (size_t)(slash - file));
    if (folder == NULL)
        return NULL;
    real = realpath(folder, NULL);
    free(folder);
    if (real != NULL && strcmp(real, "/") == 0)
        real[0] = '\0';
    return real;
}

struct config_tree *tree_read(const char *file, struct smg_str bytes, struct config_errors *errors)
{
    struct config_tree *tree = calloc(1, sizeof *tree);

    if (tree == NULL) {
        config_complain(errors, NULL, "%s: out of memory", file);
        return NULL;
    }
    tree->file = strdup(file);
    tree->folder = find_folder(file);
    if (tree->file == NULL || tree->folder == NULL) {
        config_complain(errors, NULL, "%s: its folder cannot be found: %s", file, strerror(errno));
        goto fail;
    }
    tree->top = build_tree(tree, bytes, errors);
    if (tree->top == NULL)
        goto fail;
    return tree;
fail:
    config_tree_free(tree);
    return NULL;
}

struct config_tree *config_tree_read(const char *file, struct smg_str text,
                                     struct config_errors *errors)
{
    unsigned before = errors->count;
    struct config_tree *tree = tree_read(file, text, errors);

    if (errors->count > before) {
        config_tree_free(tree);
        tree = NULL;
    }
    return tree;
}

struct config_tree *config_tree_load(const char *path, struct config_errors *errors)
{
    struct config_tree *tree = NULL;
    struct buf bytes = { 0 };

    if (tree_read_file(path, &bytes, errors))
        tree = config_tree_read(path, buf_view(&bytes), errors);
    buf_fini(&bytes);
    return tree;
}

void config_tree_free(struct config_tree *tree)
{
    struct chunk *chunk, *next;

    if (tree == NULL)
        return;
    for (chunk = tree->chunks; chunk != NULL; chunk = next) {
        next = chunk->next;
        str_wipe(chunk->bytes, chunk->used);
        free(chunk);
    }
    free(tree->folder);
    free(tree->file);
    free(tree);
}
