/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a reader's child: started, watched, killed, buried, started again. */
#include "plugin/reader_inside.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "loop/clock.h"

enum {
    START_MS = 10 * 1000, /* from the start of a child to its "ready" */
    PAUSE_FIRST_MS = 100, /* before the second restart in a row; the first is at once */
    PAUSE_MOST_MS = 2000,
    STEADY_US = 30 * 1000000, /* a child that lived so long does not die "in a row" */
    WORDS_A_SECOND = 256 * 1024,
    REST_MS = 250, /* after more than that, in which the driver writes to nobody */
    ROUNDS = 64    /* what a dead child left unread is finite, and so are we */
};

void reader_kill_child(struct reader *reader)
{
    loop_unwatch(reader->messages);
    loop_unwatch(reader->requests);
    reader->messages = reader->requests = NULL;
    loop_forget(reader->timer);
    reader->timer = NULL;
    reader->life = LIFE_DYING;
    process_kill(&reader->process);
}

void reader_condemn(struct reader *reader, enum smg_code code, const char *text)
{
    smg_fail(&reader->why, code, "%s", text);
    log_line(SMG_ERROR, reader->name, "%s; its process is killed", text);
    reader_kill_child(reader);
    if (reader->current != NULL && reader->asked)
        reader_end_read(reader, &reader->why);
    reader_show(reader);
}

static void on_words(void *ctx, int fd, unsigned ready);

static void listen_again(void *ctx)
{
    struct reader *reader = ctx;

    reader->rest = NULL;
    reader->words = loop_watch(reader->loop, reader->process.words, SMG_READABLE, on_words, reader);
}

/* A flood of words is not to take the loop's time from other readers. */
static void rest_from_words(struct reader *reader)
{
    reader->rest = loop_after(reader->loop, REST_MS, listen_again, reader);
    if (reader->rest == NULL)
        return;
    loop_unwatch(reader->words);
    reader->words = NULL;
}

static void on_words(void *ctx, int fd, unsigned ready)
{
    struct reader *reader = ctx;
    char words[16 * 1024];
    ssize_t len = read(fd, words, sizeof words);

    (void)ready;
    if (len > 0) {
        noise_take(&reader->noise, str_bytes(words, (size_t)len), clock_mono_us());
        str_wipe(words, (size_t)len);
        if (pace_passes(&reader->noisy, (uint64_t)len, WORDS_A_SECOND, clock_mono_us()))
            rest_from_words(reader);
    } else if (len == 0) {
        loop_unwatch(reader->words);
        reader->words = NULL;
    }
}

static void on_request(void *ctx, int fd, unsigned ready)
{
    struct reader *reader = ctx;
    struct smg_err err = { 0 };
    int code = door_answer(&reader->door, fd, clock_mono_us(), &err);

    (void)ready;
    if (code == SMG_E_GONE) {
        loop_unwatch(reader->requests);
        reader->requests = NULL;
    } else if (code < 0) {
        reader_condemn(reader, SMG_E_PROTOCOL, err.text);
    }
}

void reader_forget_child(struct reader *reader)
{
    loop_unwatch(reader->messages);
    loop_unwatch(reader->words);
    loop_unwatch(reader->requests);
    loop_unwatch(reader->end);
    loop_forget(reader->timer);
    loop_forget(reader->rest);
    reader->rest = NULL;
    reader->messages = reader->words = reader->requests = reader->end = NULL;
    reader->timer = NULL;
    noise_end(&reader->noise, clock_mono_us());
    reader->life = LIFE_NONE;
    reader->asked = false;
    reader->fault = (struct smg_err){ 0 };
}

static int64_t pause_ms(unsigned deaths)
{
    int64_t ms = PAUSE_FIRST_MS;

    if (deaths <= 1)
        return 0;
    while (deaths-- > 2 && ms < PAUSE_MOST_MS)
        ms *= 2;
    return ms < PAUSE_MOST_MS ? ms : PAUSE_MOST_MS;
}

