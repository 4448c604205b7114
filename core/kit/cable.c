/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in both ways, paced as a reply asks. */
#include "kit/cable.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum { TIDY_MS = 20, NOISE_PIECE = 512, NOISE_PAUSE_MS = 1 };

static void show(struct cable *cable, enum cable_way way, struct smg_str bytes)
{
    if (cable->tap != NULL && bytes.len > 0)
        cable->tap(cable->tap_ctx, way, bytes);
}

static void on_readable(void *ctx, int fd, unsigned ready)
{
    struct cable *cable = ctx;
    char bytes[512];
    ssize_t got = read(fd, bytes, sizeof bytes);

    (void)ready;
    if (got <= 0)
        return;
    show(cable, CABLE_TO_DEVICE, str_bytes(bytes, (size_t)got));
    cable->device(cable->device_ctx, CABLE_TO_DEVICE, str_bytes(bytes, (size_t)got));
}

/* A driver that was killed leaves its exclusive mode behind, as no real port does. */
static void tidy(void *ctx)
{
    struct cable *cable = ctx;

    if (cable->pty.slave >= 0)
        (void)ioctl(cable->pty.slave, TIOCNXCL);
}

int cable_plug(struct cable *cable, struct smg_err *err)
{
    if (pty_open(&cable->pty, cable->link, err) != SMG_OK)
        return err->code;
    cable->watch = loop_watch(cable->loop, cable->pty.line.fd, SMG_READABLE, on_readable, cable);
    if (cable->watch != NULL)
        return SMG_OK;
    pty_close(&cable->pty);
    return smg_fail(err, SMG_E_MEMORY, "out of memory");
}

int cable_open(struct cable *cable, struct loop *loop, const char *link, cable_fn device, void *ctx,
               struct smg_err *err)
{
    *cable = (struct cable){ .loop = loop, .link = link, .device = device, .device_ctx = ctx };
    cable->pty = (struct pty){ .line.fd = -1, .slave = -1 };
    cable->tidy = loop_every(loop, TIDY_MS, tidy, cable);
    if (cable->tidy == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    return cable_plug(cable, err);
}

static void be_silent(struct cable *cable)
{
    loop_forget(cable->timer);
    cable->timer = NULL;
    buf_fini(&cable->reply.bytes);
    cable->reply = (struct sam_reply){ 0 };
    cable->sent = 0;
}

void cable_unplug(struct cable *cable)
{
    be_silent(cable);
    loop_unwatch(cable->watch);
    cable->watch = NULL;
    pty_close(&cable->pty);
    cable->pty = (struct pty){ .line.fd = -1, .slave = -1 };
}

bool cable_is_plugged(const struct cable *cable)
{
    return cable->pty.line.fd >= 0;
}

void cable_close(struct cable *cable)
{
    if (cable->loop == NULL)
        return;
    cable_unplug(cable);
    loop_forget(cable->tidy);
    cable->tidy = NULL;
    cable->loop = NULL;
}

/* One piece; false when the line takes no more now. */
static bool send_piece(struct cable *cable)
{
    struct smg_str piece = buf_view(&cable->reply.bytes);
    char noise[NOISE_PIECE];
    ssize_t put;

    if (cable->sent < piece.len) {
        piece.at += cable->sent;
        piece.len -= cable->sent;
        if (cable->reply.piece > 0 && piece.len > cable->reply.piece)
            piece.len = cable->reply.piece;
    } else {
        memset(noise, 0x55, sizeof noise);
        piece = str_bytes(noise, sizeof noise);
    }
    put = write(cable->pty.line.fd, piece.at, piece.len);
    if (put <= 0)
        return false;
    show(cable, CABLE_TO_PLUGIN, str_bytes(piece.at, (size_t)put));
    if (cable->sent < cable->reply.bytes.len)
        cable->sent += (size_t)put;
    return true;
}

static void go_on(void *ctx)
{
    struct cable *cable = ctx;
    int64_t pause = 0;

    cable->timer = NULL;
    while (cable_is_plugged(cable) && pause == 0) {
        bool more = cable->sent < cable->reply.bytes.len || cable->reply.endless;

        if (!more)
            break;
        if (!send_piece(cable))
            pause = NOISE_PAUSE_MS;
        else if (cable->sent < cable->reply.bytes.len)
            pause = cable->reply.piece > 0 ? cable->reply.pause_ms : 0;
        else
            pause = cable->reply.endless ? NOISE_PAUSE_MS : 0;
    }
    if (pause > 0)
        cable->timer = loop_after(cable->loop, pause, go_on, cable);
    else if (cable->reply.unplug)
        cable_unplug(cable);
}

bool cable_is_quiet(const struct cable *cable)
{
    return cable->timer == NULL && cable->sent == cable->reply.bytes.len;
}

size_t cable_unread(const struct cable *cable)
{
    int count = 0;

    return cable->pty.slave >= 0 && ioctl(cable->pty.slave, FIONREAD, &count) == 0 && count > 0
               ? (size_t)count
               : 0;
}

void cable_send(struct cable *cable, struct sam_reply *reply)
{
    be_silent(cable);
    cable->reply = *reply;
    reply->bytes = (struct buf){ 0 };
    if (cable->reply.delay_ms > 0)
        cable->timer = loop_after(cable->loop, cable->reply.delay_ms, go_on, cable);
    else
        go_on(cable);
}

void cable_add(struct cable *cable, struct smg_str bytes)
{
    if (cable->sent == cable->reply.bytes.len)
        be_silent(cable);
    buf_str(&cable->reply.bytes, bytes);
    if (cable->timer == NULL && cable_is_plugged(cable))
        go_on(cable);
}
