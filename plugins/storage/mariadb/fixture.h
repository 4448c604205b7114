/* SPDX-License-Identifier: Apache-2.0 */
/* For this plugin's own tests: its sources, a server, an instance with options of the test's own.
 */
#ifndef MARIADB_FIXTURE_H
#define MARIADB_FIXTURE_H

#include "mariadb_server.h"

#include "apply.c"
#include "connection.c"
#include "layout.c"
#include "mariadb.c"
#include "plan.c"
#include "servers.c"
#include "session.c"
#include "settings.c"

static struct mariadb_server server;
static struct config config;
static struct smg_host host;
static struct mariadb *mariadb;
static char said[4096]; /* all that was logged */
static int out_of_service, ready;

static inline void keep_log(const struct smg_host *from, enum smg_level level, const char *fmt, ...)
{
    size_t len = strlen(said);
    va_list args;

    (void)from;
    (void)level;
    va_start(args, fmt);
    vsnprintf(said + len, sizeof said - len, fmt, args);
    va_end(args);
}

static inline void count_state(const struct smg_host *from, enum smg_state state, const char *why)
{
    (void)from;
    (void)why;
    out_of_service += state == SMG_OUT_OF_SERVICE;
    ready += state == SMG_READY;
}

static inline int try_open(struct smg_err *err)
{
    void *self = NULL;
    int code = open_instance(&host, &config, &self, err);

    mariadb = self;
    return code;
}

/* A fresh store, and an instance with the options as they are when the file says nothing. */
static inline int set_up(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    mariadb_sql(&server, "DROP DATABASE shiming; CREATE DATABASE shiming");
    config = (struct config){ .hosts = server.socket,
                              .database = "shiming",
                              .account = "shiming",
                              .password_file = server.password,
                              .connect_timeout = 2000,
                              .timeout = 10000 };
    host = (struct smg_host){ .size = sizeof host, .log = keep_log, .state = count_state };
    said[0] = '\0';
    out_of_service = ready = 0;
    if (try_open(&err) < 0 || start(mariadb, &err) < 0 || layout_make(mariadb, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    if (mariadb != NULL)
        close_instance(mariadb);
    mariadb = NULL;
    return 0;
}

/* Take other options. */
static inline void open_again(void)
{
    struct smg_err err = { 0 };

    tear_down(NULL);
    if (try_open(&err) < 0)
        fail_msg("%s", err.text);
}

static inline struct session *begin(void)
{
    struct smg_err err = { 0 };
    void *opened = NULL;

    if (session_open(mariadb, &opened, &err) < 0)
        fail_msg("%s", err.text);
    return opened;
}

static inline int put(struct session *session, const char *key, const char *value,
                      enum smg_when when)
{
    struct smg_row row = { .space = SMG_SPACE_KEY,
                           .act = SMG_PUT,
                           .when = when,
                           .key = { key, strlen(key) },
                           .value = { value, strlen(value) } };
    struct smg_unit unit = { &row, 1 };
    struct smg_err err = { 0 };
    bool refused = false;

    return session_apply(session, &unit, 1, &refused, &err);
}

static inline bool count_seen(void *ctx, struct smg_str key, struct smg_str value)
{
    int *count = ctx;

    (void)key;
    (void)value;
    ++*count;
    return true;
}

static inline bool has(struct session *session, const char *key)
{
    struct smg_str asked = { key, strlen(key) };
    struct smg_err err = { 0 };
    int count = 0;

    assert_int_equal(session_get(session, SMG_SPACE_KEY, &asked, 1, count_seen, &count, &err),
                     SMG_OK);
    return count == 1;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
