/* SPDX-License-Identifier: Apache-2.0 */
/* A question to a service about a person of a case. Pictures the service looks at are opened for it
 * alone: the disclosure is in the audit log before anything leaves, and the open pictures are wiped
 * as soon as they are handed over. */
#ifndef REGISTRATION_INQUIRY_H
#define REGISTRATION_INQUIRY_H

#include "registration/desk.h"
#include "registration/pictures.h"

struct inquiry {
    const char *service, *of; /* "face-comparison", "customer" */
    const char *staff;        /* on whose case it is asked, for the audit log */
    const struct application *application;
    const struct store_read *keys; /* of its pictures: the rows of KEY */
};

/* As services_ask, on the desk's loop. The inquiry may go at once, its texts, the application and
 * the keys stay until fn is called. A picture that cannot be opened, or whose disclosure cannot be
 * written down, makes the result "unavailable", and nothing leaves. */
void inquiry_ask(struct desk *desk, const struct inquiry *inquiry, services_done_fn fn, void *ctx);

#endif
