/* SPDX-License-Identifier: Apache-2.0 */
/* Setting a plugin up, asking it for a read, and keeping what came of it. */
#include "kit/stand.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit/sample.h"
#include "loop/clock.h"

enum {
    LOOK_EVERY_MS = 5,
    SETTLE_MS = 10,
    RENEW_MS = 1500,
    EAR_MS = 2,
    EAR_SETTLE_MS = 10,
    EAR_PATIENCE_MS = 2000
};

const char *stand_wrong_text(enum stand_wrong wrong)
{
    static const char *const texts[] = { [STAND_FINE] = "nothing",
#define STAND_TEXT(name, text) [STAND_##name] = text,
                                         STAND_WRONGS(STAND_TEXT)
#undef STAND_TEXT
    };

    return texts[wrong];
}

static const char *find_device(const struct smg_plugin *plugin)
{
    const struct smg_option *option = plugin->options;

    for (; option->name != NULL; option++)
        if (option->type == SMG_OPT_DEVICE)
            return option->name;
    return NULL;
}

int stand_plugin_load(struct stand_plugin *plugin, struct loop *loop, const char *folder,
                      const char *name, const struct config_node *options, bool between,
                      struct smg_err *err)
{
    if (library_load(folder, SMG_READER, name, &plugin->library, err) != SMG_OK)
        return err->code;
    plugin->loop = loop;
    plugin->options = options;
    plugin->device = find_device(library_plugin(plugin->library));
    if (!between && plugin->device != NULL && config_find(options, plugin->device) != NULL)
        plugin->device = NULL;
    return SMG_OK;
}

int stand_plugin_place(struct stand_plugin *plugin, struct smg_err *err)
{
    const char *place = getenv("TMPDIR");

    if (place == NULL || place[0] == '\0')
        place = "/tmp";
    snprintf(plugin->folder, sizeof plugin->folder, "%.160s/shiming-kit-XXXXXX", place);
    if (mkdtemp(plugin->folder) != NULL)
        return SMG_OK;
    smg_fail(err, SMG_E_IO, "%.160s: %s", place, strerror(errno));
    plugin->folder[0] = '\0';
    return err->code;
}

void stand_plugin_fini(struct stand_plugin *plugin)
{
    if (plugin->folder[0] != '\0')
        rmdir(plugin->folder);
    library_free(plugin->library);
    plugin->library = NULL;
}

/* The user's options and the line, as the YAML of a configuration. */
static struct config_tree *write_options(const struct stand *stand, struct config_errors *errors)
{
    const struct stand_plugin *plugin = stand->plugin;
    struct config_tree *tree;
    struct buf text = { 0 };

    buf_text(&text, "options:\n");
    for (size_t i = 0; i < config_length(plugin->options); i++) {
        const char *key = config_key(plugin->options, i);

        if ((plugin->device != NULL && strcmp(key, plugin->device) == 0) ||
            (plugin->instead != NULL && strcmp(key, plugin->instead) == 0))
            continue;
        buf_printf(&text, "  %s: ", key);
        buf_json(&text, str_of(config_scalar(config_item(plugin->options, i))));
        buf_byte(&text, '\n');
    }
    if (plugin->device != NULL)
        buf_printf(&text, "  %s: \"%s\"\n", plugin->device, stand->link);
    tree = config_tree_read(plugin->file == NULL ? "./options" : plugin->file, buf_view(&text),
                            errors);
    buf_fini(&text);
    return tree;
}

static int make_reader(struct stand *stand, struct smg_err *err)
{
    struct config_instance instance = { .name = stand->name, .plugin = "" };
    struct config_errors errors = { 0 };

    stand->options = write_options(stand, &errors);
    if (stand->options != NULL) {
        instance.options = config_find(config_tree_top(stand->options), "options");
        if (config_length(instance.options) == 0)
            instance.options = NULL;
        instance.node = instance.options;
        stand->reader =
            reader_new(stand->plugin->loop, stand->plugin->library, &instance, &errors, err);
    }
    if (stand->reader == NULL && errors.text.at != NULL)
        smg_fail(err, SMG_E_INVALID, "%.*s", (int)strcspn(errors.text.at, "\n"), errors.text.at);
    config_errors_fini(&errors);
    return stand->reader == NULL ? err->code : SMG_OK;
}

