/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding stored cases again: under the texts they were decided by, where any difference says that
 * history was altered, or under other texts, where the differences are who is hit by a revision. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "registration/record.h"
#include "replay/tally.h"
#include "store/store.h"

/* A case that is not what it was: its row is missing or does not open, its texts are not in the
 * archive or were altered, its facts do not fit their vocabulary, or its own texts decide it
 * otherwise. */
typedef void (*replay_alarm_fn)(void *ctx, struct id id, const char *what);

struct replay_options {
    struct policy_set *draft; /* NULL: each case's own texts; else shared */
    struct smg_date as_of;    /* with draft: as if decided on this day; DATE_NONE: on its own */
    replay_alarm_fn alarm;
    void *ctx;
};

/* What came out. A case is in one of the five from `same` on, or broken, or alarmed. */
struct replay_result {
    uint64_t cases;
    uint64_t same;
    uint64_t cited;     /* draft: the same outcome, founded on other rules */
    uint64_t changed;   /* draft: another verdict, or other effects */
    uint64_t undecided; /* draft: reads a fact that was not kept, and may come out either way */
    uint64_t broken;    /* a rule failed when it was decided: its facts do not tell the decision */
    uint64_t alarms;
    /* changed cases, each row with examples */
    struct tally verdicts; /* "accepted -> refused": changed */
    struct tally rules;    /* changed; added: it says more, gone: it says less than it did */
    struct tally effects;  /* "RULE + need guardian.present" and "-": changed */
    struct tally missing;  /* undecided cases by the fact they lack: cases */
    /* all cases that could be decided again */
    struct tally dealers, days, sets; /* cases, and how many of them changed */
};

struct replay;
/* The archive is read from the store as cases name their texts. */
struct replay *replay_new(struct store *store, const struct replay_options *options,
                          struct smg_err *err);
void replay_free(struct replay *replay);

void replay_case(struct replay *replay, struct id id, const struct kept_case *kept);
/* Its row did not open. */
void replay_unreadable(struct replay *replay, struct id id, const struct smg_err *err);

/* There is a registration, and no case of it. */
void replay_absent(struct replay *replay, struct id id);

/* The counts so far; they are whole and sorted after replay_end. false: memory ran out. */
const struct replay_result *replay_result(const struct replay *replay);
bool replay_end(struct replay *replay);

#endif
