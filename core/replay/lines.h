/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a kept decision (policy_outline), taken apart to be compared. */
#ifndef REPLAY_LINES_H
#define REPLAY_LINES_H

#include "policy/policy.h"

enum { LINES_MAX = DECISION_EFFECTS + DECISION_QUESTIONS };

struct line {
    struct smg_str whole;
    struct smg_str says; /* "need guardian.present" */
    struct smg_str rule; /* "cn-54/2018#6.3" */
    struct smg_str how;  /* " to=… within=…", or empty */
};

/* Points into the text it was taken from. */
struct lines {
    struct smg_str verdict;
    struct line effects[LINES_MAX];
    size_t effect_count;
    struct smg_str asks; /* the lines of open questions, which come last */
};

/* false: it is no outline. */
bool lines_take(struct smg_str outline, struct lines *out);
/* Does some rule say the same, in the same way? */
bool lines_say(const struct lines *lines, const struct line *line);
bool lines_ask(const struct lines *lines, const char *fact);

#endif
