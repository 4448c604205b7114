/* SPDX-License-Identifier: Apache-2.0 */
/* One configured use of a plugin, in this process: verifiers and reporters on a loop, storage on
 * the threads of whoever opens sessions. Readers live in plugin/reader.h. */
#ifndef PLUGIN_INSTANCE_H
#define PLUGIN_INSTANCE_H

#include "base/fields.h"
#include "config/config.h"
#include "loop/loop.h"
#include "plugin/library.h"

struct instance;

/* Fill the options and open the plugin; start is a second step, so that `shiming check` opens
 * without starting. Option mistakes go to errors, everything else to err. loop NULL for storage. */
struct instance *instance_open(struct loop *loop, struct library *library,
                               const struct config_instance *config, struct config_errors *errors,
                               struct smg_err *err);
int instance_start(struct instance *instance, struct smg_err *err);
/* Ends open operations (SMG_E_CANCELLED), stops and closes. On the loop's thread. */
void instance_free(struct instance *instance);
const char *instance_name(const struct instance *instance);
/* What the plugin's open made; for plugins that are part of the program. */
void *instance_self(const struct instance *instance);

/* The storage plugin's calls and what to call them with. */
const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self);
/* Does the storage have layout_version and layout_make? */
bool instance_lays_out(const struct instance *instance);

/* Does the verifier look at this picture? It is opened for it only then. */
bool instance_wants(const struct instance *instance, const char *field);
/* What the plugin said last of its service: true until it said otherwise. why: at most 255 bytes.
 * From any thread. */
bool instance_in_service(const struct instance *instance, char why[256]);

/* How an operation ended. err->code is SMG_OK when it worked; neither is ever NULL, both are gone
 * when fn returns. fields: what the plugin answered, checked; empty after an error. */
typedef void (*instance_done_fn)(void *ctx, const struct smg_fields *fields,
                                 const struct smg_err *err);

/* On the loop's thread; fn is called exactly once, later, on it. When the deadline passes the
 * plugin is told to cancel, and fn gets SMG_E_TIMEOUT whether it listens or not; what comes late is
 * dropped. A second done is logged with the plugin's name. subject and bytes are the caller's again
 * on return. deadline_ms 0: the configured one, or the kind's (10 s for a verifier, 30 s for a
 * reporter). fn must not free the instance. */
void instance_verify(struct instance *instance, const struct smg_fields *subject,
                     int64_t deadline_ms, instance_done_fn fn, void *ctx);
void instance_submit(struct instance *instance, struct smg_str id, struct smg_str report,
                     int64_t deadline_ms, instance_done_fn fn, void *ctx);

#endif
