/* SPDX-License-Identifier: Apache-2.0 */
/* shiming policy VERB: the policy workbench. */
#include "cli/policy.h"

#include "workbench/space.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The options every verb takes are said once, below. */
static const struct {
    const char *verb, *usage, *does;
    int (*run)(int argc, char **argv);
} verbs[] = {
    { "list", "", "the regulations of the stack, their dates and hashes", cli_policy_list },
    { "show", "ID", "the text of one regulation", cli_policy_show },
    { "check", "[--law TEXTFILE] [--watch]",
      "all that can be wrong with the stack; --law holds the last regulation to its official text",
      cli_policy_check },
    { "definitions", "[-o DIR]",
      "files for the Lua language server and luacheck, to lie where the policies do",
      cli_policy_definitions },
    { "doc", "[-o DIR] [--lang zh|en|both]",
      "the regulations as readable pages, HTML and Markdown; without -o Markdown on stdout",
      cli_policy_doc },
    { "law", "REGULATION TEXTFILE",
      "what is new, changed, moved or gone in an official text, and what rests on it",
      cli_policy_law },
    { "test", "[--coverage] [--min-rules N] [--min-conditions N] [--min-articles N]",
      "run the tests beside each regulation; what of it they meet, in percent", cli_policy_test },
    { "mutate", "[--all]",
      "plant faults in the rules: which ones the tests miss; --all also lists the others",
      cli_policy_mutate },
    { "diff", "OLD NEW [--on DATE] [--region CODE] [--html FILE]",
      "every case a revision decides otherwise; OLD and NEW are folders, or DRAFT:BASE",
      cli_policy_diff },
    { "example", "FACT=VALUE... [--on DATE] [--region CODE]",
      "a made-up application with these facts; FACT=? for one that nobody has told",
      cli_policy_example },
    { "table", "[--on DATE] [--region CODE] [--markdown | --html FILE]",
      "the decision table: every effect of every rule, and all its cases", cli_policy_table },
    { "prove", "[FILE]... [--on DATE] [--region CODE]",
      "what must never or always be, over every case; without FILE, what stands beside the stack",
      cli_policy_prove },
    { "replay", "-c FILE [--from DATE] [--to DATE] [--policy DIR [--on DATE]] [--html FILE]",
      "decide stored cases again: by their own texts, where a difference is an alarm, or by others",
      cli_policy_replay },
    { "sign", "--key FILE --sequence N --out DIR [--valid-until DAY]",
      "check and test the stack, and sign it into a new folder", cli_policy_sign },
    { "activate", "-c FILE [DIR] [--certificate PEM --certificate-key PEM]",
      "the running gateway goes by the configured folder, or by DIR put in its place",
      cli_policy_activate },
    { "rollback", "--key FILE --out DIR (--from BUNDLE --sequence N | -c FILE --set HASH)",
      "sign an earlier text anew, from a bundle or from the store's archive", cli_policy_rollback },
};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

struct policy_set *cli_policy_set(const struct cli_options *options)
{
    struct buf problems = { 0 };
    char room[4096];
    size_t count;
    const char *const *stack = cli_stack(options, &count);
    struct policy_set *set =
        policy_set_load(cli_policies(options, room, sizeof room), stack, count, &problems);

    if (set == NULL)
        fputs(problems.at == NULL ? "shiming: the policies do not load\n" : problems.at, stderr);
    buf_fini(&problems);
    return set;
}

bool cli_policy_place(const struct cli_options *options, struct policy_set *const *sets,
                      size_t count, struct cli_place *out)
{
    struct cli_place other;
    size_t i;

    space_place(sets[0], &out->on, out->region);
    for (i = 1; i < count; i++) {
        space_place(sets[i], &other.on, other.region);
        if (date_compare(out->on, other.on) < 0)
            out->on = other.on;
        if (strcmp(out->region, other.region) < 0)
            memcpy(out->region, other.region, sizeof out->region);
    }
    if (options->on != NULL && !date_parse(str_of(options->on), &out->on)) {
        fprintf(stderr, "shiming: --on %s is no day: write 2027-01-31\n", options->on);
        return false;
    }
    if (options->region != NULL &&
        (strlen(options->region) != 6 || strspn(options->region, "0123456789") != 6)) {
        fprintf(stderr, "shiming: --region %s is no region: six digits\n", options->region);
        return false;
    }
    if (options->region != NULL)
        memcpy(out->region, options->region, 7);
    return true;
}

bool cli_policy_write(const char *folder, const char *name, const struct buf *text)
{
    struct buf path = { 0 };
    bool made = true, written = false;
    size_t i;

    buf_printf(&path, "%s/%s", folder, name);
    for (i = 1; made && i < path.len; i++)
        if (path.at[i] == '/') {
            path.at[i] = '\0';
            made = mkdir(path.at, 0777) == 0 || errno == EEXIST;
            if (!made)
                fprintf(stderr, "shiming: %s: %s\n", path.at, strerror(errno));
            path.at[i] = '/';
        }
    if (path.failed)
        fputs("shiming: out of memory\n", stderr);
    else if (made)
        written = cli_write_file(path.at, text);
    buf_fini(&path);
    return written;
}

struct space *cli_policy_space(const struct cli_options *options)
{
    struct policy_set *set = cli_policy_set(options);
    struct space *space = NULL;
    struct cli_place place;
    struct smg_err err = { 0 };

    if (set != NULL && cli_policy_place(options, &set, 1, &place)) {
        space = space_new(
            &(struct space_of){
                .set = set, .region = place.region, .on = place.on, .begun = place.on },
            1, &err);
        if (space == NULL)
            fprintf(stderr, "shiming: %s\n", err.text);
    }
    policy_set_free(set);
    return space;
}

static void print_verb(FILE *to, size_t i)
{
    fprintf(to, "  %-11s %s%s%s\n", verbs[i].verb, verbs[i].usage,
            verbs[i].usage[0] == '\0' ? "" : "\n              ", verbs[i].does);
}

static void print_all(FILE *to)
{
    size_t i;

    fputs("usage: shiming policy VERB [-p REGULATION]... [--policies DIR] [--json]\n", to);
    for (i = 0; i < VERBS; i++)
        print_verb(to, i);
}

int cli_policy_usage(const char *verb)
{
    size_t i;

    fputs("usage: shiming policy VERB [-p REGULATION]... [--policies DIR] [--json]\n", stderr);
    for (i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].verb, verb) == 0)
            print_verb(stderr, i);
    return CLI_USAGE;
}

static bool asks_help(int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int cli_policy(int argc, char **argv)
{
    size_t i;

    for (i = 0; argc > 1 && i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].verb) != 0)
            continue;
        if (!asks_help(argc - 1, argv + 1))
            return verbs[i].run(argc - 1, argv + 1);
        print_verb(stdout, i);
        return CLI_DONE;
    }
    print_all(stderr);
    return CLI_USAGE;
}
