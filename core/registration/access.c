/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what is stored (article 13): masked for the counter; in clear, or a picture, only with a
 * purpose, and the reading is in the audit log before anything is answered. */
#include "registration/errand.h"

#include "registration/evidence.h"
#include "registration/json.h"
#include "registration/record.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

enum { SEARCH_LIMIT = 50 };

/* The audit event of a disclosure, in a unit of its own. */
static bool note_access(struct errand *errand, const char *action)
{
    struct audit_event event = { .at_ms = errand->at_ms,
                                 .actor = str_of(errand->staff),
                                 .action = str_of(action),
                                 .purpose = buf_view(&errand->purpose) };
    struct buf text = { 0 };

    if (!errand_unit(errand))
        return false;
    id_write(errand->id, &text);
    event.object = buf_view(&text);
    audit_note(errand->write.unit, &event);
    buf_fini(&text);
    return true;
}

static void put_ended(struct errand *errand, struct smg_str row, struct buf *out)
{
    struct smg_date due;
    struct smg_err err;
    int64_t ended;

    if (row.at == NULL ||
        record_ended(errand->desk->sealer, errand->id, row, &ended, &due, &err) != SMG_OK)
        return;
    buf_text(out, ",\"terminated_at\":\"");
    time_write(ended, out);
    buf_text(out, "\",\"retain_until\":\"");
    date_write(due, out);
    buf_byte(out, '"');
}

/* {"id", "at", what was registered, "decision": {…}} of an opened record. */
static void put_record(struct id id, const struct smg_fields *fields, struct smg_str decision,
                       bool clear, struct buf *out)
{
    buf_text(out, "{\"id\":\"");
    id_write(id, out);
    buf_text(out, "\",\"at\":\"");
    time_write(id_time(id), out);
    buf_printf(out, "\",\"masked\":%s,\"application\":{", clear ? "false" : "true");
    record_show(fields, clear, out);
    buf_text(out, "},\"decision\":{");
    buf_str(out, decision);
    buf_byte(out, '}');
}

static void on_shown(struct errand *errand)
{
    bool clear = errand->purpose.len > 0;
    struct smg_fields *fields = NULL;
    struct buf decision = { 0 };
    struct data_key key;
    struct smg_err err;

    if (errand_value(errand, 1).at == NULL) {
        errand_problem(errand, 404, "not_found", "没有这条登记", "there is no such registration");
        return;
    }
    if (errand_value(errand, 0).at == NULL) {
        errand_problem(errand, 410, "destroyed", "该登记已依法销毁",
                       "this registration was destroyed when its time was over");
        return;
    }
    if (record_open(errand->desk->sealer, errand->id, errand_value(errand, 0),
                    errand_value(errand, 1), &fields, &decision, &key, &err) != SMG_OK) {
        buf_fini(&decision);
        errand_fail(errand, &err);
        return;
    }
    data_key_wipe(&key);
    errand->outcome.status = 200;
    errand->outcome.type = "application/json";
    put_record(errand->id, fields, buf_view(&decision), clear, &errand->outcome.body);
    put_ended(errand, errand_value(errand, 2), &errand->outcome.body);
    buf_text(&errand->outcome.body, "}\n");
    fields_free(fields);
    buf_fini(&decision);
    buf_fini(&errand->body);
    if (!clear)
        errand_end(errand);
    else if (note_access(errand, "disclosure.registration"))
        errand_write(errand);
    else
        errand_end(errand);
}

void desk_show(struct desk *desk, struct id id, const char *staff, struct smg_str purpose,
               outcome_fn fn, void *ctx)
{
    static const enum smg_space spaces[] = { SMG_SPACE_KEY, SMG_SPACE_REGISTRATION,
                                             SMG_SPACE_CASE };
    struct errand *errand = errand_new(desk, fn, ctx);
    struct smg_str keys[3];

    if (errand == NULL)
        return;
    errand->id = id;
    snprintf(errand->staff, sizeof errand->staff, "%s", staff);
    buf_str(&errand->purpose, purpose);
    record_ended_key(id, &errand->body);
    keys[0] = keys[1] = id_view(&errand->id);
    keys[2] = buf_view(&errand->body);
    errand_get(errand, spaces, keys, 3, on_shown);
}

