/* SPDX-License-Identifier: Apache-2.0 */
/* The sections that name plugins: which, under what name, with which options. */
#include "config/load.h"

enum { INSTANCES = 256, NAME_BYTES = 63 };

#define INSTANCE_KEY(key, field, kind, ctype, ...)                                                 \
    {                                                                                              \
        .name = key, .type = kind, .offset = SMG_AT(config_instance, field, ctype), __VA_ARGS__    \
    }

#define PLUGIN_KEYS                                                                                \
    INSTANCE_KEY("plugin", plugin, SMG_OPT_TEXT, const char *, .flags = SMG_REQUIRED,              \
                 .help = "a plugin's name such as sqlite, or the path of its .so file"),           \
        INSTANCE_KEY("deadline", deadline_ms, SMG_OPT_MS, int64_t, .min = 1, .max = 3600000)

static const struct smg_option listed_keys[] = {
    INSTANCE_KEY("name", name, SMG_OPT_TEXT, const char *, .flags = SMG_REQUIRED,
                 .help = "how logs and requests call it"),
    PLUGIN_KEYS,
    SMG_OPTIONS_END,
};

static const struct smg_option reporter_keys[] = {
    INSTANCE_KEY("name", name, SMG_OPT_TEXT, const char *, .flags = SMG_REQUIRED,
                 .help = "how logs and requests call it"),
    PLUGIN_KEYS,
    INSTANCE_KEY("to", to, SMG_OPT_TEXT, const char *,
                 .help = "the recipient it serves, as the policies name it"),
    INSTANCE_KEY("seal_to", seal_to, SMG_OPT_PATH, const char *,
                 .help = "PEM file: the certificate to whose key its reports are sealed"),
    SMG_OPTIONS_END,
};

static const struct smg_option reader_keys[] = {
    INSTANCE_KEY("name", name, SMG_OPT_TEXT, const char *, .flags = SMG_REQUIRED,
                 .help = "how logs and requests call it"),
    PLUGIN_KEYS,
    INSTANCE_KEY("without_landlock", without_landlock, SMG_OPT_BOOL, bool, .preset = "false"),
    SMG_OPTIONS_END,
};

static const struct smg_option storage_keys[] = {
    INSTANCE_KEY("name", name, SMG_OPT_TEXT, const char *, .preset = "storage"),
    PLUGIN_KEYS,
    SMG_OPTIONS_END,
};

struct loading {
    struct config *config;
    struct config_tree *tree;
    struct config_errors *errors;
};

bool instances_name_is_good(const char *name, size_t max)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";
    size_t len = strlen(name);

    return len > 0 && len <= max && name[0] != '.' && strspn(name, allowed) == len;
}

/* A name is a file beside others of its kind; anything with a slash is a file anywhere. */
static void check_plugin(struct loading *load, struct config_instance *instance)
{
    const struct config_node *node = config_find(instance->node, "plugin");
    struct smg_err err = { 0 };

    if (instance->plugin == NULL)
        return;
    if (strchr(instance->plugin, '/') == NULL) {
        if (!instances_name_is_good(instance->plugin, NAME_BYTES))
            config_complain(load->errors, node,
                            "\"%s\" is no plugin's name; expected letters, digits, - and _, or a "
                            "path with a slash",
                            tree_show(instance->plugin).text);
        return;
    }
    if (instance->plugin[0] != '/')
        instance->plugin = tree_absolute(load->tree, instance->plugin, &err);
    if (instance->plugin == NULL)
        config_complain(load->errors, node, "%s", err.text);
    place_expect_file(instance->plugin, node, load->errors);
}

static void check_name(struct loading *load, const struct config_instance *instance)
{
    const struct config_node *node = config_find(instance->node, "name");

    if (instance->name != NULL && !instances_name_is_good(instance->name, NAME_BYTES))
        config_complain(load->errors, node,
                        "\"%s\" is no good name; expected at most %d letters, digits, - _ and .",
                        tree_show(instance->name).text, NAME_BYTES);
}

static void load_instance(struct loading *load, const struct config_node *node,
                          const struct smg_option *keys, struct config_instance *out)
{
    static const char *const others[] = { "options", NULL };
    const struct config_node *options = config_find(node, "options");

    out->node = node;
    schema_fill(node, node, keys, others, out, load->errors);
    if (options != NULL && options->kind == CONFIG_MAP)
        out->options = options;
    else if (options != NULL && !options->empty)
        config_complain(load->errors, options, "is not a map; expected the plugin's own keys");
    check_name(load, out);
    check_plugin(load, out);
    if (out->seal_to != NULL)
        place_expect_file(out->seal_to, config_find(node, "seal_to"), load->errors);
}

static void load_list(struct loading *load, const char *section, const struct smg_option *keys,
                      struct config_instances *out)
{
    const struct config_node *node = config_find(config_tree_top(load->tree), section);
    size_t i;

    if (node == NULL || node->empty)
        return;
    if (node->kind != CONFIG_LIST) {
        config_complain(load->errors, node,
                        "is not a list; expected entries of the form - { name: ..., plugin: ... }");
        return;
    }
    if (node->count > INSTANCES) {
        config_complain(load->errors, node, "has %zu entries; expected at most %d", node->count,
                        INSTANCES);
        return;
    }
    out->at = tree_alloc(load->tree, (node->count + 1) * sizeof *out->at, load->errors);
    if (out->at == NULL)
        return;
    out->count = node->count;
    for (i = 0; i < node->count; i++)
        load_instance(load, config_item(node, i), keys, &out->at[i]);
}

static const struct config_instances *list_of(const struct config *config, size_t kind)
{
    const struct config_instances *lists[] = { &config->readers, &config->verifiers,
                                               &config->reporters };

    return lists[kind];
}

/* The first instance of that name; there always is one, the asker itself. */
static const struct config_instance *find_name(const struct config *config, const char *name)
{
    size_t kind, i;

    if (config->storage.name != NULL && strcmp(config->storage.name, name) == 0)
        return &config->storage;
    for (kind = 0; kind < 3; kind++) {
        const struct config_instances *list = list_of(config, kind);

        for (i = 0; i < list->count; i++)
            if (list->at[i].name != NULL && strcmp(list->at[i].name, name) == 0)
                return &list->at[i];
    }
    return NULL;
}

/* Requests, logs and metrics know an instance by its name alone. */
static void check_unique(struct loading *load)
{
    size_t kind, i;

    for (kind = 0; kind < 3; kind++) {
        const struct config_instances *list = list_of(load->config, kind);

        for (i = 0; i < list->count; i++) {
            const struct config_instance *instance = &list->at[i], *first;

            if (instance->name == NULL)
                continue;
            first = find_name(load->config, instance->name);
            if (first != NULL && first != instance)
                config_complain(load->errors, config_find(instance->node, "name"),
                                "\"%s\" is the name of what stands in line %u already; names are "
                                "unique over storage, readers, verifiers and reporters",
                                tree_show(instance->name).text, first->node->line);
        }
    }
}

void instances_load(struct config *config, struct config_tree *tree, struct config_errors *errors)
{
    const struct config_node *storage = config_find(config_tree_top(tree), "storage");
    struct loading load = { config, tree, errors };

    if (storage == NULL)
        config_complain(errors, config_tree_top(tree),
                        "\"storage\" is required; expected a map with plugin and options");
    else
        load_instance(&load, storage, storage_keys, &config->storage);
    load_list(&load, "readers", reader_keys, &config->readers);
    load_list(&load, "verifiers", listed_keys, &config->verifiers);
    load_list(&load, "reporters", reporter_keys, &config->reporters);
    check_unique(&load);
}
