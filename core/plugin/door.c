/* SPDX-License-Identifier: Apache-2.0 */
/* A request is the address as connect(2) takes it; an answer is an errno, and perhaps a socket. */
#include "plugin/door.h"

#include <errno.h>
#include <unistd.h>

enum {
    ASKED_MOST = 100,  /* a second: a driver that tries again does not try so often */
    QUEUE_BYTES = 4608 /* the least there is: answers nobody takes hold sockets */
};

union control {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE(sizeof(int))];
};

int door_allow(struct door *door, const char *address, struct smg_err *err)
{
    if (door->count == DOOR_ADDRESSES_MAX)
        return smg_fail(err, SMG_E_INVALID, "more than %d sockets", DOOR_ADDRESSES_MAX);
    if (address_read(address, &door->allowed[door->count], err) < 0)
        return err->code;
    door->count++;
    return SMG_OK;
}

int door_pair(int ends[2], struct smg_err *err)
{
    const int bytes = QUEUE_BYTES;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return smg_fail(err, SMG_E_IO, "socketpair: %s", strerror(errno));
    if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) == 0)
        return SMG_OK;
    smg_fail(err, SMG_E_IO, "setsockopt: %s", strerror(errno));
    close(ends[0]);
    close(ends[1]);
    return err->code;
}

/* Our own copy of the address is used, and a socket of our own. */
static int32_t begin_connection(const struct door *door, struct smg_str sockaddr, int *made)
{
    const struct address *address = NULL;
    int32_t code;

    for (size_t i = 0; i < door->count && address == NULL; i++)
        if (address_is(&door->allowed[i], sockaddr))
            address = &door->allowed[i];
    if (address == NULL)
        return EACCES;
    *made = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*made < 0)
        return errno;
    if (connect(*made, &address->any, address->len) == 0)
        return 0;
    code = errno;
    if (code != EINPROGRESS) {
        close(*made);
        *made = -1;
    }
    return code;
}

static bool send_answer(int end, int32_t code, int made)
{
    struct iovec part = { .iov_base = &code, .iov_len = sizeof code };
    struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
    union control control = { .bytes = { 0 } };

    if (made >= 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
        *CMSG_FIRSTHDR(&header) = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof made),
                                                    .cmsg_level = SOL_SOCKET,
                                                    .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&header)), &made, sizeof made);
    }
    return sendmsg(end, &header, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof code;
}

int door_answer(struct door *door, int end, int64_t now_us, struct smg_err *err)
{
    char sockaddr[sizeof(struct sockaddr_storage) + 1];
    /* recv has no room for descriptors: those a stranger sends along are closed by the kernel. */
    ssize_t len = recv(end, sockaddr, sizeof sockaddr, MSG_DONTWAIT);
    int made = -1;
    int32_t code;
    bool sent;

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return SMG_OK;
    if (len <= 0)
        return smg_fail(err, SMG_E_GONE, "the plugin's process closed its door");
    if (pace_passes(&door->asked, 1, ASKED_MOST, now_us))
        return smg_fail(err, SMG_E_PROTOCOL, "the plugin connects more than %d times a second",
                        ASKED_MOST);
    code = begin_connection(door, str_bytes(sockaddr, (size_t)len), &made);
    sent = send_answer(end, code, made);
    if (made >= 0)
        close(made);
    return sent ? SMG_OK
                : smg_fail(err, SMG_E_PROTOCOL, "the plugin does not take the socket it asked for");
}

int door_ask(int end, const void *sockaddr, size_t len, int *made)
{
    int32_t code = ECONNABORTED;
    struct iovec part = { .iov_base = &code, .iov_len = sizeof code };
    union control control = { .bytes = { 0 } };
    struct msghdr header = { .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes };
    const struct cmsghdr *given;
    ssize_t got;

    *made = -1;
    if (send(end, sockaddr, len, MSG_NOSIGNAL) < 0)
        return errno == EFAULT ? EFAULT : ECONNABORTED;
    do
        got = recvmsg(end, &header, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof code)
        return ECONNABORTED;
    given = CMSG_FIRSTHDR(&header);
    if (given != NULL && given->cmsg_type == SCM_RIGHTS)
        memcpy(made, CMSG_DATA(given), sizeof *made);
    else if (code == 0 || code == EINPROGRESS)
        return EMFILE; /* there was a socket, and no descriptor free for it */
    return code;
}
