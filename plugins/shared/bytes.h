/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that grow, and are wiped when they move and when they go. */
#ifndef SHARED_BYTES_H
#define SHARED_BYTES_H

#include <shiming/plugin.h>

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    char *at; /* NULL when nothing was ever added; not ended by a NUL */
    size_t len, room;
};

/* free, but nothing stays behind. */
static inline void wiping_free(void *at)
{
    if (at == NULL)
        return;
    explicit_bzero(at, malloc_usable_size(at));
    free(at);
}

static inline void *wiping_realloc(void *at, size_t size)
{
    size_t had = at == NULL ? 0 : malloc_usable_size(at);
    void *made = malloc(size);

    if (made != NULL && at != NULL)
        memcpy(made, at, had < size ? had : size);
    if (made != NULL)
        wiping_free(at);
    return made;
}

static inline void bytes_fini(struct bytes *bytes)
{
    wiping_free(bytes->at);
    *bytes = (struct bytes){ 0 };
}

/* Room for `more` bytes after what is there; false: out of memory, or more than `most` in all. */
static inline bool bytes_reserve(struct bytes *bytes, size_t more, size_t most)
{
    size_t room = bytes->room == 0 ? 4096 : bytes->room;
    char *made;

    if (more > most || bytes->len > most - more)
        return false;
    while (room < bytes->len + more)
        room *= 2;
    if (room == bytes->room)
        return true;
    made = wiping_realloc(bytes->at, room);
    if (made == NULL)
        return false;
    bytes->at = made;
    bytes->room = room;
    return true;
}

/* false: as above, and nothing was added. */
static inline bool bytes_add(struct bytes *bytes, const char *at, size_t len, size_t most)
{
    if (!bytes_reserve(bytes, len, most))
        return false;
    if (len > 0)
        memcpy(bytes->at + bytes->len, at, len);
    bytes->len += len;
    return true;
}

static inline struct smg_str bytes_view(const struct bytes *bytes)
{
    return (struct smg_str){ bytes->at == NULL ? "" : bytes->at, bytes->len };
}

#endif
