/* SPDX-License-Identifier: Apache-2.0 */
/* The whole configuration file: its sections and the rules between them. */
#include "config/load.h"

#include <stdlib.h>
#include <unistd.h>

#include "config/units.h"

enum { WORKERS = 64 };
enum { NODE_BYTES = 59 }; /* the audit stream of the verbs adds ".cli" to it, within 63 */

/* What config_load gives out, and the tree its texts live in. */
struct loaded {
    struct config config; /* first: the caller holds a pointer to it */
    struct config_tree *tree;
};

/* A key of one of our own sections, straight into struct config. */
#define LOAD_KEY(key, place, kind, ctype, ...)                                                     \
    {                                                                                              \
        .name = key, .type = kind, .offset = SMG_AT(config, place, ctype), __VA_ARGS__             \
    }

static const char *const sections[] = { "gateway", "tls",       "limits",    "policies",
                                        "storage", "readers",   "verifiers", "reporters",
                                        "keys",    "portraits", NULL };

static const struct smg_option gateway_keys[] = {
    LOAD_KEY("operator", gateway.operator_name, SMG_OPT_TEXT, const char *, .flags = SMG_REQUIRED,
             .help = "the operator's name"),
    LOAD_KEY("licence", gateway.licence, SMG_OPT_TEXT, const char *, .flags = SMG_REQUIRED,
             .help = "number of the operating licence"),
    LOAD_KEY("region", gateway.region, SMG_OPT_TEXT, const char *, .flags = SMG_REQUIRED,
             .help = "six digits of GB/T 2260, such as \"540102\""),
    LOAD_KEY("node", gateway.node, SMG_OPT_TEXT, const char *, .preset = "gateway"),
    LOAD_KEY("listen", gateway.listen, SMG_OPT_TEXT, const char *, .preset = "127.0.0.1:8080"),
    LOAD_KEY("plugins", gateway.plugins, SMG_OPT_PATH, const char *,
             .help = "folder with KIND/NAME.so"),
    LOAD_KEY("token_ttl", gateway.token_ttl_ms, SMG_OPT_MS, int64_t, .preset = "15m", .min = 1000,
             .max = 86400000),
    SMG_OPTIONS_END,
};
static const struct smg_option tls_keys[] = {
    LOAD_KEY("certificate", tls.certificate, SMG_OPT_PATH, const char *,
             .help = "PEM file, own certificate first"),
    LOAD_KEY("key", tls.key, SMG_OPT_PATH, const char *, .help = "PEM file"),
    LOAD_KEY("client_ca", tls.client_ca, SMG_OPT_PATH, const char *, .help = "PEM file"),
    SMG_OPTIONS_END,
};
static const struct smg_option limits_keys[] = {
    LOAD_KEY("body", limits.body_bytes, SMG_OPT_BYTES, int64_t, .preset = "256KiB", .min = 1024,
             .max = 16777216),
    LOAD_KEY("evidence", limits.evidence_bytes, SMG_OPT_BYTES, int64_t, .preset = "8MiB",
             .min = 1024, .max = 15728640),
    LOAD_KEY("evidence_kept", limits.evidence_kept_ms, SMG_OPT_MS, int64_t, .preset = "24h",
             .min = 60000, .max = INT64_C(2592000000),
             .help = "a picture no registration took, or that never became whole, is erased"),
    LOAD_KEY("header", limits.header_bytes, SMG_OPT_BYTES, int64_t, .preset = "16KiB", .min = 1024,
             .max = 1048576),
    LOAD_KEY("connections", limits.connections, SMG_OPT_INT, int64_t, .preset = "4096", .min = 1,
             .max = 65536),
    LOAD_KEY("idle", limits.idle_ms, SMG_OPT_MS, int64_t, .preset = "60s", .min = 1000,
             .max = 3600000),
    LOAD_KEY("request", limits.request_ms, SMG_OPT_MS, int64_t, .preset = "30s", .min = 1000,
             .max = 3600000),
    SMG_OPTIONS_END,
};
static const struct smg_option portraits_keys[] = {
    LOAD_KEY("decoder", portraits.decoder, SMG_OPT_PATH, const char *,
             .help = "a program: portrait on standard input, picture on standard output"),
    LOAD_KEY("timeout", portraits.timeout_ms, SMG_OPT_MS, int64_t, .preset = "2s", .min = 100,
             .max = 10000),
    SMG_OPTIONS_END,
};
static const char *const suites[] = { "aes-256-gcm", "sm4", NULL };
static const struct smg_option keys_keys[] = {
    LOAD_KEY("path", keys.path, SMG_OPT_PATH, const char *, .flags = SMG_REQUIRED,
             .help = "the folder of the key ring"),
    LOAD_KEY("suite", keys.suite, SMG_OPT_TEXT, const char *, .preset = "aes-256-gcm",
             .choices = suites),
    SMG_OPTIONS_END,
};

