/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the policy workbench, one file each; policy.c chooses among them. */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include "cli/cli.h"
#include "policy/policy.h"
#include "workbench/application.h"

struct space; /* workbench/space.h */

/* argv[0] is the verb's own word ("diff"). */
int cli_policy_list(int argc, char **argv);
int cli_policy_show(int argc, char **argv);
int cli_policy_check(int argc, char **argv);
int cli_policy_definitions(int argc, char **argv);
int cli_policy_doc(int argc, char **argv);
int cli_policy_law(int argc, char **argv);
int cli_policy_test(int argc, char **argv);
int cli_policy_mutate(int argc, char **argv);
int cli_policy_diff(int argc, char **argv);
int cli_policy_example(int argc, char **argv);
int cli_policy_prove(int argc, char **argv);
int cli_policy_replay(int argc, char **argv);
int cli_policy_sign(int argc, char **argv);
int cli_policy_rollback(int argc, char **argv);
int cli_policy_activate(int argc, char **argv);
int cli_policy_table(int argc, char **argv);

/* Say how a verb is used, on stderr; returns CLI_USAGE. */
int cli_policy_usage(const char *verb);
/* Load the set the options name; NULL: said on stderr why. */
struct policy_set *cli_policy_set(const struct cli_options *options);

/* Write a file, named by its place below a folder; folders are made. false: said on stderr why. */
bool cli_policy_write(const char *folder, const char *name, const struct buf *text);

/* The day and region to reason about: --on and --region, or where as much as possible of the sets
 * is in force. false: said on stderr what is wrong. */
struct cli_place {
    struct smg_date on;
    char region[8];
};
/* The space of the set the options name; NULL: said on stderr why. */
struct space *cli_policy_space(const struct cli_options *options);
bool cli_policy_place(const struct cli_options *options, struct policy_set *const *sets,
                      size_t count, struct cli_place *out);
/* Makes applications for the workbench: an application_fn, whose ctx holds the sets that may be
 * asked about. */
struct cli_applications {
    struct policy_set *sets[2];
    struct policy *policies[2]; /* made when first needed */
};
void cli_application(void *ctx, const struct policy_set *set, const struct answer *facts,
                     size_t count, const char *region, struct smg_date on,
                     struct application_made *made);
void cli_applications_fini(struct cli_applications *applications);

#endif
