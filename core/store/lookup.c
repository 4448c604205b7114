/* SPDX-License-Identifier: Apache-2.0 */
/* Single rows of the storage, held against what units say of them. */
#include "store/lookup.h"

struct sight {
    struct smg_str want;
    bool exists, same;
};

static bool see(void *ctx, struct smg_str key, struct smg_str value)
{
    struct sight *sight = ctx;

    (void)key;
    sight->exists = true;
    sight->same = str_eq(value, sight->want);
    return true;
}

static int look(const struct link *link, const struct smg_row *row, struct smg_str want,
                struct sight *out, struct smg_err *err)
{
    *out = (struct sight){ .want = want };
    return link->ops->get(link->session, row->space, &row->key, 1, see, out, err);
}

static bool is_same_place(const struct smg_row *a, const struct smg_row *b)
{
    return a->space == b->space && a->key.len == b->key.len && str_eq(a->key, b->key);
}

/* The last change of row's key that the units before the i-th make; NULL: none does. */
static const struct smg_row *find_earlier(struct unit *const *units, const bool *refused, size_t i,
                                          const struct smg_row *row)
{
    while (i-- > 0) {
        if (refused[i])
            continue;
        for (size_t r = units[i]->own; r-- > 0;) {
            const struct smg_row *other = &units[i]->rows[r];

            if (other->act != SMG_KEEP && is_same_place(other, row))
                return other;
        }
    }
    return NULL;
}

int lookup_conflict(const struct link *link, struct unit *const *units, const bool *refused,
                    size_t i, bool *out, struct smg_err *err)
{
    *out = false;
    for (size_t r = 0; r < units[i]->own && !*out; r++) {
        const struct smg_row *row = &units[i]->rows[r];
        const struct smg_row *earlier;
        struct sight sight = { .want = row->was };
        int code;

        if (row->when == SMG_ALWAYS)
            continue;
        earlier = find_earlier(units, refused, i, row);
        if (earlier == NULL) {
            code = look(link, row, row->was, &sight, err);
            if (code < 0)
                return code;
        } else if (earlier->act == SMG_PUT) {
            see(&sight, earlier->key, earlier->value);
        }
        *out = row->when == SMG_NEW ? sight.exists : !sight.same;
    }
    return SMG_OK;
}

/* Does a later row of the batch change the same key? */
static bool is_overwritten(struct unit *const *units, size_t count, size_t i, size_t r)
{
    const struct smg_row *row = &units[i]->rows[r];

    for (size_t next = r + 1; i < count; i++, next = 0) {
        for (; next < units[i]->own; next++) {
            const struct smg_row *other = &units[i]->rows[next];

            if (other->act != SMG_KEEP && is_same_place(other, row))
                return true;
        }
    }
    return false;
}

/* Only this batch can have put the row there: it was new, and its value is not one that anybody
 * would write (sealed values hold random bytes, empty ones do not). */
static bool is_witness(const struct smg_row *row)
{
    return row->act == SMG_PUT && row->when == SMG_NEW && row->value.len > 0;
}

static int ask_witness(const struct link *link, const struct smg_row *row, bool *out,
                       struct smg_err *err)
{
    struct sight sight;
    int code = look(link, row, row->value, &sight, err);

    *out = code == SMG_OK && sight.same;
    return code;
}

/* Asks for one witness of each unit until one is found. *asked: whether there were any. Others may
 * have changed or erased a witness since, so one that is found outweighs those that are not. */
static int ask_own(const struct link *link, struct unit *const *units, size_t count, bool *asked,
                   bool *out, struct smg_err *err)
{
    for (size_t i = 0; i < count && !*out; i++) {
        for (size_t r = 0; r < units[i]->own; r++) {
            const struct smg_row *row = &units[i]->rows[r];
            int code;

            if (!is_witness(row) || is_overwritten(units, count, i, r))
                continue;
            *asked = true;
            code = ask_witness(link, row, out, err);
            if (code < 0)
                return code;
            break;
        }
    }
    return SMG_OK;
}

/* The same of what was staged: the first witness among those rows. */
static int ask_staged(const struct link *link, struct unit *const *units, size_t count, bool *asked,
                      bool *out, struct smg_err *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t r = units[i]->own; r < units[i]->count; r++) {
            if (is_witness(&units[i]->rows[r])) {
                *asked = true;
                return ask_witness(link, &units[i]->rows[r], out, err);
            }
        }
    }
    return SMG_OK;
}

/* Is every row as the batch would have left it? */
static int ask_all(const struct link *link, struct unit *const *units, size_t count, bool *out,
                   struct smg_err *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t r = 0; r < units[i]->own; r++) {
            const struct smg_row *row = &units[i]->rows[r];
            struct sight sight;
            int code;

            if (row->act == SMG_KEEP || is_overwritten(units, count, i, r))
                continue;
            code = look(link, row, row->value, &sight, err);
            if (code < 0)
                return code;
            if (row->act == SMG_PUT ? !sight.same : sight.exists)
                return SMG_OK;
        }
    }
    *out = true;
    return SMG_OK;
}

int lookup_committed(const struct link *link, struct unit *const *units, size_t count, bool staged,
                     bool *out, struct smg_err *err)
{
    bool asked = false;
    int code;

    *out = false;
    code = ask_own(link, units, count, &asked, out, err);
    if (code == SMG_OK && !asked && staged)
        code = ask_staged(link, units, count + 1, &asked, out, err);
    if (code == SMG_OK && !asked)
        code = ask_all(link, units, count, out, err);
    return code;
}
