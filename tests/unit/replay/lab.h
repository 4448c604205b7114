/* SPDX-License-Identifier: Apache-2.0 */
/* A store full of made-up cases under a few rules, which stand here a second time in C. */
#ifndef REPLAY_LAB_H
#define REPLAY_LAB_H

#include "fresh_keys.h"

#include "memory_storage.h"
#include "release/archive.h"
#include "replay/cases.h"
#include "replay/replay.h"

enum { CASES = 700, DEALERS = 3, DAYS = 5, DAY_MS = 86400000 };
#define FIRST_MS INT64_C(1795449600000) /* 2026-11-24 00:00 in China */

/* An instance without the rest of the plugin room. */
struct instance {
    struct memory_storage *memory;
};

const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self)
{
    *self = instance->memory;
    return &memory_ops;
}

/* ---- the rules, in Lua ---- */

#define FACTS                                                                                      \
    "fact 'minor' { values = { true, false }, source = 'form', zh = '未', en = 'minor' }\n"       \
    "fact 'guardian' { values = { true, false }, source = 'form', zh = '监', en = 'guardian' }\n" \
    "fact 'kind' { values = { 'card', 'paper', 'other' }, source = 'form', zh = '类', en = "      \
    "'kind' }\n"                                                                                   \
    "fact 'verified' { values = { 'match', 'mismatch' }, source = 'service', service = 'ps', zh "  \
    "= '核', en = 'verified' }\n"                                                                 \
    "word 'alone' { kind = 'refuse', zh = '独', en = 'alone' }\n"                                 \
    "word 'bad' { kind = 'refuse', zh = '劣', en = 'bad' }\n"                                     \
    "word 'better' { kind = 'need', zh = '优', en = 'better' }\n"                                 \
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n"                               \
    "word 'police' { kind = 'report', zh = '警', en = 'police' }\n"
#define RULE(name, body)                                                                           \
    "rule '" name "' { zh = '条', en = 'rule', check = function(case) " body " end }\n"
#define HEADER(from)                                                                               \
    "regulation { id = 'a/1', region = '54', from = '" from "', title = { "                        \
    "zh = '办法', en = 'measures' }, order = '1' }\n"

static const char documents[] = "document 'card' { zh = '证', en = 'card', number = 'gb11643',\n"
                                "  person = true, organisation = false }\n";
static const char old_rules[] =
    HEADER("2018-01-01") RULE("1", "if case.minor and not case.guardian then refuse 'alone' end")
        RULE("2",
             "if case.kind == 'paper' then refuse 'bad'; report { to = 'police', within = '1h' } "
             "end") RULE("3", "if case.verified == 'mismatch' then refuse 'bad' end")
            RULE("4", "oblige 'retain'");
static inline struct policy_set *make_set(const char *vocabulary, const char *rules)
{
    static const char *const stack[] = { "a/1" };
    const struct policy_text texts[] = { { "documents.lua", str_of(documents) },
                                         { "vocabulary.lua", str_of(vocabulary) },
                                         { "a/1.lua", str_of(rules) } };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_from(texts, 3, stack, 1, &problems);

    if (set == NULL)
        fail_msg("%s", problems.at);
    return set;
}

/* ---- the same by hand ---- */

struct facts {
    bool minor, guardian, mismatch;
    int kind; /* card, paper, other */
};

static inline struct facts facts_of(size_t i)
{
    size_t mixed = i * 2654435761u >> 7;

    return (struct facts){ .minor = mixed % 2 == 0,
                           .guardian = mixed / 2 % 3 == 0,
                           .mismatch = mixed / 6 % 4 == 0,
                           .kind = (int)(mixed / 24 % 3) };
}

static inline void write_facts(const struct facts *facts, struct buf *out)
{
    static const char *const kinds[] = { "card", "paper", "other" };

    buf_printf(out, "minor=%s\nguardian=%s\nkind=%s\nverified=%s\n",
               facts->minor ? "true" : "false", facts->guardian ? "true" : "false",
               kinds[facts->kind], facts->mismatch ? "mismatch" : "match");
}

/* The outline the old rules make of it; is it accepted? */
static inline bool write_outline(const struct facts *facts, struct buf *out)
{
    bool alone = facts->minor && !facts->guardian, paper = facts->kind == 1;
    bool accepted = !alone && !paper && !facts->mismatch;

    buf_printf(out, "verdict %s\n%s%s%soblige retain a/1#4\n", accepted ? "accepted" : "refused",
               alone ? "refuse alone a/1#1\n" : "",
               paper ? "refuse bad a/1#2\nreport police a/1#2 to=police within=3600000\n" : "",
               facts->mismatch ? "refuse bad a/1#3\n" : "");
    return accepted;
}

