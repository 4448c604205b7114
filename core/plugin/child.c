/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's process: it loads the plugin, locks itself in, starts it and runs its reads. One
 * thread runs the plugin; a second one listens for cancels and for the gateway's end. */
#include "plugin/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/address.h"
#include "config/config.h"
#include "loop/clock.h"
#include "plugin/op.h"
#include "plugin/reader.h"
#include "plugin/wire.h"

enum { LISTENER_STACK = 256 * 1024, LAST_MOMENT_MS = 1000, LOOK_EVERY_MS = 500 };

/* Every text of the start message, ended by a NUL as plugins expect, in one block that stays. The
 * file comes first. */
static char *keep_texts(const struct wire_message *start, const char **names, const char **values)
{
    size_t size = start->file.len + 1;
    char *texts, *at;

    for (size_t i = 0; i < start->option_count; i++)
        size += start->options[i].name.len + start->options[i].value.len + 2;
    texts = at = calloc(1, size);
    if (texts == NULL)
        return NULL;
    if (start->file.len > 0)
        memcpy(at, start->file.at, start->file.len);
    at += start->file.len + 1;
    for (size_t i = 0; i < start->option_count; i++) {
        const struct wire_option *option = &start->options[i];

        names[i] = at;
        if (option->name.len > 0)
            memcpy(at, option->name.at, option->name.len);
        at += option->name.len + 1;
        values[i] = at;
        if (option->value.len > 0)
            memcpy(at, option->value.at, option->value.len);
        at += option->value.len + 1;
    }
    return texts;
}

