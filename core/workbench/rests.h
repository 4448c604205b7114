/* SPDX-License-Identifier: Apache-2.0 */
/* Which tests rest on a rule: those in one of whose cases it has an effect. */
#ifndef WORKBENCH_RESTS_H
#define WORKBENCH_RESTS_H

#include "policy/set.h"

struct rests;
/* Run the tests beside every regulation of the set that has some, failing ones too. path: the
 * folder they stand in. NULL: a test file does not load, or memory ran out; said in problems. */
struct rests *rests_new(struct policy_set *set, const char *path, struct buf *problems);
void rests_free(struct rests *rests);

size_t rests_count(const struct rests *rests); /* all tests */
const char *rests_file(const struct rests *rests, size_t test);
const char *rests_name(const struct rests *rests, size_t test);
/* Does the test rest on one of these rules? */
bool rests_on(const struct rests *rests, size_t test, const size_t *rules, size_t rule_count);

#endif
