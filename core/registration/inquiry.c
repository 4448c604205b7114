/* SPDX-License-Identifier: Apache-2.0 */
/* Questions with pictures: read, written down, opened, sent. */
#include "registration/inquiry.h"

#include "base/log.h"
#include "loop/clock.h"
#include "registration/aside.h"

#include <stdlib.h>

enum { SHOWN_MAX = 2 };

/* Pictures a service may be shown, by what they are evidence of. */
static const struct {
    enum services_picture picture;
    const char *kind, *field;
} kinds[SHOWN_MAX] = {
    { PICTURE_PORTRAIT, "portrait", "portrait" },
    { PICTURE_DOCUMENT, "document_photo", "document.photo" },
};

struct showing {
    struct desk *desk;
    struct inquiry inquiry;
    services_done_fn fn;
    void *ctx;
    struct {
        const struct evidence_link *link;
        const char *field;
    } shown[SHOWN_MAX];
    struct smg_str ids[SHOWN_MAX];
    size_t count;
    struct store_read rows;
    struct store_write write;
    struct aside aside;
    struct smg_fields *open; /* what is in the pictures, wiped with the rest */
    struct smg_err err;
};

static void showing_free(struct showing *showing)
{
    store_read_fini(&showing->rows);
    unit_free(showing->write.unit);
    fields_free(showing->open);
    free(showing);
}

/* The first picture of that kind and person, if there is one. */
static const struct evidence_link *find_link(const struct inquiry *inquiry, const char *kind)
{
    const struct application *application = inquiry->application;
    size_t i;

    for (i = 0; i < application->evidence_count; i++)
        if (strcmp(application->evidence[i].kind, kind) == 0 &&
            strcmp(application->evidence[i].of, inquiry->of) == 0)
            return &application->evidence[i];
    return NULL;
}

static void give_up(struct showing *showing, const struct smg_err *err)
{
    struct check check = { .result = "unavailable" };

    log_line(SMG_ERROR, showing->inquiry.service, "a picture could not be shown to it: %s",
             err->text);
    snprintf(check.service, sizeof check.service, "%s", showing->inquiry.service);
    snprintf(check.of, sizeof check.of, "%s", showing->inquiry.of);
    showing->fn(showing->ctx, &check);
    showing_free(showing);
}

/* "document.photo" and "document.photo.format". */
static int open_picture(struct showing *showing, struct sealer *sealer, size_t i)
{
    struct id id = showing->shown[i].link->id;
    struct smg_value value = { .type = SMG_BYTES };
    struct buf bytes = { 0 };
    const char *type = "", *slash;
    char name[64];
    int status = evidence_open(sealer, id, store_read_value(showing->inquiry.keys, id_view(&id)),
                               store_read_value(&showing->rows, id_view(&id)), NULL, &bytes, &type,
                               &showing->err);

    value.str = buf_view(&bytes);
    slash = strchr(type, '/');
    snprintf(name, sizeof name, "%s.format", showing->shown[i].field);
    if (status == SMG_OK &&
        (!fields_set(showing->open, str_of(showing->shown[i].field), &value) ||
         !fields_set_text(showing->open, name, str_of(slash == NULL ? "" : slash + 1))))
        status = smg_fail(&showing->err, SMG_E_MEMORY, "out of memory");
    buf_fini(&bytes);
    return status;
}

static void open_pictures(void *ctx, struct sealer *sealer)
{
    struct showing *showing = ctx;
    int status = SMG_OK;
    size_t i;

    showing->open = fields_new();
    if (showing->open == NULL)
        status = smg_fail(&showing->err, SMG_E_MEMORY, "out of memory");
    for (i = 0; i < showing->count && status == SMG_OK; i++)
        status = open_picture(showing, sealer, i);
}

static void on_open(void *ctx)
{
    struct showing *showing = ctx;

    if (showing->err.code != SMG_OK) {
        give_up(showing, &showing->err);
        return;
    }
    services_ask(showing->desk->services, showing->inquiry.service, showing->inquiry.of,
                 showing->inquiry.application->fields, showing->open, showing->desk->loop,
                 showing->fn, showing->ctx);
    showing_free(showing);
}

static void on_written(void *ctx, const struct smg_err *err)
{
    struct showing *showing = ctx;
    size_t i, bytes = 0;

    if (err->code != SMG_OK) {
        give_up(showing, err);
        return;
    }
    for (i = 0; i < showing->rows.count; i++)
        bytes += showing->rows.rows[i].value.len;
    showing->aside = (struct aside){ .run = open_pictures, .done = on_open, .ctx = showing };
    aside_do(showing->desk, &showing->aside, bytes);
}

/* An event for each picture: to whom it is shown is the purpose. */
static void note_disclosure(const struct showing *showing, struct unit *unit)
{
    size_t i;

    for (i = 0; i < showing->count; i++) {
        struct audit_event event = { .at_ms = clock_now_ms(),
                                     .actor = str_of(showing->inquiry.staff),
                                     .action = SMG_STR("disclosure.evidence"),
                                     .purpose = str_of(showing->inquiry.service) };
        struct buf text = { 0 };

        id_write(showing->shown[i].link->id, &text);
        event.object = buf_view(&text);
        audit_note(unit, &event);
        buf_fini(&text);
    }
}

static void on_read(void *ctx, const struct smg_err *read)
{
    struct showing *showing = ctx;
    struct smg_err err = *read;

    showing->write = (struct store_write){
        .unit = unit_new(), .loop = showing->desk->loop, .done = on_written, .ctx = showing
    };
    if (showing->write.unit == NULL)
        smg_fail(&err, SMG_E_MEMORY, "out of memory");
    if (err.code != SMG_OK) {
        give_up(showing, &err);
        return;
    }
    note_disclosure(showing, showing->write.unit);
    store_apply(showing->desk->store, &showing->write);
}

void inquiry_ask(struct desk *desk, const struct inquiry *inquiry, services_done_fn fn, void *ctx)
{
    unsigned wanted = services_pictures(desk->services, inquiry->service);
    struct showing *showing = calloc(1, sizeof *showing);
    size_t i;

    if (showing == NULL)
        abort(); /* as in services_ask */
    *showing = (struct showing){ .desk = desk, .inquiry = *inquiry, .fn = fn, .ctx = ctx };
    for (i = 0; i < SHOWN_MAX; i++) {
        const struct evidence_link *link = find_link(inquiry, kinds[i].kind);

        if ((wanted & kinds[i].picture) == 0 || link == NULL)
            continue;
        showing->shown[showing->count].link = link;
        showing->shown[showing->count].field = kinds[i].field;
        showing->ids[showing->count++] = id_view(&link->id);
    }
    if (showing->count == 0) {
        services_ask(desk->services, inquiry->service, inquiry->of, inquiry->application->fields,
                     NULL, desk->loop, fn, ctx);
        showing_free(showing);
        return;
    }
    showing->rows = (struct store_read){ .space = SMG_SPACE_EVIDENCE,
                                         .keys = showing->ids,
                                         .key_count = showing->count,
                                         .loop = desk->loop,
                                         .done = on_read,
                                         .ctx = showing };
    store_read(desk->store, &showing->rows);
}
