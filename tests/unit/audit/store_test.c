/* SPDX-License-Identifier: Apache-2.0 */
/* The log behind the real store: rivals, refused units, and a storage that fails. */
#include "journal.h"

#include <pthread.h>

enum { WRITES = 60 };

/* One gateway: a store of its own over the shared storage, writing a shared stream. */
struct gateway {
    struct journal *journal;
    struct audit *audit;
    struct store *store;
    const char *name;
    unsigned accepted, refused;
};

static void open_gateway(struct gateway *gateway, struct journal *journal, const char *name)
{
    struct store_stage stage;
    struct smg_err err = { 0 };

    *gateway = (struct gateway){ .journal = journal, .name = name };
    gateway->audit = journal_attach(journal, "shared");
    stage = audit_stage(gateway->audit);
    gateway->store =
        store_new(&journal->storage, &stage, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(gateway->store);
}

static void close_gateway(struct gateway *gateway)
{
    store_free(gateway->store);
    audit_free(gateway->audit);
}

/* Every row wants a number that its rival wants too: one of the two gets it. */
static void *write_rows(void *ctx)
{
    struct gateway *gateway = ctx;
    int i;

    for (i = 0; i < WRITES; i++) {
        struct audit_event event = journal_event("registration.accepted", "");
        struct unit *unit = unit_new();
        struct smg_err err = { 0 };
        char key[32];

        snprintf(key, sizeof key, "number %d", i);
        unit_put_new(unit, SMG_SPACE_INDEX, str_of(key), str_of(gateway->name));
        audit_note(unit, &event);
        if (store_apply_wait(gateway->store, unit, &err) == SMG_OK)
            gateway->accepted++;
        else if (err.code == SMG_E_EXISTS)
            gateway->refused++;
        unit_free(unit);
    }
    return NULL;
}

static void test_two_gateways_write_one_stream_at_once(void **state)
{
    struct journal journal;
    struct gateway gateways[2];
    struct journal_findings findings;
    pthread_t threads[2];
    int i;

    (void)state;
    journal_open(&journal);
    open_gateway(&gateways[0], &journal, "gate-1");
    open_gateway(&gateways[1], &journal, "gate-2");
    for (i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_rows, &gateways[i]), 0);
    for (i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(gateways[0].accepted + gateways[1].accepted, WRITES);
    assert_int_equal(gateways[0].refused + gateways[1].refused, WRITES);
    close_gateway(&gateways[0]);
    close_gateway(&gateways[1]);
    findings = journal_verify(&journal, false);
    assert_int_equal(findings.status, SMG_OK);
    assert_true(findings.totals.leaves == WRITES);
    journal_close(&journal);
}

/* Whether a commit whose outcome is unknown took place or not, the log has each event once. */
static void test_a_failed_commit_is_in_the_log_once_or_not_at_all(void **state)
{
    struct journal journal;
    struct gateway gateway;
    struct journal_findings findings;
    unsigned accepted = 0;
    int i;

    (void)state;
    journal_open(&journal);
    open_gateway(&gateway, &journal, "gate-1");
    for (i = 0; i < 12; i++) {
        struct audit_event event = journal_event("registration.accepted", "");
        struct unit *unit = unit_new();
        struct smg_err err = { 0 };
        char key[32];

        snprintf(key, sizeof key, "number %d", i);
        unit_put_new(unit, SMG_SPACE_INDEX, str_of(key), SMG_STR("x"));
        audit_note(unit, &event);
        pthread_mutex_lock(&journal.storage.memory->lock);
        journal.storage.memory->apply_code = i % 3 == 0 ? SMG_OK : SMG_E_UNKNOWN;
        journal.storage.memory->apply_anyway = i % 3 == 1;
        pthread_mutex_unlock(&journal.storage.memory->lock);
        accepted += store_apply_wait(gateway.store, unit, &err) == SMG_OK ? 1 : 0;
        unit_free(unit);
    }
    close_gateway(&gateway);
    findings = journal_verify(&journal, false);
    assert_int_equal(findings.status, SMG_OK);
    assert_true(findings.totals.leaves == accepted);
    assert_int_equal(accepted, 12);
    journal_close(&journal);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_gateways_write_one_stream_at_once),
        cmocka_unit_test(test_a_failed_commit_is_in_the_log_once_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
