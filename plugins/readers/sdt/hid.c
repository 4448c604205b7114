/* SPDX-License-Identifier: Apache-2.0 */
/* A USB reader of the HID class through the kernel's hidraw device: frames cut into reports of 64
 * bytes, the last filled up with zeros. One read is one report; before a report that is written
 * stands its number, and the reports of these readers have none, which is written 0. */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { REPORT_BYTES = 64 };

static int hid_open(struct port *port, struct smg_op *op, const char *device, struct smg_err *err)
{
    (void)op;
    port->fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (port->fd >= 0)
        return SMG_OK;
    if (errno == ENOENT || errno == ENXIO || errno == ENODEV)
        return smg_fail(err, SMG_E_GONE, "%s: nothing is plugged in there", device);
    if (errno == EACCES || errno == EPERM)
        return smg_fail(err, SMG_E_IO, "%s: no permission; a udev rule must give it to the gateway",
                        device);
    return smg_fail(err, SMG_E_IO, "%s: %s", device, strerror(errno));
}

static void hid_close(struct port *port)
{
    if (port->fd >= 0)
        close(port->fd);
    port->fd = -1;
}

static ssize_t hid_get(struct port *port, uint8_t *at, size_t room)
{
    return read(port->fd, at, room < REPORT_BYTES ? room : REPORT_BYTES);
}

static ssize_t hid_put(struct port *port, const uint8_t *at, size_t len)
{
    uint8_t report[1 + REPORT_BYTES] = { 0 };
    ssize_t put;

    if (len > REPORT_BYTES)
        len = REPORT_BYTES;
    memcpy(report + 1, at, len);
    put = write(port->fd, report, sizeof report);
    return put > 0 ? (ssize_t)len : put;
}

const struct transport transport_hid = {
    .open = hid_open, .close = hid_close, .get = hid_get, .put = hid_put
};