static int load(struct child *child, const struct wire_message *start, struct smg_err *err)
{
    const char *names[WIRE_OPTIONS_MAX], *values[WIRE_OPTIONS_MAX];
    struct library *library = NULL;

    child->texts = keep_texts(start, names, values);
    if (child->texts == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (confine_limit(err) < 0 || library_load("", SMG_READER, child->texts, &library, err) < 0)
        return err->code;
    child->plugin = library_plugin(library);
    library_free(library); /* the file stays mapped */
    child->config = calloc(1, child->plugin->config_size + 1);
    if (child->config == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (!config_fill_pairs(child->plugin->options, names, values, start->option_count,
                           child->config, err))
        return err->code;
    return SMG_OK;
}

/* A missing device is SMG_E_GONE: it will come. */
static int note_device(struct child *child, const char *path, struct smg_err *err)
{
    struct child_device *device = &child->devices[child->device_count++];

    device->path = path;
    if (stat(path, &device->was) != 0)
        return smg_fail(err, errno == ENOENT ? SMG_E_GONE : SMG_E_IO, "%s: %s", path,
                        strerror(errno));
    return SMG_OK;
}

static int note_socket(struct confine_reach *reach, const char *text, struct smg_err *err)
{
    struct address address;

    if (address_read(text, &address, err) < 0)
        return err->code;
    reach->local |= address.any.sa_family == AF_UNIX;
    reach->four |= address.any.sa_family == AF_INET;
    reach->six |= address.any.sa_family == AF_INET6;
    return SMG_OK;
}

/* What the plugin may reach is what its options name; there are fewer of them than room. */
static int find_reach(struct child *child, struct confine_reach *reach, struct smg_err *err)
{
    const struct smg_option *option = child->plugin->options;
    int code = SMG_OK;

    for (; code == SMG_OK && option->name != NULL; option++) {
        bool device = option->type == SMG_OPT_DEVICE, path = option->type == SMG_OPT_PATH;
        const char *text = NULL;

        if (!device && !path && option->type != SMG_OPT_SOCKET)
            continue;
        memcpy(&text, (char *)child->config + option->offset, sizeof text);
        if (text == NULL)
            continue;
        if (device)
            code = note_device(child, reach->devices[reach->device_count++] = text, err);
        else if (path)
            reach->paths[reach->path_count++] = text;
        else
            code = note_socket(reach, text, err);
    }
    return code;
}

/* A device that comes back is another file, which only another process may open. */
static const char *find_lost_device(const struct child *child)
{
    for (size_t i = 0; i < child->device_count; i++) {
        const struct child_device *device = &child->devices[i];
        struct stat is;

        if (stat(device->path, &is) != 0 || is.st_dev != device->was.st_dev ||
            is.st_ino != device->was.st_ino || is.st_rdev != device->was.st_rdev)
            return device->path;
    }
    return NULL;
}

/* Everything that can be refused before the plugin is first called. */
static int lock_in(struct child *child, struct smg_err *err)
{
    struct confine_reach reach = { 0 };
    bool landlocked = false, sockets;

    if (find_reach(child, &reach, err) < 0)
        return err->code;
    reach.tells = getenv(READER_TELL_WALLS) != NULL;
    sockets = reach.local || reach.four || reach.six;
    if ((sockets || reach.tells) && child_door_open(sockets, err) < 0)
        return err->code;
    child->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (child->wake < 0)
        return smg_fail(err, SMG_E_IO, "eventfd: %s", strerror(errno));
    if (confine_enter(&reach, &landlocked, err) < 0)
        return err->code;
    if (!landlocked)
        child->table.log(&child->table, SMG_WARN,
                         "this kernel has no Landlock: the driver may open any file");
    return SMG_OK;
}

static void wake_up(struct child *child)
{
    const uint64_t one = 1;

    pthread_cond_broadcast(&child->changed);
    if (write(child->wake, &one, sizeof one) < 0)
        return; /* it is readable already */
}

/* What the gateway wrote is read as any stranger's bytes; nothing comes of what is malformed. */
static struct smg_fields *read_given(struct smg_str bytes)
{
    struct smg_err err;

    return bytes.len == 0 ? NULL : fields_read(bytes, &err);
}

static void take_message(struct child *child, const struct wire_message *message)
{
    pthread_mutex_lock(&child->lock);
    if (message->kind == WIRE_READ && child->asked == 0 && child->running == 0) {
        child->asked = message->id;
        child->deadline_us = clock_mono_us() + message->deadline_ms * 1000;
        child->cancelled = false;
        child->asked_given = read_given(message->given);
    } else if (message->kind == WIRE_CANCEL &&
               (message->id == child->asked || message->id == child->running)) {
        child->cancelled = true;
    }
    wake_up(child);
    pthread_mutex_unlock(&child->lock);
}

static bool is_idle(struct child *child)
{
    bool idle;

    pthread_mutex_lock(&child->lock);
    idle = child->asked == 0 && child->running == 0;
    pthread_mutex_unlock(&child->lock);
    return idle;
}

/* Between reads nobody looks at the device; a clerk should not be the first to learn that it is
 * gone. The gateway answers with a kill and a new process. */
static void watch_devices(struct child *child)
{
    struct pollfd message = { .fd = CHILD_SOCKET, .events = POLLIN };
    struct smg_err why = { 0 }, err;
    struct wire_message said;
    const char *lost = NULL;

    while (child->device_count > 0 && lost == NULL && poll(&message, 1, LOOK_EVERY_MS) == 0)
        lost = is_idle(child) ? find_lost_device(child) : NULL;
    if (lost == NULL)
        return;
    smg_fail(&why, SMG_E_GONE, "%s: the device was unplugged", lost);
    said = (struct wire_message){ .kind = WIRE_FAILED, .code = why.code, .text = str_of(why.text) };
    wire_send_message(CHILD_SOCKET, &said, 0, &err);
    child->device_count = 0;
}

/* The second thread. When the gateway closes the socket, the plugin has a last moment to stop. */
static void *listen_for_messages(void *ctx)
{
    struct child *child = ctx;
    struct wire_message message;
    struct smg_err err = { 0 };
    char room[READER_GIVEN_BYTES + 512]; /* nothing longer comes after the start message */
    size_t used = 0;

    watch_devices(child);
    while (wire_receive(CHILD_SOCKET, 0, room, sizeof room, &used, &message, &err) == 1) {
        take_message(child, &message);
        str_wipe(room, used);
        watch_devices(child);
    }
    pthread_mutex_lock(&child->lock);
    child->over = true;
    wake_up(child);
    pthread_mutex_unlock(&child->lock);
    poll(NULL, 0, LAST_MOMENT_MS);
    _exit(EXIT_FAILURE);
}

/* Only now: a thread started earlier would not be held back by Landlock. */
static int start_listener(struct child *child, struct smg_err *err)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int code = pthread_attr_init(&attributes);

    if (code == 0) {
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, LISTENER_STACK);
        code = pthread_create(&thread, &attributes, listen_for_messages, child);
        pthread_attr_destroy(&attributes);
    }
    return code == 0 ? SMG_OK : smg_fail(err, SMG_E_IO, "a thread: %s", strerror(code));
}

