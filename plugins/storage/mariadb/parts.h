/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this plugin share: the servers it may use, and a session's place on one. */
#ifndef MARIADB_PARTS_H
#define MARIADB_PARTS_H

#include <shiming/plugin.h>

#include <mysql.h>
#include <pthread.h>

enum {
    SERVERS_MAX = 8,
    DOUBTS_MAX = 16,
    KEY_BYTES = 255,
    LAYOUT = 1,      /* of the tables, see layout.c */
    PAGE_ROWS = 128, /* rows a scan asks for at once */
    MANY_ROWS = 16,  /* of the statements that have it in their name */
    SQL_BYTES = 1024
};

struct config {
    const char *hosts, *database, *account, *password_file;
    const char *ca, *certificate, *key;
    int64_t connect_timeout, timeout;
};

/* One of the servers named in `hosts`. */
struct server {
    char name[256];                  /* a host, or the path of a socket */
    unsigned port;                   /* 0: name is a socket */
    int64_t rest_until_ms, pause_ms; /* after a failure it is left alone for a while */
};

/* Which connection of which run of which server. One that was lost while it wrote is remembered by
 * this: its server may still be at it, or hold its rows. */
struct doubt {
    uint64_t connection;
    uint64_t server;      /* a digest of where it keeps its data */
    int64_t server_start; /* seconds; another run has another start */
    bool in_cluster;      /* it is a Galera node */
};

struct mariadb {
    const struct smg_host *host;
    const struct config *config;
    struct server servers[SERVERS_MAX];
    size_t server_count;

    pthread_mutex_t lock; /* guards what follows, and the rest of each server */
    size_t current;       /* the server new sessions try first */
    struct doubt doubts[DOUBTS_MAX];
    size_t doubt_count;
    bool away; /* said so in the log already */
};

enum statement {
    STATEMENT_GET,
    STATEMENT_GET_2, /* twice as many keys each */
    STATEMENT_GET_4,
    STATEMENT_GET_8,
    STATEMENT_GET_16,
    STATEMENT_GET_32,
    STATEMENT_GET_64,
    STATEMENT_SCAN,
    STATEMENT_SCAN_BACK,
    STATEMENT_INSERT_MANY,
    STATEMENT_UPSERT_MANY,
    STATEMENT_INSERT,
    STATEMENT_UPDATE_IF,
    STATEMENT_ERASE_IF,
    STATEMENT_UPSERT,
    STATEMENT_ERASE,
    STATEMENT_KINDS
};

struct session {
    struct mariadb *mariadb;
    MYSQL *db;
    struct doubt self; /* what to remember of this connection when it ends in doubt */
    bool in_doubt;
    bool in_conflict; /* the last transaction was rolled back for another one */
    bool in_snapshot;
    bool by_hand; /* it writes: each transaction is begun by its first statement */
    MYSQL_STMT *statements[STATEMENT_KINDS];
    char key[KEY_BYTES + 1]; /* the row being fetched */
    unsigned long key_len, value_len;
    char *value;
    size_t value_room;
    struct plan *plan; /* memory of the last batch, see plan.h */
};

/* servers.c: the list of servers as written in the configuration. */
int servers_parse(struct mariadb *mariadb, struct smg_err *err);

/* connection.c */
/* Connect to the first server that is fit to write on; err says what was wrong with each. */
int connection_open(struct mariadb *mariadb, MYSQL **out, struct doubt *self, struct smg_err *err);
/* What a failed call says: a code for the host, and words without any key or value. */
int connection_fail(unsigned status, const char *doing, struct smg_err *err);
/* Run one statement that has no result. */
int connection_run(MYSQL *db, const char *sql, const char *doing, struct smg_err *err);
/* The first row of a result as texts; a NULL is "". false in *found: there was none. */
enum { CELL_BYTES = 128 };
int connection_row(MYSQL *db, const char *sql, char (*cells)[CELL_BYTES], unsigned count,
                   bool *found, struct smg_err *err);
/* End the connections that were lost, and wait until this server is done with them. */
int connection_settle(struct mariadb *mariadb, MYSQL *db, const struct doubt *self,
                      struct smg_err *err);
void connection_remember(struct mariadb *mariadb, const struct doubt *doubt);

/* layout.c: the tables. */
bool layout_has(int space);
int layout_found(MYSQL *db, uint32_t *version, struct smg_err *err);
int layout_expect(MYSQL *db, const char *database, struct smg_err *err);
int layout_check_table(MYSQL *db, struct smg_err *err);
int layout_version(void *self, uint32_t *found, uint32_t *wanted, struct smg_err *err);
int layout_make(void *self, struct smg_err *err);

/* session.c */
int session_open(void *self, void **session, struct smg_err *err);
void session_close(void *session);
/* Prepared once a session; NULL: err says why. */
MYSQL_STMT *session_statement(struct session *session, enum statement kind, struct smg_err *err);
/* A parameter that is a space, or an array of them. */
MYSQL_BIND session_bind_space(uint8_t *spaces);
int session_get(void *session, enum smg_space space, const struct smg_str *keys, size_t count,
                smg_row_fn fn, void *ctx, struct smg_err *err);
int session_scan(void *session, const struct smg_scan *scan, smg_row_fn fn, void *ctx,
                 struct smg_err *err);
/* Reads between these two see one moment. */
int session_snapshot(struct session *session, struct smg_err *err);
void session_end_snapshot(struct session *session);

/* settings.c: does the server keep what it acknowledges, and may we use it? */
int session_check(void *session, struct smg_err *err);

/* apply.c */
int session_apply(void *session, const struct smg_unit *units, size_t count, bool *refused,
                  struct smg_err *err);

#endif
