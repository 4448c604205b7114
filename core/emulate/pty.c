/* SPDX-License-Identifier: Apache-2.0 */
/* A pty that looks to a driver like a serial port: raw, with a speed, and it can vanish. */
#include "emulate/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { IDLE_MS = 200 };

static int place_link(struct pty *pty, const char *link, struct smg_err *err)
{
    struct stat stat;

    if (link == NULL)
        return SMG_OK;
    if (strlen(link) >= sizeof pty->link)
        return smg_fail(err, SMG_E_INVALID, "the link's path is too long");
    if (lstat(link, &stat) == 0 && (!S_ISLNK(stat.st_mode) || unlink(link) != 0))
        return smg_fail(err, SMG_E_EXISTS, "%s: there is something else", link);
    if (symlink(pty->path, link) != 0)
        return smg_fail(err, SMG_E_IO, "%s: %s", link, strerror(errno));
    memcpy(pty->link, link, strlen(link) + 1);
    return SMG_OK;
}

int pty_open(struct pty *pty, const char *link, struct smg_err *err)
{
    struct termios mode;
    int rc = SMG_OK;

    *pty = (struct pty){ .slave = -1 };
    pty->line.fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (pty->line.fd < 0 || grantpt(pty->line.fd) != 0 || unlockpt(pty->line.fd) != 0 ||
        ptsname_r(pty->line.fd, pty->path, sizeof pty->path) != 0)
        rc = smg_fail(err, SMG_E_IO, "pseudo-terminal: %s", strerror(errno));
    /* Held open, so that the line stays up and raw while no driver is there. */
    if (rc == SMG_OK) {
        pty->slave = open(pty->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (pty->slave < 0 || tcgetattr(pty->slave, &mode) != 0)
            rc = smg_fail(err, SMG_E_IO, "%s: %s", pty->path, strerror(errno));
    }
    if (rc == SMG_OK) {
        cfmakeraw(&mode);
        if (tcsetattr(pty->slave, TCSANOW, &mode) != 0)
            rc = smg_fail(err, SMG_E_IO, "%s: %s", pty->path, strerror(errno));
    }
    if (rc == SMG_OK)
        rc = place_link(pty, link, err);
    if (rc != SMG_OK)
        pty_close(pty);
    return rc;
}

static void unplug(struct pty *pty)
{
    if (pty->slave >= 0)
        close(pty->slave);
    pty->slave = -1;
    line_close(&pty->line);
}

void pty_close(struct pty *pty)
{
    unplug(pty);
    if (pty->link[0] != '\0')
        (void)unlink(pty->link);
    pty->link[0] = '\0';
    buf_fini(&pty->line.reply.bytes);
}

/* Does the driver's line speed match the module's? */
static bool is_heard(const struct pty *pty, const struct sam *sam)
{
    static const struct {
        unsigned baud;
        speed_t speed;
    } speeds[] = { { 115200, B115200 },
                   { 57600, B57600 },
                   { 38400, B38400 },
                   { 19200, B19200 },
                   { 9600, B9600 } };
    struct termios mode;

    if (sam->speed == 0)
        return true;
    if (tcgetattr(pty->slave, &mode) != 0)
        return false;
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++)
        if (speeds[i].baud == sam->speed)
            return speeds[i].speed == cfgetospeed(&mode);
    return false;
}

int64_t pty_step(struct pty *pty, struct sam *sam, int64_t now_ms)
{
    int64_t next = line_step(&pty->line, sam, is_heard(pty, sam), now_ms);

    if (pty->line.fd >= 0 && line_is_cut(&pty->line))
        unplug(pty);
    return next < 0 ? -1 : next;
}

int pty_serve(struct pty *pty, struct sam *sam, int wake, struct smg_err *err)
{
    for (;;) {
        int64_t next = pty_step(pty, sam, line_now_ms());
        struct pollfd fds[] = { { .fd = pty->line.fd, .events = POLLIN },
                                { .fd = wake, .events = POLLIN } };

        if (pty->line.fd < 0)
            return smg_fail(err, SMG_E_GONE, "the virtual reader was unplugged");
        /* A driver that was killed leaves its exclusive mode behind, as no real port does. */
        (void)ioctl(pty->slave, TIOCNXCL);
        if (next < 0 || next > IDLE_MS)
            next = IDLE_MS;
        if (poll(fds, 2, (int)next) < 0 && errno != EINTR)
            return smg_fail(err, SMG_E_IO, "poll: %s", strerror(errno));
        if (fds[1].revents != 0)
            return SMG_OK;
    }
}
