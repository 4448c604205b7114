/* SPDX-License-Identifier: Apache-2.0 */
/* A tty in raw mode: 8 data bits, no parity, 1 stop bit, no flow control, opened for us alone. */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const struct {
    const char *name;
    speed_t speed;
} speeds[] = { { "115200", B115200 },
               { "57600", B57600 },
               { "38400", B38400 },
               { "19200", B19200 },
               { "9600", B9600 } };

static int serial_set_speed(struct port *port, const char *speed, struct smg_err *err)
{
    struct termios mode;

    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++) {
        if (strcmp(speeds[i].name, speed) != 0)
            continue;
        if (tcgetattr(port->fd, &mode) != 0)
            return port_fail_errno(err, "not a serial port");
        cfmakeraw(&mode);
        mode.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
        mode.c_cflag |= CLOCAL | CREAD;
        /* One byte at least: otherwise an idle line and an unplugged one both read as 0. */
        mode.c_cc[VMIN] = 1;
        mode.c_cc[VTIME] = 0;
        if (cfsetispeed(&mode, speeds[i].speed) != 0 || cfsetospeed(&mode, speeds[i].speed) != 0 ||
            tcsetattr(port->fd, TCSANOW, &mode) != 0)
            return port_fail_errno(err, "setting the line speed");
        return SMG_OK;
    }
    return smg_fail(err, SMG_E_INVALID, "no such line speed");
}

static int serial_open(struct port *port, struct smg_op *op, const char *device,
                       struct smg_err *err)
{
    (void)op;
    port->fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (port->fd < 0 && (errno == ENOENT || errno == ENXIO || errno == ENODEV))
        return smg_fail(err, SMG_E_GONE, "%s: nothing is plugged in there", device);
    if (port->fd < 0 && (errno == EACCES || errno == EPERM))
        return smg_fail(err, SMG_E_IO, "%s: no permission; is the gateway in the group dialout?",
                        device);
    if (port->fd < 0)
        return smg_fail(err, SMG_E_IO, "%s: %s", device, strerror(errno));

    /* Exclusive mode does not stop root, a lock does not stop strangers: so both. A pty without
     * exclusive mode is still a port. */
    if (flock(port->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? smg_fail(err, SMG_E_BUSY, "%s: in use by another program", device)
                   : port_fail_errno(err, "locking the port");
    (void)ioctl(port->fd, TIOCEXCL);
    return serial_set_speed(port, speeds[0].name, err);
}

static void serial_close(struct port *port)
{
    if (port->fd >= 0) {
        (void)ioctl(port->fd, TIOCNXCL);
        close(port->fd);
    }
    port->fd = -1;
}

/* End of file, EIO, ENXIO and ENODEV all mean that the port vanished. */
static ssize_t serial_get(struct port *port, uint8_t *at, size_t room)
{
    return read(port->fd, at, room);
}

static ssize_t serial_put(struct port *port, const uint8_t *at, size_t len)
{
    return write(port->fd, at, len);
}

const struct transport transport_serial = { .open = serial_open,
                                            .close = serial_close,
                                            .get = serial_get,
                                            .put = serial_put,
                                            .set_speed = serial_set_speed };
