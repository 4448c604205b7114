/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this room share: options from YAML, results that are waited for on the loop. */
#ifndef TESTS_UNIT_PLUGIN_FIXTURE_H
#define TESTS_UNIT_PLUGIN_FIXTURE_H

#include "config/config.h"
#include "loop/loop.h"
#include "plugin/instance.h"

#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define TEST_PLUGIN(name) BINARY_DIR "/tests/plugins/" name ".so"
#define PLUGINS BINARY_DIR "/plugins"

struct options {
    struct config_tree *tree;
    struct config_instance instance;
};

/* yaml: the options, one "key: value" a line. */
static inline struct options options_of(const char *name, const char *yaml)
{
    char path[] = "/tmp/shiming-options-XXXXXX";
    struct config_errors errors = { 0 };
    struct options options = { .instance = { .name = name } };
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
    close(fd);
    options.tree = config_tree_load(path, &errors);
    unlink(path);
    if (options.tree == NULL)
        fail_msg("%s", errors.text.at);
    options.instance.node = config_tree_top(options.tree);
    options.instance.options = config_tree_top(options.tree);
    config_errors_fini(&errors);
    return options;
}

/* How an operation ended. */
struct result {
    unsigned calls;
    int32_t code;
    char text[252];
    struct smg_fields *fields;
};

static inline void take_result(void *ctx, const struct smg_fields *fields,
                               const struct smg_err *err)
{
    struct result *result = ctx;
    struct smg_err why = { 0 };
    struct buf bytes = { 0 };

    result->calls++;
    result->code = err->code;
    memcpy(result->text, err->text, sizeof result->text);
    fields_free(result->fields);
    fields_write(fields, &bytes);
    result->fields = fields_read(buf_view(&bytes), &why);
    buf_fini(&bytes);
    assert_non_null(result->fields);
}

static inline int64_t result_int(const struct result *result, const char *field)
{
    const struct smg_value *value = fields_get(result->fields, str_of(field));

    if (value != NULL && value->type == SMG_INT)
        return value->integer;
    fail_msg("there is no number %s", field);
    return 0;
}

static inline void result_fini(struct result *result)
{
    fields_free(result->fields);
    *result = (struct result){ 0 };
}

/* Run the loop until the condition holds; a test that fails ends after a while all the same. */
struct until {
    struct loop *loop;
    bool (*holds)(void *ctx);
    void *ctx;
};

static inline void look_at_condition(void *ctx)
{
    struct until *until = ctx;

    if (until->holds(until->ctx))
        loop_stop(until->loop);
}

static inline void give_up(void *ctx)
{
    (void)ctx;
    fail_msg("it did not happen in time");
}

static inline void run_until(struct loop *loop, bool (*holds)(void *ctx), void *ctx)
{
    struct until until = { loop, holds, ctx };
    struct loop_timer *looks = loop_every(loop, 1, look_at_condition, &until);
    struct loop_timer *limit = loop_after(loop, 30000, give_up, NULL);
    struct smg_err err = { 0 };

    assert_non_null(looks);
    assert_non_null(limit);
    assert_int_equal(loop_run(loop, &err), SMG_OK);
    loop_forget(looks);
    loop_forget(limit);
}

static inline bool has_result(void *ctx)
{
    const struct result *result = ctx;

    return result->calls > 0;
}

static inline int make_loop(void **state)
{
    struct smg_err err = { 0 };

    *state = loop_new("test", &err);
    return *state == NULL ? -1 : 0;
}

static inline int free_loop(void **state)
{
    loop_free(*state);
    return 0;
}

#endif
