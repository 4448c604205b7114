/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin's process as /proc tells of it. */
#include "kit/stand.h"

#include <dirent.h>
#include <stdlib.h>

/* A line of /proc/PID/status; false: it is not there. */
static bool read_status(int pid, const char *key, int base, uint64_t *out)
{
    char path[64], line[256];
    size_t len = strlen(key);
    bool found = false;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    file = fopen(path, "r");
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        found = strncmp(line, key, len) == 0 && line[len] == ':';
        if (found)
            *out = strtoull(line + len + 1, NULL, base);
    }
    if (file != NULL)
        fclose(file);
    return found;
}

static int64_t count_entries(int pid, const char *what)
{
    char path[64];
    int64_t count = 0;
    DIR *folder;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
    folder = opendir(path);
    if (folder == NULL)
        return -1;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

struct stand_process stand_look(const struct stand *stand)
{
    struct stand_process process = { -1, -1, -1, 0 };
    struct reader_status status;
    uint64_t number = 0, caught = 0, ignored = 0;

    reader_status(stand->reader, &status);
    if (status.pid <= 0)
        return process;
    if (read_status(status.pid, "RssAnon", 10, &number))
        process.memory_kib = (int64_t)number;
    if (read_status(status.pid, "Threads", 10, &number))
        process.threads = (int64_t)number;
    if (read_status(status.pid, "SigCgt", 16, &caught) &&
        read_status(status.pid, "SigIgn", 16, &ignored))
        process.signals = caught | ignored;
    process.descriptors = count_entries(status.pid, "fd");
    return process;
}
