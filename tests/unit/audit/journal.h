/* SPDX-License-Identifier: Apache-2.0 */
/* A log over a storage in memory, written as the store writes it, for the tests of this room. */
#ifndef AUDIT_JOURNAL_H
#define AUDIT_JOURNAL_H

#include "audit/audit.h"

#include <setjmp.h>
#include <cmocka.h>
#include <unistd.h>

#include "audit/rows.h"
#include "base/id.h"
#include "loop/clock.h"
#include "memory_storage.h"
#include "store/unit.h"

/* An instance without the rest of the plugin room. */
struct instance {
    struct memory_storage *memory;
};

const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self)
{
    *self = instance->memory;
    return &memory_ops;
}

struct journal {
    char folder[64];
    struct keyring *keyring;
    struct instance storage;
};

enum { JOURNAL_FIRST_MS = 1767225600 }; /* in seconds; 2026-01-01 */
#define JOURNAL_TIME ((int64_t)JOURNAL_FIRST_MS * 1000)

static inline void journal_open(struct journal *journal)
{
    struct smg_err err = { 0 };
    char ring[80];
    void *self = NULL;

    clock_set_ms(JOURNAL_TIME);
    strcpy(journal->folder, "/tmp/shiming-audit-XXXXXX");
    assert_non_null(mkdtemp(journal->folder));
    snprintf(ring, sizeof ring, "%s/ring", journal->folder);
    assert_int_equal(keyring_init(ring, "aes-256-gcm", &err), SMG_OK);
    journal->keyring = keyring_open(ring, NULL, &err);
    assert_non_null(journal->keyring);
    assert_int_equal(memory_open(NULL, NULL, &self, &err), SMG_OK);
    journal->storage.memory = self;
}

static inline void journal_close(struct journal *journal)
{
    char command[96];

    clock_set_ms(-1);
    assert_int_equal(journal->storage.memory->sessions, 0);
    memory_close(journal->storage.memory);
    keyring_free(journal->keyring);
    snprintf(command, sizeof command, "rm -rf %s", journal->folder);
    assert_int_equal(system(command), 0);
}

static inline struct audit *journal_attach(struct journal *journal, const char *stream)
{
    struct smg_err err = { 0 };
    struct audit *audit = audit_new(journal->keyring, stream, &err);

    assert_non_null(audit);
    assert_int_equal(audit_attach(audit, &journal->storage, &err), SMG_OK);
    return audit;
}

/* Write a batch as the store does: the stage's rows are dropped before it is asked again, and a
 * conflict of the stage's unit alone refuses nobody. Returns what the last apply said. */
static inline int journal_commit(struct journal *journal, struct audit *audit,
                                 struct unit *const *units, size_t count, struct smg_err *err)
{
    struct store_stage stage = audit_stage(audit);
    unsigned contests;
    int status = SMG_E_BUG;

    for (contests = 0; contests < 4; contests++) {
        struct unit *last = unit_new();
        struct smg_unit views[8];
        bool refused[8];
        size_t i;

        assert_true(last != NULL && count < sizeof views / sizeof *views);
        status = stage.stage(stage.ctx, units, count, last, err);
        for (i = 0; i < count; i++)
            views[i] = unit_view(units[i]);
        views[count] = unit_view(last);
        if (status == SMG_OK)
            status = memory_apply(journal->storage.memory, views, count + 1, refused, err);
        unit_free(last);
        if (status == SMG_OK)
            stage.settle(stage.ctx);
        else
            stage.unstage(stage.ctx);
        if (status != SMG_E_EXISTS || !refused[count])
            break;
    }
    return status;
}

static inline struct audit_event journal_event(const char *action, const char *object)
{
    return (struct audit_event){ .at_ms = clock_now_ms(),
                                 .actor = SMG_STR("S-9"),
                                 .action = str_of(action),
                                 .object = str_of(object),
                                 .purpose = SMG_STR("") };
}

/* One unit with one event, committed. */
static inline void journal_note(struct journal *journal, struct audit *audit, const char *action)
{
    struct audit_event event = journal_event(action, "");
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };

    audit_note(unit, &event);
    assert_int_equal(journal_commit(journal, audit, &unit, 1, &err), SMG_OK);
    unit_free(unit);
}

/* What verification said. */
struct journal_findings {
    size_t count;
    char stream[64][64];
    uint64_t sequence[64];
    char what[64][256];
    struct audit_totals totals;
    int status;
};

static inline void journal_tell(void *ctx, const char *stream, uint64_t sequence, const char *what)
{
    struct journal_findings *findings = ctx;
    size_t i = findings->count++;

    if (i >= 64)
        return;
    snprintf(findings->stream[i], sizeof findings->stream[i], "%s", stream);
    findings->sequence[i] = sequence;
    snprintf(findings->what[i], sizeof findings->what[i], "%s", what);
}

static inline struct journal_findings journal_verify(struct journal *journal, bool records)
{
    struct journal_findings findings = { 0 };
    struct smg_err err = { 0 };

    findings.status = audit_verify(&journal->storage, journal->keyring, records, journal_tell,
                                   &findings, &findings.totals, &err);
    return findings;
}

static inline bool journal_names(const struct journal_findings *findings, const char *stream,
                                 uint64_t sequence)
{
    size_t i;

    for (i = 0; i < findings->count && i < 64; i++)
        if (strcmp(findings->stream[i], stream) == 0 && findings->sequence[i] == sequence)
            return true;
    return false;
}

static inline void journal_assert_whole(struct journal *journal)
{
    struct journal_findings findings = journal_verify(journal, true);

    if (findings.count > 0)
        print_error("%s %llu: %s\n", findings.stream[0], (unsigned long long)findings.sequence[0],
                    findings.what[0]);
    assert_int_equal(findings.status, SMG_OK);
}

#endif
