/* SPDX-License-Identifier: Apache-2.0 */
/* How sets, effects and cases are written in reports of every kind. */
#ifndef WORKBENCH_SHOW_H
#define WORKBENCH_SHOW_H

#include "workbench/space.h"

const char *show_kind(int kind); /* "need", "refuse", ...; "ask" for SAID_ASKS */
/* "need guardian.present", "report public_security within 1h". */
void show_said(const struct said *said, struct buf *out);
/* JSON members of the same, with its texts and its rule: "rule":…,"effect":… */
void show_said_json(const struct said *said, struct buf *out);
/* {"on":…,"region":…,"policies":[{"id":…,"hash":…}]}: what a reading is of. */
void show_reading_json(const struct reading *reading, struct buf *out);
/* "cn-54/2018 on 2026-01-01 in 540000" */
void show_reading(const struct reading *reading, struct buf *out);
/* The facts of a sample as a JSON object: {"customer.minor":true,…} */
void show_facts_json(const struct space *space, const uint8_t *values, struct buf *out);
void show_count_json(const struct natural *count, struct buf *out); /* a text: it may be huge */

/* The beginning and the end of a page of HTML that needs nothing else, for screen and paper. */
void show_html_begin(const char *title_zh, const char *title_en, struct buf *out);
void show_html_end(struct buf *out);

#endif