int stand_open(struct stand *stand, const struct stand_plugin *plugin, unsigned number,
               cable_fn device, void *ctx, struct smg_err *err)
{
    int code = SMG_OK;

    *stand = (struct stand){ .plugin = plugin };
    snprintf(stand->name, sizeof stand->name, "stand-%u", number);
    snprintf(stand->link, sizeof stand->link, "%.200s/%s", plugin->folder, stand->name);
    if (plugin->device != NULL)
        code = cable_open(&stand->cable, plugin->loop, stand->link, device, ctx, err);
    if (code == SMG_OK)
        code = make_reader(stand, err);
    if (code == SMG_OK)
        code = reader_start(stand->reader, err);
    if (code != SMG_OK)
        stand_close(stand);
    return code;
}

int64_t stand_close(struct stand *stand)
{
    int64_t began_us = clock_mono_us();

    loop_forget(stand->timer);
    loop_forget(stand->ear);
    stand->timer = stand->ear = NULL;
    reader_free(stand->reader);
    stand->reader = NULL;
    began_us = clock_mono_us() - began_us;
    cable_close(&stand->cable);
    config_tree_free(stand->options);
    stand->options = NULL;
    return began_us / 1000;
}

void stand_read_clear(struct stand_read *read)
{
    fields_free(read->fields);
    str_wipe(read, sizeof *read);
}

static void add_wrong(struct stand_read *read, enum stand_wrong wrong, const char *detail)
{
    if ((read->wrongs & 1u << wrong) == 0)
        snprintf(read->detail[wrong], sizeof read->detail[wrong], "%s", detail);
    read->wrongs |= 1u << wrong;
}

static void wait_until_up(void *ctx)
{
    struct stand *stand = ctx;
    struct reader_status status;
    bool up;

    stand->timer = NULL;
    reader_status(stand->reader, &status);
    stand->waited_ms += LOOK_EVERY_MS;
    if (status.phase == READER_DOWN && stand->read.detail[STAND_NOT_UP][0] == '\0')
        snprintf(stand->read.detail[STAND_NOT_UP], sizeof stand->read.detail[0], "%s", status.why);
    /* A device out of service is looked at again when it is read. */
    up = status.phase == READER_READY ||
         (status.phase == READER_OUT_OF_SERVICE && stand->waited_ms > RENEW_MS);
    if (!up && stand->waited_ms < STAND_START_MS &&
        (stand->read.wrongs & 1u << STAND_NOT_UP) == 0 &&
        !(status.phase == READER_DOWN && status.restarts >= 3 && status.reads == 0)) {
        stand->timer = loop_after(stand->plugin->loop, LOOK_EVERY_MS, wait_until_up, stand);
        if (stand->timer != NULL)
            return;
    }
    if (!up) {
        stand->read.wrongs |= 1u << STAND_NOT_UP;
        if (stand->read.detail[STAND_NOT_UP][0] == '\0')
            snprintf(stand->read.detail[STAND_NOT_UP], sizeof stand->read.detail[0], "%s: %s",
                     reader_phase_name(status.phase), status.why);
    }
    stand->done(stand->done_ctx);
}

void stand_prepare(struct stand *stand, void (*done)(void *ctx), void *ctx)
{
    stand->waited_ms = 0;
    stand->done = done;
    stand->done_ctx = ctx;
    wait_until_up(stand);
}

static void settle(void *ctx)
{
    struct stand *stand = ctx;

    stand->timer = NULL;
    stand->reading = false;
    stand->done(stand->done_ctx);
}

static void keep_fields(struct stand_read *read, const struct smg_fields *fields)
{
    read->fields = fields_new();
    for (size_t i = 0; read->fields != NULL && i < fields_count(fields); i++)
        fields_set(read->fields, fields_name(fields, i), fields_value(fields, i));
}

static void judge_end(struct stand *stand)
{
    struct stand_read *read = &stand->read;
    int64_t limit_ms = stand->deadline_ms + STAND_GRACE_MS + STAND_SLACK_MS;
    char text[64];

    if (strstr(read->text, "its process died") != NULL)
        add_wrong(read, STAND_CRASHED, read->text);
    else if (strstr(read->text, "its process ended") != NULL)
        add_wrong(read, STAND_EXITED, read->text);
    if (read->code == SMG_E_BUG && strstr(read->text, "without done") != NULL)
        add_wrong(read, STAND_NO_DONE, "");
    if (read->took_ms > limit_ms) {
        snprintf(text, sizeof text, "%lld ms, with a deadline of %lld ms", (long long)read->took_ms,
                 (long long)stand->deadline_ms);
        add_wrong(read, STAND_SLOW, text);
    }
    if (sample_find_in(str_of(read->text)) != NULL)
        add_wrong(read, STAND_TELLS, sample_find_in(str_of(read->text)));
}

