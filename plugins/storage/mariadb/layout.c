/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: one for the rows of all spaces, so that a batch is few statements, and one row that
 * says which version of this layout it has. */
#include "parts.h"

#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

bool layout_has(int space)
{
    switch (space) {
#define SPACE_CASE(name, number, text) case SMG_SPACE_##name:
        SMG_SPACES(SPACE_CASE)
#undef SPACE_CASE
        return true;
    default:
        return false;
    }
}

int layout_found(MYSQL *db, uint32_t *version, struct smg_err *err)
{
    char cells[1][CELL_BYTES];
    struct smg_err why = { 0 };
    bool found = false;
    int code = connection_row(db, "SELECT version FROM layout WHERE one=1", cells, 1, &found, &why);

    *version = code == SMG_OK && found ? (uint32_t)strtoul(cells[0], NULL, 10) : 0;
    if (code < 0 && mysql_errno(db) != ER_NO_SUCH_TABLE)
        return smg_fail(err, (enum smg_code)why.code, "%s", why.text);
    return SMG_OK;
}

int layout_expect(MYSQL *db, const char *database, struct smg_err *err)
{
    uint32_t version = 0;
    int code = layout_found(db, &version, err);

    if (code < 0 || version == LAYOUT)
        return code;
    if (version == 0)
        return smg_fail(err, SMG_E_NOT_FOUND,
                        "there is no store in database %s; to make one: shiming store init -c FILE",
                        database);
    if (version < LAYOUT)
        return smg_fail(err, SMG_E_UNSUPPORTED,
                        "the store in database %s has layout %u, this version of Shiming keeps %d; "
                        "to bring it up: shiming store upgrade -c FILE",
                        database, version, LAYOUT);
    return smg_fail(err, SMG_E_UNSUPPORTED,
                    "the store in database %s has layout %u, this version of Shiming knows layouts "
                    "up to %d; run the version that made it, or a newer one",
                    database, version, LAYOUT);
}

static int make_table(MYSQL *db, struct smg_err *err)
{
    char sql[SQL_BYTES];

    snprintf(
        sql, sizeof sql,
        "CREATE TABLE IF NOT EXISTS entry(space TINYINT UNSIGNED NOT NULL, k VARBINARY(%d) NOT "
        "NULL, v LONGBLOB NOT NULL, PRIMARY KEY(space, k)) ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
        KEY_BYTES);
    return connection_run(db, sql, "making tables", err);
}

/* MariaDB makes each table in a transaction of its own: the version comes last, and until it is
 * there the store is not. */
static int make_tables(MYSQL *db, struct smg_err *err)
{
    char sql[SQL_BYTES];
    int code = connection_run(db,
                              "CREATE TABLE IF NOT EXISTS layout(one TINYINT NOT NULL PRIMARY KEY, "
                              "version INT UNSIGNED NOT NULL, made DATETIME NOT NULL) "
                              "ENGINE=InnoDB",
                              "making tables", err);

    if (code == SMG_OK)
        code = make_table(db, err);
    if (code == SMG_OK)
        code = layout_check_table(db, err);
    if (code < 0)
        return code;
    snprintf(sql, sizeof sql,
             "REPLACE INTO layout(one, version, made) VALUES(1, %d, UTC_TIMESTAMP())", LAYOUT);
    return connection_run(db, sql, "making tables", err);
}

/* Somebody may have moved the table by hand: another type would compare or cut keys in its own
 * way, another engine would forget. */
int layout_check_table(MYSQL *db, struct smg_err *err)
{
    static const char sql[] =
        "SELECT t.ENGINE, (SELECT GROUP_CONCAT(COLUMN_NAME, ' ', COLUMN_TYPE, ' ', COLUMN_KEY "
        "ORDER BY ORDINAL_POSITION SEPARATOR ', ') FROM information_schema.COLUMNS WHERE "
        "TABLE_SCHEMA=DATABASE() AND TABLE_NAME='entry') FROM information_schema.TABLES t WHERE "
        "t.TABLE_SCHEMA=DATABASE() AND t.TABLE_NAME='entry'";
    static const char wanted[] = "space tinyint(3) unsigned PRI, k varbinary(255) PRI, v longblob ";
    char cells[2][CELL_BYTES];
    bool found = false;
    int code = connection_row(db, sql, cells, 2, &found, err);

    if (code < 0)
        return code;
    if (!found)
        return smg_fail(err, SMG_E_INVALID,
                        "table `entry` is missing or cannot be seen; GRANT SELECT, INSERT, UPDATE, "
                        "DELETE on the database, or restore a backup");
    if (strcmp(cells[0], "InnoDB") != 0)
        return smg_fail(err, SMG_E_INVALID,
                        "table `entry` is kept by %s, which loses what it acknowledged: ALTER "
                        "TABLE `entry` ENGINE=InnoDB",
                        cells[0]);
    if (strcmp(cells[1], wanted) != 0)
        return smg_fail(err, SMG_E_INVALID, "table `entry` has %s; it must be %s", cells[1],
                        wanted);
    return SMG_OK;
}

int layout_version(void *self, uint32_t *found, uint32_t *wanted, struct smg_err *err)
{
    struct mariadb *mariadb = self;
    struct doubt place;
    MYSQL *db = NULL;
    int code = connection_open(mariadb, &db, &place, err);

    *wanted = LAYOUT;
    if (code < 0)
        return code;
    code = layout_found(db, found, err);
    mysql_close(db);
    return code;
}

int layout_make(void *self, struct smg_err *err)
{
    struct mariadb *mariadb = self;
    struct doubt place;
    uint32_t version = 0;
    MYSQL *db = NULL;
    int code = connection_open(mariadb, &db, &place, err);

    if (code < 0)
        return code;
    code = layout_found(db, &version, err);
    if (code == SMG_OK && version > LAYOUT)
        code = layout_expect(db, mariadb->config->database, err);
    else if (code == SMG_OK && version < LAYOUT)
        code = make_tables(db, err);
    mysql_close(db);
    return code;
}
