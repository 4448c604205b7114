/* SPDX-License-Identifier: Apache-2.0 */
/* Requests out, answers in, on whatever carries them. A reader may vanish at any moment. */
#include "port.h"
#include "code.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

enum {
    GAP_MS = 500,         /* an answer that began and pauses longer will not be finished */
    AFTERMATH_MS = 100,   /* the same after noise, and how long the line must then rest */
    STALE_MAX = 64 * 1024 /* a reader that sent more without being asked does not stop */
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int port_fail_gone(struct smg_err *err)
{
    return smg_fail(err, SMG_E_GONE, "the reader was unplugged");
}

int port_fail_errno(struct smg_err *err, const char *what)
{
    if (errno == EIO || errno == ENXIO || errno == ENODEV || errno == ECONNRESET ||
        errno == EPIPE || errno == ETIMEDOUT)
        return port_fail_gone(err);
    return smg_fail(err, SMG_E_IO, "%s: %s", what, strerror(errno));
}

/* The mask that is ready, 0 when the time is up, or an error. */
int port_wait(struct port *port, struct smg_op *op, unsigned ready, int64_t timeout_ms,
              struct smg_err *err)
{
    struct pollfd poller = { .fd = port->fd, .events = ready == SMG_READABLE ? POLLIN : POLLOUT };
    int rc;

    if (op == NULL) {
        rc = poll(&poller, 1, (int)timeout_ms);
        if (rc < 0 && errno != EINTR)
            return smg_fail(err, SMG_E_IO, "poll: %s", strerror(errno));
        return rc > 0 ? (int)ready : 0;
    }
    rc = port->host->wait(port->host, op, port->fd, ready, timeout_ms);
    if (rc == SMG_E_CANCELLED)
        return smg_fail(err, SMG_E_CANCELLED, "the read was cancelled");
    if (rc == SMG_E_TIMEOUT)
        return smg_fail(err, SMG_E_TIMEOUT, "the deadline passed");
    if (rc < 0)
        return smg_fail(err, SMG_E_BUG, "waiting for the reader failed with code %d", rc);
    return rc;
}

int port_open(struct port *port, const struct smg_host *host, struct smg_op *op,
              const struct transport *transport, const char *where, struct smg_err *err)
{
    int rc;

    port->host = host;
    port->transport = transport;
    port->fd = -1;
    rc = transport->open(port, op, where, err);
    if (rc != SMG_OK)
        port_close(port);
    return rc;
}

void port_close(struct port *port)
{
    if (port->transport != NULL)
        port->transport->close(port);
    port->fd = -1;
}

int port_set_speed(struct port *port, const char *speed, struct smg_err *err)
{
    if (port->transport->set_speed == NULL)
        return SMG_OK;
    return port->transport->set_speed(port, speed, err);
}

static unsigned readable(const struct port *port)
{
    return port->transport->readable != 0 ? port->transport->readable : SMG_READABLE;
}

/* Late bytes of an earlier answer would be taken for this one's. quiet_ms: how long the line must
 * have been silent, 0 when nothing is under way. */
static int drop_stale(struct port *port, struct smg_op *op, int64_t quiet_ms, struct smg_err *err)
{
    uint8_t bytes[512];
    int64_t rest_until = now_ms() + quiet_ms;
    size_t total = 0;
    int rc;

    do {
        ssize_t got = port->transport->get(port, bytes, sizeof bytes);
        int64_t left = rest_until - now_ms();

        if (got == 0)
            rc = port_fail_gone(err);
        else if (got < 0 && errno != EAGAIN && errno != EINTR)
            rc = port_fail_errno(err, "reading from the reader");
        else if (got > 0 && (total += (size_t)got) > STALE_MAX)
            rc = smg_fail(err, SMG_E_PROTOCOL, "the reader sends without end");
        else if (got > 0)
            rc = 1;
        else
            rc = left > 0 ? port_wait(port, op, readable(port), left, err) : 0;
        if (got > 0)
            rest_until = now_ms() + quiet_ms;
    } while (rc > 0);
    explicit_bzero(bytes, sizeof bytes);
    return rc;
}

static int send_request(struct port *port, struct smg_op *op, enum frame_command command,
                        int64_t until, struct smg_err *err)
{
    uint8_t request[FRAME_REQUEST_BYTES];
    size_t sent = 0;

    frame_request(command, request);
    while (sent < sizeof request) {
        ssize_t put = port->transport->put(port, request + sent, sizeof request - sent);
        int64_t left = until - now_ms();
        int rc;

        if (put > 0) {
            sent += (size_t)put;
            continue;
        }
        if (put < 0 && errno != EAGAIN && errno != EINTR)
            return port_fail_errno(err, "writing to the reader");
        rc = left > 0 ? port_wait(port, op, SMG_WRITABLE, left, err) : 0;
        if (rc < 0)
            return rc;
        if (rc == 0)
            return smg_fail(err, SMG_E_IO, "the reader takes no commands");
    }
    return SMG_OK;
}

static int fail_unanswered(const struct frame *answer, enum frame_command command,
                           struct smg_err *err)
{
    if (answer->trouble == FRAME_BAD_SUM)
        return smg_fail(err, SMG_E_PROTOCOL, "command %04X: the answer's checksum is wrong",
                        (unsigned)command);
    if (answer->trouble == FRAME_BAD_LENGTH)
        return smg_fail(err, SMG_E_PROTOCOL, "command %04X: the answer's length is impossible",
                        (unsigned)command);
    if (answer->start > FRAME_NOISE_MAX)
        return smg_fail(err, SMG_E_PROTOCOL, "command %04X: noise instead of an answer",
                        (unsigned)command);
    if (answer->count > 0)
        return smg_fail(err, SMG_E_PROTOCOL, "command %04X: the answer is cut short",
                        (unsigned)command);
    return smg_fail(err, SMG_E_IO, "command %04X: the reader does not answer", (unsigned)command);
}

static int64_t time_left(const struct frame *answer, int64_t until)
{
    int64_t left = until - now_ms();
    int64_t most = answer->trouble != FRAME_QUIET ? AFTERMATH_MS : GAP_MS;

    if (answer->count > 0 && left > most)
        left = most;
    return left > 0 ? left : 0;
}

static int receive(struct port *port, struct smg_op *op, enum frame_command command, int64_t until,
                   struct frame *answer, struct smg_err *err)
{
    uint8_t bytes[512];
    int rc = SMG_OK;

