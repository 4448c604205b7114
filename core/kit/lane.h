/* SPDX-License-Identifier: Apache-2.0 */
/* Trials: a read of the virtual card, or a scan of the virtual zone, while something goes wrong,
 * and what may come of it. A lane does one after the other; several lanes do them at once. */
#ifndef KIT_LANE_H
#define KIT_LANE_H

#include "emulate/sam.h"
#include "kit/stand.h"
#include "kit/sample.h"

enum {
    MAY_FIRST = 1,   /* answer the first card, and nothing else */
    MAY_SECOND = 2,  /* the second */
    MAY_NOTHING = 4, /* succeed without a field of a card */
    MAY_ELSE = 8,    /* any card at all */
    MAY_FAIL = 16,   /* fail, with `code` or, when that is 0, with any */
    MAY_ANSWER = MAY_FIRST | MAY_FAIL
};

struct trial {
    char what[96];
    struct sam_fault fault; /* kind 0: none */
    int first, second;      /* cards; -1: none. The second is laid once the first was taken */
    int64_t delay_ms;       /* before every answer */
    int64_t deadline_ms, cancel_ms; /* cancel less than 0: not */
    unsigned may;
    int32_t code;
    bool again; /* afterwards a card must be read as if nothing had been */
};

#define TRIAL_PLAIN                                                                                \
    ((struct trial){ .second = -1, .deadline_ms = 3000, .cancel_ms = -1, .may = MAY_FIRST })

struct lane;

/* Gives the next trial; false: there is none for this lane any more. */
typedef bool (*lane_next_fn)(void *ctx, struct lane *lane, struct trial *trial);
/* A trial ended; problem NULL: it may end so. wrongs are in the stand's read. */
typedef void (*lane_tell_fn)(void *ctx, struct lane *lane, const struct trial *trial,
                             const char *problem);

struct lane {
    struct stand stand;
    struct sam sam;
    struct card cards[SAMPLE_CARDS];
    struct trial trial;
    int second;                   /* still to be laid; -1: none */
    bool repeating;               /* the read after the trial */
    size_t lengths[SAM_COMMANDS]; /* of the newest answer to each; of a scan, as SAM_READ */
    struct loop_timer *scan;      /* the next one of this read */
    bool heard;                   /* the plugin asked something */
    lane_next_fn next;
    lane_tell_fn tell;
    void (*idle)(void *ctx);
    void *ctx;
    /* May be NULL: makes something else of an answer; is told that the plugin is up for its read.
     */
    void (*mutate)(void *own_ctx, struct sam_reply *reply);
    void (*up)(void *own_ctx);
    void *own_ctx;
};

int lane_open(struct lane *lane, const struct stand_plugin *plugin, unsigned number,
              struct smg_err *err);
int64_t lane_close(struct lane *lane); /* as stand_close */
/* Do trials until there is none, then idle. */
void lane_run(struct lane *lane, lane_next_fn next, lane_tell_fn tell, void (*idle)(void *ctx),
              void *ctx);

/* How a read ended, against what it may; NULL: fine. The text lies in room. */
const char *trial_judge(const struct trial *trial, bool scanned, const struct stand_read *read,
                        char *room, size_t size);
const char *sam_command_name(enum sam_command command);

#endif
