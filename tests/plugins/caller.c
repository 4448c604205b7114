/* SPDX-License-Identifier: Apache-2.0 */
/* A reader whose device is behind a socket: it calls, and answers how the call went. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <shiming/plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct config {
    const char *device, *second, *folder, *call, *way;
};

static const struct smg_option options[] = {
    SMG_OPTION_SOCKET(config, device, .help = "where it may connect"),
    SMG_OPTION_SOCKET(config, second, .help = "where it may connect, too"),
    SMG_OPTION_PATH(config, folder, .help = "what it may read"),
    SMG_OPTION_TEXT(config, call, .help = "where it does connect"),
    SMG_OPTION_TEXT(config, way, .preset = "plain", .help = "how it does"),
    SMG_OPTIONS_END
};

struct caller {
    const struct smg_host *host;
    const struct config *config;
};

union place {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_un local;
};

static void say(struct caller *caller, struct smg_op *op, const char *field, int64_t number)
{
    struct smg_value value = { .type = SMG_INT, .integer = number };

    caller->host->answer(caller->host, op, field, &value);
}

static bool is(const struct caller *caller, const char *way)
{
    return strcmp(caller->config->way, way) == 0;
}

/* "unix:PATH", "unix:@ABSTRACT", "4:PORT", "6:PORT"; the hosts are this one. */
static socklen_t find_place(const char *text, union place *place)
{
    memset(place, 0, sizeof *place);
    if (strncmp(text, "unix:", 5) == 0) {
        size_t len = strlen(text + 5);

        place->local.sun_family = AF_UNIX;
        memcpy(place->local.sun_path, text + 5, len);
        if (place->local.sun_path[0] == '@')
            place->local.sun_path[0] = '\0';
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    }
    if (text[0] == '6') {
        place->six.sin6_family = AF_INET6;
        place->six.sin6_addr = in6addr_loopback;
        place->six.sin6_port = htons((uint16_t)atoi(text + 2));
        return sizeof place->six;
    }
    place->four.sin_family = AF_INET;
    place->four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    place->four.sin_port = htons((uint16_t)atoi(text + 2));
    return sizeof place->four;
}

static int connect_and_wait(struct caller *caller, struct smg_op *op, int fd,
                            const union place *place, socklen_t len)
{
    socklen_t size = sizeof(int);
    int code = 0;

    if (connect(fd, &place->any, len) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (caller->host->wait(caller->host, op, fd, SMG_WRITABLE, 5000) != SMG_WRITABLE)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}

/* One byte there, one back. */
static int talk(int fd)
{
    char byte = 'p';

    if (write(fd, &byte, 1) != 1)
        return errno;
    while (read(fd, &byte, 1) != 1)
        if (errno != EAGAIN && errno != EINTR)
            return errno;
    return byte == 'P' ? 0 : EPROTO;
}

static void call(struct caller *caller, struct smg_op *op)
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | (is(caller, "waiting") ? SOCK_NONBLOCK : 0);
    union place place;
    socklen_t len = find_place(caller->config->call, &place);
    int fd = socket(place.any.sa_family, type, 0), code;

    if (fd < 0) {
        say(caller, op, "socket", errno);
        return;
    }
    if (is(caller, "early")) /* data with the connection, so that there is no connect */
        code = sendto(fd, "p", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &place.any, len) < 0 ? errno : 0;
    else if (is(caller, "nowhere"))
        code = connect(fd, (void *)8, len) < 0 ? errno : 0;
    else
        code = connect_and_wait(caller, op, fd, &place, len);
    say(caller, op, "connect", code);
    say(caller, op, "number", fd);
    say(caller, op, "blocks", !(fcntl(fd, F_GETFL) & O_NONBLOCK));
    say(caller, op, "closes", fcntl(fd, F_GETFD) & FD_CLOEXEC);
    say(caller, op, "again", connect(fd, &place.any, len) < 0 ? errno : 0);
    if (code == 0)
        say(caller, op, "talk", talk(fd));
    close(fd);
}

static int try_socket(int family, int type, int protocol)
{
    int fd = socket(family, type, protocol);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static void call_otherwise(struct caller *caller, struct smg_op *op)
{
    struct sockaddr_in any = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    say(caller, op, "tcp", fd < 0 ? errno : 0);
    say(caller, op, "local", try_socket(AF_UNIX, SOCK_STREAM, 0));
    say(caller, op, "packets", try_socket(AF_INET, SOCK_DGRAM, 0));
    say(caller, op, "raw", try_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    say(caller, op, "paths", try_socket(AF_INET, SOCK_STREAM, 262)); /* multipath TCP */
    say(caller, op, "six", try_socket(AF_INET6, SOCK_STREAM, 0));
    say(caller, op, "bind", bind(fd, (void *)&any, sizeof any) < 0 ? errno : 0);
    say(caller, op, "listen", listen(fd, 1) < 0 ? errno : 0);
    say(caller, op, "no_delay",
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) < 0 ? errno : 0);
    say(caller, op, "mark", setsockopt(fd, SOL_SOCKET, SO_MARK, &yes, sizeof yes) < 0 ? errno : 0);
    say(caller, op, "file", connect(1, (void *)&any, sizeof any) < 0 ? errno : 0);
    close(fd);
}

static int try_open(const char *folder, const char *name, int flags)
{
    char path[256];
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, flags, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static void look_around(struct caller *caller, struct smg_op *op)
{
    const char *folder = caller->config->folder;

    say(caller, op, "read", try_open(folder, "card.txt", O_RDONLY));
    say(caller, op, "list", try_open(folder, ".", O_RDONLY | O_DIRECTORY));
    say(caller, op, "write", try_open(folder, "card.txt", O_WRONLY));
    say(caller, op, "cut", try_open(folder, "card.txt", O_RDONLY | O_TRUNC));
    say(caller, op, "create", try_open(folder, "new.txt", O_WRONLY | O_CREAT));
    say(caller, op, "beside", try_open(folder, "../beside.txt", O_RDONLY));
}

static void call_without_end(struct caller *caller)
{
    union place place;
    socklen_t len = find_place(caller->config->call, &place);

    for (;;) {
        int fd = socket(place.any.sa_family, SOCK_STREAM, 0);

        if (connect(fd, &place.any, len) == 0)
            close(fd);
    }
}

/* Past the handler, straight to the gateway: requests, and nobody takes the answers. */
static void ask_without_end(struct caller *caller)
{
    union place place;
    socklen_t len = find_place(caller->config->call, &place);

    while (send(4, &place, len, 0) > 0)
        ;
    for (;;)
        pause();
}

static void caller_read(void *self, struct smg_op *op)
{
    struct caller *caller = self;

    if (is(caller, "otherwise"))
        call_otherwise(caller, op);
    else if (is(caller, "files"))
        look_around(caller, op);
    else if (is(caller, "flood"))
        call_without_end(caller);
    else if (is(caller, "deaf"))
        ask_without_end(caller);
    else
        call(caller, op);
    smg_done(caller->host, op);
}

static int caller_open(const struct smg_host *host, const void *config, void **self,
                       struct smg_err *err)
{
    struct caller *caller = calloc(1, sizeof *caller);

    if (caller == NULL)
        return smg_fail(err, SMG_E_MEMORY, "caller");
    caller->host = host;
    caller->config = config;
    *self = caller;
    return SMG_OK;
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = caller_read };

SMG_PLUGIN(caller) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "caller",
    .version = "1.0",
    .summary = "a reader whose device is behind a socket, for tests",
    .config_size = sizeof(struct config),
    .options = options,
    .open = caller_open,
    .close = free,
    .reader = &ops,
};
