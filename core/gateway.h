/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway: owns every part, starts them in the order of its fields, ends them the other way
 * round. */
#ifndef GATEWAY_H
#define GATEWAY_H

#include "base/buf.h"

struct gateway;

/* Open everything a gateway needs without serving: configuration, keys, storage, policies, plugins,
 * TLS. NULL: complaints says all that is wrong. One gateway a process at a time would be a habit,
 * not a rule. */
struct gateway *gateway_new(const char *config_path, struct buf *complaints);
/* Serve until SIGTERM or SIGINT: then no new connections, what is under way is answered, and it
 * returns. SIGHUP reads policies and certificates again; what is broken is refused and the last
 * good kept. */
int gateway_run(struct gateway *gateway, struct smg_err *err);
void gateway_free(struct gateway *gateway);

#endif