/* A search is three reads: the index, then the keys and the records it names. */
struct search {
    struct errand *errand;
    struct store_read index, keys, rows;
    struct smg_str ids[SEARCH_LIMIT];
    uint8_t from[INDEX_PREFIX_BYTES], to[INDEX_PREFIX_BYTES];
    unsigned waiting;
    bool failed;
};

static void search_end(struct search *search)
{
    struct errand *errand = search->errand;

    store_read_fini(&search->index);
    store_read_fini(&search->keys);
    store_read_fini(&search->rows);
    free(search);
    errand_end(errand);
}

static void put_found(struct search *search)
{
    struct errand *errand = search->errand;
    struct buf *out = &errand->outcome.body;
    bool first = true;
    size_t i;

    errand->outcome.status = 200;
    errand->outcome.type = "application/json";
    buf_text(out, "{\"registrations\":[");
    for (i = 0; i < search->index.count; i++) {
        struct smg_str row = store_read_value(&search->rows, search->ids[i]);
        struct smg_str key_row = store_read_value(&search->keys, search->ids[i]);
        struct smg_fields *fields = NULL;
        struct buf decision = { 0 };
        struct data_key key;
        struct smg_err err;
        struct id id;

        memcpy(id.bytes, search->ids[i].at, sizeof id.bytes);
        if (row.at != NULL && key_row.at != NULL &&
            record_open(errand->desk->sealer, id, key_row, row, &fields, &decision, &key, &err) ==
                SMG_OK) {
            data_key_wipe(&key);
            if (!first)
                buf_byte(out, ',');
            first = false;
            put_record(id, fields, buf_view(&decision), false, out);
            buf_byte(out, '}');
            fields_free(fields);
        }
        buf_fini(&decision);
    }
    buf_text(out, "]}\n");
    search_end(search);
}

static void on_found(void *ctx, const struct smg_err *err)
{
    struct search *search = ctx;

    if (err->code != SMG_OK && !search->failed) {
        search->failed = true;
        outcome_error(&search->errand->outcome, err);
    }
    if (--search->waiting > 0)
        return;
    if (search->failed)
        search_end(search);
    else
        put_found(search);
}

static void on_index(void *ctx, const struct smg_err *err)
{
    struct search *search = ctx;
    size_t i, count = search->index.count;

    if (err->code != SMG_OK) {
        outcome_error(&search->errand->outcome, err);
        search_end(search);
        return;
    }
    for (i = 0; i < count; i++) {
        struct smg_str key = search->index.rows[i].key;

        if (key.len != INDEX_PREFIX_BYTES + 16) {
            outcome_problem(&search->errand->outcome, 500, "internal", "索引损坏",
                            "the index is damaged");
            search_end(search);
            return;
        }
        search->ids[i] = str_bytes(key.at + INDEX_PREFIX_BYTES, 16);
    }
    if (count == 0) {
        put_found(search);
        return;
    }
    search->waiting = 2;
    search->keys = (struct store_read){ .space = SMG_SPACE_KEY,
                                        .keys = search->ids,
                                        .key_count = count,
                                        .loop = search->errand->desk->loop,
                                        .done = on_found,
                                        .ctx = search };
    search->rows = search->keys;
    search->rows.space = SMG_SPACE_REGISTRATION;
    store_read(search->errand->desk->store, &search->keys);
    store_read(search->errand->desk->store, &search->rows);
}

/* The index prefix the body asks for; false: problems were said. */
static bool read_search(struct desk *desk, struct smg_str body, uint8_t prefix[INDEX_PREFIX_BYTES],
                        struct problems *problems)
{
    cJSON *tree = json_parse(body, problems);
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(tree, "number");
    const cJSON *identity = cJSON_GetObjectItemCaseSensitive(tree, "identity");
    struct smg_err err;
    int status = SMG_OK;

    if (tree == NULL)
        return false;
    if (cJSON_GetArraySize(tree) == 1 && cJSON_IsString(number))
        status = record_index_number(desk->sealer, str_of(number->valuestring), prefix, &err);
    else if (cJSON_GetArraySize(tree) == 1 && cJSON_IsString(identity))
        status = record_index_identity(desk->sealer, str_of(identity->valuestring), prefix, &err);
    else
        problem_add(problems, "", "wrong_search", "应为 {\"number\":\"…\"} 或 {\"identity\":\"…\"}",
                    "this must be {\"number\": \"…\"} or {\"identity\": \"…\"}");
    if (status != SMG_OK)
        problem_add(problems, "", "internal", "内部错误", "an internal error");
    cJSON_Delete(tree);
    return problems->count == 0;
}