/* Fill a section and return it, NULL when there is none; required, when not NULL, says what it must
 * hold. others: see schema_fill. */
static const struct config_node *load_section(struct loaded *loaded, const char *name,
                                              const char *required,
                                              const struct smg_option *options,
                                              const char *const *others,
                                              struct config_errors *errors)
{
    const struct config_node *top = config_tree_top(loaded->tree);
    const struct config_node *node = config_find(top, name);

    if (node == NULL && required != NULL)
        config_complain(errors, top, "\"%s\" is required; expected a map with %s", name, required);
    else
        schema_fill(node, top, options, others, &loaded->config, errors);
    return node;
}

/* "auto" is what the number 0 means; the number itself is not for the file. */
static void load_workers(struct config *config, const struct config_node *gateway,
                         struct config_errors *errors)
{
    const struct config_node *node = config_find(gateway, "workers");
    struct smg_err err;
    int64_t workers;

    if (node == NULL || strcmp(config_scalar(node), "auto") == 0)
        return;
    if (units_read_int(config_scalar(node), &workers, &err) < 0 || workers < 1 || workers > WORKERS)
        config_complain(errors, node, "is no number of threads; expected auto, or 1 to %d",
                        WORKERS);
    else
        config->gateway.workers = workers;
}

static void check_listen(const struct config *config, struct config_errors *errors)
{
    const struct config_node *node = config_find(config->gateway.node_at, "listen");
    struct smg_err err = { 0 };
    bool loopback = true;

    if (config->gateway.listen == NULL)
        return;
    if (place_read_listen(config->gateway.listen, &loopback, &err) < 0)
        config_complain(errors, node, "%s", err.text);
    else if (!loopback && config_find(config->tls.node, "certificate") == NULL &&
             config_find(config->tls.node, "key") == NULL)
        config_complain(errors, node,
                        "\"%s\" is open to other machines and nothing is encrypted; add a section "
                        "tls with certificate and key, or listen on 127.0.0.1",
                        config->gateway.listen);
}

static void load_gateway(struct loaded *loaded, struct config_errors *errors)
{
    static const char *const others[] = { "workers", NULL };
    struct config *config = &loaded->config;
    const struct config_node *node = load_section(loaded, "gateway", "operator, licence and region",
                                                  gateway_keys, others, errors);
    const char *region = config->gateway.region, *name = config->gateway.node;

    config->gateway.node_at = node == NULL ? config_tree_top(loaded->tree) : node;
    load_workers(config, node, errors);
    if (region != NULL && (strlen(region) != 6 || strspn(region, "0123456789") != 6))
        config_complain(errors, config_find(node, "region"),
                        "\"%s\" is no region; expected six digits of GB/T 2260, such as \"540102\"",
                        tree_show(region).text);
    if (name != NULL && !instances_name_is_good(name, NODE_BYTES))
        config_complain(errors, config_find(node, "node"),
                        "\"%s\" is no good name; expected at most %d letters, digits, - _ and .",
                        tree_show(name).text, NODE_BYTES);
    place_expect_folder(config->gateway.plugins, config_find(node, "plugins"), errors);
    if (config->gateway.plugins == NULL)
        config->gateway.plugins = place_plugins(loaded->tree, errors);
    if (config->gateway.plugins == NULL)
        config_complain(errors, node,
                        "the plugins beside the program cannot be found; set plugins "
                        "to their folder");
}

