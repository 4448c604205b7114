/* SPDX-License-Identifier: Apache-2.0 */
/* A reader as the gateway sees it: options in, reads asked, status shown. */
#include "plugin/reader_inside.h"

#include <stdlib.h>

#include "loop/clock.h"
#include "plugin/confine.h"

enum {
    DEADLINE_MS = 30 * 1000, /* of a read, when nobody says another */
    RENEW_US = 1000000,      /* a broken device is started again for a read at most so often */
    END_MS = 500             /* what a child has to stop its plugin when the gateway ends */
};

void reader_show(struct reader *reader)
{
    enum reader_phase phase = READER_DOWN;
    const char *why = "";

    if (reader->life == LIFE_STARTING || reader->life == LIFE_DYING)
        phase = READER_STARTING;
    else if (reader->life == LIFE_UP && reader->current != NULL)
        phase = READER_READING;
    else if (reader->life == LIFE_UP)
        phase = reader->fault.code == SMG_OK ? READER_READY : READER_OUT_OF_SERVICE;
    if (phase == READER_OUT_OF_SERVICE)
        why = reader->fault.text;
    else if (phase == READER_DOWN)
        why = reader->why.text;
    pthread_mutex_lock(&reader->lock);
    reader->status.phase = phase;
    reader->status.pid = reader->process.pid;
    snprintf(reader->status.why, sizeof reader->status.why, "%s", why);
    pthread_mutex_unlock(&reader->lock);
}

const char *reader_phase_name(enum reader_phase phase)
{
    static const char *const names[] = { [READER_STARTING] = "starting",
                                         [READER_READY] = "ready",
                                         [READER_READING] = "reading",
                                         [READER_OUT_OF_SERVICE] = "out_of_service",
                                         [READER_DOWN] = "down" };

    return phase >= READER_STARTING && phase <= READER_DOWN ? names[phase] : "?";
}

void reader_status(struct reader *reader, struct reader_status *out)
{
    pthread_mutex_lock(&reader->lock);
    *out = reader->status;
    pthread_mutex_unlock(&reader->lock);
}

/* The text of an option for the child, which checks nothing again: paths as they were made
 * absolute, numbers as they were written. NULL: not set, so the preset holds there too. */
static const char *option_text(const struct smg_option *option, const void *config,
                               const struct config_node *options)
{
    const struct config_node *node;
    const char *text = NULL;

    switch (option->type) {
    case SMG_OPT_TEXT:
    case SMG_OPT_SECRET:
    case SMG_OPT_PATH:
    case SMG_OPT_DEVICE:
    case SMG_OPT_SOCKET:
        memcpy(&text, (const char *)config + option->offset, sizeof text);
        return text;
    case SMG_OPT_BOOL:
    case SMG_OPT_INT:
    case SMG_OPT_MS:
    case SMG_OPT_BYTES:
        break;
    }
    node = options == NULL ? NULL : config_find(options, option->name);
    return node == NULL ? NULL : config_scalar(node);
}

static int write_start(struct reader *reader, const struct library *library, const void *config,
                       const struct config_node *options, struct smg_err *err)
{
    const struct smg_option *option = reader->plugin->options;
    struct wire_message *start = calloc(1, sizeof *start);
    struct smg_err why = { 0 };

    if (start == NULL)
        return smg_fail(err, SMG_E_MEMORY, "%s: out of memory", reader->name);
    start->kind = WIRE_START;
    start->file = str_of(library_file(library));
    start->name = str_of(reader->name);
    for (; option->name != NULL; option++) {
        const char *text = option_text(option, config, options);

        if (text == NULL)
            continue;
        if (option->type == SMG_OPT_SOCKET && door_allow(&reader->door, text, &why) < 0)
            break;
        start->options[start->option_count].name = str_of(option->name);
        start->options[start->option_count++].value = str_of(text);
    }
    wire_write(start, &reader->start);
    free(start);
    if (why.code != SMG_OK)
        return smg_fail(err, SMG_E_INVALID, "%s: %s: %.160s", reader->name, option->name, why.text);
    if (reader->start.failed)
        return smg_fail(err, SMG_E_MEMORY, "%s: out of memory", reader->name);
    if (reader->start.len > WIRE_BYTES)
        return smg_fail(err, SMG_E_INVALID, "%s: its options are too long", reader->name);
    return SMG_OK;
}

static int fill(struct reader *reader, const struct library *library,
                const struct config_instance *config, struct config_errors *errors,
                struct smg_err *err)
{
    void *options = calloc(1, reader->plugin->config_size + 1);
    int code;

    if (options == NULL)
        return smg_fail(err, SMG_E_MEMORY, "%s: out of memory", config->name);
    if (!config->without_landlock && !confine_has_landlock())
        code = smg_fail(err, SMG_E_UNSUPPORTED,
                        "%s: this kernel has no Landlock to keep the driver from files; with "
                        "without_landlock: true it is started all the same",
                        config->name);
    else if (config_fill(config->options, config->node, reader->plugin->options, options, errors))
        code = write_start(reader, library, options, config->options, err);
    else
        code = smg_fail(err, SMG_E_INVALID, "%s: its options are wrong", config->name);
    free(options);
    return code;
}

