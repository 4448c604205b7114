/* SPDX-License-Identifier: Apache-2.0 */
/* The tests that stand beside a regulation, loaded once and run one by one, as often as wanted. */
#ifndef POLICY_TESTING_H
#define POLICY_TESTING_H

#include "policy/evaluate.h"

struct testing;
/* The test file of the regulation with this index in the evaluator's set; cases are decided by the
 * evaluator, which must outlive it. NULL: the file does not load, said in problems. */
struct testing *testing_open(struct policy *policy, size_t regulation, const char *path,
                             struct buf *problems);
/* The same from a text in memory. */
struct testing *testing_open_text(struct policy *policy, size_t regulation, struct smg_str text,
                                  struct buf *problems);
void testing_close(struct testing *testing);

const char *testing_file(const struct testing *testing); /* "cn-54/2018_test.lua" */
size_t testing_count(const struct testing *testing);
const char *testing_name(const struct testing *testing, size_t i);
/* false: it failed, and *why, good until the next run, says where and why. */
bool testing_run(struct testing *testing, size_t i, const struct fault **why);

/* Hear of each case that a test decides, right after it was decided. */
typedef void (*testing_case_fn)(void *ctx, struct policy *policy);
void testing_watch(struct testing *testing, testing_case_fn fn, void *ctx);

/* Run the tests of every regulation of the set, as policy_test does. */
int testing_run_all(struct policy *policy, const char *path, policy_tell_fn tell, void *ctx,
                    struct buf *problems);

#endif