static void load_tls(struct loaded *loaded, struct config_errors *errors)
{
    static const char *const none[] = { NULL };
    struct config *config = &loaded->config;
    const struct config_node *node = load_section(loaded, "tls", NULL, tls_keys, none, errors);

    config->tls.node = node;
    if (config_find(node, "certificate") == NULL && config_find(node, "key") != NULL)
        config_complain(errors, node, "has a key without a certificate; add certificate");
    if (config_find(node, "certificate") != NULL && config_find(node, "key") == NULL)
        config_complain(errors, node, "has a certificate without its key; add key");
    if (config->tls.client_ca != NULL && config_find(node, "certificate") == NULL)
        config_complain(errors, config_find(node, "client_ca"),
                        "is of no use without certificate and key; add both");
    place_expect_file(config->tls.certificate, config_find(node, "certificate"), errors);
    place_expect_file(config->tls.key, config_find(node, "key"), errors);
    place_expect_file(config->tls.client_ca, config_find(node, "client_ca"), errors);
}

static void load_portraits(struct loaded *loaded, struct config_errors *errors)
{
    static const char *const none[] = { NULL };
    const struct config_node *node =
        load_section(loaded, "portraits", NULL, portraits_keys, none, errors);
    const char *decoder = loaded->config.portraits.decoder;
    const struct config_node *where = config_find(node, "decoder");

    place_expect_file(decoder, where, errors);
    if (decoder != NULL && access(decoder, F_OK) == 0 && access(decoder, X_OK) != 0)
        config_complain(errors, where, "%.300s cannot be run; expected a program", decoder);
}

static void load_sections(struct loaded *loaded, struct config_errors *errors)
{
    static const char *const none[] = { NULL };
    const struct config_node *top = config_tree_top(loaded->tree);
    struct config *config = &loaded->config;

    schema_fill(top, top, NULL, sections, NULL, errors);
    load_gateway(loaded, errors);
    load_tls(loaded, errors);
    check_listen(config, errors);
    load_section(loaded, "limits", NULL, limits_keys, none, errors);
    load_portraits(loaded, errors);
    policies_load(config, loaded->tree, errors);
    instances_load(config, loaded->tree, errors);
    config->keys.node = load_section(loaded, "keys", "path and suite", keys_keys, none, errors);
}

struct config *load_bytes(const char *path, struct smg_str bytes, struct config_errors *errors)
{
    struct loaded *loaded = calloc(1, sizeof *loaded);
    unsigned before = errors->count;

    if (loaded == NULL) {
        config_complain(errors, NULL, "%s: out of memory", path);
        return NULL;
    }
    loaded->tree = tree_read(path, bytes, errors);
    if (loaded->tree != NULL)
        load_sections(loaded, errors);
    if (errors->count > before) {
        config_free(&loaded->config);
        return NULL;
    }
    return &loaded->config;
}

struct config *config_load(const char *path, struct config_errors *errors)
{
    struct config *config = NULL;
    struct buf bytes = { 0 };

    if (tree_read_file(path, &bytes, errors))
        config = load_bytes(path, buf_view(&bytes), errors);
    buf_fini(&bytes);
    return config;
}

void config_free(struct config *config)
{
    struct loaded *loaded = (struct loaded *)config;

    if (loaded == NULL)
        return;
    config_tree_free(loaded->tree);
    free(loaded);
}
