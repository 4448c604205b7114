/* SPDX-License-Identifier: Apache-2.0 */
/* A session on each storage plugin in turn, and the words its tests are written in. */
#ifndef STORE_CONFORMANCE_H
#define STORE_CONFORMANCE_H

#include "lab.h"

#define SPACE SMG_SPACE_INDEX

static struct mariadb_server server;
static struct mariadb_server elsewhere; /* of a cluster: the same, its last node first */
static const char *storage;             /* the plugin asked */
static struct lab lab;
static struct lab far_lab; /* the same store, seen from elsewhere */
static void *session;

/* Making the table takes a cluster its time: there it is made once and emptied. */
static inline void set_up_cluster(void)
{
    lab_folder(&lab, storage);
    lab_start(&lab);
    mariadb_sql(&server, "DELETE FROM shiming.entry");
    far_lab.server = &elsewhere;
    lab_folder(&far_lab, storage);
    lab_start(&far_lab);
}

static inline int set_up(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    lab.server = server.hosts[0] == '\0' ? NULL : &server;
    if (elsewhere.hosts[0] == '\0') {
        lab_new(&lab, storage);
        lab_start(&lab);
    } else {
        set_up_cluster();
    }
    assert_int_equal(lab.instance.ops->session_open(lab.instance.self, &session, &err), SMG_OK);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    lab.instance.ops->session_close(session);
    lab_stop(&lab);
    lab_free(&lab);
    if (elsewhere.hosts[0] == '\0')
        return 0;
    lab_stop(&far_lab);
    lab_free(&far_lab);
    return 0;
}

/* One more session; on a cluster it is on another node than the first. */
static inline void *open_another(struct smg_err *err)
{
    const struct lab *from = elsewhere.hosts[0] == '\0' ? &lab : &far_lab;
    void *opened = NULL;

    return from->instance.ops->session_open(from->instance.self, &opened, err) < 0 ? NULL : opened;
}

static inline struct smg_row row(enum smg_act act, enum smg_when when, const char *key,
                                 const char *value, const char *was)
{
    return (struct smg_row){ .space = SPACE,
                             .act = act,
                             .when = when,
                             .key = str_of(key),
                             .value = str_of(value),
                             .was = str_of(was) };
}

static inline int apply_units(const struct smg_unit *units, size_t count, bool *refused)
{
    struct smg_err err = { 0 };

    memset(refused, 0, count);
    return lab.instance.ops->apply(session, units, count, refused, &err);
}

static inline int apply_row(struct smg_row one)
{
    struct smg_unit unit = { &one, 1 };
    bool refused;
    int code = apply_units(&unit, 1, &refused);

    assert_int_equal(refused, code == SMG_E_EXISTS);
    return code;
}

static inline void put(const char *key, const char *value)
{
    assert_int_equal(apply_row(row(SMG_PUT, SMG_ALWAYS, key, value, NULL)), SMG_OK);
}

/* Rows seen, as "key=value ". */
static inline bool note(void *ctx, struct smg_str key, struct smg_str value)
{
    struct buf *out = ctx;

    buf_str(out, key);
    buf_byte(out, '=');
    buf_str(out, value);
    buf_byte(out, ' ');
    return true;
}

static inline bool count_row(void *ctx, struct smg_str key, struct smg_str value)
{
    int *count = ctx;

    (void)key;
    (void)value;
    ++*count;
    return true;
}

static inline void expect_get(enum smg_space space, struct smg_str key, const struct smg_str *value)
{
    struct buf seen = { 0 }, wanted = { 0 };
    struct smg_err err = { 0 };

    assert_int_equal(lab.instance.ops->get(session, space, &key, 1, note, &seen, &err), SMG_OK);
    if (value != NULL)
        note(&wanted, key, *value);
    assert_true(str_eq(buf_view(&seen), buf_view(&wanted)));
    buf_fini(&seen);
    buf_fini(&wanted);
}

static inline void expect_row(const char *key, const char *value)
{
    struct smg_str want = str_of(value);

    expect_get(SPACE, str_of(key), value == NULL ? NULL : &want);
}

static inline void expect_scan(const char *from, const char *to, bool backward, uint32_t limit,
                               const char *wanted)
{
    struct smg_scan scan = { SPACE, str_of(from), str_of(to), backward, limit };
    struct smg_err err = { 0 };
    struct buf seen = { 0 };

    assert_int_equal(lab.instance.ops->scan(session, &scan, note, &seen, &err), SMG_OK);
    assert_string_equal(seen.at == NULL ? "" : seen.at, wanted);
    buf_fini(&seen);
}

static inline int use_sqlite(void **state)
{
    (void)state;
    storage = "sqlite";
    return 0;
}

static inline int use_mariadb(void **state)
{
    (void)state;
    storage = "mariadb";
    mariadb_start(&server, NULL);
    return 0;
}

static inline int end_server(void **state)
{
    (void)state;
    mariadb_end(&server);
    return 0;
}

/* A cluster that runs already; its folder is in the environment. */
static inline int use_cluster(void **state)
{
    const char *folder = getenv("SHIMING_GALERA");

    (void)state;
    storage = "mariadb";
    snprintf(server.socket, sizeof server.socket, "%s/n1/s.sock", folder);
    snprintf(server.password, sizeof server.password, "%s/password", folder);
    elsewhere = server;
    snprintf(server.hosts, sizeof server.hosts, "%s/n1/s.sock, %s/n2/s.sock", folder, folder);
    snprintf(elsewhere.hosts, sizeof elsewhere.hosts, "%s/n3/s.sock, %s/n2/s.sock", folder, folder);
    mariadb_sql(&server, "DROP DATABASE shiming; CREATE DATABASE shiming");
    return 0;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* Run the tests on every storage, or only on the cluster the environment names; main returns what
 * it does. */
#define RUN_ON_EVERY_STORAGE(tests)                                                                \
    (getenv("SHIMING_GALERA") != NULL                                                              \
         ? cmocka_run_group_tests_name("cluster", tests, use_cluster, NULL)                        \
         : cmocka_run_group_tests_name("sqlite", tests, use_sqlite, NULL) +                        \
               cmocka_run_group_tests_name("mariadb", tests, use_mariadb, end_server))

#endif
