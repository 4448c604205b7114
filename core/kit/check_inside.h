/* SPDX-License-Identifier: Apache-2.0 */
/* The kit from the inside: what its runner (check.c) and its list of trials (check_trials.c) share.
 */
#ifndef KIT_CHECK_INSIDE_H
#define KIT_CHECK_INSIDE_H

#include "kit/check.h"
#include "kit/lane.h"

enum { CHECK_LANES = 64 };

struct check {
    const struct check_options *options;
    struct stand_plugin plugin;
    struct lane lanes[CHECK_LANES];
    struct stand *stands[CHECK_LANES];
    size_t open;   /* lanes that are */
    size_t busy;   /* lanes that have not gone idle */
    uint64_t turn; /* of the trial that is next */
    uint64_t limit_us;
    const struct check_group *group;
    struct check_result result;
    struct check_result words, dones, walls; /* about all trials together */
    size_t lengths[SAM_COMMANDS]; /* of the answers in a plain read; 0: it does not ask so */
    bool line, reads;             /* it has a line to the virtual reader; and reads its card */
    bool lost;                    /* it did not start: nothing more can be tried */
    bool out_of_time;
    int64_t memory[4], descriptors[4]; /* seen in the check for leaks */
    check_tell_fn tell;
    void *ctx;
    uint64_t dones_before; /* found when the group began */
    bool failed;
};

/* Trial i of a group; false: there are only i of them. */
typedef bool (*check_make_fn)(const struct check *check, uint64_t i, struct trial *trial);

struct check_group {
    const char *name, *title;
    check_make_fn make; /* NULL: it is no matter of trials */
    size_t lanes;
    bool line;  /* it needs the virtual reader */
    bool codes; /* of a module, which no scanner has */
};

extern const struct check_group check_groups[];
extern const size_t check_group_count;

void check_found(struct check_result *result, const char *fmt, ...) SMG_PRINTF(2, 3);

#endif
