/* SPDX-License-Identifier: Apache-2.0 */
/* A storage that is another one without one of its cares, for tests that must see what comes of it.
 *
 *   CARELESS_STORAGE  the other one's file
 *   CARELESS_OF       holders: whose numbers are counted is written whatever was there
 *                     answers: the first answer to a key is not kept
 *                     failures: registrations that could not be written are said to be written
 *                     haste: registrations are said to be written, and are with the next batch
 */
#include <shiming/plugin.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct batch {
    struct smg_unit *units;
    size_t count;
    struct smg_row *rows; /* of all units */
    char *bytes;          /* of all rows */
};

static struct smg_storage_ops ops;
static int (*apply_as_told)(void *session, const struct smg_unit *units, size_t count,
                            bool *refused, struct smg_err *err);
static struct batch waiting; /* only the gateway's writer writes */

static bool is_careless_of(const char *what)
{
    const char *said = getenv("CARELESS_OF");

    return said != NULL && strcmp(said, what) == 0;
}

static void free_batch(struct batch *batch)
{
    free(batch->units);
    free(batch->rows);
    free(batch->bytes);
    *batch = (struct batch){ 0 };
}

static void copy_bytes(struct smg_str *bytes, char **room)
{
    if (bytes->len > 0)
        memcpy(*room, bytes->at, bytes->len);
    bytes->at = *room;
    *room += bytes->len;
}

/* The same units, in memory of their own. */
static bool copy_batch(struct batch *out, const struct smg_unit *units, size_t count)
{
    size_t rows = 0, len = 0, at = 0;
    char *room;

    for (size_t i = 0; i < count; i++) {
        rows += units[i].count;
        for (size_t r = 0; r < units[i].count; r++)
            len += units[i].rows[r].key.len + units[i].rows[r].value.len + units[i].rows[r].was.len;
    }
    *out = (struct batch){ calloc(count + 1, sizeof *out->units), count,
                           calloc(rows + 1, sizeof *out->rows), malloc(len + 1) };
    if (out->units == NULL || out->rows == NULL || out->bytes == NULL) {
        free_batch(out);
        return false;
    }
    room = out->bytes;
    for (size_t i = 0; i < count; i++) {
        out->units[i] = (struct smg_unit){ &out->rows[at], units[i].count };
        for (size_t r = 0; r < units[i].count; r++, at++) {
            out->rows[at] = units[i].rows[r];
            copy_bytes(&out->rows[at].key, &room);
            copy_bytes(&out->rows[at].value, &room);
            copy_bytes(&out->rows[at].was, &room);
        }
    }
    return true;
}

/* No condition on the rows of numbers held. */
static void loosen_holders(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        for (struct smg_row *row = (struct smg_row *)(uintptr_t)batch->units[i].rows,
                            *end = row + batch->units[i].count;
             row < end; row++)
            if (row->space == SMG_SPACE_INDEX && row->key.len > 0 && row->key.at[0] == 'h')
                row->when = SMG_ALWAYS;
}

/* Rows of first answers are taken out; those after them close the ranks. */
static void leave_answers_out(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct smg_row *rows = (struct smg_row *)(uintptr_t)batch->units[i].rows;
        size_t kept = 0;

        for (size_t r = 0; r < batch->units[i].count; r++)
            if (rows[r].space != SMG_SPACE_IDEMPOTENCY)
                rows[kept++] = rows[r];
        batch->units[i].count = kept;
    }
}

static bool registers(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        for (size_t r = 0; r < batch->units[i].count; r++)
            if (batch->units[i].rows[r].space == SMG_SPACE_REGISTRATION)
                return true;
    return false;
}

static void write_waiting(void *session)
{
    bool *refused = calloc(waiting.count + 1, sizeof *refused);
    struct smg_err err;

    if (waiting.count > 0 && refused != NULL)
        apply_as_told(session, waiting.units, waiting.count, refused, &err);
    free(refused);
    free_batch(&waiting);
}

static int apply(void *session, const struct smg_unit *units, size_t count, bool *refused,
                 struct smg_err *err)
{
    struct batch batch;
    bool about_people;
    int code;

    if (!copy_batch(&batch, units, count))
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (is_careless_of("holders"))
        loosen_holders(&batch);
    if (is_careless_of("answers"))
        leave_answers_out(&batch);
    about_people = registers(&batch);
    write_waiting(session);
    if (is_careless_of("haste") && about_people) {
        waiting = batch;
        return SMG_OK;
    }
    code = apply_as_told(session, batch.units, count, refused, err);
    free_batch(&batch);
    if (is_careless_of("failures") && about_people && code != SMG_E_EXISTS)
        return SMG_OK;
    return code;
}

/* Not const: what it is like is taken over from the other one when it is loaded. */
SMG_EXPORT struct smg_plugin smg_plugin_careless;

__attribute__((constructor)) static void take_over(void)
{
    const char *path = getenv("CARELESS_STORAGE");
    void *handle = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct smg_plugin *other = NULL;

    if (handle != NULL && strstr(path, "/mariadb.so") != NULL)
        other = dlsym(handle, "smg_plugin_mariadb");
    else if (handle != NULL)
        other = dlsym(handle, "smg_plugin_sqlite");
    if (other == NULL)
        return;
    smg_plugin_careless = *other;
    smg_plugin_careless.name = "careless";
    ops = *other->storage;
    apply_as_told = ops.apply;
    ops.apply = apply;
    smg_plugin_careless.storage = &ops;
}
