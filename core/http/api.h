/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP API: who may call what, and which part of a desk answers. One api a worker's loop. */
#ifndef HTTP_API_H
#define HTTP_API_H

#include "audit/audit.h"
#include "http/server.h"
#include "registration/cards.h"
#include "registration/desk.h"
#include "registration/sweep.h"
#include "release/activation.h"
#include "supervision/staff.h"

struct api;

/* What all workers' apis share; outlives them. */
struct api_shared {
    struct cards *cards;
    struct services *services;
    struct activation *activation;
    struct audit *audit;
    struct store *store;
    struct outbox *outbox;
    struct sweep *sweep;
    struct tally *tally;
    struct loop **loops; /* all of them, for the lateness metric */
    size_t loop_count;
    const char *operator_name, *licence, *region;
    size_t body_bytes;     /* of everything but pictures */
    size_t evidence_bytes; /* of a picture */
    int64_t started_ms;
};

/* The desk must outlive the api. */
struct api *api_new(struct desk *desk, const struct api_shared *shared, struct smg_err *err);
void api_free(struct api *api);
/* For http_server_new. */
void api_handle(void *api, struct http_request *request);

/* Prometheus text (format 0.0.4); never personal data. */
void metrics_write(const struct api_shared *shared, struct buf *out);
void metrics_write_services(const struct services *services, struct buf *out); /* services.c */
/* The OpenAPI 3.1 description. */
struct smg_str openapi_text(void);

#endif
