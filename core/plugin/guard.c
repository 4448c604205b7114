/* SPDX-License-Identifier: Apache-2.0 */
/* The guards of a plugin's descriptor, in the order in which they protect each other. */
#include "plugin/guard.h"

#include "plugin/library.h"

enum { NAME_MAX_BYTES = 64, OPTIONS_MAX = 64, CONFIG_MAX_BYTES = 64 * 1024 };

bool guard_is_name(struct smg_str name)
{
    if (name.len == 0 || name.len > NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return true;
}

static int check_version(const struct smg_plugin *plugin, struct smg_err *err)
{
    if (plugin->abi_major != SMG_ABI_MAJOR)
        return smg_fail(err, SMG_E_UNSUPPORTED, "made for ABI %u, this program speaks %u",
                        plugin->abi_major, SMG_ABI_MAJOR);
    if (plugin->abi_minor > SMG_ABI_MINOR)
        return smg_fail(err, SMG_E_UNSUPPORTED,
                        "made for ABI %u.%u, this program knows up to %u.%u", plugin->abi_major,
                        plugin->abi_minor, SMG_ABI_MAJOR, SMG_ABI_MINOR);
    if (plugin->size < sizeof *plugin)
        return smg_fail(err, SMG_E_INVALID, "its descriptor has %u bytes, %zu are needed",
                        plugin->size, sizeof *plugin);
    if (plugin->option_size != sizeof(struct smg_option))
        return smg_fail(err, SMG_E_INVALID, "its options have %u bytes each, %zu were expected",
                        plugin->option_size, sizeof(struct smg_option));
    return SMG_OK;
}

static int check_kind(const struct smg_plugin *plugin, enum smg_kind kind, struct smg_err *err)
{
    const char *is = library_kind_name(plugin->kind);

    if (is == NULL)
        return smg_fail(err, SMG_E_INVALID, "it is of no known kind (%d)", (int)plugin->kind);
    if (kind != 0 && plugin->kind != kind)
        return smg_fail(err, SMG_E_INVALID, "it is a %s, a %s is needed", is,
                        library_kind_name(kind));
    return SMG_OK;
}

static int check_texts(const struct smg_plugin *plugin, struct smg_err *err)
{
    if (plugin->name == NULL || !guard_is_name(str_of(plugin->name)))
        return smg_fail(err, SMG_E_INVALID, "its name is not made of a-z, 0-9 and _");
    if (plugin->version == NULL || plugin->summary == NULL)
        return smg_fail(err, SMG_E_INVALID, "its descriptor lacks a version or a summary");
    return SMG_OK;
}

static bool reader_is_whole(const struct smg_reader_ops *ops)
{
    return ops->size >= sizeof *ops && ops->read != NULL;
}

static bool storage_is_whole(const struct smg_storage_ops *ops)
{
    bool lays_out = ops->size >= sizeof *ops;

    if (ops->size < offsetof(struct smg_storage_ops, layout_version))
        return false;
    if (lays_out && (ops->layout_version == NULL) != (ops->layout_make == NULL))
        return false;
    return ops->session_open != NULL && ops->session_close != NULL && ops->apply != NULL &&
           ops->get != NULL && ops->scan != NULL && ops->check != NULL;
}

static bool verifier_is_whole(const struct smg_verifier_ops *ops)
{
    return ops->size >= offsetof(struct smg_verifier_ops, wants) && ops->verify != NULL &&
           ops->cancel != NULL;
}

static bool reporter_is_whole(const struct smg_reporter_ops *ops)
{
    return ops->size >= sizeof *ops && ops->submit != NULL && ops->cancel != NULL;
}

static int check_calls(const struct smg_plugin *plugin, struct smg_err *err)
{
    bool whole = false;

    if (plugin->open == NULL || plugin->close == NULL)
        return smg_fail(err, SMG_E_INVALID, "it lacks open or close");
    if (plugin->reader == NULL)
        return smg_fail(err, SMG_E_INVALID, "it lacks the calls of a %s",
                        library_kind_name(plugin->kind));
    switch (plugin->kind) {
    case SMG_READER:
        whole = reader_is_whole(plugin->reader);
        break;
    case SMG_STORAGE:
        whole = storage_is_whole(plugin->storage);
        break;
    case SMG_VERIFIER:
        whole = verifier_is_whole(plugin->verifier);
        break;
    case SMG_REPORTER:
        whole = reporter_is_whole(plugin->reporter);
        break;
    }
    if (!whole)
        return smg_fail(err, SMG_E_INVALID, "a call every %s must have is missing",
                        library_kind_name(plugin->kind));
    return SMG_OK;
}

/* Size and alignment of an option's field are equal for every type we know; 0: no such type. */
static size_t field_size(enum smg_option_type type)
{
    switch (type) {
    case SMG_OPT_BOOL:
        return sizeof(bool);
    case SMG_OPT_INT:
    case SMG_OPT_MS:
    case SMG_OPT_BYTES:
        return sizeof(int64_t);
    case SMG_OPT_TEXT:
    case SMG_OPT_SECRET:
    case SMG_OPT_PATH:
    case SMG_OPT_DEVICE:
    case SMG_OPT_SOCKET:
        return sizeof(const char *);
    }
    return 0;
}

static int check_option(const struct smg_plugin *plugin, size_t i, struct smg_err *err)
{
    const struct smg_option *option = &plugin->options[i];
    size_t size = field_size(option->type);

    if (!guard_is_name(str_of(option->name)))
        return smg_fail(err, SMG_E_INVALID, "the name of option %zu is not made of a-z, 0-9 and _",
                        i + 1);
    for (size_t j = 0; j < i; j++)
        if (strcmp(plugin->options[j].name, option->name) == 0)
            return smg_fail(err, SMG_E_INVALID, "option %s is there twice", option->name);
    if (size == 0)
        return smg_fail(err, SMG_E_INVALID, "option %s is of no known type (%d)", option->name,
                        (int)option->type);
    if (plugin->config_size < size || option->offset > plugin->config_size - size ||
        option->offset % size != 0)
        return smg_fail(err, SMG_E_INVALID, "option %s lies outside the plugin's settings",
                        option->name);
    if (option->min > option->max)
        return smg_fail(err, SMG_E_INVALID, "option %s has limits that nothing meets",
                        option->name);
    if (option->choices != NULL && option->type != SMG_OPT_TEXT)
        return smg_fail(err, SMG_E_INVALID, "option %s has choices but is not a text",
                        option->name);
    if (option->help == NULL)
        return smg_fail(err, SMG_E_INVALID, "option %s has no help", option->name);
    return SMG_OK;
}

static int check_options(const struct smg_plugin *plugin, struct smg_err *err)
{
    if (plugin->options == NULL)
        return smg_fail(err, SMG_E_INVALID,
                        "its list of options is missing (an empty one is fine)");
    if (plugin->config_size > CONFIG_MAX_BYTES)
        return smg_fail(err, SMG_E_INVALID, "its settings have %zu bytes, at most %d are fine",
                        plugin->config_size, CONFIG_MAX_BYTES);
    for (size_t i = 0; plugin->options[i].name != NULL; i++) {
        if (i == OPTIONS_MAX)
            return smg_fail(err, SMG_E_INVALID, "it has more than %d options", OPTIONS_MAX);
        if (check_option(plugin, i, err) < 0)
            return err->code;
    }
    return SMG_OK;
}

int guard_check(const struct smg_plugin *plugin, enum smg_kind kind, struct smg_err *err)
{
    if (check_version(plugin, err) < 0 || check_kind(plugin, kind, err) < 0 ||
        check_texts(plugin, err) < 0 || check_calls(plugin, err) < 0 ||
        check_options(plugin, err) < 0)
        return err->code;
    return SMG_OK;
}
