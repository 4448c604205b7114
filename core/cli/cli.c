/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs by name, and the options they share. */
#include "cli/cli.h"

#include "plugin/decoder.h"
#include "plugin/reader.h"
#include "policy/policy.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *does;
} verbs[] = {
    { "serve", cli_serve, "run the gateway: serve -c FILE" },
    { "check", cli_check, "everything serve would refuse, without serving: check -c FILE" },
    { "decide", cli_decide,
      "decide one application: decide [-p ID]... [--on DATE] [--region CODE] FILE" },
    { "policy", cli_policy, "the rules: policy --help lists what can be done with them" },
    { "reader", cli_reader,
      "card readers: reader list -c FILE | read -c FILE NAME | emulate CARD.yaml" },
    { "document", cli_document, "a document's number: document check TYPE NUMBER | list" },
    { "key", cli_key,
      "keys: key init DIR [--suite aes-256-gcm|sm4] | policy FILE [--suite ed25519|sm2]" },
    { "audit", cli_audit, "the tamper-evident log: audit verify -c FILE" },
    { "store", cli_store,
      "the storage: store init|upgrade|check -c FILE | copy FROM_CONFIG TO_CONFIG" },
    { "plugin", cli_plugin,
      "what a plugin declares, a new one: plugin info FILE.so | new reader NAME" },
    { "staff", cli_staff, "staff: staff add -c FILE ID --role clerk|auditor|admin [--dealer ID]" },
    { "dealer", cli_dealer,
      "dealers: dealer add -c FILE ID --name TEXT [--from DATE --to DATE] [--unable yes]" },
    { "simulate", cli_simulate,
      "scenarios: simulate [--seed N] [--shrink] [--junit FILE] FILE... | from ID -c FILE" },
    { "bench", cli_bench, "measure the gateway against its own ceilings: bench [--json]" },
};

static void print_usage(FILE *to)
{
    size_t i;

    fputs("shiming " SHIMING_VERSION ": real-name registration of telephone customers\n\n"
          "usage: shiming VERB [ARGS]; every verb answers --help\n\n",
          to);
    for (i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fprintf(to, "  %-9s %s\n", verbs[i].name, verbs[i].does);
}

static int run_verb(size_t i, int argc, char **argv)
{
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        printf("shiming %s\n  %s\n", verbs[i].name, verbs[i].does);
        return CLI_DONE;
    }
    return verbs[i].run(argc, argv);
}

int cli_main(int argc, char **argv)
{
    const char *names[sizeof verbs / sizeof *verbs];
    const char *near;
    size_t i;

    if (argc < 2) {
        print_usage(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], READER_CHILD_VERB) == 0)
        return reader_child();
    if (strcmp(argv[1], DECODER_CHILD_VERB) == 0 && argc == 3)
        return decoder_child(argv[2]);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return CLI_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("shiming " SHIMING_VERSION);
        return CLI_DONE;
    }
    for (i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        names[i] = verbs[i].name;
        if (strcmp(argv[1], verbs[i].name) == 0)
            return run_verb(i, argc - 1, argv + 1);
    }
    near = str_nearest(str_of(argv[1]), names, i);
    fprintf(stderr, "shiming: there is no verb \"%s\"%s%s%s; shiming --help lists them\n", argv[1],
            near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
            near == NULL ? "" : "\"?");
    return CLI_USAGE;
}

enum { OWN = 1000, POLICIES = 900, ON, REGION, AS_JSON, HELP };

bool cli_options(int argc, char **argv, const char *const *own, struct cli_options *out)
{
    struct option known[16] = { { "policies", required_argument, NULL, POLICIES },
                                { "on", required_argument, NULL, ON },
                                { "region", required_argument, NULL, REGION },
                                { "json", no_argument, NULL, AS_JSON },
                                { "help", no_argument, NULL, HELP } };
    size_t i;
    int c;

    *out = (struct cli_options){ 0 };
    for (i = 0; own != NULL && own[i] != NULL && i < 8; i++)
        known[5 + i] = (struct option){ own[i] + (own[i][0] == '-'),
                                        own[i][0] == '-' ? no_argument : required_argument, NULL,
                                        OWN + (int)i };
    optind = 0; /* start anew: verbs may be run twice in one process */
    while ((c = getopt_long(argc, argv, "c:o:p:h", known, NULL)) != -1) {
        if (c == 'c')
            out->config = optarg;
        else if (c == 'o')
            out->out = optarg;
        else if (c == 'p' && out->stack_count < sizeof out->stack / sizeof *out->stack)
            out->stack[out->stack_count++] = optarg;
        else if (c == POLICIES)
            out->policies = optarg;
        else if (c == ON)
            out->on = optarg;
        else if (c == REGION)
            out->region = optarg;
        else if (c == AS_JSON)
            out->json = true;
        else if (c == HELP || c == 'h')
            out->help = true;
        else if (c >= OWN)
            out->value[c - OWN] = optarg == NULL ? "" : optarg;
        else
            return false; /* getopt_long has said why */
    }
    out->words = argv + optind;
    out->word_count = argc - optind;
    return true;
}

const char *cli_policies(const struct cli_options *options, char *room, size_t size)
{
    ssize_t len;
    char *slash;

    if (options->policies != NULL)
        return options->policies;
    len = readlink("/proc/self/exe", room, size - 1);
    if (len < 0)
        return "policies";
    room[len] = '\0';
    /* PREFIX/bin/shiming: PREFIX/share/shiming/policies; in a build folder, the source's. */
    slash = strrchr(room, '/');
    snprintf(slash, size - (size_t)(slash - room), "/../share/shiming/policies");
    return access(room, R_OK) == 0 ? room : "policies";
}

const char *const *cli_stack(const struct cli_options *options, size_t *count)
{
    static struct policy_stack found;
    struct buf problems = { 0 };
    char room[4096];

    *count = options->stack_count;
    if (options->stack_count > 0)
        return options->stack;
    if (!policy_stack_find(cli_policies(options, room, sizeof room), &found, &problems))
        fputs(problems.at == NULL ? "shiming: out of memory\n" : problems.at, stderr);
    buf_fini(&problems);
    *count = found.count;
    return found.ids;
}

bool cli_read_file(const char *path, struct buf *out)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char part[4096];
    size_t len;
    bool good;

    if (file == NULL) {
        fprintf(stderr, "shiming: %s: %s\n", path, strerror(errno));
        return false;
    }
    while (out->len < 16u << 20 && (len = fread(part, 1, sizeof part, file)) > 0)
        buf_put(out, part, len);
    str_wipe(part, sizeof part);
    good = !ferror(file) && feof(file) && !out->failed;
    if (!good)
        fprintf(stderr, "shiming: %s: cannot be read whole (at most 16 MiB)\n", path);
    if (file != stdin)
        fclose(file);
    return good;
}

bool cli_write_file(const char *path, const struct buf *text)
{
    FILE *file = text->failed ? NULL : fopen(path, "wb");
    bool good =
        file != NULL && fwrite(text->at == NULL ? "" : text->at, 1, text->len, file) == text->len;

    if (file != NULL && fclose(file) != 0)
        good = false;
    if (!good)
        fprintf(stderr, "shiming: %s: %s\n", path,
                text->failed ? "out of memory" : strerror(errno));
    return good;
}

int cli_print(const struct buf *text, int status)
{
    if (text->failed ||
        fwrite(text->at == NULL ? "" : text->at, 1, text->len, stdout) != text->len ||
        fflush(stdout) != 0) {
        fputs("shiming: the result could not be written\n", stderr);
        return CLI_USAGE;
    }
    return status;
}
