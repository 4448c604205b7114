/* SPDX-License-Identifier: Apache-2.0 */
/* An instance in this process: opened, started, asked, stopped, closed. */
#include "plugin/instance.h"

#include <stdlib.h>

#include "base/log.h"
#include "plugin/host.h"
#include "plugin/op.h"

enum { VERIFIER_DEADLINE_MS = 10 * 1000, REPORTER_DEADLINE_MS = 30 * 1000 };

struct instance {
    char *name;
    const struct smg_plugin *plugin;
    void *config;
    struct host host;
    struct ops ops;
    void *self;
    int64_t deadline_ms;
    bool counts_ops, opened, started;
};

static void cancel_op(struct instance *instance, struct op *op)
{
    const struct smg_plugin *plugin = instance->plugin;

    if (plugin->kind == SMG_VERIFIER)
        plugin->verifier->cancel(instance->self, op_handle(op));
    else
        plugin->reporter->cancel(instance->self, op_handle(op));
}

static void pass_deadline(void *owner, struct op *op)
{
    struct smg_err err = { .code = SMG_E_TIMEOUT, .text = "the deadline passed" };
    struct instance *instance = owner;

    op_abandon(op, &err);
    cancel_op(instance, op);
}

static int fill_config(struct instance *instance, const struct config_instance *config,
                       struct config_errors *errors, struct smg_err *err)
{
    const struct smg_plugin *plugin = instance->plugin;

    instance->config = calloc(1, plugin->config_size + 1);
    if (instance->config == NULL)
        return smg_fail(err, SMG_E_MEMORY, "%s: out of memory", instance->name);
    if (!config_fill(config->options, config->node, plugin->options, instance->config, errors))
        return smg_fail(err, SMG_E_INVALID, "%s: its options are wrong", instance->name);
    return SMG_OK;
}

static int open_plugin(struct instance *instance, struct smg_err *err)
{
    const struct smg_plugin *plugin = instance->plugin;
    struct smg_err why = { 0 };
    int code = plugin->open(&instance->host.table, instance->config, &instance->self, &why);

    if (code < 0) {
        why.code = code;
        op_take_err(&why, &why);
        return smg_fail(err, (enum smg_code)why.code, "%s: %s", instance->name, why.text);
    }
    instance->opened = true;
    return SMG_OK;
}

struct instance *instance_open(struct loop *loop, struct library *library,
                               const struct config_instance *config, struct config_errors *errors,
                               struct smg_err *err)
{
    const struct smg_plugin *plugin = library_plugin(library);
    struct instance *instance = calloc(1, sizeof *instance);

    if (instance == NULL || (instance->name = strdup(config->name)) == NULL) {
        smg_fail(err, SMG_E_MEMORY, "%s: out of memory", config->name);
        goto fail;
    }
    instance->plugin = plugin;
    instance->deadline_ms = config->deadline_ms;
    if (plugin->kind == SMG_READER || (loop == NULL) != (plugin->kind == SMG_STORAGE)) {
        smg_fail(err, SMG_E_INVALID, "%s: a %s does not run here", config->name,
                 library_kind_name(plugin->kind));
        goto fail;
    }
    if (loop != NULL) {
        if (ops_init(&instance->ops, loop, instance->name, pass_deadline, instance, err) < 0)
            goto fail;
        instance->counts_ops = true;
    }
    host_init(&instance->host, instance->name, loop, loop == NULL ? NULL : &instance->ops);
    if (fill_config(instance, config, errors, err) < 0 || open_plugin(instance, err) < 0)
        goto fail;
    return instance;
fail:
    instance_free(instance);
    return NULL;
}

int instance_start(struct instance *instance, struct smg_err *err)
{
    struct smg_err why = { 0 };
    int code = SMG_OK;

    if (instance->started)
        return SMG_OK;
    if (instance->plugin->start != NULL)
        code = instance->plugin->start(instance->self, &why);
    if (code < 0) {
        why.code = code;
        op_take_err(&why, &why);
        return smg_fail(err, (enum smg_code)why.code, "%s: %s", instance->name, why.text);
    }
    instance->started = true;
    return SMG_OK;
}

void instance_free(struct instance *instance)
{
    uint32_t position = 0;
    struct op *op;

    if (instance == NULL)
        return;
    while (ops_next(&instance->ops, &position, &op))
        if (!op_is_abandoned(op))
            cancel_op(instance, op);
    if (instance->started && instance->plugin->stop != NULL)
        instance->plugin->stop(instance->self);
    if (instance->counts_ops)
        ops_fini(&instance->ops);
    if (instance->opened)
        instance->plugin->close(instance->self);
    host_fini(&instance->host);
    free(instance->config);
    free(instance->name);
    free(instance);
}

const char *instance_name(const struct instance *instance)
{
    return instance->name;
}

void *instance_self(const struct instance *instance)
{
    return instance->self;
}

const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self)
{
    *self = instance->self;
    return instance->plugin->storage;
}

bool instance_lays_out(const struct instance *instance)
{
    const struct smg_storage_ops *ops = instance->plugin->storage;

    return ops->size >= sizeof *ops && ops->layout_version != NULL;
}

bool instance_wants(const struct instance *instance, const char *field)
{
    const struct smg_verifier_ops *ops = instance->plugin->verifier;

    return instance->plugin->kind == SMG_VERIFIER && ops->size >= sizeof *ops &&
           ops->wants != NULL && ops->wants(instance->self, field);
}

bool instance_in_service(const struct instance *instance, char why[256])
{
    return host_in_service(&instance->host, why);
}

/* NULL: fn has been, or will be, told why. */
static struct op *begin(struct instance *instance, enum smg_kind kind, int64_t deadline_ms,
                        instance_done_fn fn, void *ctx)
{
    struct smg_err err = { .code = SMG_E_UNSUPPORTED, .text = "this instance cannot do that" };

    if (deadline_ms <= 0)
        deadline_ms = instance->deadline_ms;
    if (deadline_ms <= 0)
        deadline_ms = kind == SMG_VERIFIER ? VERIFIER_DEADLINE_MS : REPORTER_DEADLINE_MS;
    if (instance->plugin->kind == kind && instance->started)
        return op_begin(&instance->ops, deadline_ms, fn, ctx);
    if (instance->plugin->kind == kind)
        err = (struct smg_err){ .code = SMG_E_BUSY, .text = "this instance has not started yet" };
    op_refuse(&instance->ops, &err, fn, ctx);
    return NULL;
}

void instance_verify(struct instance *instance, const struct smg_fields *subject,
                     int64_t deadline_ms, instance_done_fn fn, void *ctx)
{
    struct op *op = begin(instance, SMG_VERIFIER, deadline_ms, fn, ctx);

    if (op != NULL)
        instance->plugin->verifier->verify(instance->self, op_handle(op), subject);
}

void instance_submit(struct instance *instance, struct smg_str id, struct smg_str report,
                     int64_t deadline_ms, instance_done_fn fn, void *ctx)
{
    struct op *op = begin(instance, SMG_REPORTER, deadline_ms, fn, ctx);

    if (op != NULL)
        instance->plugin->reporter->submit(instance->self, op_handle(op), id, report);
}
