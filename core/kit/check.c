/* SPDX-License-Identifier: Apache-2.0 */
/* Running the trials of each check over as many lanes as it may have, and saying what came of it.
 */
#include "kit/check_inside.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "loop/clock.h"

enum { ENOUGH = 4, SETTLED = 20, LEAK_KIB = 24, STOP_MS = 450 };

void check_found(struct check_result *result, const char *fmt, ...)
{
    va_list args;

    if (result->found_count < CHECK_FOUND) {
        va_start(args, fmt);
        vsnprintf(result->found[result->found_count], sizeof result->found[0], fmt, args);
        va_end(args);
    }
    result->found_count++;
}

/* What is about all trials together goes there; the rest to the check that found it. */
static struct check_result *result_of(struct check *check, enum stand_wrong wrong)
{
    switch (wrong) {
    case STAND_WALLS:
        return &check->walls;
    case STAND_TELLS:
    case STAND_FLOODS:
        return &check->words;
    case STAND_NONSENSE:
    case STAND_NO_DONE:
    case STAND_SECOND_DONE:
    case STAND_AFTER_DONE:
        return &check->dones;
    default:
        return &check->result;
    }
}

static void take_wrongs(struct check *check, const struct stand_read *read, const char *what)
{
    for (int wrong = 1; wrong < STAND_WRONG_COUNT; wrong++) {
        const char *detail = read->detail[wrong];

        if ((read->wrongs & 1u << wrong) == 0)
            continue;
        /* A plugin that was killed for what it answered did not die of itself. */
        if (wrong == STAND_NONSENSE && (read->wrongs & 1u << STAND_LATE) != 0)
            continue;
        check_found(result_of(check, (enum stand_wrong)wrong), "%s: %s%s%s", what,
                    stand_wrong_text((enum stand_wrong)wrong), detail[0] == '\0' ? "" : ": ",
                    detail);
        if (wrong == STAND_NOT_UP)
            check->lost = true;
    }
}

static bool next_trial(void *ctx, struct lane *lane, struct trial *trial)
{
    struct check *check = ctx;

    if (check->lost || check->result.found_count >= ENOUGH)
        return false;
    if (check->group->make == check_groups[2].make && check->result.found_count > 0 && !lane->heard)
        return false; /* see note_read */
    if (check->dones.found_count >= check->dones_before + ENOUGH) {
        check_found(&check->result, "stopped after %llu trials: see dones",
                    (unsigned long long)check->result.trials);
        return false;
    }
    if (clock_mono_us() > (int64_t)check->limit_us) {
        check->out_of_time = check->group->make(check, check->turn, trial);
        return false;
    }
    if (!check->group->make(check, check->turn, trial))
        return false;
    check->turn++;
    check->result.trials++;
    return true;
}

/* Where memory and descriptors stand after the first few, a half and all of the reads. */
static void measure(struct check *check, struct lane *lane)
{
    uint64_t cycles = (uint64_t)check->options->cycles, done = check->result.trials;
    struct stand_process process;
    size_t place = 3;

    if (check->group->make != check_groups[12].make)
        return;
    if (done == (cycles / 10 < SETTLED ? cycles / 10 : SETTLED) + 1)
        place = 0;
    else if (done == cycles / 2 + 1)
        place = 1;
    else if (done == cycles)
        place = 2;
    if (place == 3)
        return;
    process = stand_look(&lane->stand);
    check->memory[place] = process.memory_kib;
    check->descriptors[place] = process.descriptors;
}

static void tell_trial(void *ctx, struct lane *lane, const struct trial *trial, const char *problem)
{
    struct check *check = ctx;
    const struct stand_read *read = &lane->stand.read;
    const char *when = lane->repeating ? ", and the read after it" : "";
    char what[160];

    snprintf(what, sizeof what, "%s%s", trial->what, when);
    take_wrongs(check, read, what);
    /* What is told already is not told twice. */
    if (problem != NULL && (read->wrongs & ~(1u << STAND_TELLS | 1u << STAND_FLOODS)) == 0)
        check_found(&check->result, "%s: %s", what, problem);
    else if (problem != NULL)
        check->result.found_count += check->result.found_count == 0 && read->code == SMG_OK;
    measure(check, lane);
    if (check->group->make == check_groups[2].make && read->code == SMG_OK)
        memcpy(check->lengths, lane->lengths, sizeof check->lengths);
}

static void on_idle(void *ctx)
{
    struct check *check = ctx;

    if (--check->busy == 0)
        loop_stop(check->plugin.loop);
}

static void hear(void *ctx, enum smg_level level, const char *who, const char *message)
{
    struct check *check = ctx;

    stand_hear(check->stands, check->open, level, who, message);
}

static int open_lanes(struct check *check, size_t count, struct smg_err *err)
{
    while (check->open < count) {
        struct lane *lane = &check->lanes[check->open];

        check->stands[check->open] = &lane->stand;
        if (lane_open(lane, &check->plugin, (unsigned)check->open + 1, err) != SMG_OK)
            return err->code;
        check->open++;
    }
    return SMG_OK;
}

