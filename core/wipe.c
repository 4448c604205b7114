/* SPDX-License-Identifier: Apache-2.0 */
/* Every byte the program frees is wiped first, whoever allocated it: JSON trees, HTTP buffers, Lua
 * strings and TLS records hold personal data in passing, and a core dump must not. The C library
 * keeps its own allocator under other names, so that a program may put itself in front of it.
 * Sanitizers are in front already, so builds with them go without. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#ifndef SHIMING_SANITIZED

void *__libc_malloc(size_t size);
void __libc_free(void *at);

void free(void *at)
{
    int saved = errno;

    if (at != NULL)
        explicit_bzero(at, malloc_usable_size(at));
    __libc_free(at);
    errno = saved;
}

/* Never in place: what a moved block leaves behind must be wiped too. */
void *realloc(void *at, size_t size)
{
    size_t room;
    void *moved;

    if (at == NULL)
        return malloc(size);
    room = malloc_usable_size(at);
    if (size <= room && size >= room / 2)
        return at;
    moved = __libc_malloc(size == 0 ? 1 : size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, at, size < room ? size : room);
    free(at);
    return moved;
}

#endif
