/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader hangs on: a serial port, a network bridge or a USB device, written and read inside
 * deadlines. */
#ifndef SDT_PORT_H
#define SDT_PORT_H

#include "frame.h"

#include <shiming/plugin.h>

#include <sys/types.h>

struct port;

/* One way to carry frames. get and put are as read and write, on a port that never blocks: -1 with
 * errno (EAGAIN: not now), 0 when the other end is gone. */
struct transport {
    /* A failed open leaves what it did to close. op NULL: while starting. */
    int (*open)(struct port *port, struct smg_op *op, const char *where, struct smg_err *err);
    void (*close)(struct port *port); /* also when open failed, and twice */
    ssize_t (*get)(struct port *port, uint8_t *at, size_t room);
    ssize_t (*put)(struct port *port, const uint8_t *at, size_t len);
    /* speed: "115200" down to "9600". NULL: this transport has no speed. */
    int (*set_speed)(struct port *port, const char *speed, struct smg_err *err);
    unsigned readable;    /* what to wait for before get; 0: SMG_READABLE */
    bool silence_is_gone; /* only a new connection can tell whether there still is a reader */
};

extern const struct transport transport_serial;  /* where: a tty */
extern const struct transport transport_network; /* where: ADDRESS:PORT, in numbers */
extern const struct transport transport_hid;     /* where: a hidraw device */
extern const struct transport transport_usb; /* where: a device of usbfs, or the folder of all */

struct port {
    const struct smg_host *host;
    const struct transport *transport;
    int fd;              /* -1: closed */
    struct usb *usb;     /* of usb.c, or NULL */
    const char *usb_ids; /* which devices in the folder are readers: "0400:c35a, ..." */
};

/* op NULL: while starting, when there is no operation; here and below. */
int port_open(struct port *port, const struct smg_host *host, struct smg_op *op,
              const struct transport *transport, const char *where, struct smg_err *err);
void port_close(struct port *port);
int port_set_speed(struct port *port, const char *speed, struct smg_err *err);

/* Send a command and receive its answer, which must begin and end within timeout_ms. What is left
 * of earlier answers is thrown away first.
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

/* For transports. The mask that is ready, 0 when the time is up, or an error. */
int port_wait(struct port *port, struct smg_op *op, unsigned ready, int64_t timeout_ms,
              struct smg_err *err);
int port_fail_gone(struct smg_err *err);
/* SMG_E_GONE for every errno that means that the other end is not there any more. */
int port_fail_errno(struct smg_err *err, const char *what);

#endif
