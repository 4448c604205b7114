/* SPDX-License-Identifier: Apache-2.0 */
/* A reader in its own process, as tests use one; the test program is also that process. */
#ifndef TESTS_UNIT_PLUGIN_COUNTER_H
#define TESTS_UNIT_PLUGIN_COUNTER_H

#include "fixture.h"

#include <dirent.h>
#include <signal.h>

#include "plugin/reader.h"

struct counter {
    struct loop *loop;
    struct library *library;
    struct options options;
    struct reader *reader;
    struct result result;
    struct smg_err err;
};

/* file: "probe", or a path. */
static inline void open_counter(struct counter *counter, struct loop *loop, const char *file,
                                const char *yaml)
{
    struct config_errors errors = { 0 };
    struct smg_err err = { 0 };

    *counter = (struct counter){ .loop = loop };
    if (library_load(PLUGINS, SMG_READER, file, &counter->library, &err) < 0)
        fail_msg("%s", err.text);
    counter->options = options_of("counter-1", yaml);
    counter->reader =
        reader_new(loop, counter->library, &counter->options.instance, &errors, &counter->err);
    config_errors_fini(&errors);
    if (counter->reader == NULL)
        return;
    if (reader_start(counter->reader, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void open_probe(struct counter *counter, struct loop *loop, const char *act)
{
    char yaml[64];

    snprintf(yaml, sizeof yaml, "act: %s\n", act);
    open_counter(counter, loop, TEST_PLUGIN("probe"), yaml);
    assert_non_null(counter->reader);
}

static inline void close_counter(struct counter *counter)
{
    reader_free(counter->reader);
    config_tree_free(counter->options.tree);
    library_free(counter->library);
    result_fini(&counter->result);
}

static inline void read_card(struct counter *counter, int64_t deadline_ms)
{
    result_fini(&counter->result);
    reader_read(counter->reader, NULL, deadline_ms, take_result, &counter->result);
    assert_int_equal(counter->result.calls, 0);
    run_until(counter->loop, has_result, &counter->result);
    assert_int_equal(counter->result.calls, 1);
}

static inline struct reader_status status_of(struct counter *counter)
{
    struct reader_status status;

    reader_status(counter->reader, &status);
    return status;
}

static inline bool is_ready(void *ctx)
{
    return status_of(ctx).phase == READER_READY;
}

static inline bool is_reading(void *ctx)
{
    return status_of(ctx).phase == READER_READING;
}

static inline bool is_down(void *ctx)
{
    return status_of(ctx).phase == READER_DOWN;
}

/* The living children of this process; returns how many there are. */
static inline size_t find_children(pid_t *pids, size_t room)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(proc);
    while ((entry = readdir(proc)) != NULL) {
        char path[300], line[512], *end, state = 0;
        int parent = 0;
        FILE *file;

        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "r") : NULL;
        if (file == NULL)
            continue;
        if (fgets(line, sizeof line, file) != NULL && (end = strrchr(line, ')')) != NULL &&
            sscanf(end + 1, " %c %d", &state, &parent) == 2 && parent == getpid() && state != 'Z' &&
            count < room)
            pids[count++] = atoi(entry->d_name);
        fclose(file);
    }
    closedir(proc);
    return count;
}

static inline void kill_only_child(void)
{
    pid_t pids[4] = { 0 };

    assert_int_equal(find_children(pids, 4), 1);
    assert_int_equal(kill(pids[0], SIGKILL), 0);
}

static inline size_t count_descriptors(void)
{
    DIR *fds = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(fds);
    while (readdir(fds) != NULL)
        count++;
    closedir(fds);
    return count;
}

/* In place of main: when this program is started as a reader's process, it is one. */
#define COUNTER_MAIN(tests)                                                                        \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        if (argc > 1 && strcmp(argv[1], READER_CHILD_VERB) == 0)                                   \
            return reader_child();                                                                 \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

#endif