static void start_again(void *ctx)
{
    struct reader *reader = ctx;
    struct smg_err err = { 0 };

    reader->timer = NULL;
    pthread_mutex_lock(&reader->lock);
    reader->status.restarts++;
    pthread_mutex_unlock(&reader->lock);
    if (reader_start_child(reader, &err) == SMG_OK)
        return;
    log_line(SMG_ERROR, reader->name, "%s", err.text);
    reader->why = err;
    reader->timer = loop_after(reader->loop, PAUSE_MOST_MS, start_again, reader);
    if (reader->current != NULL)
        reader_end_read(reader, &err);
    reader_show(reader);
}

/* The child is dead and collected: answer the read that died with it, and start another. */
static void bury(struct reader *reader, const char *how)
{
    int64_t ms = 0;
    bool asked = reader->asked;

    if (reader->why.code == SMG_OK)
        smg_fail(&reader->why, SMG_E_IO, "%s", how);
    if (clock_mono_us() - reader->started_us > STEADY_US)
        reader->deaths = 0;
    if (!reader->renewing)
        ms = pause_ms(++reader->deaths);
    if (!reader->renewing && reader->deaths <= 3) /* the fourth in a row is no news */
        log_line(SMG_ERROR, reader->name, "down: %s", reader->why.text);
    reader->renewing = false;
    reader_forget_child(reader);
    process_close(&reader->process);
    if (reader->current != NULL && (asked || ms > 0))
        reader_end_read(reader, &reader->why);
    if (ms == 0) {
        start_again(reader);
        return;
    }
    reader->timer = loop_after(reader->loop, ms, start_again, reader);
    reader_show(reader);
}

static void on_end(void *ctx, int fd, unsigned ready)
{
    struct reader *reader = ctx;
    char how[96];

    /* What it said before it died still counts. */
    for (int i = 0; i < ROUNDS && reader->messages != NULL; i++)
        reader_take_messages(reader, reader->process.socket, SMG_READABLE);
    for (int i = 0; i < ROUNDS && reader->words != NULL; i++)
        on_words(reader, reader->process.words, SMG_READABLE);
    (void)fd, (void)ready;
    if (process_reap(&reader->process, how, sizeof how))
        bury(reader, how);
}

static void on_slow_start(void *ctx)
{
    struct reader *reader = ctx;

    reader->timer = NULL;
    reader_condemn(reader, SMG_E_TIMEOUT, "the plugin did not start within 10 s");
}

int reader_start_child(struct reader *reader, struct smg_err *err)
{
    struct smg_err why = { 0 };
    bool with_door = reader->door.count > 0;

    if (process_start(&reader->process, READER_CHILD_VERB, reader->name, with_door, &why) < 0)
        return smg_fail(err, (enum smg_code)why.code, "%s: %s", reader->name, why.text);
    noise_init(&reader->noise, reader->name);
    reader->why = (struct smg_err){ 0 };
    reader->started_us = clock_mono_us();
    reader->life = LIFE_STARTING;
    reader->messages = loop_watch(reader->loop, reader->process.socket, SMG_READABLE,
                                  reader_take_messages, reader);
    reader->words = loop_watch(reader->loop, reader->process.words, SMG_READABLE, on_words, reader);
    if (with_door)
        reader->requests =
            loop_watch(reader->loop, reader->process.door, SMG_READABLE, on_request, reader);
    reader->end = loop_watch(reader->loop, reader->process.pidfd, SMG_READABLE, on_end, reader);
    reader->timer = loop_after(reader->loop, START_MS, on_slow_start, reader);
    if (reader->messages == NULL || reader->words == NULL || reader->end == NULL ||
        reader->timer == NULL || (with_door && reader->requests == NULL))
        smg_fail(&why, SMG_E_MEMORY, "out of memory");
    else
        wire_send(reader->process.socket, buf_view(&reader->start), MSG_DONTWAIT, &why);
    reader_show(reader);
    if (why.code == SMG_OK)
        return SMG_OK;
    reader_forget_child(reader);
    process_end(&reader->process, 0);
    return smg_fail(err, (enum smg_code)why.code, "%s: %s", reader->name, why.text);
}
