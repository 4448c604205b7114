/* SPDX-License-Identifier: Apache-2.0 */
/* From nodes to structs: types, limits, presets, required keys, and the nearest known name. */
#include "config/schema.h"

#include <inttypes.h>

#include "base/address.h"
#include "config/units.h"

enum { NAMES = 128 };

struct words {
    char text[320];
};

static void add_words(struct words *words, const char *fmt, ...) SMG_PRINTF(2, 3);

static void add_words(struct words *words, const char *fmt, ...)
{
    size_t len = strlen(words->text);
    va_list args;

    va_start(args, fmt);
    if (vsnprintf(words->text + len, sizeof words->text - len, fmt, args) < 0)
        words->text[len] = '\0';
    va_end(args);
}

static bool has_limits(const struct smg_option *option)
{
    return option->min != 0 || option->max != 0;
}

/* A maximum of 0 under a minimum is none. */
static int64_t highest(const struct smg_option *option)
{
    return option->max < option->min ? INT64_MAX : option->max;
}

static struct shown show_number(const struct smg_option *option, int64_t number)
{
    struct shown shown;

    if (option->type == SMG_OPT_MS)
        return units_show_ms(number);
    if (option->type == SMG_OPT_BYTES)
        return units_show_bytes(number);
    snprintf(shown.text, sizeof shown.text, "%" PRId64, number);
    return shown;
}

static void add_limits(struct words *words, const struct smg_option *option)
{
    if (!has_limits(option))
        return;
    add_words(words, " of %s", show_number(option, option->min).text);
    if (highest(option) == INT64_MAX)
        add_words(words, " or more");
    else
        add_words(words, " to %s", show_number(option, option->max).text);
}

static void add_choices(struct words *words, const char *const *choices)
{
    size_t i;

    for (i = 0; choices[i] != NULL; i++)
        add_words(words, "%s%s", i == 0 ? "" : ", ", choices[i]);
}

/* "a duration such as 15s of 1s to 1m" */
static struct words describe(const struct smg_option *option)
{
    static const char *const nouns[] = { [SMG_OPT_BOOL] = "true or false",
                                         [SMG_OPT_INT] = "a whole number",
                                         [SMG_OPT_MS] = "a duration such as 15s",
                                         [SMG_OPT_BYTES] = "a size such as 64KiB",
                                         [SMG_OPT_TEXT] = "a text",
                                         [SMG_OPT_SECRET] = "a secret text",
                                         [SMG_OPT_PATH] = "a path",
                                         [SMG_OPT_DEVICE] = "the path of a device",
                                         [SMG_OPT_SOCKET] = "the address of a socket" };
    struct words words = { "" };

    if (option->type == SMG_OPT_TEXT && option->choices != NULL) {
        add_words(&words, "one of ");
        add_choices(&words, option->choices);
    } else if (option->type >= SMG_OPT_BOOL && option->type <= SMG_OPT_SOCKET) {
        add_words(&words, "%s", nouns[option->type]);
    }
    if (option->type == SMG_OPT_INT || option->type == SMG_OPT_MS || option->type == SMG_OPT_BYTES)
        add_limits(&words, option);
    return words;
}

static int read_bool(const char *text, bool *out, struct smg_err *err)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return smg_fail(err, SMG_E_INVALID, "\"%s\" is neither true nor false",
                        tree_show(text).text);
    *out = text[0] == 't';
    return SMG_OK;
}

static int read_number(const struct smg_option *option, const char *text, int64_t *out,
                       struct smg_err *err)
{
    int64_t number = 0;
    int code;

    if (option->type == SMG_OPT_MS)
        code = units_read_ms(text, &number, err);
    else if (option->type == SMG_OPT_BYTES)
        code = units_read_bytes(text, &number, err);
    else
        code = units_read_int(text, &number, err);
    if (code < 0)
        return code;
    if (has_limits(option) && (number < option->min || number > highest(option)))
        return smg_fail(err, SMG_E_INVALID, "\"%s\" is out of range; expected %s",
                        tree_show(text).text, describe(option).text);
    *out = number;
    return SMG_OK;
}

