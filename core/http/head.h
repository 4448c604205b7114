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
    bool after_cr;
    bool in_line;
};

void head_watch(struct head *head, struct smg_str bytes);

#endif
