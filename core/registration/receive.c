/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures that arrive in pieces: an upload is begun, asked about, added to, and when it is whole
 * it becomes a picture like any other. */
#include "registration/errand.h"

#include "registration/evidence.h"
#include "registration/upload.h"

#include "base/date.h"

#define HEAD "{\"id\":\""

static void tell_progress(struct errand *errand, const struct upload *upload)
{
    struct outcome *outcome = &errand->outcome;

    outcome->progress = true;
    outcome->upload = upload->id;
    outcome->length = upload->length;
    outcome->offset = upload->offset;
    outcome->expires_ms = id_time(upload->id) + errand->desk->evidence_kept_ms;
}

/* {"id", "length", "offset", "expires_at"} and, when it is whole, "evidence". */
static void show(struct errand *errand, const struct upload *upload, int status)
{
    struct outcome *outcome = &errand->outcome;
    struct buf *out = &outcome->body;

    outcome->status = status;
    outcome->type = status == 204 ? NULL : "application/json";
    tell_progress(errand, upload);
    buf_text(out, HEAD);
    id_write(upload->id, out);
    buf_printf(out, "\",\"length\":%u,\"offset\":%u,\"expires_at\":\"", (unsigned)upload->length,
               (unsigned)upload->offset);
    time_write(outcome->expires_ms, out);
    buf_byte(out, '"');
    if (upload->answer.len > 0) {
        buf_text(out, ",\"evidence\":{");
        buf_str(out, buf_view(&upload->answer));
        buf_byte(out, '}');
    }
    buf_text(out, "}\n");
}

static bool begin(struct errand *errand, struct sealer *sealer)
{
    struct upload upload = { .length = errand->length };
    struct smg_err err;

    if (!errand_unit(errand))
        return false;
    if (upload_begin(sealer, errand->staff, upload.length, errand->at_ms, errand->write.unit,
                     &upload.id, &err) != SMG_OK) {
        outcome_error(&errand->outcome, &err);
        return false;
    }
    show(errand, &upload, 201);
    return true;
}

/* The first answer once more: where the upload is, stands at its beginning. */
static void begin_again(struct errand *errand)
{
    struct upload upload = { .length = errand->length };
    struct smg_str body = buf_view(&errand->outcome.body), head, id;

    if (take_bytes(&body, sizeof HEAD - 1, &head) && take_bytes(&body, 36, &id) &&
        id_parse(id, &upload.id))
        tell_progress(errand, &upload);
}

void desk_upload_begin(struct desk *desk, const struct request *request, uint32_t length,
                       outcome_fn fn, void *ctx)
{
    struct errand *errand = errand_new(desk, fn, ctx);

    if (errand == NULL)
        return;
    errand->length = length;
    snprintf(errand->staff, sizeof errand->staff, "%s", request->staff);
    buf_u32(&errand->body, length); /* what an Idempotency-Key stands for */
    buf_str(&errand->key, request->key);
    errand->again = begin_again;
    errand_once(errand, "/v1/evidence/uploads", begin);
}

/* Open the upload the errand is about; false: the outcome says why not. An upload is upload_fini's
 * either way. */
static bool find(struct errand *errand, struct sealer *sealer, struct upload *upload)
{
    struct outcome *outcome = &errand->outcome;
    struct smg_err err;
    int status = upload_open(sealer, errand->id, errand_value(errand, 0), upload, &err);

    if (status != SMG_OK && status != SMG_E_NOT_FOUND) {
        outcome_error(outcome, &err);
        return false;
    }
    if (status == SMG_E_NOT_FOUND || strcmp(upload->staff, errand->staff) != 0) {
        outcome_problem(outcome, 404, "not_found", "没有这次上传", "there is no such upload");
        return false;
    }
    if (id_time(upload->id) + errand->desk->evidence_kept_ms < errand->at_ms) {
        outcome_problem(outcome, 410, "upload_expired", "上传已过期，请重新上传",
                        "the time of this upload is over; begin a new one");
        return false;
    }
    return true;
}

static void on_asked(struct errand *errand)
{
    struct upload upload;

    if (find(errand, errand->desk->sealer, &upload))
        show(errand, &upload, 200);
    errand_end(errand);
    upload_fini(&upload);
}

static void on_dropped(struct errand *errand)
{
    struct upload upload;

    if (find(errand, errand->desk->sealer, &upload) && errand_unit(errand)) {
        upload_drop(upload.id, errand_value(errand, 0), errand->write.unit);
        errand->outcome.status = 204;
        errand_write(errand);
    } else {
        errand_end(errand);
    }
    upload_fini(&upload);
}

/* The pieces before the last one, put together in order, and the last one. */
static int put_together(struct errand *errand, struct sealer *sealer, const struct upload *upload,
                        struct buf *out, struct smg_err *err)
{
    const struct store_read *pieces = &errand->reads[1];
    int status = SMG_OK;
    size_t i;

    if (pieces->count != upload->pieces)
        return smg_fail(err, SMG_E_PROTOCOL, "upload: a piece is missing");
    for (i = 0; status == SMG_OK && i < pieces->count; i++)
        status = upload_piece_open(sealer, upload, (uint16_t)i, pieces->rows[i].value, out, err);
    buf_str(out, buf_view(&errand->body));
    if (status == SMG_OK && out->failed)
        return smg_fail(err, SMG_E_MEMORY, "upload: out of memory");
    return status;
}

