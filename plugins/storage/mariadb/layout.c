/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: one a space, and one row that says which version of this layout they have. */
#include "parts.h"

#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

static const char *const tables[SPACE_END] = {
#define SPACE_NAME(name, number, text) [number] = text,
    SMG_SPACES(SPACE_NAME)
#undef SPACE_NAME
};

const char *layout_table(int space)
{
    return space > 0 && space < SPACE_END ? tables[space] : NULL;
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

static int make_table(MYSQL *db, int space, struct smg_err *err)
{
    char sql[SQL_BYTES];

    snprintf(sql, sizeof sql,
             "CREATE TABLE IF NOT EXISTS `%s`(k VARBINARY(%d) NOT NULL PRIMARY KEY, v LONGBLOB NOT "
             "NULL) ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
             tables[space], KEY_BYTES);
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

    for (int space = 1; code == SMG_OK && space < SPACE_END; space++)
        code = make_table(db, space, err);
    if (code == SMG_OK)
        code = layout_check_tables(db, err);
    if (code < 0)
        return code;
    snprintf(sql, sizeof sql,
             "REPLACE INTO layout(one, version, made) VALUES(1, %d, UTC_TIMESTAMP())", LAYOUT);
    return connection_run(db, sql, "making tables", err);
}

/* Somebody may have moved the tables by hand: another type would compare or cut keys in its own
 * way, another engine would forget. */
static int check_table(MYSQL *db, int space, struct smg_err *err)
{
    char sql[SQL_BYTES], cells[4][CELL_BYTES];
    bool found = false;
    int code;

    snprintf(sql, sizeof sql,
             "SELECT t.ENGINE, k.COLUMN_TYPE, k.COLUMN_KEY, v.COLUMN_TYPE FROM "
             "information_schema.TABLES t JOIN information_schema.COLUMNS k ON k.TABLE_SCHEMA="
             "DATABASE() AND k.TABLE_NAME='%s' AND k.COLUMN_NAME='k' JOIN "
             "information_schema.COLUMNS v ON v.TABLE_SCHEMA=DATABASE() AND v.TABLE_NAME='%s' AND "
             "v.COLUMN_NAME='v' WHERE t.TABLE_SCHEMA=DATABASE() AND t.TABLE_NAME='%s'",
             tables[space], tables[space], tables[space]);
    code = connection_row(db, sql, cells, 4, &found, err);
    if (code < 0)
        return code;
    if (!found)
        return smg_fail(err, SMG_E_INVALID,
                        "table `%s` is missing or cannot be seen; GRANT SELECT, INSERT, UPDATE, "
                        "DELETE on the database, or restore a backup",
                        tables[space]);
    if (strcmp(cells[0], "InnoDB") != 0)
        return smg_fail(err, SMG_E_INVALID,
                        "table `%s` is kept by %s, which loses what it acknowledged: ALTER TABLE "
                        "`%s` ENGINE=InnoDB",
                        tables[space], cells[0], tables[space]);
    if (strcmp(cells[1], "varbinary(255)") != 0 || strcmp(cells[2], "PRI") != 0 ||
        strcmp(cells[3], "longblob") != 0)
        return smg_fail(
            err, SMG_E_INVALID,
            "table `%s` has k %s %s, v %s; it must be k varbinary(255) PRI, v longblob, "
            "which have no charset",
            tables[space], cells[1], cells[2], cells[3]);
    return SMG_OK;
}

int layout_check_tables(MYSQL *db, struct smg_err *err)
{
    int code = SMG_OK;

    for (int space = 1; code == SMG_OK && space < SPACE_END; space++)
        code = check_table(db, space, err);
    return code;
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
