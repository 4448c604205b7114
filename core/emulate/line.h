/* SPDX-License-Identifier: Apache-2.0 */
/* The module's end of a line, whatever carries it: requests taken in, answers paced as the faults
 * ask. */
#ifndef EMULATE_LINE_H
#define EMULATE_LINE_H

#include "emulate/sam.h"

struct line {
    int fd; /* never blocks; -1: nobody is at the other end */
    struct sam_reply reply;
    bool replying;
    size_t sent;    /* of this reply */
    size_t written; /* in all */
    int64_t due_ms; /* when the next piece is sent */
};

enum { LINE_ENDED = -2 };

/* Do what can be done at this moment without waiting: take requests, send what is due. Returns how
 * many milliseconds later there is more to do, -1 when only a request can bring more, LINE_ENDED
 * when the other end closed. heard false: what comes is lost (another speed). */
int64_t line_step(struct line *line, struct sam *sam, bool heard, int64_t now_ms);
/* The fault "unplug" is due: everything of the answer was sent. */
bool line_is_cut(const struct line *line);
void line_close(struct line *line);

int64_t line_now_ms(void);

#endif
