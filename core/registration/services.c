/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to verification services, over and back between loops. */
#include "registration/services.h"

#include <stdlib.h>

enum { SERVICES_MAX = 16, DEADLINE_MS = 3000 };

struct services {
    struct loop *loop;
    struct {
        struct instance *instance;
        int64_t deadline_ms;
    } at[SERVICES_MAX];
    size_t count;
};

struct asking {
    struct services *services;
    struct smg_fields *subject;
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
    if (services->count == SERVICES_MAX)
        return false;
    services->at[services->count].instance = instance;
    services->at[services->count].deadline_ms = deadline_ms > 0 ? deadline_ms : DEADLINE_MS;
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

bool services_knows(const struct services *services, const char *name)
{
    return find_service(services, name) < services->count;
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
    static const char *const known[] = { "match", "mismatch", "unknown" };
    struct asking *asking = ctx;
    struct smg_str verdict = fields_text(fields, "verdict");
    size_t i;

    /* An error is never taken for an answer, whatever came before it. */
    for (i = 0; (err == NULL || err->code == SMG_OK) && i < 3; i++)
        if (str_is(verdict, known[i]))
            copy_text(verdict, asking->check.result, sizeof asking->check.result);
    copy_text(fields_text(fields, "receipt"), asking->check.receipt, sizeof asking->check.receipt);
    if (!str_is_utf8(str_of(asking->check.receipt)))
        asking->check.receipt[0] = '\0'; /* cut in the middle of a character */
    go_home(asking);
}

static void ask(void *ctx)
{
    struct asking *asking = ctx;
    size_t i = find_service(asking->services, asking->check.service);

    instance_verify(asking->services->at[i].instance, asking->subject,
                    asking->services->at[i].deadline_ms, on_answer, asking);
}

/* The person's own fields, without the pictures: a service that needs one is given it by another
 * path. */
static struct smg_fields *subject_of(const struct smg_fields *fields, const char *of)
{
    struct smg_fields *subject = fields_new();
    size_t len = strlen(of), i;

    for (i = 0; subject != NULL && i < fields_count(fields); i++) {
        struct smg_str name = fields_name(fields, i);
        const struct smg_value *value = fields_value(fields, i);

        if (!str_starts(name, of) || name.len <= len + 1 || name.at[len] != '.' ||
            value->type == SMG_BYTES)
            continue;
        if (!fields_set(subject, str_bytes(name.at + len + 1, name.len - len - 1), value)) {
            fields_free(subject);
            return NULL;
        }
    }
    return subject;
}

void services_ask(struct services *services, const char *name, const char *of,
                  const struct smg_fields *fields, struct loop *loop, services_done_fn fn,
                  void *ctx)
{
    struct asking *asking = calloc(1, sizeof *asking);

    if (asking == NULL)
        abort(); /* the case would wait for ever: better to fall and be started again */
    *asking = (struct asking){ .services = services, .home = loop, .fn = fn, .ctx = ctx };
    snprintf(asking->check.service, sizeof asking->check.service, "%s", name);
    snprintf(asking->check.of, sizeof asking->check.of, "%s", of);
    snprintf(asking->check.result, sizeof asking->check.result, "unavailable");
    if (services_knows(services, name)) /* else: unavailable, without the way over */
        asking->subject = subject_of(fields, of);
    if (asking->subject == NULL) {
        go_home(asking);
        return;
    }
    asking->call = (struct loop_call){ .fn = ask, .ctx = asking };
    loop_post(services->loop, &asking->call);
}
