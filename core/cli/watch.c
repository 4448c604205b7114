/* SPDX-License-Identifier: Apache-2.0 */
/* inotify over the whole tree, opened anew for each round, so that new folders are watched too. */
#include "cli/watch.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { QUIET_MS = 100, DEPTH = 16 };

enum waited { WAITED_CHANGE, WAITED_QUIET, WAITED_SIGNAL, WAITED_ERROR };

static const uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

/* The folder and all below it. Links are not followed: they could lead in a circle. */
static bool add_tree(int notify, const char *folder, int depth)
{
    const struct dirent *entry;
    bool added = true;
    DIR *dir;

    if (inotify_add_watch(notify, folder, changes | IN_ONLYDIR) < 0)
        return false;
    dir = opendir(folder);
    if (dir == NULL)
        return false;
    while (added && depth < DEPTH && (entry = readdir(dir)) != NULL) {
        struct buf below = { 0 };

        if ((entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) || entry->d_name[0] == '.')
            continue;
        buf_printf(&below, "%s/%s", folder, entry->d_name);
        /* A folder that is gone again by now is no reason to stop: its going is a change. */
        added = !below.failed &&
                (add_tree(notify, below.at, depth + 1) || errno == ENOENT || errno == ENOTDIR);
        buf_fini(&below);
    }
    closedir(dir);
    return added;
}

static void drain(int notify)
{
    char events[4096];

    while (read(notify, events, sizeof events) > 0)
        ;
}

/* Negative timeout: as long as it takes. */
static enum waited wait_once(int notify, int signals, int timeout_ms)
{
    struct pollfd fds[] = { { notify, POLLIN, 0 }, { signals, POLLIN, 0 } };
    int ready;

    do
        ready = poll(fds, 2, timeout_ms);
    while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return WAITED_ERROR;
    if (ready == 0)
        return WAITED_QUIET;
    if (fds[1].revents != 0)
        return WAITED_SIGNAL;
    drain(notify);
    return WAITED_CHANGE;
}

/* An editor writes a file in several steps: the round waits until they are over. */
static enum waited wait_for_change(int notify, int signals)
{
    enum waited waited = wait_once(notify, signals, -1);

    while (waited == WAITED_CHANGE)
        waited = wait_once(notify, signals, QUIET_MS);
    return waited;
}

static bool add_trees(int notify, const char *path)
{
    bool added = true;

    while (added && *path != '\0') {
        size_t len = strcspn(path, ":");
        struct buf folder = { 0 };

        buf_put(&folder, path, len);
        added = !folder.failed && add_tree(notify, folder.at, 0);
        buf_fini(&folder);
        path += len + (path[len] == ':');
    }
    return added;
}

static int open_trees(const char *path)
{
    int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (notify >= 0 && add_trees(notify, path))
        return notify;
    fprintf(stderr, "shiming: %s cannot be watched: %s\n", path, strerror(errno));
    if (notify >= 0)
        close(notify);
    return -1;
}

bool watch_run(const char *path, watch_fn fn, void *ctx)
{
    enum waited waited = WAITED_QUIET;
    int signals, notify;
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &ends, NULL) != 0 ||
        (signals = signalfd(-1, &ends, SFD_CLOEXEC)) < 0) {
        fprintf(stderr, "shiming: signals cannot be watched: %s\n", strerror(errno));
        return false;
    }
    while (waited == WAITED_QUIET) {
        notify = open_trees(path);
        if (notify < 0) {
            waited = WAITED_ERROR;
            break;
        }
        fn(ctx);
        waited = wait_for_change(notify, signals);
        close(notify);
    }
    close(signals);
    return waited == WAITED_SIGNAL;
}
