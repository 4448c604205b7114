/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an application, inside: the walk over its JSON, and what is settled when all of it was
 * read. */
#ifndef REGISTRATION_WALK_H
#define REGISTRATION_WALK_H

#include "registration/application.h"

/* Where the walk stands: the JSON pointer and the dotted name grow and shrink together. */
struct walk {
    const struct application_context *context;
    struct application *out;
    struct problems *problems;
    struct buf pointer, name;
};

/* A field was kept, or there was no memory for it. */
void walk_keep(struct walk *walk, bool kept);
/* Cards take the place of typed fields, typed numbers are checked, regions and the letter of
 * authorization settled. */
void walk_settle(struct walk *walk);
void walk_check_phone(struct walk *walk);

#endif
