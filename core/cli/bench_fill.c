/* SPDX-License-Identifier: Apache-2.0 */
/* A store full of registrations that nobody made: people out of numbers, sealed and written the way
 * the gateway does it, for measuring what comes after. */
#include "cli/bench.h"

#include "loop/clock.h"
#include "registration/answer.h"
#include "registration/record.h"
#include "registration/held.h"
#include "release/archive.h"

#include <pthread.h>
#include <stdlib.h>

enum { UNDER_WAY = 512, DEALERS = 40, ANSWERS = 32, DAY_MS = 86400000 };

/* Writes under way, answered on the store's thread. */
struct slot {
    struct fill *fill;
    struct store_write write;
    bool busy;
};

struct fill {
    const struct bench_stock *stock;
    struct site *site;
    struct sealer *sealer;
    struct policy *policy;
    struct smg_fields *fields;
    struct answer answers[ANSWERS];
    size_t answer_count;
    struct decision decision;
    struct buf facts, outline, json;
    uint32_t random;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t answered;
    struct slot slots[UNDER_WAY];
    int code; /* of the first write that failed */
};

static uint32_t random_below(struct fill *fill, uint32_t limit)
{
    fill->random = fill->random * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(fill->random >> 8) * limit >> 24);
}

static void tell(struct fill *fill, const char *name, const char *text)
{
    fields_set_text(fill->fields, name, str_of(text));
}

static void set_flag(struct fill *fill, const char *name, uint32_t percent)
{
    if (random_below(fill, 100) < percent)
        fields_set_bool(fill->fields, name, true);
}

static void answer(struct fill *fill, const char *fact, const char *value)
{
    if (fill->answer_count < ANSWERS)
        fill->answers[fill->answer_count++] = (struct answer){ .fact = fact, .value = value };
}

/* Somebody with a document and its picture. */
static void put_person(struct fill *fill, const char *who, size_t i, uint32_t whole)
{
    static const char *const names[] = { "customer", "proxy", "guardian" };
    static const char *const facts[] = { "customer.verified", "proxy.verified",
                                         "guardian.verified" };
    struct buf number = { 0 };
    char name[64];
    size_t k;

    bench_number(i, &number);
    snprintf(name, sizeof name, "%s.document.type", who);
    tell(fill, name, "resident_id");
    snprintf(name, sizeof name, "%s.document.number", who);
    if (random_below(fill, 100) < whole)
        fields_set_text(fill->fields, name, buf_view(&number));
    snprintf(name, sizeof name, "%s.document.valid_to", who);
    if (random_below(fill, 100) < whole)
        fields_set_date(fill->fields, name, (struct smg_date){ 2049, 1, 1 });
    snprintf(name, sizeof name, "%s.document.examined", who);
    tell(fill, name, random_below(fill, 100) < whole ? "genuine" : "doubtful");
    snprintf(name, sizeof name, "%s.document.origin", who);
    tell(fill, name, random_below(fill, 100) < whole ? "chip" : "typed");
    snprintf(name, sizeof name, "%s.chip.verified", who);
    tell(fill, name, random_below(fill, 100) < whole ? "yes" : "unknown");
    snprintf(name, sizeof name, "%s.name", who);
    tell(fill, name, "某人");
    snprintf(name, sizeof name, "%s.document.address", who);
    tell(fill, name, "某路一号");
    snprintf(name, sizeof name, "evidence.document_photo.%s", who);
    set_flag(fill, name, whole);
    snprintf(name, sizeof name, "evidence.portrait.%s", who);
    set_flag(fill, name, whole);
    for (k = 0; k < 3; k++)
        if (strcmp(names[k], who) == 0)
            answer(fill, facts[k], random_below(fill, 100) < whole ? "match" : "unavailable");
    buf_fini(&number);
}

/* Whatever else may stand in an application: so that hardly two are alike. */
static void scatter(struct fill *fill)
{
    static const char *const flags[] = {
        "evidence.document_photo.handler",
        "evidence.portrait.handler",
        "evidence.document_photo.guardian",
        "evidence.portrait.guardian",
        "evidence.document_photo.organisation",
        "evidence.authorization.organisation",
        "household_register.shown",
        "guardian.present",
    };
    static const char *const texts[] = { "organisation.name", "organisation.address",
                                         "handler.name",      "guardian.name",
                                         "proxy.name",        "customer.refuses" };
    size_t i;

    for (i = 0; i < sizeof flags / sizeof *flags; i++)
        set_flag(fill, flags[i], 50);
    for (i = 0; i < sizeof texts / sizeof *texts; i++)
        if (random_below(fill, 2) == 0)
            tell(fill, texts[i], "某");
}