/* ---- a store of such cases ---- */

struct lab {
    struct fresh_keys keys;
    struct instance storage;
    struct store *store;
    struct policy_set *set;
    struct id ids[CASES];
    /* of the last replay */
    struct id alarmed;
    char what[300];
};

static inline void put_case(struct lab *lab, struct id id, const struct kept_case *kept)
{
    struct record record = {
        .id = id, .kept = *kept, .decision = SMG_STR("\"verdict\":\"x\""), .accepted = true
    };
    struct smg_fields *fields = fields_new();
    struct unit *unit = unit_new();
    struct data_key key;
    struct smg_err err = { 0 };

    assert_int_equal(record_put(lab->keys.sealer, &record, fields, unit, &key, &err), SMG_OK);
    assert_int_equal(store_apply_wait(lab->store, unit, &err), SMG_OK);
    unit_free(unit);
    fields_free(fields);
}

static inline struct kept_case kept_of(const struct lab *lab, size_t i, const struct buf *outline,
                                       const struct buf *facts)
{
    static const char *const dealers[DEALERS] = { "", "D-1", "D-2" };
    int64_t at_ms = FIRST_MS + (int64_t)(i * DAYS / CASES) * DAY_MS + (int64_t)i;

    return (struct kept_case){ .at_ms = at_ms,
                               .on = date_of(at_ms),
                               .begun = date_of(at_ms),
                               .staff = SMG_STR("S-1"),
                               .dealer = str_of(dealers[i % DEALERS]),
                               .region = SMG_STR("540102"),
                               .set = str_of(policy_set_hash(lab->set)),
                               .outline = buf_view(outline),
                               .facts = buf_view(facts) };
}

static inline void fill(struct lab *lab, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        struct facts facts = facts_of(i);
        struct buf outline = { 0 }, text = { 0 };
        struct kept_case kept;

        write_facts(&facts, &text);
        write_outline(&facts, &outline);
        kept = kept_of(lab, i, &outline, &text);
        lab->ids[i] = id_new(kept.at_ms);
        put_case(lab, lab->ids[i], &kept);
        buf_fini(&outline);
        buf_fini(&text);
    }
}

static inline void lab_open(struct lab *lab)
{
    struct smg_err err = { 0 };
    void *self = NULL;

    fresh_keys_make(&lab->keys);
    assert_int_equal(memory_open(NULL, NULL, &self, &err), SMG_OK);
    lab->storage.memory = self;
    lab->store = store_new(&lab->storage, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(lab->store);
    lab->set = make_set(FACTS, old_rules);
    assert_int_equal(archive_keep(lab->store, lab->set, FIRST_MS, &err), SMG_OK);
}

static inline void lab_close(struct lab *lab)
{
    policy_set_free(lab->set);
    store_free(lab->store);
    memory_close(lab->storage.memory);
    fresh_keys_remove(&lab->keys);
}

static inline void on_alarm(void *ctx, struct id id, const char *what)
{
    struct lab *lab = ctx;

    lab->alarmed = id;
    snprintf(lab->what, sizeof lab->what, "%s", what);
}

struct hearing {
    struct replay *replay;
    size_t left; /* cases until the scan is ended */
};

static inline bool hear(void *ctx, struct id id, const struct kept_case *kept,
                        const struct smg_err *err)
{
    struct hearing *hearing = ctx;

    if (kept == NULL)
        replay_unreadable(hearing->replay, id, err);
    else
        replay_case(hearing->replay, id, kept);
    return --hearing->left > 0;
}

/* The caller frees it. */
static inline struct replay *replay_all(struct lab *lab, struct policy_set *draft,
                                        struct smg_date as_of, const struct cases_range *range)
{
    static const struct cases_range all = { { 0, 0, 0 }, { 0, 0, 0 } };
    struct replay_options options = {
        .draft = draft, .as_of = as_of, .alarm = on_alarm, .ctx = lab
    };
    struct hearing hearing = { .left = SIZE_MAX };
    struct smg_err err = { 0 };

    lab->what[0] = '\0';
    hearing.replay = replay_new(lab->store, &options, &err);
    assert_non_null(hearing.replay);
    assert_int_equal(cases_scan(lab->store, lab->keys.sealer, range == NULL ? &all : range, hear,
                                &hearing, &err),
                     SMG_OK);
    assert_true(replay_end(hearing.replay));
    return hearing.replay;
}

static const struct tally_row *row_named(const struct tally *tally, const char *name)
{
    static const struct tally_row none;
    size_t i;

    for (i = 0; i < tally->count; i++)
        if (strcmp(tally->rows[i].name, name) == 0)
            return &tally->rows[i];
    return &none;
}

#endif
