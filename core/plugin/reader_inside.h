/* SPDX-License-Identifier: Apache-2.0 */
/* A reader from the inside: its state, and what reader.c, reader_talk.c and reader_life.c call of
 * each other. */
#ifndef PLUGIN_READER_INSIDE_H
#define PLUGIN_READER_INSIDE_H

#include <pthread.h>

#include "plugin/door.h"
#include "plugin/noise.h"
#include "plugin/op.h"
#include "plugin/process.h"
#include "plugin/reader.h"
#include "plugin/wire.h"

enum life {
    LIFE_NONE,     /* no child: before the first start, or in a pause */
    LIFE_STARTING, /* a child that has not said "ready" */
    LIFE_UP,
    LIFE_DYING /* killed by us, not collected yet */
};

struct reader {
    struct loop *loop;
    const struct smg_plugin *plugin;
    char *name;
    int64_t deadline_ms;
    struct buf start; /* the start message, secrets among its options */
    char *room;       /* for messages, WIRE_BYTES */

    enum life life;
    struct process process;
    struct loop_watch *messages, *words, *requests, *end;
    struct loop_timer *timer; /* STARTING: the longest start; NONE: the pause */
    struct noise noise;
    struct pace strays, noisy; /* messages that belong to no read; bytes of its words */
    struct loop_timer *rest;   /* from a flood of words; NULL: none */
    struct door door;          /* with no address: the child has none */
    int64_t started_us;
    unsigned deaths;      /* in a row */
    bool renewing;        /* this death is wished for, because the device was out of service */
    struct smg_err why;   /* why the child is down or dying; code SMG_OK: not known yet */
    struct smg_err fault; /* why the device is out of service; code SMG_OK: it is in service */

    struct ops ops;
    struct op *current; /* the read that was asked for; NULL: none */
    bool asked;         /* and told to the child */
    int32_t stopping;   /* and told to end: SMG_E_TIMEOUT or SMG_E_CANCELLED; else SMG_OK */
    int64_t deadline_us;
    struct buf given; /* with the read, until the child was told */

    pthread_mutex_t lock; /* for the status, which any thread may see */
    struct reader_status status;
};

/* reader.c: make the status say what is. */
void reader_show(struct reader *reader);

/* reader_talk.c */
void reader_take_messages(void *ctx, int fd, unsigned ready);
void reader_ask_child(struct reader *reader);
/* The child has GRACE for ending its read; then reader_pass_deadline comes (again). */
void reader_stop_read(struct reader *reader, enum smg_code code);
void reader_pass_deadline(void *owner, struct op *op);
/* In the status: one more read, and how it ended. */
void reader_count_read(struct reader *reader, int32_t code);
void reader_end_read(struct reader *reader, const struct smg_err *err);

/* reader_life.c */
int reader_start_child(struct reader *reader, struct smg_err *err);
/* The child must go; it is answered for and started again when it was collected. */
void reader_kill_child(struct reader *reader);
/* The same, because it did wrong: the read it was asked for ends with that reason. */
void reader_condemn(struct reader *reader, enum smg_code code, const char *text);
/* Let go of a child that was collected, or never was. */
void reader_forget_child(struct reader *reader);

#endif
