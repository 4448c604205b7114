/* SPDX-License-Identifier: Apache-2.0 */
/* One process a portrait: bytes in, picture out, gone. */
#include "plugin/decoder.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "plugin/confine.h"
#include "plugin/process.h"

enum {
    PICTURE_BYTES = 256 * 1024,
    RUNS_MOST = 8, /* at the same time; one more has no picture */
    CANNOT_RUN = 127
};

struct run {
    struct decoder *decoder;
    struct process process;
    struct loop_watch *answer, *end;
    struct loop_timer *deadline;
    struct buf picture;
    decoder_done_fn fn;
    void *ctx;
    bool is_used;
};

struct decoder {
    struct loop *loop;
    char *program;
    int64_t timeout_ms;
    struct run runs[RUNS_MOST];
};

struct decoder *decoder_new(struct loop *loop, const char *program, int64_t timeout_ms)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);

    if (decoder == NULL)
        return NULL;
    decoder->loop = loop;
    decoder->timeout_ms = timeout_ms;
    decoder->program = strdup(program);
    if (decoder->program != NULL)
        return decoder;
    free(decoder);
    return NULL;
}

/* Only what a browser shows, by what it begins with. */
static const char *type_of(struct smg_str picture)
{
    if (str_starts(picture, "BM"))
        return "image/bmp";
    if (str_starts(picture, "\xFF\xD8\xFF"))
        return "image/jpeg";
    return str_starts(picture, "\x89PNG\r\n\x1A\n") ? "image/png" : NULL;
}

/* why NULL: there is a picture. The text never tells what was decoded. */
static void end_run(struct run *run, const char *why)
{
    struct buf picture = run->picture;
    decoder_done_fn fn = run->fn;
    void *ctx = run->ctx;
    const char *type = why == NULL && !picture.failed ? type_of(buf_view(&picture)) : NULL;

    loop_unwatch(run->answer);
    loop_unwatch(run->end);
    loop_forget(run->deadline);
    process_kill(&run->process);
    process_end(&run->process, 0);
    if (type == NULL)
        log_line(SMG_WARN, "decoder", "no portrait: %s",
                 why == NULL ? "what came is no picture" : why);
    *run = (struct run){ .process = PROCESS_NONE }; /* free for another, also one that fn starts */
    fn(ctx, type, type == NULL ? (struct smg_str){ 0 } : buf_view(&picture));
    buf_fini(&picture);
}

/* The picture is whole when the program closed its output and ended well. */
static void end_when_whole(struct run *run)
{
    if (run->answer == NULL && run->end == NULL)
        end_run(run, NULL);
}

static void take_picture(void *ctx, int fd, unsigned ready)
{
    struct run *run = ctx;
    char bytes[16 * 1024];
    ssize_t got = read(fd, bytes, sizeof bytes);

    (void)ready;
    if (got > 0) {
        buf_put(&run->picture, bytes, (size_t)got);
        str_wipe(bytes, (size_t)got);
        if (run->picture.len > PICTURE_BYTES)
            end_run(run, "it is larger than 256 KiB");
    } else if (got == 0 || errno == ECONNRESET) { /* the latter: it did not read all we sent */
        loop_unwatch(run->answer);
        run->answer = NULL;
        end_when_whole(run);
    } else if (errno != EAGAIN && errno != EINTR) {
        end_run(run, strerror(errno));
    }
}

static void on_end(void *ctx, int fd, unsigned ready)
{
    struct run *run = ctx;
    char how[96];

    (void)fd;
    (void)ready;
    if (!process_reap(&run->process, how, sizeof how))
        return;
    if (run->process.status != 0) {
        end_run(run, how);
        return;
    }
    loop_unwatch(run->end);
    run->end = NULL;
    end_when_whole(run);
}

static void on_deadline(void *ctx)
{
    struct run *run = ctx;

    run->deadline = NULL;
    end_run(run, "the program did not end in time");
}

/* A program may end without having read: what it printed and how it ended tell the rest. */
static bool hand_over(struct run *run, struct smg_str bytes)
{
    ssize_t sent = send(run->process.socket, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
        return true;
    return sent == (ssize_t)bytes.len &&
           (shutdown(run->process.socket, SHUT_WR) == 0 || errno == ENOTCONN);
}

static void start_run(struct run *run, struct smg_str bytes)
{
    struct decoder *decoder = run->decoder;
    struct smg_err err = { 0 };

    if (process_start_filter(&run->process, DECODER_CHILD_VERB, decoder->program, &err) < 0) {
        end_run(run, err.text);
        return;
    }
    run->answer = loop_watch(decoder->loop, run->process.socket, SMG_READABLE, take_picture, run);
    run->end = loop_watch(decoder->loop, run->process.pidfd, SMG_READABLE, on_end, run);
    run->deadline = loop_after(decoder->loop, decoder->timeout_ms, on_deadline, run);
    if (run->answer == NULL || run->end == NULL || run->deadline == NULL)
        end_run(run, "out of memory");
    else if (!hand_over(run, bytes))
        end_run(run, "the program does not take the bytes");
}

void decoder_run(struct decoder *decoder, struct smg_str bytes, decoder_done_fn fn, void *ctx)
{
    for (size_t i = 0; i < RUNS_MOST; i++) {
        struct run *run = &decoder->runs[i];

        if (run->is_used)
            continue;
        *run = (struct run){
            .decoder = decoder, .process = PROCESS_NONE, .fn = fn, .ctx = ctx, .is_used = true
        };
        start_run(run, bytes);
        return;
    }
    log_line(SMG_WARN, "decoder", "no portrait: %d are being decoded already", RUNS_MOST);
    fn(ctx, NULL, (struct smg_str){ 0 });
}

void decoder_free(struct decoder *decoder)
{
    if (decoder == NULL)
        return;
    for (size_t i = 0; i < RUNS_MOST; i++)
        if (decoder->runs[i].is_used)
            end_run(&decoder->runs[i], "the gateway ends");
    free(decoder->program);
    free(decoder);
}

/* The loader, the libraries and what an interpreter reads, where this system has them. */
static void allow_system(struct confine_reach *reach)
{
    static const char *const places[] = { "/usr", "/lib", "/lib64", "/etc/ld.so.cache" };
    struct stat there;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (stat(places[i], &there) == 0)
            reach->programs[reach->program_count++] = places[i];
}

int decoder_child(const char *program)
{
    struct confine_reach reach = { .programs = { program }, .program_count = 1 };
    const char *argv[] = { program, NULL };
    const char *slash = strrchr(program, '/');
    bool landlocked = false;
    struct smg_err err = { 0 };
    char folder[4096];

    if (slash == NULL || (size_t)(slash - program) >= sizeof folder)
        return CANNOT_RUN;
    memcpy(folder, program, (size_t)(slash - program));
    folder[slash - program] = '\0';
    if (folder[0] != '\0') /* one in "/" is alone */
        reach.programs[reach.program_count++] = folder;
    allow_system(&reach);
    if (confine_limit(&err) == SMG_OK && confine_enter(&reach, &landlocked, &err) == SMG_OK &&
        landlocked) /* without Landlock it could read every file the gateway can */
        execv(program, (char *const *)argv);
    return CANNOT_RUN;
}