static void on_read(void *ctx, const struct smg_fields *fields, const struct smg_err *err)
{
    struct stand *stand = ctx;
    struct stand_read *read = &stand->read;

    loop_forget(stand->timer);
    loop_forget(stand->ear);
    stand->ear = NULL;
    read->took_ms = (clock_mono_us() - stand->began_us) / 1000;
    read->code = err->code;
    snprintf(read->text, sizeof read->text, "%s", err->text);
    if (err->code == SMG_OK)
        keep_fields(read, fields);
    judge_end(stand);
    /* What the plugin says after done arrives a little later. */
    stand->timer = loop_after(stand->plugin->loop, SETTLE_MS, settle, stand);
    if (stand->timer == NULL)
        settle(stand);
}

static void cancel(void *ctx)
{
    struct stand *stand = ctx;

    stand->timer = NULL;
    reader_cancel(stand->reader);
}

void stand_read(struct stand *stand, int64_t deadline_ms, int64_t cancel_ms,
                void (*done)(void *ctx), void *ctx)
{
    stand_read_clear(&stand->read);
    stand->reading = true;
    stand->done = done;
    stand->done_ctx = ctx;
    stand->deadline_ms = cancel_ms >= 0 ? cancel_ms : deadline_ms;
    stand->began_us = clock_mono_us();
    reader_read(stand->reader, NULL, deadline_ms, on_read, stand);
    if (cancel_ms == 0)
        reader_cancel(stand->reader);
    else if (cancel_ms > 0)
        stand->timer = loop_after(stand->plugin->loop, cancel_ms, cancel, stand);
}

/* A moment after the line is empty: the plugin looks once more whether it is. */
static void listen_on(void *ctx)
{
    struct stand *stand = ctx;

    stand->ear = NULL;
    stand->listened_ms += EAR_MS;
    if (stand->listens) {
        stand->listening(stand->listening_ctx);
        return;
    }
    stand->listens = cable_unread(&stand->cable) == 0 || stand->listened_ms > EAR_PATIENCE_MS;
    stand->ear =
        loop_after(stand->plugin->loop, stand->listens ? EAR_SETTLE_MS : EAR_MS, listen_on, stand);
}

void stand_listen(struct stand *stand, void (*listening)(void *ctx), void *ctx)
{
    stand->listening = listening;
    stand->listening_ctx = ctx;
    stand->listened_ms = 0;
    stand->listens = false;
    listen_on(stand);
}

void stand_hear(struct stand *const *stands, size_t count, enum smg_level level, const char *who,
                const char *message)
{
    static const struct {
        const char *words;
        enum stand_wrong wrong;
    } meanings[] = {
        { "did not end its read when it was told to", STAND_LATE },
        { "did not start within", STAND_NOT_UP },
        { "; its process is killed", STAND_NONSENSE },
        { "called done for an operation that is over", STAND_SECOND_DONE },
        { "an answer came too late and was dropped", STAND_AFTER_DONE },
        { "more lines were dropped", STAND_FLOODS },
        { "the walls refused", STAND_WALLS },
        { "down: its process died", STAND_CRASHED },
        { "down: its process ended", STAND_EXITED },
    };
    struct stand *stand = NULL;

    for (size_t i = 0; i < count && stand == NULL; i++)
        if (strcmp(stands[i]->name, who) == 0)
            stand = stands[i];
    if (stand == NULL)
        return;
    if (stand->plugin->says)
        fprintf(stderr, "%s: <%d> %s\n", who, (int)level, message);
    if (sample_find_in(str_of(message)) != NULL)
        add_wrong(&stand->read, STAND_TELLS, sample_find_in(str_of(message)));
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if (strstr(message, meanings[i].words) == NULL)
            continue;
        add_wrong(&stand->read, meanings[i].wrong, message);
        return;
    }
}