static int read_text(const struct smg_option *option, const char *text, const char **out,
                     struct smg_err *err)
{
    bool closed = option->type == SMG_OPT_TEXT && option->choices != NULL;
    size_t i;

    if ((option->flags & SMG_REQUIRED) != 0 && text[0] == '\0')
        return smg_fail(err, SMG_E_INVALID, "is empty; expected %s", describe(option).text);
    for (i = 0; closed && option->choices[i] != NULL; i++)
        if (strcmp(text, option->choices[i]) == 0)
            break;
    if (closed && option->choices[i] == NULL) {
        const char *meant = str_nearest(str_of(text), option->choices, i);

        if (meant != NULL)
            return smg_fail(err, SMG_E_INVALID, "\"%s\" is not known; did you mean \"%s\"?",
                            tree_show(text).text, meant);
        return smg_fail(err, SMG_E_INVALID, "\"%s\" is not known; expected %s",
                        tree_show(text).text, describe(option).text);
    }
    *out = text;
    return SMG_OK;
}

/* tree NULL: paths must be absolute. */
static int read_path(const struct smg_option *option, const char *text, struct config_tree *tree,
                     const char **out, struct smg_err *err)
{
    if (text[0] == '\0')
        return smg_fail(err, SMG_E_INVALID, "is empty; expected %s", describe(option).text);
    if (text[0] != '/' && (tree == NULL || option->type == SMG_OPT_DEVICE))
        return smg_fail(err, SMG_E_INVALID,
                        "\"%s\" is not absolute; expected a path that begins with /",
                        tree_show(text).text);
    *out = text[0] == '/' ? text : tree_absolute(tree, text, err);
    return *out == NULL ? err->code : SMG_OK;
}

static int read_socket(const char *text, const char **out, struct smg_err *err)
{
    struct address address;
    struct smg_err why = { 0 };

    if (address_read(text, &address, &why) < 0)
        return smg_fail(err, SMG_E_INVALID, "\"%s\" %.160s", tree_show(text).text, why.text);
    *out = text;
    return SMG_OK;
}

static int read_value(const struct smg_option *option, const char *text, struct config_tree *tree,
                      void *out, struct smg_err *err)
{
    void *at = (char *)out + option->offset;

    switch (option->type) {
    case SMG_OPT_BOOL:
        return read_bool(text, at, err);
    case SMG_OPT_INT:
    case SMG_OPT_MS:
    case SMG_OPT_BYTES:
        return read_number(option, text, at, err);
    case SMG_OPT_TEXT:
    case SMG_OPT_SECRET:
        return read_text(option, text, at, err);
    case SMG_OPT_PATH:
    case SMG_OPT_DEVICE:
        return read_path(option, text, tree, at, err);
    case SMG_OPT_SOCKET:
        return read_socket(text, at, err);
    }
    return smg_fail(err, SMG_E_BUG, "option %s has a type this program does not know",
                    option->name);
}

