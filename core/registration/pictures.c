/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of a case. */
#include "registration/pictures.h"

static bool same_id(const struct evidence_link *one, const struct evidence_link *other)
{
    return memcmp(&one->id, &other->id, sizeof one->id) == 0;
}

/* The link before the i-th that has the same picture, by id or by its bytes; the i-th itself when
 * there is none. digests: of the links up to i. */
static size_t first_of(const struct application *application, uint8_t digests[][32], size_t i)
{
    size_t j;

    for (j = 0; j < i; j++)
        if (same_id(&application->evidence[j], &application->evidence[i]) ||
            memcmp(digests[j], digests[i], sizeof digests[i]) == 0)
            return application->evidence[j].first;
    return i;
}

/* "evidence.portrait.customer" for the rules; for whoever reads the record, "pictures.1.id" and
 * what it shows of whom. */
static bool set_fields(struct smg_fields *fields, const struct evidence_link *link, size_t i,
                       struct id id)
{
    struct buf text = { 0 };
    char name[32];
    bool kept;

    id_write(id, &text);
    snprintf(name, sizeof name, "pictures.%zu.id", i + 1);
    kept = !text.failed && fields_set_text(fields, name, buf_view(&text));
    buf_fini(&text);
    snprintf(name, sizeof name, "pictures.%zu.kind", i + 1);
    kept = kept && fields_set_text(fields, name, str_of(link->kind));
    snprintf(name, sizeof name, "pictures.%zu.of", i + 1);
    return kept && fields_set_text(fields, name, str_of(link->of)) && evidence_field(fields, link);
}

/* Is the picture there, and free? */
static bool is_free(struct sealer *sealer, const struct evidence_link *link, struct smg_str row,
                    uint8_t digest[32], struct problems *problems)
{
    struct smg_err err;

    switch (evidence_state(row)) {
    case EVIDENCE_ABSENT:
        problem_add(problems, link->pointer, "no_such_evidence", "没有这张照片，请先上传",
                    "there is no such picture; upload it first");
        return false;
    case EVIDENCE_TAKEN:
        problem_add(problems, link->pointer, "evidence_taken", "这张照片已属于另一登记",
                    "this picture belongs to another registration already");
        return false;
    case EVIDENCE_LOOSE:
        break;
    }
    if (evidence_digest(sealer, link->id, row, digest, &err) == SMG_OK)
        return true;
    problem_add(problems, link->pointer, "evidence_damaged", "这张照片已损坏，请重新上传",
                "this picture is damaged; upload it again");
    return false;
}

void pictures_check(struct sealer *sealer, struct application *application,
                    const struct store_read *keys, int64_t *begun_ms, struct problems *problems)
{
    uint8_t digests[EVIDENCE_MAX][32] = { { 0 } };
    size_t i;

    for (i = 0; i < application->evidence_count; i++) {
        struct evidence_link *link = &application->evidence[i];
        struct smg_str row = store_read_value(keys, id_view(&link->id));

        link->first = i;
        if (!is_free(sealer, link, row, digests[i], problems))
            continue;
        link->first = first_of(application, digests, i);
        if (id_time(link->id) < *begun_ms)
            *begun_ms = id_time(link->id);
        if (!set_fields(application->fields, link, i, application->evidence[link->first].id))
            problem_add(problems, link->pointer, "too_large", "内存不足", "out of memory");
    }
}

int pictures_take(struct sealer *sealer, const struct application *application,
                  const struct store_read *keys, struct id registration, const struct data_key *key,
                  struct unit *unit, struct smg_err *err)
{
    int status = SMG_OK;
    size_t i, j;

    for (i = 0; status == SMG_OK && i < application->evidence_count; i++) {
        const struct evidence_link *link = &application->evidence[i];
        struct smg_str row = store_read_value(keys, id_view(&link->id));

        for (j = 0; j < i && !same_id(&application->evidence[j], link); j++)
            ;
        if (j < i)
            continue; /* named twice */
        if (link->first == i)
            status = evidence_take(sealer, link->id, row, registration, key, unit, err);
        else
            evidence_drop(link->id, row, unit);
    }
    return status;
}
