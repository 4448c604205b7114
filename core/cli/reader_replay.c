/* SPDX-License-Identifier: Apache-2.0 */
/* shiming reader replay: a trace played to a plugin and, when it holds an application, to the
 * rules; and which of the two changed. */
#include "cli/reader.h"

#include "cli/cli.h"
#include "kit/replay.h"

#include <unistd.h>

enum { ROOM = 4096 };

/* Where the shipped plugins are, seen from the program. */
static const char *plugin_folder(char room[ROOM])
{
    static const char *const places[] = { "/plugins", "/lib/shiming/plugins" };
    ssize_t len = readlink("/proc/self/exe", room, ROOM - 64);
    char *slash;

    room[len < 0 ? 0 : len] = '\0';
    for (int i = 0; i < 2 && (slash = strrchr(room, '/')) != NULL; i++)
        *slash = '\0';
    len = (ssize_t)strlen(room);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(room + len, ROOM - (size_t)len, "%s", places[i]);
        if (access(room, R_OK) == 0)
            break;
    }
    return room;
}

static bool load_trace(const char *path, struct trace *trace)
{
    struct smg_err err = { 0 };
    struct buf text = { 0 };
    bool good = cli_read_file(path, &text);

    if (good && trace_read(buf_view(&text), trace, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s: %s\n", path, err.text);
        good = false;
    }
    buf_fini(&text);
    return good;
}

/* Lines of one text that the other has not. */
static unsigned list_missing(const struct buf *these, const struct buf *others, const char *what,
                             const char *who, struct buf *said)
{
    struct smg_str text = buf_view(these);
    unsigned count = 0;

    while (text.len > 0) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.at) + 1;

        if (others->len == 0 || memmem(others->at, others->len, text.at, len) == NULL) {
            buf_printf(said, "%s: %s: %.*s\n", who, what, (int)(len - (end != NULL)), text.at);
            count++;
        }
        text = str_bytes(text.at + len, text.len - len);
    }
    return count;
}

enum changed { CHANGED_NOTHING, CHANGED_PLUGIN, CHANGED_POLICY, CHANGED_BOTH };

static const char *const changes[] = { "nothing", "the plugin", "the policy",
                                       "the plugin, and with it the verdict" };

/* What the rules make of the card now; who is named for a difference. */
static bool judge(const struct cli_options *options, struct trace *trace,
                  const struct replay_result *result, enum changed *changed, struct buf *said)
{
    const char *who = result->changed ? "verdict" : "policy";
    struct buf outline = { 0 };
    unsigned count = 0;
    bool good = true;

    if (trace->application.len == 0)
        return true;
    if (result->card == NULL) {
        buf_text(said, "verdict: none, for the read failed\n");
        *changed = CHANGED_BOTH;
        return true;
    }
    good = cli_trace_decide(options, trace, result->card, &outline);
    if (good) {
        count = list_missing(&trace->decision, &outline, "no longer", who, said) +
                list_missing(&outline, &trace->decision, "now", who, said);
    }
    if (count > 0)
        *changed = result->changed ? CHANGED_BOTH : CHANGED_POLICY;
    buf_fini(&outline);
    return good;
}

static int tell(const struct cli_options *options, const struct trace *trace,
                const struct replay_result *result, enum changed changed, const struct buf *said)
{
    bool finding = trace->finding[0] != '\0';
    struct buf out = { 0 };
    int status = changed == CHANGED_NOTHING && !result->wrong ? CLI_DONE : CLI_NO;

    if (options->json) {
        buf_printf(&out, "{\"changed\":\"%s\",\"wrong\":%s,\"fields\":%u,\"end\":\"%s\",\"said\":",
                   finding ? "nothing" : changes[changed], result->wrong ? "true" : "false",
                   result->fields, result->end);
        buf_json(&out, buf_view(said));
        buf_text(&out, "}\n");
    } else if (finding) {
        buf_str(&out, buf_view(said));
        buf_printf(&out, result->wrong ? "it still happens: %s\n" : "it happens no longer: %s\n",
                   trace->finding);
    } else {
        buf_str(&out, buf_view(said));
        if (status == CLI_DONE)
            buf_printf(&out, "the same: %u fields, %s%s\n", result->fields, result->end,
                       trace->application.len > 0 ? ", and the verdict" : "");
        else if (changed == CHANGED_NOTHING)
            buf_text(&out, "the plugin did what none may\n");
        else
            buf_printf(&out, "changed by %s\n", changes[changed]);
    }
    status = cli_print(&out, status);
    buf_fini(&out);
    return status;
}

static int replay(const struct cli_options *options, struct trace *trace, const char *file)
{
    enum changed changed = CHANGED_NOTHING;
    struct replay_result result = { 0 };
    struct smg_err err = { 0 };
    struct buf said = { 0 };
    char folder[ROOM], path[ROOM];
    int status = CLI_USAGE;

    if (file != NULL)
        snprintf(path, sizeof path, "%s%s", strchr(file, '/') == NULL ? "./" : "", file);
    if (replay_trace(trace, plugin_folder(folder), file == NULL ? trace->plugin : path, &result,
                     &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
    } else {
        bool finding = trace->finding[0] != '\0';

        buf_str(&said, buf_view(&result.said));
        if (result.changed && !finding)
            changed = CHANGED_PLUGIN;
        if (finding || judge(options, trace, &result, &changed, &said))
            status = tell(options, trace, &result, changed, &said);
    }
    replay_result_fini(&result);
    buf_fini(&said);
    return status;
}

int cli_reader_replay(int argc, char **argv)
{
    struct cli_options options;
    struct trace trace = { 0 };
    int status = CLI_USAGE;

    if (!cli_options(argc, argv, NULL, &options))
        return CLI_USAGE;
    if (options.word_count < 1 || options.word_count > 2) {
        fputs("usage: shiming reader replay TRACE [FILE.so] [--policies DIR] [-p ID]... [--json]\n"
              "  Exit 1: the plugin answers otherwise, or the rules decide otherwise; it says "
              "which.\n",
              stderr);
        return CLI_USAGE;
    }
    if (load_trace(options.words[0], &trace))
        status = replay(&options, &trace, options.word_count > 1 ? options.words[1] : NULL);
    trace_fini(&trace);
    return status;
}
