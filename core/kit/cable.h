/* SPDX-License-Identifier: Apache-2.0 */
/* The serial line between a plugin and whatever plays its device: a pty on a loop, with everything
 * that passes shown to whoever wants to know. */
#ifndef KIT_CABLE_H
#define KIT_CABLE_H

#include "emulate/pty.h"
#include "loop/loop.h"

enum cable_way { CABLE_TO_DEVICE = 1, CABLE_TO_PLUGIN };

/* What passes the line. bytes are gone when fn returns. */
typedef void (*cable_fn)(void *ctx, enum cable_way way, struct smg_str bytes);

struct cable {
    struct loop *loop;
    struct pty pty;
    const char *link; /* what the plugin opens; the caller's */
    cable_fn device;  /* is told what the plugin wrote (CABLE_TO_DEVICE) */
    void *device_ctx;
    cable_fn tap; /* is told of both ways; NULL: nobody */
    void *tap_ctx;
    struct loop_watch *watch;
    struct loop_timer *timer, *tidy;
    struct sam_reply reply; /* being sent */
    size_t sent;
};

/* On the loop's thread, as all here. link: a symbolic link the port is found under, whatever its
 * own name is today. Start with { 0 }. */
int cable_open(struct cable *cable, struct loop *loop, const char *link, cable_fn device, void *ctx,
               struct smg_err *err);
void cable_close(struct cable *cable);
/* The port vanishes, or is back as another file under the same link. */
void cable_unplug(struct cable *cable);
int cable_plug(struct cable *cable, struct smg_err *err);
bool cable_is_plugged(const struct cable *cable);

/* Is everything sent? How much of it has the plugin not read yet? */
bool cable_is_quiet(const struct cable *cable);
size_t cable_unread(const struct cable *cable);

/* Send to the plugin, in place of what is still being sent. The bytes are TAKEN. */
void cable_send(struct cable *cable, struct sam_reply *reply);

/* Send what follows what is still being sent; the bytes are copied. */
void cable_add(struct cable *cable, struct smg_str bytes);

#endif
