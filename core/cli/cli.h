/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: one file a verb. Results on stdout, messages on stderr; exit 0 done, 1 the
 * answer is no, 2 usage or configuration error. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/buf.h"

enum { CLI_DONE = 0, CLI_NO = 1, CLI_USAGE = 2 };

int cli_main(int argc, char **argv);

/* A verb sees its own words only: argv[0] is the verb. */
int cli_serve(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_decide(int argc, char **argv);
int cli_policy(int argc, char **argv);
int cli_reader(int argc, char **argv);
int cli_document(int argc, char **argv);
int cli_key(int argc, char **argv);
int cli_audit(int argc, char **argv);
int cli_plugin(int argc, char **argv);
int cli_store(int argc, char **argv);
int cli_staff(int argc, char **argv);
int cli_dealer(int argc, char **argv);
int cli_simulate(int argc, char **argv);
int cli_bench(int argc, char **argv);

/* The options verbs share. NULL or false: not given. */
struct cli_options {
    const char *config;    /* -c FILE */
    const char *out;       /* -o DIR */
    const char *policies;  /* --policies DIR, or DIR:BASE */
    const char *stack[16]; /* -p ID, may be repeated */
    size_t stack_count;
    const char *on;       /* --on DATE */
    const char *region;   /* --region CODE */
    const char *value[8]; /* the verb's own options, in the order it names them */
    bool json, help;
    char **words; /* what is no option */
    int word_count;
};

/* own: names of the verb's own options that take a value ("role", "dealer"), at most 8, ended by
 * NULL; "-watch" is one without a value, which is "" when it was given. false: said on stderr what
 * is wrong; return CLI_USAGE. */
bool cli_options(int argc, char **argv, const char *const *own, struct cli_options *out);
/* Where the shipped policies are: --policies, or the configuration's, or beside the program. */
const char *cli_policies(const struct cli_options *options, char *room, size_t size);
/* The stack asked for, or all that is in the folder of cli_policies. Not for two threads at once.
 */
const char *const *cli_stack(const struct cli_options *options, size_t *count);
/* A whole file, or stdin for "-"; false: said why. At most 16 MiB. */
bool cli_read_file(const char *path, struct buf *out);
/* Write a whole file, in place of what was there; false: said why. */
bool cli_write_file(const char *path, const struct buf *text);
/* Print to stdout and check that it arrived. */
int cli_print(const struct buf *text, int status);

#endif
