/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to verification services, over and back between loops. */
#include "registration/services.h"

#include "loop/clock.h"

#include <stdlib.h>

enum { SERVICES_MAX = 16, DEADLINE_MS = 3000 };

const char *const services_results[] = { "match", "mismatch", "unknown", "unavailable" };
const int64_t services_bounds_ms[] = { 10, 25, 50, 100, 250, 500, 1000, 2500, 5000 };

struct service {
    struct instance *instance;
    int64_t deadline_ms;
    unsigned pictures;
    _Atomic uint64_t results[SERVICES_RESULTS], waiting, took_us, within[SERVICES_BOUNDS];
};

struct services {
    struct loop *loop;
    struct decoder *decoder; /* or NULL */
    struct service at[SERVICES_MAX];
    size_t count;
};

struct asking {
    struct services *services;
    struct service *service;
    struct smg_fields *subject;
    int64_t begun_us;
    struct loop *home;
    services_done_fn fn;
    void *ctx;
    struct check check;
    struct loop_call call;
};

struct services *services_new(struct loop *loop)
{
    struct services *services = calloc(1, sizeof *services);

    if (services != NULL)
        services->loop = loop;
    return services;
}

void services_free(struct services *services)
{
    free(services);
}

bool services_add(struct services *services, struct instance *instance, int64_t deadline_ms)
{
    struct service *service = &services->at[services->count];

    if (services->count == SERVICES_MAX)
        return false;
    service->instance = instance;
    service->deadline_ms = deadline_ms > 0 ? deadline_ms : DEADLINE_MS;
    if (instance_wants(instance, "portrait"))
        service->pictures |= PICTURE_PORTRAIT;
    if (instance_wants(instance, "document.portrait"))
        service->pictures |= PICTURE_CHIP_PORTRAIT;
    if (instance_wants(instance, "document.photo"))
        service->pictures |= PICTURE_DOCUMENT;
    services->count++;
    return true;
}

static size_t find_service(const struct services *services, const char *name)
{
    size_t i;

    for (i = 0; i < services->count; i++)
        if (strcmp(instance_name(services->at[i].instance), name) == 0)
            break;
    return i;
}

void services_decode_with(struct services *services, struct decoder *decoder)
{
    services->decoder = decoder;
}

unsigned services_pictures(const struct services *services, const char *name)
{
    size_t i = find_service(services, name);

    return i < services->count ? services->at[i].pictures : 0;
}

size_t services_count(const struct services *services)
{
    return services->count;
}

void services_status(const struct services *services, size_t i, struct service_status *out)
{
    const struct service *service = &services->at[i];
    size_t j;

    *out = (struct service_status){ .name = instance_name(service->instance),
                                    .waiting = service->waiting,
                                    .took_us = service->took_us };
    out->in_service = instance_in_service(service->instance, out->why);
    for (j = 0; j < SERVICES_RESULTS; j++)
        out->results[j] = service->results[j];
    for (j = 0; j < SERVICES_BOUNDS; j++)
        out->within[j] = service->within[j];
}

static void count(struct asking *asking)
{
    struct service *service = asking->service;
    int64_t took_us = clock_mono_us() - asking->begun_us;
    size_t i;

    service->waiting--;
    service->took_us += (uint64_t)(took_us < 0 ? 0 : took_us);
    for (i = 0; i < SERVICES_RESULTS; i++)
        if (strcmp(asking->check.result, services_results[i]) == 0)
            service->results[i]++;
    for (i = 0; i < SERVICES_BOUNDS; i++)
        if (took_us <= services_bounds_ms[i] * 1000)
            service->within[i]++;
}

static void come_home(void *ctx)
{
    struct asking *asking = ctx;

    asking->fn(asking->ctx, &asking->check);
    fields_free(asking->subject);
    free(asking);
}

static void go_home(struct asking *asking)
{
    asking->call = (struct loop_call){ .fn = come_home, .ctx = asking };
    loop_post(asking->home, &asking->call);
}

static void copy_text(struct smg_str text, char *out, size_t room)
{
    snprintf(out, room, "%.*s", (int)text.len, text.len == 0 ? "" : text.at);
}

static void on_answer(void *ctx, const struct smg_fields *fields, const struct smg_err *err)
{
    struct asking *asking = ctx;
    struct smg_str verdict = fields_text(fields, "verdict");
    size_t i;

    /* An error is never taken for an answer, whatever came before it. */
    for (i = 0; (err == NULL || err->code == SMG_OK) && i < 3; i++)
        if (str_is(verdict, services_results[i]))
            copy_text(verdict, asking->check.result, sizeof asking->check.result);
    copy_text(fields_text(fields, "receipt"), asking->check.receipt, sizeof asking->check.receipt);
    if (!str_is_utf8(str_of(asking->check.receipt)))
        asking->check.receipt[0] = '\0'; /* cut in the middle of a character */
    count(asking);
    go_home(asking);
}