/* One case. `whole`: how many in a hundred of its parts are in order. */
static void make_up(struct fill *fill, size_t i, uint32_t whole, char dealer[16])
{
    static const char *const operations[] = { "mobile.open",   "mobile.replace", "mobile.transfer",
                                              "fixed.install", "fixed.relocate", "fixed.transfer" };

    fields_free(fill->fields);
    fill->fields = fields_new();
    fill->answer_count = 0;
    dealer[0] = '\0';
    tell(fill, "operation", operations[random_below(fill, 6)]);
    tell(fill, "number", "+8613900000000");
    tell(fill, "region", random_below(fill, 4) == 0 ? "540221" : "540102");
    tell(fill, "install_address", "某路二号");
    tell(fill, "customer.kind", "person");
    tell(fill, "customer.work_unit", "无");
    put_person(fill, "customer", i, whole);
    if (random_below(fill, 8) == 0) {
        fields_set_bool(fill->fields, "proxy.given", true);
        put_person(fill, "proxy", i + 7, whole);
    }
    if (random_below(fill, 3) == 0) {
        snprintf(dealer, 16, "D-%02u", random_below(fill, DEALERS) + 1);
        tell(fill, "channel.kind", "dealer");
        tell(fill, "channel.dealer", dealer);
        fields_set_bool(fill->fields, "channel.disclosed", true);
        answer(fill, "dealer.contract", random_below(fill, 100) < whole ? "in_force" : "expired");
        answer(fill, "dealer.able", "true");
    }
    if (random_below(fill, 100) >= whole)
        tell(fill, "customer.document.examined", "forged");
    if (fill->stock->unlike)
        scatter(fill);
}

static void on_written(void *ctx, const struct smg_err *err)
{
    struct slot *slot = ctx;
    struct fill *fill = slot->fill;

    pthread_mutex_lock(&fill->lock);
    if (err->code != SMG_OK && fill->code == SMG_OK)
        fill->code = err->code;
    slot->busy = false;
    pthread_cond_signal(&fill->answered);
    pthread_mutex_unlock(&fill->lock);
}

/* A slot whose write was answered. */
static struct slot *free_slot(struct fill *fill, size_t i)
{
    struct slot *slot = &fill->slots[i % UNDER_WAY];

    pthread_mutex_lock(&fill->lock);
    while (slot->busy)
        pthread_cond_wait(&fill->answered, &fill->lock);
    slot->busy = true;
    pthread_mutex_unlock(&fill->lock);
    unit_free(slot->write.unit);
    slot->write = (struct store_write){ .unit = unit_new(), .done = on_written, .ctx = slot };
    return slot;
}

/* What a service or a registry says when nothing was made up about it: all is well. */
static void answer_questions(struct fill *fill)
{
    size_t i;

    for (i = 0; i < fill->decision.question_count; i++) {
        const struct question *question = &fill->decision.questions[i];
        const char *value = "match";

        if (strcmp(question->ask, "dealer.contract") == 0)
            value = "in_force";
        else if (strcmp(question->ask, "dealer.able") == 0)
            value = "true";
        else if (strcmp(question->source, "registry") == 0)
            value = "0";
        answer(fill, question->fact, value);
    }
}

/* Decide the made-up case; false: it would not be recorded. */
static bool decide(struct fill *fill, struct smg_date on)
{
    struct smg_str region = fields_text(fill->fields, "region");
    char code[8];
    int rounds = 0;

    snprintf(code, sizeof code, "%.*s", (int)region.len, region.at);
    fill->decision.question_count = 0;
    do {
        answer_questions(fill);
        policy_decide(fill->policy, fill->fields, code, on, DATE_NONE, fill->answers,
                      fill->answer_count, &fill->decision);
    } while (fill->decision.question_count > 0 && ++rounds < 4);
    if (fill->decision.verdict == VERDICT_INCOMPLETE)
        return false;
    buf_clear(&fill->facts);
    policy_facts(fill->policy, &fill->facts);
    buf_clear(&fill->outline);
    policy_outline(&fill->decision, &fill->outline);
    buf_clear(&fill->json);
    answer_decision(&fill->json, &fill->decision, NULL, 0);
    return true;
}

