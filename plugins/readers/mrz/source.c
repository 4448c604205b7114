/* SPDX-License-Identifier: Apache-2.0 */
/* A tty in raw mode or an event device. Either may vanish at any moment. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { EVENTS = 64, DRAIN_MAX = 1024 /* reads; a scanner that sends more does not stop */ };

static int fail_errno(struct smg_err *err, const char *device)
{
    if (errno == ENOENT || errno == ENXIO || errno == ENODEV || errno == EIO)
        return smg_fail(err, SMG_E_GONE, "%s: nothing is plugged in there", device);
    if (errno == EACCES || errno == EPERM)
        return smg_fail(err, SMG_E_IO,
                        "%s: no permission; is the gateway in the group dialout or input?", device);
    if (errno == EWOULDBLOCK || errno == EBUSY)
        return smg_fail(err, SMG_E_BUSY, "%s: in use by another program", device);
    return smg_fail(err, SMG_E_IO, "%s: %s", device, strerror(errno));
}

static int open_device(struct source *source, const char *device, int mode, struct smg_err *err)
{
    *source = (struct source){ .fd = open(device, mode | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) };
    return source->fd < 0 ? fail_errno(err, device) : SMG_OK;
}

/* Close what could not be used, and say why. */
static int give_up(struct source *source, const char *device, struct smg_err *err)
{
    int code = errno == ENOTTY || errno == EINVAL
                   ? smg_fail(err, SMG_E_INVALID,
                              "%s: not the kind of device that \"connection\" "
                              "says",
                              device)
                   : fail_errno(err, device);

    source_close(source);
    return code;
}

static bool set_line(int fd, const char *speed)
{
    static const struct {
        const char *name;
        speed_t speed;
    } speeds[] = { { "115200", B115200 },
                   { "57600", B57600 },
                   { "38400", B38400 },
                   { "19200", B19200 },
                   { "9600", B9600 } };
    struct termios mode;
    size_t i = 0;

    while (i < sizeof speeds / sizeof *speeds - 1 && strcmp(speeds[i].name, speed) != 0)
        i++;
    if (tcgetattr(fd, &mode) != 0)
        return false;
    cfmakeraw(&mode);
    mode.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
    mode.c_cflag |= CLOCAL | CREAD;
    mode.c_cc[VMIN] = 1; /* otherwise an idle line and an unplugged one both read as 0 */
    mode.c_cc[VTIME] = 0;
    return cfsetispeed(&mode, speeds[i].speed) == 0 && cfsetospeed(&mode, speeds[i].speed) == 0 &&
           tcsetattr(fd, TCSANOW, &mode) == 0;
}

int source_open_serial(struct source *source, const char *device, const char *speed,
                       struct smg_err *err)
{
    int rc = open_device(source, device, O_RDWR, err);

    if (rc == SMG_OK && (flock(source->fd, LOCK_EX | LOCK_NB) != 0 || !set_line(source->fd, speed)))
        rc = give_up(source, device, err);
    if (rc == SMG_OK)
        (void)ioctl(source->fd, TIOCEXCL); /* stops strangers, where the lock stops only us */
    return rc;
}

int source_open_keyboard(struct source *source, const char *device, struct smg_err *err)
{
    int rc = open_device(source, device, O_RDONLY, err);

    if (rc == SMG_OK && ioctl(source->fd, EVIOCGRAB, 1) != 0)
        rc = give_up(source, device, err);
    source->is_keyboard = true;
    return rc;
}

void source_close(struct source *source)
{
    if (source->fd >= 0)
        close(source->fd); /* which also lets go of a grabbed keyboard */
    source->fd = -1;
}

static int fail_read(ssize_t got, struct smg_err *err)
{
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got == 0 || errno == EIO || errno == ENXIO || errno == ENODEV)
        return smg_fail(err, SMG_E_GONE, "the scanner was unplugged");
    return smg_fail(err, SMG_E_IO, "reading from the scanner: %s", strerror(errno));
}

static int take_keys(struct source *source, char *out, size_t room, struct smg_err *err)
{
    struct input_event events[EVENTS];
    size_t wanted = room < EVENTS ? room : EVENTS;
    ssize_t got = read(source->fd, events, wanted * sizeof *events);
    int count = 0;

    if (got <= 0)
        return fail_read(got, err);
    for (size_t i = 0; i < (size_t)got / sizeof *events; i++) {
        char c = keyboard_take(&source->keyboard, &events[i]);

        if (c != KEYBOARD_NOTHING)
            out[count++] = c;
    }
    explicit_bzero(events, sizeof events);
    return count;
}

int source_take(struct source *source, char *out, size_t room, struct smg_err *err)
{
    ssize_t got;

    if (source->is_keyboard)
        return take_keys(source, out, room, err);
    got = read(source->fd, out, room);
    return got > 0 ? (int)got : fail_read(got, err);
}

int source_drain(struct source *source, struct smg_err *err)
{
    char bytes[EVENTS * sizeof(struct input_event)];
    ssize_t got = 1;

    for (int i = 0; i < DRAIN_MAX && got > 0; i++)
        got = read(source->fd, bytes, sizeof bytes);
    explicit_bzero(bytes, sizeof bytes);
    source->keyboard = (struct keyboard){ 0 };
    return got > 0 ? smg_fail(err, SMG_E_PROTOCOL, "the scanner never stops sending")
                   : fail_read(got, err);
}
