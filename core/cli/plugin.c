/* SPDX-License-Identifier: Apache-2.0 */
/* shiming plugin info, new. */
#include "plugin/library.h"

#include "base/buf.h"
#include "cli/cli.h"
#include "kit/skeleton.h"

static const char *type_name(enum smg_option_type type)
{
    static const char *const names[] = { "?",    "boolean", "integer", "duration", "size",
                                         "text", "secret",  "path",    "device" };

    return (size_t)type < sizeof names / sizeof *names ? names[type] : names[0];
}

static const struct smg_option *option_at(const struct smg_plugin *plugin, size_t i)
{
    return (const struct smg_option *)(const void *)((const char *)plugin->options +
                                                     i * plugin->option_size);
}

/* The schema as commented YAML: what to write under `options:`. */
static void write_yaml(const struct smg_plugin *plugin, struct buf *out)
{
    size_t i, j;

    buf_printf(out, "# %s %s, a %s (ABI %u.%u): %s\nplugin: %s\noptions:\n", plugin->name,
               plugin->version, library_kind_name(plugin->kind), plugin->abi_major,
               plugin->abi_minor, plugin->summary, plugin->name);
    for (i = 0; plugin->options != NULL && option_at(plugin, i)->name != NULL; i++) {
        const struct smg_option *option = option_at(plugin, i);
        bool required = (option->flags & SMG_REQUIRED) != 0;

        buf_printf(out, "  # %s (%s%s", option->help == NULL ? "" : option->help,
                   type_name(option->type), required ? ", required" : "");
        for (j = 0; option->choices != NULL && option->choices[j] != NULL; j++)
            buf_printf(out, "%s%s", j == 0 ? ": " : ", ", option->choices[j]);
        buf_printf(out, ")\n  %s%s: %s\n", required ? "" : "# ", option->name,
                   option->preset == NULL ? "" : option->preset);
    }
}

static void write_json(const struct smg_plugin *plugin, struct buf *out)
{
    size_t i;

    buf_text(out, "{\"name\":");
    buf_json(out, str_of(plugin->name));
    buf_text(out, ",\"version\":");
    buf_json(out, str_of(plugin->version));
    buf_printf(out,
               ",\"kind\":\"%s\",\"abi\":\"%u.%u\",\"summary\":", library_kind_name(plugin->kind),
               plugin->abi_major, plugin->abi_minor);
    buf_json(out, str_of(plugin->summary));
    buf_text(out, ",\"options\":[");
    for (i = 0; plugin->options != NULL && option_at(plugin, i)->name != NULL; i++) {
        const struct smg_option *option = option_at(plugin, i);

        buf_text(out, i == 0 ? "{\"name\":" : ",{\"name\":");
        buf_json(out, str_of(option->name));
        buf_printf(out, ",\"type\":\"%s\",\"required\":%s", type_name(option->type),
                   (option->flags & SMG_REQUIRED) != 0 ? "true" : "false");
        if (option->preset != NULL) {
            buf_text(out, ",\"preset\":");
            buf_json(out, str_of(option->preset));
        }
        if (option->help != NULL) {
            buf_text(out, ",\"help\":");
            buf_json(out, str_of(option->help));
        }
        buf_byte(out, '}');
    }
    buf_text(out, "]}\n");
}

static int inform(const char *file, bool json)
{
    struct smg_err err = { 0 };
    struct library *library;
    struct buf out = { 0 };
    char path[4096];
    int status;

    /* A bare file name is a file here, not a name in the plugin folder. */
    snprintf(path, sizeof path, "%s%s", strchr(file, '/') == NULL ? "./" : "", file);
    if (library_load("", 0, path, &library, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", err.text);
        return CLI_NO;
    }
    if (json)
        write_json(library_plugin(library), &out);
    else
        write_yaml(library_plugin(library), &out);
    status = cli_print(&out, CLI_DONE);
    buf_fini(&out);
    library_free(library);
    return status;
}

static int make_new(const char *kind, const char *name, const char *folder)
{
    struct smg_err err = { 0 };
    struct buf files = { 0 };
    int status = CLI_USAGE;

    if (skeleton_write(str_of(kind), name, folder == NULL ? name : folder, &files, &err) == SMG_OK)
        status = cli_print(&files, CLI_DONE);
    else
        fprintf(stderr, "shiming: %s\n", err.text);
    buf_fini(&files);
    return status;
}

int cli_plugin(int argc, char **argv)
{
    struct cli_options options;

    if (!cli_options(argc, argv, NULL, &options))
        return CLI_USAGE;
    if (options.word_count == 2 && strcmp(options.words[0], "info") == 0)
        return inform(options.words[1], options.json);
    if (options.word_count == 3 && strcmp(options.words[0], "new") == 0)
        return make_new(options.words[1], options.words[2], options.out);
    fputs("usage: shiming plugin info FILE.so [--json]\n"
          "       shiming plugin new reader NAME [-o FOLDER]\n",
          stderr);
    return CLI_USAGE;
}