static int start_plugin(struct child *child, struct smg_err *err)
{
    const struct smg_plugin *plugin = child->plugin;
    int code = plugin->open(&child->table, child->config, &child->self, err);

    if (code == SMG_OK && plugin->start != NULL) {
        code = plugin->start(child->self, err);
        if (code < 0)
            plugin->close(child->self);
    }
    if (code < 0)
        err->code = code;
    return code;
}

/* false: the gateway wants no more. */
static bool wait_for_read(struct child *child)
{
    bool over;

    pthread_mutex_lock(&child->lock);
    while (child->asked == 0 && !child->over)
        pthread_cond_wait(&child->changed, &child->lock);
    over = child->over;
    child->running = child->asked;
    child->given = child->asked_given;
    child->asked = 0;
    child->asked_given = NULL;
    pthread_mutex_unlock(&child->lock);
    return !over;
}

static void run_reads(struct child *child)
{
    while (wait_for_read(child)) {
        uint64_t id = child->running;

        child->plugin->reader->read(child->self, (struct smg_op *)(uintptr_t)id);
        child_host_owe(child, id);
        fields_free(child->given);
        child->given = NULL;
    }
}

/* SMG_OK: the plugin has started. Otherwise the gateway is told why not, when it still listens. */
static int begin(struct child *child, struct smg_err *err)
{
    struct wire_message *start = calloc(1, sizeof *start);
    char *room = malloc(WIRE_BYTES);
    size_t used = 0;
    int code = SMG_E_GONE;

    if (start != NULL && room != NULL &&
        wire_receive(CHILD_SOCKET, 0, room, WIRE_BYTES, &used, start, err) == 1)
        code = start->kind == WIRE_START ? load(child, start, err)
                                         : smg_fail(err, SMG_E_PROTOCOL, "no start message came");
    if (room != NULL)
        str_wipe(room, used);
    free(room);
    free(start);
    if (code == SMG_OK)
        code = lock_in(child, err);
    if (code == SMG_OK)
        code = start_listener(child, err);
    return code == SMG_OK ? start_plugin(child, err) : code;
}

int reader_child(void)
{
    struct wire_message said = { .kind = WIRE_READY };
    struct smg_err err = { 0 }, given;
    struct child child;

    child_host_init(&child);
    if (fcntl(CHILD_SOCKET, F_GETFD) < 0)
        return EXIT_FAILURE; /* started by hand */
    if (begin(&child, &err) < 0) {
        op_take_err(&err, &given);
        said = (struct wire_message){ .kind = WIRE_FAILED,
                                      .code = given.code,
                                      .text = str_of(given.text) };
        wire_send_message(CHILD_SOCKET, &said, 0, &err);
        _exit(EXIT_FAILURE);
    }
    if (wire_send_message(CHILD_SOCKET, &said, 0, &err) == SMG_OK)
        run_reads(&child);
    if (child.plugin->stop != NULL)
        child.plugin->stop(child.self);
    child.plugin->close(child.self);
    /* Not exit: what a vendor's library wants to do then is none of our business. */
    _exit(EXIT_SUCCESS);
}
