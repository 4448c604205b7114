/* SPDX-License-Identifier: Apache-2.0 */
/* A trace played to a plugin: the device says again what it said, and what the plugin answers now
 * is compared with what it answered then. */
#ifndef KIT_REPLAY_H
#define KIT_REPLAY_H

#include "kit/trace.h"

struct replay_result {
    unsigned fields;         /* that were the same */
    bool changed;            /* the plugin answers otherwise, or ends otherwise */
    bool wrong;              /* it did what no plugin may */
    struct buf said;         /* a line for each difference */
    struct smg_fields *card; /* what it answers now; NULL: it failed */
    char end[24];
};

/* folder, name: as for library_load. SMG_OK: result says what came of it. */
int replay_trace(const struct trace *trace, const char *folder, const char *name,
                 struct replay_result *result, struct smg_err *err);
void replay_result_fini(struct replay_result *result);

#endif