static void search_start(struct search *search)
{
    size_t i;

    memcpy(search->to, search->from, sizeof search->to);
    for (i = sizeof search->to; i > 0 && ++search->to[i - 1] == 0; i--)
        ; /* the next prefix: carry */
    search->index = (struct store_read){
        .scan = { .space = SMG_SPACE_INDEX,
                  .from = str_bytes(search->from, sizeof search->from),
                  .to = str_bytes(search->to, sizeof search->to),
                  .backward = true, /* the newest first */
                  .limit = SEARCH_LIMIT },
        .loop = search->errand->desk->loop,
        .done = on_index,
        .ctx = search,
    };
    store_read(search->errand->desk->store, &search->index);
}

void desk_search(struct desk *desk, const struct request *request, outcome_fn fn, void *ctx)
{
    struct errand *errand = errand_new(desk, fn, ctx);
    struct search *search = calloc(1, sizeof *search);
    struct problems problems = { 0 };

    if (errand == NULL || search == NULL) {
        free(search);
        if (errand != NULL)
            errand_problem(errand, 503, "out_of_memory", "内存不足", "out of memory");
        return;
    }
    search->errand = errand;
    if (read_search(desk, request->body, search->from, &problems)) {
        search_start(search);
    } else {
        errand->outcome.status = 400;
        errand->outcome.type = "application/problem+json";
        problem_write(&errand->outcome.body, 400, "查询条件有误", "the search cannot be read",
                      &problems);
        search_end(search);
    }
    problems_fini(&problems);
}

/* Opened, but not answered before it is written down who looked. */
static bool open_picture(struct errand *errand, struct sealer *sealer)
{
    struct outcome *outcome = &errand->outcome;
    struct data_key key;
    struct smg_err err;
    int status = SMG_OK;

    if (errand->owner_known)
        status = record_key_open(sealer, errand->owner, errand_value(errand, 2), &key, &err);
    if (status == SMG_OK)
        status =
            evidence_open(sealer, errand->id, errand_value(errand, 0), errand_value(errand, 1),
                          errand->owner_known ? &key : NULL, &outcome->body, &outcome->type, &err);
    data_key_wipe(&key);
    if (status != SMG_OK)
        outcome_error(outcome, &err);
    else
        outcome->status = 200;
    return status == SMG_OK && note_access(errand, "disclosure.evidence");
}

static void on_owner(struct errand *errand)
{
    if (errand_value(errand, 2).at == NULL)
        errand_problem(errand, 410, "destroyed", "所属登记已依法销毁",
                       "the registration it belongs to was destroyed");
    else
        errand_make(errand, errand_value(errand, 1).len, open_picture);
}

static void on_picture(struct errand *errand)
{
    static const enum smg_space spaces[] = { SMG_SPACE_KEY, SMG_SPACE_EVIDENCE, SMG_SPACE_KEY };
    struct smg_str keys[3];

    if (errand_value(errand, 0).at == NULL || errand_value(errand, 1).at == NULL) {
        errand_problem(errand, 404, "not_found", "没有这张照片", "there is no such picture");
        return;
    }
    errand->owner_known = evidence_owner(errand_value(errand, 0), &errand->owner);
    if (!errand->owner_known) {
        errand_make(errand, errand_value(errand, 1).len, open_picture);
        return;
    }
    keys[0] = keys[1] = id_view(&errand->id);
    keys[2] = id_view(&errand->owner);
    errand_get(errand, spaces, keys, 3, on_owner);
}

void desk_picture(struct desk *desk, struct id id, const char *staff, struct smg_str purpose,
                  outcome_fn fn, void *ctx)
{
    static const enum smg_space spaces[] = { SMG_SPACE_KEY, SMG_SPACE_EVIDENCE };
    struct errand *errand = errand_new(desk, fn, ctx);
    struct smg_str keys[2];

    if (errand == NULL)
        return;
    errand->id = id;
    snprintf(errand->staff, sizeof errand->staff, "%s", staff);
    buf_str(&errand->purpose, purpose);
    keys[0] = keys[1] = id_view(&errand->id);
    errand_get(errand, spaces, keys, 2, on_picture);
}
