/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asking: a bearer token looked up among the staff, remembered for two seconds so that a
 * busy counter costs one read, and a dismissed member two seconds at most. */
#ifndef HTTP_SESSION_H
#define HTTP_SESSION_H

#include "http/server.h"
#include "registration/desk.h"
#include "supervision/staff.h"

struct sessions;

struct sessions *sessions_new(struct desk *desk);
void sessions_free(struct sessions *sessions);

/* staff NULL: nobody we know (401), unless err is not SMG_OK (the store could not be asked). */
typedef void (*session_fn)(void *ctx, const struct staff *staff, const struct smg_err *err);
/* fn is called once, perhaps before this returns. */
void sessions_find(struct sessions *sessions, struct http_request *request, session_fn fn,
                   void *ctx);

#endif
