/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port a reader hangs on: opened raw and locked, read and written inside deadlines. */
#ifndef SDT_PORT_H
#define SDT_PORT_H

#include "frame.h"

#include <shiming/plugin.h>

struct port {
    const struct smg_host *host;
    int fd; /* -1: closed */
};

int port_open(struct port *port, const struct smg_host *host, const char *device,
              struct smg_err *err);
void port_close(struct port *port);
/* speed: "115200" down to "9600". */
int port_set_speed(struct port *port, const char *speed, struct smg_err *err);

/* Send a command and receive its answer, which must begin and end within timeout_ms. What is left
 * of earlier answers is thrown away first. op NULL: while starting, when there is no operation.
 *
 * SMG_E_GONE: the port was unplugged. SMG_E_IO: no answer. SMG_E_PROTOCOL: what came is none.
 * SMG_E_CANCELLED, SMG_E_TIMEOUT: the operation must end. The caller wipes answer, failure or not.
 */
int port_try(struct port *port, struct smg_op *op, enum frame_command command, int64_t timeout_ms,
             struct frame *answer, struct smg_err *err);
/* The same, sent once more when no good answer came or the reader says that it received the command
 * damaged. */
int port_ask(struct port *port, struct smg_op *op, enum frame_command command, int64_t timeout_ms,
             struct frame *answer, struct smg_err *err);

#endif
