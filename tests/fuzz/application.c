/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an application, with the policies of this repository: read, or refused in words. */
#include <stdlib.h>

#include "registration/application.h"
#include "registration/application_write.h"
#include "registration/json.h"
#include "registration/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

static struct application_context context = { .staff = "S-9",
                                              .region = "540102",
                                              .now_ms = INT64_C(1795500000000),
                                              .token_ttl_ms = 600000,
                                              .on = { 2026, 11, 24 } };

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Seen from this file, wherever the fuzzer is started. */
static const char *policies_folder(void)
{
    static char path[4096];
    int up;

    snprintf(path, sizeof path, "%s", __FILE__);
    for (up = 0; up < 3; up++) {
        char *slash = strrchr(path, '/');

        check(slash != NULL);
        *slash = '\0';
    }
    check(strlen(path) + sizeof "/policies" <= sizeof path);
    strcat(path, "/policies");
    return path;
}

static struct policy_set *policies;
static struct keyring *keyring;

static void finish(void)
{
    sealer_free(context.sealer);
    keyring_free(keyring);
    policy_set_free(policies);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    static const char *const stack[] = { "cn-54/2018" };
    char folder[] = "/tmp/shiming-fuzz-XXXXXX", ring[64], command[64];
    struct buf problems = { 0 };
    struct smg_err err;

    (void)count;
    (void)arguments;
    context.policies = policies = policy_set_load(policies_folder(), stack, 1, &problems);
    check(policies != NULL && mkdtemp(folder) != NULL);
    snprintf(ring, sizeof ring, "%s/ring", folder);
    check(keyring_init(ring, "aes-256-gcm", &err) == SMG_OK);
    keyring = keyring_open(ring, NULL, &err);
    check(keyring != NULL);
    context.sealer = sealer_new(keyring, &err);
    check(context.sealer != NULL && atexit(finish) == 0);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    check(system(command) == 0);
    buf_fini(&problems);
    return 0;
}

/* What was read can be kept and shown. */
static void check_record(const struct smg_fields *fields)
{
    struct buf shown = { 0 }, kept = { 0 };
    struct smg_fields *again;
    struct smg_err err;
    const char *why;
    size_t at;

    buf_byte(&shown, '{');
    record_show(fields, false, &shown);
    buf_byte(&shown, '}');
    check(json_check(buf_view(&shown), &at, &why));
    fields_write(fields, &kept);
    again = fields_read(buf_view(&kept), &err);
    check(again != NULL && fields_count(again) == fields_count(fields));
    fields_free(again);
    buf_fini(&shown);
    buf_fini(&kept);
}

static bool same_value(const struct smg_value *a, const struct smg_value *b)
{
    return a != NULL && a->type == b->type &&
           (a->type == SMG_BOOL   ? a->boolean == b->boolean
            : a->type == SMG_INT  ? a->integer == b->integer
            : a->type == SMG_DATE ? date_compare(a->date, b->date) == 0
                                  : str_eq(a->str, b->str));
}

/* What was read can be written, and is read as the same. */
static void check_written(const struct smg_fields *fields)
{
    struct application_context believing = context;
    struct application again;
    struct problems problems = { 0 };
    struct buf json = { 0 };
    struct smg_err err;
    size_t i;

    believing.believes_cards = true;
    check(application_write(fields, &json, &err) == SMG_OK);
    check(application_read(buf_view(&json), &believing, &again, &problems));
    for (i = 0; i < again.evidence_count; i++)
        check(evidence_field(again.fields, &again.evidence[i]));
    check(fields_count(again.fields) == fields_count(fields));
    for (i = 0; i < fields_count(fields); i++)
        check(
            same_value(fields_get(again.fields, fields_name(fields, i)), fields_value(fields, i)));
    application_fini(&again);
    problems_fini(&problems);
    buf_fini(&json);
}

static void read_any(struct smg_str body)
{
    struct application application;
    struct problems problems = { 0 };
    bool good = application_read(body, &context, &application, &problems);
    size_t i, at;

    check(good == (problems.count == 0) && application.evidence_count <= EVIDENCE_MAX);
    if (good) {
        check(fields_text(application.fields, "operation").len > 0);
        for (i = 0; i < application.evidence_count; i++)
            check(evidence_field(application.fields, &application.evidence[i]));
        check_record(application.fields);
        check_written(application.fields);
    } else {
        struct buf answer = { 0 };
        const char *why;

        problem_write(&answer, 400, "有误", "wrong", &problems);
        check(json_check(buf_view(&answer), &at, &why));
        buf_fini(&answer);
    }
    application_fini(&application);
    problems_fini(&problems);
}

/* As a gateway reads it, and as `decide` does. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    context.believes_cards = false;
    read_any(str_bytes(data, size));
    context.believes_cards = true;
    read_any(str_bytes(data, size));
    return 0;
}
