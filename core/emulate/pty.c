/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes between the module and a pty's master, paced as its faults ask. */
#include "emulate/pty.h"
#include "emulate/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { IDLE_MS = 200, NOISE_PIECE = 512, NOISE_PAUSE_MS = 1 };

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
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (pty->master < 0 || grantpt(pty->master) != 0 || unlockpt(pty->master) != 0 ||
        ptsname_r(pty->master, pty->path, sizeof pty->path) != 0)
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
    if (pty->master >= 0)
        close(pty->master);
    pty->master = pty->slave = -1;
}

void pty_close(struct pty *pty)
{
    unplug(pty);
    if (pty->link[0] != '\0')
        (void)unlink(pty->link);
    pty->link[0] = '\0';
    buf_fini(&pty->reply.bytes);
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

/* A new request ends what was still being sent of an older answer. */
static void take_requests(struct pty *pty, struct sam *sam, int64_t now_ms)
{
    uint8_t bytes[256];
    ssize_t got;

    while ((got = read(pty->master, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; is_heard(pty, sam) && i < got; i++) {
            if (!sam_take(sam, bytes[i], &pty->reply))
                continue;
            pty->replying = true;
            pty->sent = 0;
            pty->due_ms = now_ms + pty->reply.delay_ms;
        }
    }
}

/* One piece; false when the line takes no more now. */
static bool send_piece(struct pty *pty)
{
    const struct buf *bytes = &pty->reply.bytes;
    char noise[NOISE_PIECE];
    const char *at = noise;
    size_t len = sizeof noise;
    ssize_t put;

    if (pty->sent < bytes->len) {
        at = bytes->at + pty->sent;
        len = bytes->len - pty->sent;
        if (pty->reply.piece > 0 && len > pty->reply.piece)
            len = pty->reply.piece;
    } else {
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (char)fault_noise(i);
    }
    put = write(pty->master, at, len);
    if (put <= 0)
        return false;
    pty->sent += (size_t)put;
    pty->written += (size_t)put;
    return true;
}

/* How long until the next piece; -1 when all is sent. */
static int64_t next_pause(const struct pty *pty)
{
    if (pty->sent < pty->reply.bytes.len)
        return pty->reply.piece > 0 ? pty->reply.pause_ms : 0;
    return pty->reply.endless ? NOISE_PAUSE_MS : -1;
}

int64_t pty_step(struct pty *pty, struct sam *sam, int64_t now_ms)
{
    if (pty->master < 0)
        return -1;
    take_requests(pty, sam, now_ms);
    while (pty->replying && now_ms >= pty->due_ms) {
        int64_t pause = next_pause(pty);
        bool full = pause >= 0 && !send_piece(pty);

        pause = next_pause(pty);
        pty->replying = pause >= 0;
        pty->due_ms = now_ms + (full ? NOISE_PAUSE_MS : pause);
    }
    if (pty->replying)
        return pty->due_ms - now_ms;
    if (pty->reply.unplug)
        unplug(pty);
    return -1;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int pty_serve(struct pty *pty, struct sam *sam, int wake, struct smg_err *err)
{
    for (;;) {
        int64_t next = pty_step(pty, sam, now_ms());
        struct pollfd fds[] = { { .fd = pty->master, .events = POLLIN },
                                { .fd = wake, .events = POLLIN } };

        if (pty->master < 0)
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