/* The whole is here. It becomes a picture, or, when it is none, nothing of it is kept. */
static int finish(struct errand *errand, struct sealer *sealer, struct upload *upload,
                  struct smg_str whole, struct smg_err *err)
{
    struct smg_str row = errand_value(errand, 0);
    struct unit *unit = errand->write.unit;
    struct image_info info;
    uint8_t sha256[32];
    struct id id;
    int status;

    if (image_check(whole, &info, err) != SMG_OK) {
        upload_drop(upload->id, row, unit);
        outcome_problem(&errand->outcome, 415, "not_a_picture",
                        "这不是完整的 JPEG、PNG 或 WebP 图片，上传已取消",
                        "this is not a whole JPEG, PNG or WebP picture; the upload is gone");
        return SMG_OK;
    }
    status =
        evidence_put(sealer, whole, &info, errand->staff, errand->at_ms, unit, &id, sha256, err);
    if (status != SMG_OK)
        return status;
    upload->offset = upload->length;
    evidence_show(id, sha256, &info, &upload->answer);
    show(errand, upload, 204);
    return upload_finish(sealer, upload, row, buf_view(&upload->answer), unit, err);
}

static bool make_picture(struct errand *errand, struct sealer *sealer)
{
    struct buf whole = { 0 };
    struct upload upload;
    struct smg_err err;
    bool made = find(errand, sealer, &upload) && errand_unit(errand);

    if (made && (put_together(errand, sealer, &upload, &whole, &err) != SMG_OK ||
                 finish(errand, sealer, &upload, buf_view(&whole), &err) != SMG_OK)) {
        outcome_error(&errand->outcome, &err);
        made = false;
    }
    buf_fini(&whole);
    upload_fini(&upload);
    return made;
}

static void on_pieces(void *ctx, const struct smg_err *err)
{
    struct errand *errand = ctx;

    if (err->code != SMG_OK)
        errand_fail(errand, err);
    else
        errand_make(errand, errand->length, make_picture);
}

/* Read every piece that is here, for the one that makes it whole. */
static void read_pieces(struct errand *errand, const struct upload *upload)
{
    uint8_t key[UPLOAD_PIECE_KEY_BYTES];

    upload_piece_key(upload->id, 0, key);
    buf_put(&errand->from, key, sizeof key);
    upload_piece_key(upload->id, upload->pieces, key);
    buf_put(&errand->to, key, sizeof key);
    errand->reads[1] = (struct store_read){ .scan = { .space = SMG_SPACE_EVIDENCE,
                                                      .from = buf_view(&errand->from),
                                                      .to = buf_view(&errand->to) },
                                            .loop = errand->desk->loop,
                                            .done = on_pieces,
                                            .ctx = errand };
    store_read(errand->desk->store, &errand->reads[1]);
}

static bool add(struct errand *errand, struct sealer *sealer)
{
    struct upload upload;
    struct smg_err err;
    bool added = find(errand, sealer, &upload) && errand_unit(errand);

    if (added && upload_add(sealer, &upload, errand_value(errand, 0), buf_view(&errand->body),
                            errand->write.unit, &err) != SMG_OK) {
        outcome_error(&errand->outcome, &err);
        added = false;
    }
    if (added)
        show(errand, &upload, 204);
    upload_fini(&upload);
    return added;
}

static void on_upload(struct errand *errand)
{
    struct upload upload;
    size_t piece = errand->body.len;
    bool found = find(errand, errand->desk->sealer, &upload);

    errand->length = upload.length;
    if (!found)
        errand_end(errand);
    else if (errand->offset != (int64_t)upload.offset)
        errand_problem(errand, 409, "wrong_offset", "起点与已收到的长度不符；请先查询再续传",
                       "the piece does not begin where the last one ended; ask, then go on there");
    else if (piece > upload.length - upload.offset)
        errand_problem(errand, 413, "too_large", "超出声明的长度",
                       "this is more than the length that was announced");
    else if (upload.answer.len > 0 || piece == 0) { /* nothing to add */
        show(errand, &upload, 204);
        errand_end(errand);
    } else if (piece == upload.length - upload.offset)
        read_pieces(errand, &upload);
    else if (upload.pieces == UPLOAD_PIECES_MAX)
        errand_problem(errand, 400, "pieces_too_small", "分片过多；请用更大的分片重新上传",
                       "there are too many pieces; begin again with larger ones");
    else
        errand_make(errand, piece, add);
    upload_fini(&upload);
}

static void ask(struct desk *desk, struct id id, const char *staff, struct smg_str body,
                int64_t offset, void (*step)(struct errand *), outcome_fn fn, void *ctx)
{
    static const enum smg_space space = SMG_SPACE_KEY;
    struct errand *errand = errand_new(desk, fn, ctx);
    struct smg_str key;

    if (errand == NULL)
        return;
    errand->id = id;
    errand->offset = offset;
    snprintf(errand->staff, sizeof errand->staff, "%s", staff);
    buf_str(&errand->body, body);
    key = id_view(&errand->id);
    errand_get(errand, &space, &key, 1, step);
}

void desk_upload_show(struct desk *desk, struct id id, const char *staff, outcome_fn fn, void *ctx)
{
    ask(desk, id, staff, SMG_STR(""), 0, on_asked, fn, ctx);
}

void desk_upload_drop(struct desk *desk, struct id id, const char *staff, outcome_fn fn, void *ctx)
{
    ask(desk, id, staff, SMG_STR(""), 0, on_dropped, fn, ctx);
}

void desk_upload_add(struct desk *desk, struct id id, const struct request *request, int64_t offset,
                     outcome_fn fn, void *ctx)
{
    ask(desk, id, request->staff, request->body, offset, on_upload, fn, ctx);
}
