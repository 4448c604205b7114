/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a request's head, watched as they arrive. evhttp forgives what others read another
 * way (a line feed alone, a folded line, a NUL that ends a line early), and two readers who differ
 * are how requests are smuggled; so what is seen here is refused later. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/str.h"

/* Start with { 0 }. */
struct head {
    size_t bytes;   /* up to the end of the head */
    unsigned lines; /* the request line and the header lines */
    bool whole;     /* its empty line came; what follows is not looked at */
    bool crooked;   /* something the standard does not allow */
    bool chunked;   /* its body has a transfer coding */
    bool after_cr;
    bool in_line;
    size_t coding; /* letters of "Transfer-Encoding:" this line began with */
};

/* How many of the bytes were the head's. */
size_t head_watch(struct head *head, struct smg_str bytes);

/* The sizes of chunks, watched in the same way: evhttp says "too large" of all that it does not
 * take, and a crooked size is another mistake (RFC 9112, 7.1). Start with { 0 }. */
struct chunks {
    uint64_t size; /* of the line that is read; then what is left of the chunk */
    bool crooked;  /* a line that is no size; extensions are not taken either */
    bool in_chunk, in_line, after_size, ended;
};

void chunks_watch(struct chunks *chunks, struct smg_str bytes);

#endif
