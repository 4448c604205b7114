/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol of vsmartcard's driver: two bytes of length, then a command of the reader (one byte)
 * or for the chip (more). */
#include "emulate/vpcd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, ATR = 4, LATE_MS = 300 };

/* A contactless chip, as readers make it up: T=0 and T=1, no historical bytes of note. */
static const uint8_t atr[] = { 0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x00,
                               0x00, 0x00, 0x00, 0x00, 0x00, 0x09 };

int vpcd_connect(struct vpcd *vpcd, unsigned port, struct smg_err *err)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    *vpcd = (struct vpcd){ .socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    if (vpcd->socket >= 0 &&
        connect(vpcd->socket, (const struct sockaddr *)&address, sizeof address) == 0)
        return SMG_OK;
    smg_fail(err, SMG_E_IO, "virtual reader at 127.0.0.1:%u: %s; is pcscd running, with vpcd?",
             port, strerror(errno));
    vpcd_close(vpcd);
    return err->code;
}

void vpcd_close(struct vpcd *vpcd)
{
    if (vpcd->socket >= 0)
        close(vpcd->socket);
    vpcd->socket = -1;
    buf_fini(&vpcd->received);
    buf_fini(&vpcd->answer);
    buf_fini(&vpcd->out);
}

/* Length and payload in one write: in two, the driver's and our own delays cost 40 ms. */
static bool send_message(struct vpcd *vpcd, struct smg_str message)
{
    size_t sent = 0;

    buf_clear(&vpcd->out);
    buf_u16(&vpcd->out, (uint16_t)message.len);
    buf_str(&vpcd->out, message);
    if (message.len > VPCD_MESSAGE || vpcd->out.failed)
        return false;
    while (sent < vpcd->out.len) {
        ssize_t put = send(vpcd->socket, vpcd->out.at + sent, vpcd->out.len - sent, MSG_NOSIGNAL);

        if (put < 0 && errno != EINTR)
            return false;
        sent += put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* Wait; false when `wake` is readable before. */
static bool pause_for(int64_t ms, int wake)
{
    struct pollfd waking = { .fd = wake, .events = POLLIN };

    return ms <= 0 || poll(&waking, 1, (int)ms) == 0;
}

static bool answer_command(struct vpcd *vpcd, struct chip *chip, struct smg_str command,
                           int64_t delay_ms, int wake)
{
    enum chip_deed deed = chip_transmit(chip, command, &vpcd->answer);

    if (deed == CHIP_KEEPS_SILENT)
        return true;
    if (deed == CHIP_ANSWERS_LATE)
        delay_ms += LATE_MS;
    if (deed != CHIP_LEAVES &&
        (!pause_for(delay_ms, wake) || !send_message(vpcd, buf_view(&vpcd->answer))))
        return true; /* woken, or the driver is gone, which the next read finds */
    return deed != CHIP_LEAVES && deed != CHIP_ANSWERS_AND_LEAVES;
}

/* false: the card leaves the field. */
static bool take_message(struct vpcd *vpcd, struct chip *chip, struct smg_str message,
                         int64_t delay_ms, int wake)
{
    if (message.len > 1)
        return answer_command(vpcd, chip, message, delay_ms, wake);
    switch (message.len == 1 ? message.at[0] : -1) {
    case POWER_OFF:
    case POWER_ON:
    case RESET:
        chip_reset(chip);
        break;
    case ATR:
        (void)send_message(vpcd, str_bytes(atr, sizeof atr));
        break;
    default:
        break;
    }
    return true;
}

/* All whole messages that were received; false: the card leaves the field. */
static bool take_messages(struct vpcd *vpcd, struct chip *chip, int64_t delay_ms, int wake)
{
    struct buf *received = &vpcd->received;
    size_t used = 0;
    bool stays = true;

    while (stays) {
        struct smg_str rest = str_bytes(received->at + used, received->len - used), message;
        uint16_t len;

        if (!take_u16(&rest, &len) || !take_bytes(&rest, len, &message))
            break;
        used += 2 + (size_t)len;
        stays = take_message(vpcd, chip, message, delay_ms, wake);
    }
    memmove(received->at, received->at + used, received->len - used);
    received->len -= used;
    return stays;
}

/* What has come; 0: the driver ended the connection. */
static ssize_t receive(struct vpcd *vpcd)
{
    uint8_t bytes[4096];
    int on = 1;
    ssize_t got;

    /* The driver writes a length and its payload in two calls; without this, each pair waits for
     * our delayed acknowledgement. The kernel forgets it, so it is said before every read. */
    (void)setsockopt(vpcd->socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    do
        got = recv(vpcd->socket, bytes, sizeof bytes, 0);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        buf_put(&vpcd->received, bytes, (size_t)got);
    return vpcd->received.failed ? -1 : got;
}

int vpcd_serve(struct vpcd *vpcd, struct chip *chip, int64_t delay_ms, int wake,
               struct smg_err *err)
{
    for (;;) {
        struct pollfd fds[] = { { .fd = wake, .events = POLLIN },
                                { .fd = vpcd->socket, .events = POLLIN } };

        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return smg_fail(err, SMG_E_IO, "poll: %s", strerror(errno));
        if (fds[0].revents != 0)
            return SMG_OK;
        if (fds[1].revents == 0)
            continue;
        if (receive(vpcd) <= 0)
            return smg_fail(err, SMG_E_GONE, "the virtual reader is gone");
        if (!take_messages(vpcd, chip, delay_ms, wake)) {
            vpcd_close(vpcd);
            chip_remove(chip);
        }
    }
}