static void run_trials(struct check *check)
{
    size_t lanes = check->group->lanes;
    struct smg_err err = { 0 };

    if (open_lanes(check, lanes, &err) != SMG_OK) {
        check_found(&check->result, "%s", err.text);
        check->lost = check->open == 0;
        lanes = check->open < lanes ? check->open : lanes;
    }
    check->turn = 0;
    check->dones_before = check->dones.found_count;
    check->out_of_time = false;
    check->busy = lanes + 1;
    for (size_t i = 0; i < lanes; i++)
        lane_run(&check->lanes[i], next_trial, tell_trial, on_idle, check);
    check->busy--;
    if (check->busy > 0 && loop_run(check->plugin.loop, &err) != SMG_OK)
        check_found(&check->result, "%s", err.text);
    if (check->out_of_time)
        check_found(&check->result, "not finished: the time was up after %llu trials",
                    (unsigned long long)check->result.trials);
}

static void judge_leaks(struct check *check)
{
    struct check_result *result = &check->result;
    const int64_t *memory = check->memory, *descriptors = check->descriptors;
    int len;

    if (result->found_count > 0)
        return;
    /* Growth in both halves is a leak; a cache that fills once is none. */
    if (memory[2] - memory[0] >= LEAK_KIB && memory[1] > memory[0] && memory[2] > memory[1])
        check_found(result,
                    "memory grows: %lld KiB after the first of %lld reads, %lld after half, %lld "
                    "at the end",
                    (long long)memory[0], (long long)check->options->cycles, (long long)memory[1],
                    (long long)memory[2]);
    if (descriptors[0] >= 0 && descriptors[2] > descriptors[0] && descriptors[1] > descriptors[0])
        check_found(result, "descriptors grow: %lld after the first of %lld reads, %lld at the end",
                    (long long)descriptors[0], (long long)check->options->cycles,
                    (long long)descriptors[2]);
    len = snprintf(result->note, sizeof result->note, "%lld reads, %lld KiB",
                   (long long)check->options->cycles, (long long)memory[2]);
    if (descriptors[0] >= 0)
        snprintf(result->note + len, sizeof result->note - (size_t)len, ", %lld descriptors",
                 (long long)descriptors[2]);
    else
        snprintf(result->note + len, sizeof result->note - (size_t)len,
                 "; descriptors cannot be counted by this account, 64 would have ended the reads");
}

static void check_file(struct check *check)
{
    const struct smg_plugin *plugin = library_plugin(check->plugin.library);
    struct check_result *result = &check->result;
    size_t count = 0;

    for (const struct smg_option *option = plugin->options; option->name != NULL; option++) {
        count++;
        if (option->help == NULL || option->help[0] == '\0')
            check_found(result, "the option %s has no help", option->name);
    }
    if (plugin->summary == NULL || plugin->summary[0] == '\0')
        check_found(result, "it has no summary");
    snprintf(result->note, sizeof result->note, "%s %s, ABI %u.%u, %u option%s", plugin->name,
             plugin->version, plugin->abi_major, plugin->abi_minor, (unsigned)count,
             count == 1 ? "" : "s");
}

static void check_walls(struct check *check)
{
    static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGALRM };
    struct stand_process process = stand_look(&check->lanes[0].stand);

    check->result = check->walls;
    if (process.memory_kib < 0) {
        check_found(&check->result, "its process cannot be looked at");
        return;
    }
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (process.signals & 1ull << (signals[i] - 1))
            check_found(&check->result, "it catches or ignores SIG%s", sigabbrev_np(signals[i]));
    snprintf(check->result.note, sizeof check->result.note, "%lld threads, %lld of them its own",
             (long long)process.threads, (long long)process.threads - 2);
}

/* The longest of them, ms. What a plugin says in its last moment still counts. */
static int64_t close_lanes(struct check *check)
{
    int64_t longest = 0;

    for (size_t i = 0; i < check->open; i++) {
        int64_t took = lane_close(&check->lanes[i]);

        take_wrongs(check, &check->lanes[i].stand.read, "stopping");
        stand_read_clear(&check->lanes[i].stand.read);
        longest = took > longest ? took : longest;
    }
    check->open = 0;
    return longest;
}

static void check_stop(struct check *check)
{
    int64_t longest = close_lanes(check);

    if (longest >= STOP_MS)
        check_found(&check->result, "its process did not end in 500 ms and was killed");
    snprintf(check->result.note, sizeof check->result.note, "%lld ms", (long long)longest);
}

static void skip(struct check *check, const char *why)
{
    check->result.state = CHECK_SKIPPED;
    snprintf(check->result.note, sizeof check->result.note, "%s", why);
}

