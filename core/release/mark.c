/* SPDX-License-Identifier: Apache-2.0 */
/* One sealed row: a number and the name of a set. */
#include "release/mark.h"

#include "policy/set.h"

static const char KEY[] = "sequence";
static const char ABOUT[] = "policy/sequence";

static int open_row(struct sealer *sealer, struct smg_str row, struct mark *out,
                    struct smg_err *err)
{
    struct buf plain = { 0 };
    struct smg_str view;
    int status = unseal(sealer, KEY_STORE, str_of(ABOUT), row, &plain, err);

    view = buf_view(&plain);
    if (status == SMG_OK && (!take_u64(&view, &out->sequence) || view.len >= sizeof out->set))
        status = smg_fail(err, SMG_E_PROTOCOL, "the stored policy sequence is not whole");
    if (status == SMG_OK)
        snprintf(out->set, sizeof out->set, "%.*s", (int)view.len, view.at);
    else if (status == SMG_E_DENIED)
        smg_fail(err, SMG_E_DENIED, "the stored policy sequence was altered");
    buf_fini(&plain);
    return status;
}

int mark_read(struct store *store, struct sealer *sealer, struct mark *out, struct buf *row,
              struct smg_err *err)
{
    const struct smg_str key = str_of(KEY);
    struct store_read read = { .space = SMG_SPACE_POLICY, .keys = &key, .key_count = 1 };
    int status = store_read_wait(store, &read, err);

    *out = (struct mark){ .sequence = 0 };
    buf_clear(row);
    if (status == SMG_OK && store_read_value(&read, key).at != NULL) {
        buf_str(row, store_read_value(&read, key));
        status = open_row(sealer, buf_view(row), out, err);
    }
    store_read_fini(&read);
    return status;
}

bool mark_allows(const struct mark *mark, const struct release_index *index, struct buf *problems)
{
    if (index->sequence < mark->sequence)
        set_problem(problems, INDEX_NAME, 2,
                    "the sequence %llu is old: %llu was active here already; an earlier text comes "
                    "back by shiming policy rollback",
                    (unsigned long long)index->sequence, (unsigned long long)mark->sequence);
    else if (index->sequence == mark->sequence && strcmp(index->set, mark->set) != 0)
        set_problem(problems, INDEX_NAME, 2,
                    "the sequence %llu was active here with another content, %s",
                    (unsigned long long)index->sequence, mark->set);
    else
        return true;
    return false;
}

int mark_put(struct unit *unit, struct sealer *sealer, const struct release_index *index,
             struct smg_str was, struct smg_err *err)
{
    struct buf plain = { 0 }, row = { 0 };
    int status;

    buf_u64(&plain, index->sequence);
    buf_text(&plain, index->set);
    status = seal(sealer, KEY_STORE, str_of(ABOUT), buf_view(&plain), &row, err);
    if (status == SMG_OK && was.len == 0)
        unit_put_new(unit, SMG_SPACE_POLICY, str_of(KEY), buf_view(&row));
    else if (status == SMG_OK)
        unit_put_if(unit, SMG_SPACE_POLICY, str_of(KEY), was, buf_view(&row));
    buf_fini(&plain);
    buf_fini(&row);
    return status;
}
