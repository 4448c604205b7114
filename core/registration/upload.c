/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of an upload. */
#include "registration/upload.h"

static void about_upload(struct id id, struct buf *out)
{
    buf_text(out, "upload/");
    buf_str(out, id_view(&id));
}

static void about_progress(struct id id, uint16_t pieces, struct buf *out)
{
    buf_text(out, "upload-progress/");
    buf_str(out, id_view(&id));
    buf_u16(out, pieces);
}

static void about_piece(struct id id, uint16_t number, struct buf *out)
{
    buf_text(out, "upload-piece/");
    buf_str(out, id_view(&id));
    buf_u16(out, number);
}

enum upload_state upload_state(struct smg_str key_row)
{
    if (key_row.len > 4 && key_row.at[0] == 'U')
        return UPLOAD_OPEN;
    return key_row.len > 1 && key_row.at[0] == 'D' ? UPLOAD_DONE : UPLOAD_ABSENT;
}

void upload_fini(struct upload *upload)
{
    data_key_wipe(&upload->key);
    buf_fini(&upload->answer);
    buf_fini(&upload->wrapped);
}

/* The number of pieces lies in clear, for the sweep; it is authenticated with the rest. */
static int write_open(struct sealer *sealer, const struct upload *upload, struct buf *row,
                      struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 };
    int status;

    about_progress(upload->id, upload->pieces, &about);
    buf_u32(&plain, upload->length);
    buf_u32(&plain, upload->offset);
    buf_text(&plain, upload->staff);
    buf_byte(row, 'U');
    buf_u16(row, upload->pieces);
    buf_byte(row, (unsigned char)upload->wrapped.len);
    buf_str(row, buf_view(&upload->wrapped));
    status = seal_with(sealer, &upload->key, buf_view(&about), buf_view(&plain), row, err);
    buf_fini(&about);
    buf_fini(&plain);
    return status;
}

int upload_begin(struct sealer *sealer, const char *staff, uint32_t length, int64_t now_ms,
                 struct unit *unit, struct id *out, struct smg_err *err)
{
    struct upload upload = { .id = id_new(now_ms), .length = length };
    struct buf about = { 0 }, row = { 0 };
    int status;

    snprintf(upload.staff, sizeof upload.staff, "%s", staff);
    about_upload(upload.id, &about);
    status = data_key_new(sealer, buf_view(&about), &upload.key, &upload.wrapped, err);
    if (status == SMG_OK)
        status = write_open(sealer, &upload, &row, err);
    if (status == SMG_OK)
        unit_put_new(unit, SMG_SPACE_KEY, id_view(&upload.id), buf_view(&row));
    *out = upload.id;
    upload_fini(&upload);
    buf_fini(&about);
    buf_fini(&row);
    return status;
}

static bool take_staff(struct smg_str view, struct upload *upload)
{
    if (view.len >= sizeof upload->staff)
        return false;
    memcpy(upload->staff, view.at, view.len);
    upload->staff[view.len] = '\0';
    return true;
}

static int open_open(struct sealer *sealer, struct smg_str row, struct upload *upload,
                     struct buf *plain, struct smg_err *err)
{
    struct buf about = { 0 };
    struct smg_str wrapped, view;
    uint8_t kind, length;
    int status;

    if (!take_u8(&row, &kind) || !take_u16(&row, &upload->pieces) || !take_u8(&row, &length) ||
        !take_bytes(&row, length, &wrapped))
        return smg_fail(err, SMG_E_PROTOCOL, "upload: a row is not whole");
    buf_str(&upload->wrapped, wrapped);
    about_upload(upload->id, &about);
    status = data_key_open(sealer, buf_view(&about), wrapped, &upload->key, err);
    buf_clear(&about);
    about_progress(upload->id, upload->pieces, &about);
    if (status == SMG_OK)
        status = unseal_with(sealer, &upload->key, buf_view(&about), row, plain, err);
    buf_fini(&about);
    view = buf_view(plain);
    if (status == SMG_OK && (!take_u32(&view, &upload->length) ||
                             !take_u32(&view, &upload->offset) || !take_staff(view, upload)))
        status = smg_fail(err, SMG_E_PROTOCOL, "upload: a row is not whole");
    return status;
}

static int open_done(struct sealer *sealer, struct smg_str row, struct upload *upload,
                     struct buf *plain, struct smg_err *err)
{
    struct buf about = { 0 };
    struct smg_str view, staff;
    uint8_t length;
    int status;

