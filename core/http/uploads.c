/* SPDX-License-Identifier: Apache-2.0 */
/* Resumable uploads of pictures, as tus 1.0 (tus.io/protocols/resumable-upload): core, creation,
 * expiration and termination. */
#include "http/call.h"

#include <time.h>

#define UPLOADS "/v1/evidence/uploads"

/* A client of another version is told which one is spoken; one that says none is taken as is. */
static bool speaks_tus(struct call *call)
{
    struct smg_str version = http_header(call->request, "Tus-Resumable");

    http_answer_header(call->request, "Tus-Resumable", "1.0.0");
    if (version.at == NULL || str_is(version, "1.0.0"))
        return true;
    http_answer_header(call->request, "Tus-Version", "1.0.0");
    answer_problem(call, 412, "wrong_version", "仅支持 Tus-Resumable: 1.0.0",
                   "this speaks Tus-Resumable: 1.0.0");
    return false;
}

void options_uploads(struct call *call)
{
    char most[24];

    snprintf(most, sizeof most, "%zu", call->api->shared->evidence_bytes);
    http_answer_header(call->request, "Tus-Resumable", "1.0.0");
    http_answer_header(call->request, "Tus-Version", "1.0.0");
    http_answer_header(call->request, "Tus-Extension", "creation,expiration,termination");
    http_answer_header(call->request, "Tus-Max-Size", most);
    end_call(call, 204, NULL, NULL);
}

void answer_progress(struct call *call, const struct outcome *outcome)
{
    time_t expires = (time_t)(outcome->expires_ms / 1000);
    struct buf place = { 0 };
    char text[40];
    struct tm day;

    snprintf(text, sizeof text, "%u", (unsigned)outcome->offset);
    http_answer_header(call->request, "Upload-Offset", text);
    snprintf(text, sizeof text, "%u", (unsigned)outcome->length);
    http_answer_header(call->request, "Upload-Length", text);
    if (outcome->offset < outcome->length && gmtime_r(&expires, &day) != NULL &&
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &day) > 0)
        http_answer_header(call->request, "Upload-Expires", text);
    if (outcome->status == 201) {
        buf_text(&place, UPLOADS "/");
        id_write(outcome->upload, &place);
        if (!place.failed)
            http_answer_header(call->request, "Location", place.at);
    }
    buf_fini(&place);
}

void post_upload(struct call *call)
{
    struct request request = request_of(call, false);
    struct smg_str said = http_header(call->request, "Upload-Length");
    int64_t length;

    if (!speaks_tus(call))
        return;
    if (!str_to_int(said, &length) || length == 0)
        answer_problem(call, 400, "wrong_length", "须在 Upload-Length 中说明图片的字节数",
                       "say in Upload-Length how many bytes the picture has");
    else if (length > (int64_t)call->api->shared->evidence_bytes)
        answer_problem(call, 413, "too_large", "图片过大", "the picture is too large");
    else if (request.body.len > 0)
        answer_problem(call, 400, "body_not_expected", "创建上传时不带正文；请用 PATCH 上传",
                       "an upload begins without a body; send the bytes by PATCH");
    else
        desk_upload_begin(call->api->desk, &request, (uint32_t)length, on_outcome, call);
}

/* The upload the path names; false: answered. */
static bool read_upload(struct call *call, struct id *id)
{
    if (!speaks_tus(call))
        return false;
    if (id_parse(call->rest, id))
        return true;
    answer_problem(call, 404, "not_found", "没有这次上传", "there is no such upload");
    return false;
}

void get_upload(struct call *call)
{
    struct id id;

    if (read_upload(call, &id))
        desk_upload_show(call->api->desk, id, call->staff.id, on_outcome, call);
}

void delete_upload(struct call *call)
{
    struct id id;

    if (read_upload(call, &id))
        desk_upload_drop(call->api->desk, id, call->staff.id, on_outcome, call);
}

void patch_upload(struct call *call)
{
    struct request request = request_of(call, false);
    struct id id;
    int64_t offset;

    if (!read_upload(call, &id))
        return;
    if (!str_is(http_header(call->request, "Content-Type"), "application/offset+octet-stream"))
        answer_problem(call, 415, "wrong_type", "Content-Type 应为 application/offset+octet-stream",
                       "the Content-Type of a piece is application/offset+octet-stream");
    else if (!str_to_int(http_header(call->request, "Upload-Offset"), &offset))
        answer_problem(call, 400, "wrong_offset", "须在 Upload-Offset 中说明起点",
                       "say in Upload-Offset where this piece begins");
    else
        desk_upload_add(call->api->desk, id, &request, offset, on_outcome, call);
}
