/* SPDX-License-Identifier: Apache-2.0 */
/* A request on its way through the api, for the files that answer one; for this room only. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include "http/api.h"
#include "http/session.h"

struct api {
    struct desk *desk;
    const struct api_shared *shared;
    struct sessions *sessions;
};

/* One request on its way: what it needs is copied when its staff member is known. */
struct call {
    struct api *api;
    struct http_request *request;
    const struct route *route;
    struct smg_str rest; /* of the path, where the route has a '*' */
    struct staff staff;
    char reader[64];
};

static const char JSON[] = "application/json";

/* Answer, TAKING body; the call is gone. */
void end_call(struct call *call, int status, const char *type, struct buf *body);
/* The same with one problem. */
void answer_problem(struct call *call, int status, const char *code, const char *zh,
                    const char *en);

/* What a desk made of the call: its answer. */
void on_outcome(void *call, struct outcome *outcome);
struct request request_of(struct call *call, bool record);

/* uploads.c */
void options_uploads(struct call *call);
void post_upload(struct call *call);
void get_upload(struct call *call);
void patch_upload(struct call *call);
void delete_upload(struct call *call);
/* Progress of an upload, as headers of tus 1.0. */
void answer_progress(struct call *call, const struct outcome *outcome);

/* policies.c */
void get_policies(struct call *call);
void get_policy(struct call *call);
void get_shadow(struct call *call);
void post_activation(struct call *call);

/* services.c */
void get_services(struct call *call);

#endif
