/* SPDX-License-Identifier: Apache-2.0 */
/* The section policies: the stack, who may sign it, and a draft that runs beside it. */
#include "config/load.h"

enum { REGULATIONS = 32, KEYS = 8 };

static const char *const trusts[] = { "any", "signed", NULL };
static const struct smg_option policies_keys[] = {
    { .name = "path",
      .type = SMG_OPT_PATH,
      .offset = SMG_AT(config, policies.path, const char *),
      .flags = SMG_REQUIRED,
      .help = "the folder with vocabulary.lua and the regulations" },
    { .name = "trust",
      .type = SMG_OPT_TEXT,
      .offset = SMG_AT(config, policies.trust, const char *),
      .preset = "any",
      .choices = trusts },
    SMG_OPTIONS_END,
};

/* An entry of keys, and the section shadow, as they stand in the file. */
struct written {
    const char *path, *from, *until;
};

static const struct smg_option key_keys[] = {
    { .name = "path",
      .type = SMG_OPT_PATH,
      .offset = SMG_AT(written, path, const char *),
      .flags = SMG_REQUIRED,
      .help = "a public key, KEY.pub" },
    { .name = "from", .type = SMG_OPT_TEXT, .offset = SMG_AT(written, from, const char *) },
    { .name = "until", .type = SMG_OPT_TEXT, .offset = SMG_AT(written, until, const char *) },
    SMG_OPTIONS_END,
};
static const struct smg_option shadow_keys[] = {
    { .name = "path",
      .type = SMG_OPT_PATH,
      .offset = SMG_AT(written, path, const char *),
      .flags = SMG_REQUIRED,
      .help = "the folder of the draft" },
    SMG_OPTIONS_END,
};

/* "cn-54/2018" becomes part of a file's path: exactly two good names. */
static bool is_regulation(const char *text)
{
    const char *slash = strchr(text, '/');
    char first[64];

    if (slash == NULL || (size_t)(slash - text) >= sizeof first)
        return false;
    memcpy(first, text, (size_t)(slash - text));
    first[slash - text] = '\0';
    return instances_name_is_good(first, sizeof first - 1) &&
           instances_name_is_good(slash + 1, sizeof first - 1);
}

static void load_stack(struct config_tree *tree, const struct config_node *node,
                       const char ***stack, size_t *count, struct config_errors *errors)
{
    size_t i, j;

    if (node->kind != CONFIG_LIST || node->count == 0) {
        config_complain(errors, node,
                        "is no list of regulations; expected one such as [cn-54/2018]");
        return;
    }
    if (node->count > REGULATIONS) {
        config_complain(errors, node, "has %zu regulations; expected at most %d", node->count,
                        REGULATIONS);
        return;
    }
    *stack = tree_alloc(tree, node->count * sizeof(const char *), errors);
    if (*stack == NULL)
        return;
    for (i = 0; i < node->count; i++) {
        const struct config_node *item = config_item(node, i);
        const char *text = config_scalar(item);

        (*stack)[(*count)++] = text;
        if (!is_regulation(text)) {
            config_complain(errors, item,
                            "\"%s\" is no regulation's id; expected the form cn-54/2018",
                            tree_show(text).text);
            continue;
        }
        for (j = 0; j < i; j++)
            if (strcmp((*stack)[j], text) == 0)
                config_complain(errors, item, "\"%s\" is in the stack already; remove one",
                                tree_show(text).text);
    }
}

static struct smg_date read_day(const struct config_node *map, const char *key, const char *text,
                                struct config_errors *errors)
{
    struct smg_date day = DATE_NONE;

    if (text != NULL && !date_parse(str_of(text), &day))
        config_complain(errors, config_find(map, key),
                        "\"%s\" is no day; expected the form 2026-01-31", tree_show(text).text);
    return day;
}

static void load_key(const struct config_node *node, struct config_policy_key *out,
                     struct config_errors *errors)
{
    struct written written = { NULL, NULL, NULL };

    config_fill(node, node, key_keys, &written, errors);
    *out = (struct config_policy_key){ .path = written.path,
                                       .from = read_day(node, "from", written.from, errors),
                                       .until = read_day(node, "until", written.until, errors) };
    if (!date_is_none(out->from) && !date_is_none(out->until) &&
        date_compare(out->from, out->until) >= 0)
        config_complain(errors, config_find(node, "until"), "is not after from");
    place_expect_file(out->path, config_find(node, "path"), errors);
}

static void load_keys(struct config *config, struct config_tree *tree,
                      const struct config_node *node, struct config_errors *errors)
{
    const struct config_node *keys = config_find(node, "keys");
    size_t i;

    if (keys == NULL) {
        if (config->policies.trust != NULL && strcmp(config->policies.trust, "signed") == 0)
            config_complain(errors, config_find(node, "trust"),
                            "needs \"keys\"; expected a list such as [ { path: policies.pub } ]");
        return;
    }
    if (keys->kind != CONFIG_LIST || keys->count == 0 || keys->count > KEYS) {
        config_complain(errors, keys,
                        "is no list of 1 to %d keys; expected entries of the form "
                        "{ path: policies.pub, from: 2026-01-01 }",
                        KEYS);
        return;
    }
    config->policies.keys = tree_alloc(tree, keys->count * sizeof *config->policies.keys, errors);
    for (i = 0; config->policies.keys != NULL && i < keys->count; i++)
        load_key(config_item(keys, i), &config->policies.keys[config->policies.key_count++],
                 errors);
}

/* The draft's folder holds only what it changes: the rest is taken from the active one. */
static void load_shadow(struct config *config, struct config_tree *tree,
                        const struct config_node *node, struct config_errors *errors)
{
    static const char *const others[] = { "stack", NULL };
    const struct config_node *shadow = config_find(node, "shadow");
    const struct config_node *stack = config_find(shadow, "stack");
    struct written written = { NULL, NULL, NULL };
    char *both;
    size_t len;

    if (shadow == NULL)
        return;
    schema_fill(shadow, node, shadow_keys, others, &written, errors);
    place_expect_folder(written.path, config_find(shadow, "path"), errors);
    if (stack != NULL)
        load_stack(tree, stack, &config->policies.shadow_stack,
                   &config->policies.shadow_stack_count, errors);
    if (written.path == NULL || config->policies.path == NULL)
        return;
    len = strlen(written.path) + strlen(config->policies.path) + 2;
    both = tree_alloc(tree, len, errors);
    if (both != NULL)
        snprintf(both, len, "%s:%s", written.path, config->policies.path);
    config->policies.shadow = both;
    if (stack == NULL) {
        config->policies.shadow_stack = config->policies.stack;
        config->policies.shadow_stack_count = config->policies.stack_count;
    }
}

void policies_load(struct config *config, struct config_tree *tree, struct config_errors *errors)
{
    static const char *const others[] = { "stack", "keys", "shadow", NULL };
    const struct config_node *top = config_tree_top(tree);
    const struct config_node *node = config_find(top, "policies");
    const struct config_node *stack = config_find(node, "stack");

    config->policies.node = node;
    if (node == NULL) {
        config_complain(errors, top,
                        "\"policies\" is required; expected a map with path and stack");
        return;
    }
    schema_fill(node, top, policies_keys, others, config, errors);
    place_expect_folder(config->policies.path, config_find(node, "path"), errors);
    if (stack == NULL)
        config_complain(errors, node,
                        "\"stack\" is required; expected a list of regulations such as "
                        "[cn-54/2018]");
    else
        load_stack(tree, stack, &config->policies.stack, &config->policies.stack_count, errors);
    load_keys(config, tree, node, errors);
    load_shadow(config, tree, node, errors);
}