/* What decoding took is not there any more to wait for an answer. */
static void verify(struct asking *asking)
{
    struct smg_fields *subject = asking->subject; /* the question may end inside the call */
    int64_t left_ms = asking->service->deadline_ms - (clock_mono_us() - asking->begun_us) / 1000;

    asking->subject = NULL;
    instance_verify(asking->service->instance, subject, left_ms < 1 ? 1 : left_ms, on_answer,
                    asking);
    fields_free(subject);
}

static void on_picture(void *ctx, const char *type, struct smg_str picture)
{
    struct asking *asking = ctx;
    struct smg_value value = { .type = SMG_BYTES, .str = picture };
    const char *slash = type == NULL ? NULL : strchr(type, '/');

    if (slash != NULL && fields_set(asking->subject, SMG_STR("document.portrait"), &value) &&
        !fields_set_text(asking->subject, "document.portrait.format", str_of(slash + 1)))
        fields_erase(asking->subject, "document.portrait"); /* not under its old format */
    verify(asking);
}

static void ask(void *ctx)
{
    struct asking *asking = ctx;
    const struct smg_value *portrait = fields_get(asking->subject, SMG_STR("document.portrait"));

    asking->begun_us = clock_mono_us();
    asking->service->waiting++;
    if (asking->services->decoder != NULL && portrait != NULL && portrait->type == SMG_BYTES &&
        str_is(fields_text(asking->subject, "document.portrait.format"), "wlt"))
        decoder_run(asking->services->decoder, portrait->str, on_picture, asking);
    else
        verify(asking);
}

/* A card's portrait lies beside the person's own name; the service is shown it as the document's.
 */
static bool add_field(struct smg_fields *subject, struct smg_str name,
                      const struct smg_value *value, unsigned pictures)
{
    char longer[64];

    if (str_is(name, "portrait") || str_is(name, "portrait.format")) {
        if ((pictures & PICTURE_CHIP_PORTRAIT) == 0)
            return true;
        snprintf(longer, sizeof longer, "document.%.*s", (int)name.len, name.at);
        return fields_set(subject, str_of(longer), value);
    }
    return value->type == SMG_BYTES || fields_set(subject, name, value);
}

/* The person's own fields; of pictures, only what the service looks at. */
static struct smg_fields *subject_of(const struct smg_fields *fields, const char *of,
                                     const struct smg_fields *stored, unsigned pictures)
{
    struct smg_fields *subject = fields_new();
    size_t len = strlen(of), i;
    bool good = subject != NULL;

    for (i = 0; good && i < fields_count(fields); i++) {
        struct smg_str name = fields_name(fields, i);

        if (str_starts(name, of) && name.len > len + 1 && name.at[len] == '.')
            good = add_field(subject, str_bytes(name.at + len + 1, name.len - len - 1),
                             fields_value(fields, i), pictures);
    }
    for (i = 0; good && stored != NULL && i < fields_count(stored); i++)
        good = fields_set(subject, fields_name(stored, i), fields_value(stored, i));
    if (good)
        return subject;
    fields_free(subject);
    return NULL;
}

void services_ask(struct services *services, const char *name, const char *of,
                  const struct smg_fields *fields, const struct smg_fields *stored,
                  struct loop *loop, services_done_fn fn, void *ctx)
{
    struct asking *asking = calloc(1, sizeof *asking);
    size_t i = find_service(services, name);

    if (asking == NULL)
        abort(); /* the case would wait for ever: better to fall and be started again */
    *asking = (struct asking){ .services = services, .home = loop, .fn = fn, .ctx = ctx };
    snprintf(asking->check.service, sizeof asking->check.service, "%s", name);
    snprintf(asking->check.of, sizeof asking->check.of, "%s", of);
    snprintf(asking->check.result, sizeof asking->check.result, "unavailable");
    if (i < services->count) { /* else: unavailable, without the way over */
        asking->service = &services->at[i];
        asking->subject = subject_of(fields, of, stored, asking->service->pictures);
    }
    if (asking->subject == NULL) {
        go_home(asking);
        return;
    }
    asking->call = (struct loop_call){ .fn = ask, .ctx = asking };
    loop_post(services->loop, &asking->call);
}