/* NULL: the group can run. */
static const char *find_obstacle(const struct check *check, const struct check_group *group)
{
    if (check->lost && group->make != NULL)
        return "the plugin does not start";
    if (check->lost && strcmp(group->name, "walls") == 0)
        return "the plugin does not start";
    if (group->codes && check->plugin.scanner)
        return "a scanner answers no codes";
    if (group->line && !check->line)
        return "it has no device option for the virtual reader to hang on";
    if (group->line && !check->reads && group->make != check_groups[2].make)
        return "the plugin does not read the virtual card";
    return NULL;
}

static void run_special(struct check *check, const char *name)
{
    if (strcmp(name, "file") == 0)
        check_file(check);
    else if (strcmp(name, "walls") == 0)
        check_walls(check);
    else if (strcmp(name, "stop") == 0)
        check_stop(check);
    else if (strcmp(name, "dones") == 0)
        check->result = check->dones;
    else
        check->result = check->words;
}

/* A driver of something that speaks unasked waits for it in vain. */
static void note_read(struct check *check)
{
    struct check_result *result = &check->result;

    check->reads = result->found_count == 0;
    if (!check->reads && check->open > 0 && !check->lanes[0].heard && !check->plugin.scanner)
        snprintf(result->note, sizeof result->note,
                 "it asked the virtual reader nothing; is it for a scanner of machine readable "
                 "zones? Then --scanner");
}

static void run_group(struct check *check, const struct check_group *group)
{
    const char *obstacle = find_obstacle(check, group);
    int64_t began_us = clock_mono_us();
    struct check_result *result = &check->result;

    check->group = group;
    *result = (struct check_result){ .name = group->name, .title = group->title };
    if (obstacle != NULL)
        skip(check, obstacle);
    else if (group->make != NULL)
        run_trials(check);
    else
        run_special(check, group->name);
    result->name = group->name;
    result->title = group->title;
    if (strcmp(group->name, "leaks") == 0 && obstacle == NULL)
        judge_leaks(check);
    if (strcmp(group->name, "read") == 0)
        note_read(check);
    if (result->state != CHECK_SKIPPED)
        result->state = result->found_count == 0 ? CHECK_PASSED : CHECK_FAILED;
    result->took_ms = (clock_mono_us() - began_us) / 1000;
    check->failed |= result->state == CHECK_FAILED;
}

/* Those that others stand on run whatever was asked for. */
static bool is_wanted(const struct check *check, const struct check_group *group)
{
    const char *only = check->options->only;

    return only == NULL || strcmp(only, group->name) == 0;
}

static bool is_needed(const struct check_group *group)
{
    return strcmp(group->name, "start") == 0 || strcmp(group->name, "read") == 0;
}

static void run_all(struct check *check)
{
    for (size_t i = 0; i < check_group_count; i++) {
        const struct check_group *group = &check_groups[i];

        if (!is_wanted(check, group) && !is_needed(group)) {
            if (strcmp(group->name, "stop") == 0)
                close_lanes(check); /* those below look at all that was said */
            continue;
        }
        run_group(check, group);
        if (is_wanted(check, group) || check->result.state == CHECK_FAILED)
            check->tell(check->ctx, &check->result);
    }
}

static size_t count_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    size_t count = 0;

    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

static int open_plugin(struct check *check, struct smg_err *err)
{
    const struct check_options *options = check->options;
    size_t threads = count_threads();

    if (stand_plugin_load(&check->plugin, check->plugin.loop, "", options->file, options->options,
                          false, err) != SMG_OK)
        return err->code;
    check->plugin.file = options->options_file;
    check->plugin.says = options->says;
    check->plugin.scanner = options->scanner;
    check->line = check->plugin.device != NULL;
    if (count_threads() > threads)
        check->failed = true; /* its process will refuse it, and say so */
    return SMG_OK;
}

static struct check *new_check(const struct check_options *options, struct smg_err *err)
{
    struct check *check = calloc(1, sizeof *check);

    if (check == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    check->options = options;
    check->limit_us = (uint64_t)(clock_mono_us() + options->seconds * 1000000);
    check->plugin.loop = loop_new("kit", err);
    if (check->plugin.loop != NULL)
        return check;
    free(check);
    return NULL;
}

bool check_run(const struct check_options *options, check_tell_fn tell, void *ctx,
               struct smg_err *err)
{
    struct check *check = new_check(options, err);
    bool good;

    if (check == NULL)
        return false;
    check->tell = tell;
    check->ctx = ctx;
    log_divert(hear, check);
    setenv(READER_TELL_WALLS, "1", 1);
    if (stand_plugin_place(&check->plugin, err) == SMG_OK && open_plugin(check, err) == SMG_OK)
        run_all(check);
    close_lanes(check);
    unsetenv(READER_TELL_WALLS);
    log_divert(NULL, NULL);
    good = err->code == SMG_OK && !check->failed;
    stand_plugin_fini(&check->plugin);
    loop_free(check->plugin.loop);
    free(check);
    return good;
}