struct reader *reader_new(struct loop *loop, struct library *library,
                          const struct config_instance *config, struct config_errors *errors,
                          struct smg_err *err)
{
    struct reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL) {
        smg_fail(err, SMG_E_MEMORY, "%s: out of memory", config->name);
        return NULL;
    }
    pthread_mutex_init(&reader->lock, NULL);
    reader->loop = loop;
    reader->plugin = library_plugin(library);
    reader->process = PROCESS_NONE;
    reader->deadline_ms = config->deadline_ms > 0 ? config->deadline_ms : DEADLINE_MS;
    reader->name = strdup(config->name);
    reader->room = malloc(WIRE_BYTES);
    if (reader->name == NULL || reader->room == NULL) {
        smg_fail(err, SMG_E_MEMORY, "%s: out of memory", config->name);
        goto fail;
    }
    reader->status = (struct reader_status){ .name = reader->name,
                                             .plugin = reader->plugin->name,
                                             .phase = READER_DOWN,
                                             .why = "it has not been started" };
    if (reader->plugin->kind != SMG_READER) {
        smg_fail(err, SMG_E_INVALID, "%s: plugin %s is no reader", config->name,
                 reader->plugin->name);
        goto fail;
    }
    if (ops_init(&reader->ops, loop, reader->name, reader_pass_deadline, reader, err) < 0 ||
        fill(reader, library, config, errors, err) < 0)
        goto fail;
    return reader;
fail:
    reader_free(reader);
    return NULL;
}

int reader_start(struct reader *reader, struct smg_err *err)
{
    return reader->life == LIFE_NONE && reader->timer == NULL ? reader_start_child(reader, err)
                                                              : SMG_OK;
}

void reader_free(struct reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->life != LIFE_NONE)
        reader_forget_child(reader);
    loop_forget(reader->timer);
    process_end(&reader->process, END_MS);
    if (reader->ops.loop != NULL)
        ops_fini(&reader->ops);
    buf_fini(&reader->start);
    buf_fini(&reader->given);
    free(reader->room);
    free(reader->name);
    pthread_mutex_destroy(&reader->lock);
    free(reader);
}

/* SMG_OK: a read may be asked now, or will be when the child is ready. */
static int32_t find_obstacle(const struct reader *reader, struct smg_err *err)
{
    if (reader->current != NULL)
        return smg_fail(err, SMG_E_BUSY, "the reader is reading");
    if (reader->life == LIFE_NONE && reader->why.code == SMG_OK)
        return smg_fail(err, SMG_E_IO, "the reader has not been started");
    if (reader->life == LIFE_NONE)
        *err = reader->why;
    else if (reader->life == LIFE_UP && reader->fault.code != SMG_OK &&
             clock_mono_us() - reader->started_us < RENEW_US)
        *err = reader->fault;
    return err->code;
}

/* Keep what is known of the document until the child is asked. */
static int32_t keep_given(struct reader *reader, const struct smg_fields *given,
                          struct smg_err *err)
{
    buf_fini(&reader->given);
    if (given == NULL)
        return SMG_OK;
    fields_write(given, &reader->given);
    if (reader->given.failed)
        smg_fail(err, SMG_E_MEMORY, "out of memory");
    else if (reader->given.len > READER_GIVEN_BYTES)
        smg_fail(err, SMG_E_INVALID, "more is given of the document than a reader takes");
    if (err->code != SMG_OK)
        buf_fini(&reader->given);
    return err->code;
}

void reader_read(struct reader *reader, const struct smg_fields *given, int64_t deadline_ms,
                 instance_done_fn fn, void *ctx)
{
    struct smg_err err = { 0 };

    if (deadline_ms <= 0)
        deadline_ms = reader->deadline_ms;
    if (find_obstacle(reader, &err) != SMG_OK || keep_given(reader, given, &err) != SMG_OK) {
        if (err.code != SMG_E_BUSY) /* that one says nothing about the reader */
            reader_count_read(reader, err.code);
        op_refuse(&reader->ops, &err, fn, ctx);
        return;
    }
    reader->current = op_begin(&reader->ops, deadline_ms, fn, ctx);
    if (reader->current == NULL) {
        buf_fini(&reader->given);
        return;
    }
    reader->asked = false;
    reader->stopping = SMG_OK;
    reader->deadline_us = clock_mono_us() + deadline_ms * 1000;
    if (reader->life == LIFE_UP && reader->fault.code != SMG_OK) {
        reader->renewing = true; /* the plugin's start decides whether the device works again */
        reader_kill_child(reader);
    } else if (reader->life == LIFE_UP) {
        reader_ask_child(reader);
    }
    reader_show(reader);
}

void reader_cancel(struct reader *reader)
{
    struct smg_err err = { .code = SMG_E_CANCELLED, .text = "the read was cancelled" };

    if (reader->current == NULL || reader->stopping != SMG_OK)
        return;
    if (reader->asked)
        reader_stop_read(reader, SMG_E_CANCELLED);
    else
        reader_end_read(reader, &err);
}