/* One number each: a made-up holder's from before is forgotten. */
static int hold(struct fill *fill, struct record *record, uint8_t key[HELD_KEY_BYTES],
                struct unit *unit, struct smg_err *err)
{
    int status;

    if (!record->accepted || !held_is_gain(record->kept.facts))
        return SMG_OK;
    status =
        held_key(fill->sealer, fields_text(fill->fields, "customer.document.number"), key, err);
    record->kept.holder = str_bytes(key, HELD_KEY_BYTES);
    unit_put(unit, SMG_SPACE_INDEX, record->kept.holder, id_view(&record->id));
    return status;
}

static int put_one(struct fill *fill, size_t i, int64_t at_ms, const char *dealer,
                   struct smg_err *err)
{
    struct record record = { .id = id_new(at_ms),
                             .kept = { .at_ms = at_ms,
                                       .on = fill->decision.on,
                                       .begun = fill->decision.begun,
                                       .staff = SMG_STR("S-1"),
                                       .dealer = str_of(dealer),
                                       .region = fields_text(fill->fields, "region"),
                                       .set = str_of(fill->decision.set),
                                       .outline = buf_view(&fill->outline),
                                       .facts = buf_view(&fill->facts) },
                             .decision = buf_view(&fill->json),
                             .accepted = fill->decision.verdict == VERDICT_ACCEPTED };
    struct slot *slot = free_slot(fill, i);
    uint8_t holder[HELD_KEY_BYTES];
    struct data_key key = { { 0 } };
    int status = hold(fill, &record, holder, slot->write.unit, err);

    if (status == SMG_OK)
        status = record_put(fill->sealer, &record, fill->fields, slot->write.unit, &key, err);
    data_key_wipe(&key);
    if (status == SMG_OK)
        store_apply(fill->site->store, &slot->write);
    else
        slot->busy = false;
    return status;
}

static int fill_all(struct fill *fill, struct smg_err *err)
{
    const struct bench_stock *stock = fill->stock;
    int64_t last_ms = clock_now_ms(), span_ms = (int64_t)stock->days * DAY_MS;
    size_t done = 0, tried;
    int status = SMG_OK;

    for (tried = 0; status == SMG_OK && done < stock->count; tried++) {
        int64_t at_ms =
            last_ms - span_ms + (int64_t)((double)span_ms * (double)done / (double)stock->count);
        char dealer[16];

        if (tried > 100 * stock->count + 1000)
            return smg_fail(err, SMG_E_BUG, "bench: its own cases are never recorded");
        make_up(fill, tried, stock->unlike ? 50 : 99, dealer);
        if (!decide(fill, date_of(at_ms)))
            continue;
        status = put_one(fill, done++, at_ms, dealer, err);
        if (done % 1024 == 0)
            policy_tidy(fill->policy);
    }
    return status;
}

int bench_fill(struct site *site, struct policy_set *set, const struct bench_stock *stock,
               struct smg_err *err)
{
    struct fill *fill = calloc(1, sizeof *fill);
    int status;
    size_t i;

    if (fill == NULL)
        return smg_fail(err, SMG_E_MEMORY, "bench: out of memory");
    fill->stock = stock;
    fill->site = site;
    fill->random = 1;
    pthread_mutex_init(&fill->lock, NULL);
    pthread_cond_init(&fill->answered, NULL);
    for (i = 0; i < UNDER_WAY; i++)
        fill->slots[i].fill = fill;
    fill->sealer = sealer_new(site->keyring, err);
    fill->policy = fill->sealer == NULL ? NULL : policy_new(set, err);
    status = fill->policy == NULL ? err->code : archive_keep(site->store, set, clock_now_ms(), err);
    if (status == SMG_OK)
        status = fill_all(fill, err);
    for (i = 0; i < UNDER_WAY; i++)
        unit_free(free_slot(fill, i)->write.unit);
    if (status == SMG_OK && fill->code != SMG_OK)
        status = smg_fail(err, (enum smg_code)fill->code, "bench: a case could not be written");
    policy_free(fill->policy);
    sealer_free(fill->sealer);
    fields_free(fill->fields);
    buf_fini(&fill->facts);
    buf_fini(&fill->outline);
    buf_fini(&fill->json);
    pthread_cond_destroy(&fill->answered);
    pthread_mutex_destroy(&fill->lock);
    free(fill);
    return status;
}
