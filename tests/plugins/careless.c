/* SPDX-License-Identifier: Apache-2.0 */
/* A storage that is another one, but for the rows of numbers held: it writes them whatever they
 * were. For tests of the limit, which must see it break. */
#include <shiming/plugin.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static struct smg_storage_ops ops;
static int (*apply_as_told)(void *session, const struct smg_unit *units, size_t count,
                            bool *refused, struct smg_err *err);

static bool is_holder(const struct smg_row *row)
{
    return row->space == SMG_SPACE_INDEX && row->key.len > 0 && row->key.at[0] == 'h';
}

/* The same units, with no condition on such rows. */
static int apply(void *session, const struct smg_unit *units, size_t count, bool *refused,
                 struct smg_err *err)
{
    size_t total = 0, at = 0;
    struct smg_unit *loose = calloc(count, sizeof *loose);
    struct smg_row *rows;
    int code;

    for (size_t i = 0; i < count; i++)
        total += units[i].count;
    rows = calloc(total + 1, sizeof *rows);
    if (loose == NULL || rows == NULL) {
        free(loose);
        free(rows);
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        loose[i] = (struct smg_unit){ &rows[at], units[i].count };
        for (size_t r = 0; r < units[i].count; r++, at++) {
            rows[at] = units[i].rows[r];
            if (is_holder(&rows[at]))
                rows[at].when = SMG_ALWAYS;
        }
    }
    code = apply_as_told(session, loose, count, refused, err);
    free(rows);
    free(loose);
    return code;
}

/* Not const: what it is like is taken over from the other one when it is loaded. */
SMG_EXPORT struct smg_plugin smg_plugin_careless;

__attribute__((constructor)) static void take_over(void)
{
    const char *path = getenv("CARELESS_STORAGE");
    void *handle = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct smg_plugin *other = handle == NULL ? NULL : dlsym(handle, "smg_plugin_sqlite");

    if (other == NULL)
        return;
    smg_plugin_careless = *other;
    smg_plugin_careless.name = "careless";
    ops = *other->storage;
    apply_as_told = ops.apply;
    ops.apply = apply;
    smg_plugin_careless.storage = &ops;
}
