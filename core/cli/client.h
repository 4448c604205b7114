/* SPDX-License-Identifier: Apache-2.0 */
/* A load of HTTP clients for `shiming bench`: connections that each send the next request when the
 * last one was answered, all on one thread. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "base/buf.h"

/* Append the next request, whole; called on the load's thread. false: there is none left. */
typedef bool (*client_next_fn)(void *ctx, struct buf *request);

struct client_load {
    uint16_t port; /* on 127.0.0.1 */
    unsigned connections;
    int wanted; /* status every answer must have */
    int64_t run_us;
    client_next_fn next;
    void *ctx;
    /* the result */
    uint64_t answers, wrong;
    int64_t took_us;
    int64_t p50_us, p99_us;
};
/* Blocks until run_us are over and every request under way is answered. */
int client_run(struct client_load *load, struct smg_err *err);

#endif
