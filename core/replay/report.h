/* SPDX-License-Identifier: Apache-2.0 */
/* What a replay found, as text, JSON and a page. */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

#include "replay/cases.h"
#include "replay/replay.h"

/* What was asked. */
struct report {
    const struct replay_result *result; /* after replay_end */
    struct cases_range range;
    const char *draft;     /* hash of the set, or NULL: their own texts */
    struct smg_date as_of; /* or DATE_NONE */
    struct smg_str alarms; /* the first of them, for the page: "ID what\n" lines */
};

void report_text(const struct report *report, struct buf *out);
/* The members of an object after its member "alarms", which the caller has written. */
void report_json(const struct report *report, struct buf *out);
/* One page that needs nothing else, in Chinese and English. */
void report_html(const struct report *report, struct buf *out);

#endif