static const struct smg_option *find_option(const struct smg_option *options, const char *name)
{
    for (; options->name != NULL; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    return NULL;
}

static bool is_among(const char *const *names, const char *name)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static void complain_unknown(const struct config_node *node, const struct smg_option *options,
                             const char *const *others, struct config_errors *errors)
{
    const char *names[NAMES + 1];
    struct words known = { "" };
    const char *meant;
    size_t count = 0;

    for (; options->name != NULL && count < NAMES; options++)
        names[count++] = options->name;
    for (; *others != NULL && count < NAMES; others++)
        names[count++] = *others;
    names[count] = NULL;
    add_choices(&known, names);
    meant = str_nearest(str_of(node->key), names, count);
    if (meant != NULL)
        tree_complain_key(errors, node, "unknown key; did you mean \"%s\"?", meant);
    else if (count == 0)
        tree_complain_key(errors, node, "unknown key; no keys are expected here");
    else
        tree_complain_key(errors, node, "unknown key; expected one of %s", known.text);
}

static void fill_value(const struct config_node *node, const struct smg_option *option, void *out,
                       struct config_errors *errors)
{
    struct smg_err err = { 0 };

    if (node->kind != CONFIG_SCALAR)
        config_complain(errors, node, "is a %s; expected %s",
                        node->kind == CONFIG_LIST ? "list" : "map", describe(option).text);
    else if (node->empty)
        config_complain(errors, node, "has no value; expected %s, or remove the key",
                        describe(option).text);
    else if (read_value(option, node->text, node->tree, out, &err) < 0)
        config_complain(errors, node, "%s", err.text);
}

static void fill_absent(const struct smg_option *option, const struct config_node *where, void *out,
                        struct config_errors *errors)
{
    struct smg_err err = { 0 };

    if ((option->flags & SMG_REQUIRED) != 0)
        config_complain(errors, where, "\"%s\" is required; expected %s%s%s%s", option->name,
                        describe(option).text, option->help == NULL ? "" : " (",
                        option->help == NULL ? "" : option->help, option->help == NULL ? "" : ")");
    else if (option->preset != NULL &&
             read_value(option, option->preset, where == NULL ? NULL : where->tree, out, &err) < 0)
        config_complain(errors, where, "the preset of \"%s\" is wrong, which is a bug: %s",
                        option->name, err.text);
}

bool schema_fill(const struct config_node *map, const struct config_node *parent,
                 const struct smg_option *options, const char *const *others, void *out,
                 struct config_errors *errors)
{
    static const struct smg_option no_options[] = { SMG_OPTIONS_END };
    const struct config_node *where = map == NULL ? parent : map;
    unsigned before = errors->count;
    size_t i;

    if (options == NULL)
        options = no_options;
    if (map != NULL && map->kind != CONFIG_MAP && !map->empty) {
        config_complain(errors, map, "is a %s; expected a map, lines of the form key: value",
                        map->kind == CONFIG_LIST ? "list" : "single value");
        return false;
    }
    for (i = 0; i < config_length(map); i++) {
        const struct config_node *node = config_item(map, i);
        const struct smg_option *option = find_option(options, node->key);

        if (option != NULL)
            fill_value(node, option, out, errors);
        else if (!is_among(others, node->key))
            complain_unknown(node, options, others, errors);
    }
    for (; options->name != NULL; options++)
        if (config_find(map, options->name) == NULL)
            fill_absent(options, where, out, errors);
    return errors->count == before;
}

bool config_fill(const struct config_node *map, const struct config_node *parent,
                 const struct smg_option *options, void *out, struct config_errors *errors)
{
    static const char *const none[] = { NULL };

    return schema_fill(map, parent, options, none, out, errors);
}

/* One option by itself, the way a complaint without a place needs it. */
static int fill_pair(const struct smg_option *option, const char *value, void *out,
                     struct smg_err *err)
{
    struct smg_err why = { 0 };

    if (value == NULL && (option->flags & SMG_REQUIRED) != 0)
        return smg_fail(err, SMG_E_INVALID, "option \"%s\" is required", option->name);
    if (value == NULL)
        value = option->preset;
    if (value != NULL && read_value(option, value, NULL, out, &why) < 0)
        return smg_fail(err, why.code, "option \"%s\": %.180s", option->name, why.text);
    return SMG_OK;
}

bool config_fill_pairs(const struct smg_option *options, const char *const *names,
                       const char *const *values, size_t count, void *out, struct smg_err *err)
{
    const struct smg_option *option;
    size_t i;

    for (i = 0; i < count; i++)
        if (find_option(options, names[i]) == NULL) {
            smg_fail(err, SMG_E_INVALID, "unknown option \"%s\"", tree_show(names[i]).text);
            return false;
        }
    for (option = options; option->name != NULL; option++) {
        for (i = 0; i < count; i++)
            if (strcmp(names[i], option->name) == 0)
                break;
        if (fill_pair(option, i < count ? values[i] : NULL, out, err) < 0)
            return false;
    }
    return true;
}