    for (;;) {
        enum frame_said said;
        ssize_t got;

        int64_t left = time_left(answer, until);

        rc = left > 0 ? port_wait(port, op, readable(port), left, err) : 0;
        if (rc < 0)
            break;
        if (rc == 0) {
            rc = fail_unanswered(answer, command, err);
            break;
        }
        got = port->transport->get(port, bytes, sizeof bytes);
        if (got == 0) {
            rc = port_fail_gone(err);
            break;
        }
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
            rc = port_fail_errno(err, "reading from the reader");
            break;
        }
        said = got > 0 ? frame_feed(answer, bytes, (size_t)got) : FRAME_MORE;
        if (said == FRAME_MORE)
            continue;
        rc = said == FRAME_WHOLE ? SMG_OK : fail_unanswered(answer, command, err);
        break;
    }
    explicit_bzero(bytes, sizeof bytes);
    return rc;
}

int port_try(struct port *port, struct smg_op *op, enum frame_command command, int64_t timeout_ms,
             struct frame *answer, struct smg_err *err)
{
    int64_t until = now_ms() + timeout_ms;
    int rc;

    frame_clear(answer);
    rc = drop_stale(port, op, 0, err);
    if (rc == SMG_OK)
        rc = send_request(port, op, command, until, err);
    if (rc == SMG_OK)
        rc = receive(port, op, command, until, answer, err);
    return rc;
}

int port_ask(struct port *port, struct smg_op *op, enum frame_command command, int64_t timeout_ms,
             struct frame *answer, struct smg_err *err)
{
    int rc = port_try(port, op, command, timeout_ms, answer, err);
    const struct code *code = rc == SMG_OK ? code_find(answer->status[2]) : NULL;
    bool damaged = code != NULL && code->class == CODE_DAMAGED;

    if (!damaged && rc != SMG_E_IO && rc != SMG_E_PROTOCOL)
        return rc;
    rc = drop_stale(port, op, AFTERMATH_MS, err);
    if (rc == SMG_OK)
        rc = port_try(port, op, command, timeout_ms, answer, err);
    if (rc == SMG_E_IO && port->transport->silence_is_gone)
        rc = err->code = SMG_E_GONE;
    return rc;
}