    about_upload(upload->id, &about);
    status =
        unseal(sealer, KEY_STORE, buf_view(&about), str_bytes(row.at + 1, row.len - 1), plain, err);
    buf_fini(&about);
    view = buf_view(plain);
    if (status == SMG_OK && (!take_u32(&view, &upload->length) || !take_u8(&view, &length) ||
                             !take_bytes(&view, length, &staff) || !take_staff(staff, upload)))
        status = smg_fail(err, SMG_E_PROTOCOL, "upload: a row is not whole");
    upload->offset = upload->length;
    if (status == SMG_OK)
        buf_str(&upload->answer, view);
    return status;
}

int upload_open(struct sealer *sealer, struct id id, struct smg_str key_row, struct upload *out,
                struct smg_err *err)
{
    struct buf plain = { 0 };
    int status;

    *out = (struct upload){ .id = id };
    switch (upload_state(key_row)) {
    case UPLOAD_OPEN:
        status = open_open(sealer, key_row, out, &plain, err);
        break;
    case UPLOAD_DONE:
        status = open_done(sealer, key_row, out, &plain, err);
        break;
    default:
        status = smg_fail(err, SMG_E_NOT_FOUND, "there is no such upload");
    }
    buf_fini(&plain);
    return status;
}

void upload_piece_key(struct id id, uint16_t number, uint8_t out[UPLOAD_PIECE_KEY_BYTES])
{
    memcpy(out, id.bytes, sizeof id.bytes);
    out[16] = (uint8_t)(number >> 8);
    out[17] = (uint8_t)number;
}

int upload_add(struct sealer *sealer, struct upload *upload, struct smg_str key_row,
               struct smg_str piece, struct unit *unit, struct smg_err *err)
{
    struct buf about = { 0 }, row = { 0 }, bytes = { 0 };
    uint8_t key[UPLOAD_PIECE_KEY_BYTES];
    int status;

    upload_piece_key(upload->id, upload->pieces, key);
    about_piece(upload->id, upload->pieces, &about);
    status = seal_with(sealer, &upload->key, buf_view(&about), piece, &bytes, err);
    upload->pieces++;
    upload->offset += (uint32_t)piece.len;
    if (status == SMG_OK)
        status = write_open(sealer, upload, &row, err);
    if (status == SMG_OK) {
        unit_put_if(unit, SMG_SPACE_KEY, id_view(&upload->id), key_row, buf_view(&row));
        unit_put_new(unit, SMG_SPACE_EVIDENCE, str_bytes(key, sizeof key), buf_view(&bytes));
    }
    buf_fini(&about);
    buf_fini(&row);
    buf_fini(&bytes);
    return status;
}

int upload_piece_open(struct sealer *sealer, const struct upload *upload, uint16_t number,
                      struct smg_str row, struct buf *out, struct smg_err *err)
{
    struct buf about = { 0 };
    int status;

    about_piece(upload->id, number, &about);
    status = unseal_with(sealer, &upload->key, buf_view(&about), row, out, err);
    buf_fini(&about);
    return status;
}

static void drop_pieces(struct id id, uint16_t pieces, struct unit *unit)
{
    uint8_t key[UPLOAD_PIECE_KEY_BYTES];
    uint16_t i;

    for (i = 0; i < pieces; i++) {
        upload_piece_key(id, i, key);
        unit_erase(unit, SMG_SPACE_EVIDENCE, str_bytes(key, sizeof key));
    }
}

int upload_finish(struct sealer *sealer, const struct upload *upload, struct smg_str key_row,
                  struct smg_str answer, struct unit *unit, struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 }, row = { 0 };
    int status;

    about_upload(upload->id, &about);
    buf_u32(&plain, upload->length);
    buf_byte(&plain, (unsigned char)strlen(upload->staff));
    buf_text(&plain, upload->staff);
    buf_str(&plain, answer);
    buf_byte(&row, 'D');
    status = seal(sealer, KEY_STORE, buf_view(&about), buf_view(&plain), &row, err);
    if (status == SMG_OK) {
        unit_put_if(unit, SMG_SPACE_KEY, id_view(&upload->id), key_row, buf_view(&row));
        drop_pieces(upload->id, upload->pieces, unit);
    }
    buf_fini(&about);
    buf_fini(&plain);
    buf_fini(&row);
    return status;
}

void upload_drop(struct id id, struct smg_str key_row, struct unit *unit)
{
    struct smg_str view = key_row;
    uint8_t kind;
    uint16_t pieces;

    unit_erase_if(unit, SMG_SPACE_KEY, id_view(&id), key_row);
    if (upload_state(key_row) == UPLOAD_OPEN && take_u8(&view, &kind) && take_u16(&view, &pieces))
        drop_pieces(id, pieces < UPLOAD_PIECES_MAX ? pieces : UPLOAD_PIECES_MAX, unit);
}
