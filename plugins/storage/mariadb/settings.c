/* SPDX-License-Identifier: Apache-2.0 */
/* What a server must be set to, so that the store keeps what it acknowledges. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

enum { PACKET_BYTES = 32 << 20, SETTINGS = 13 };

enum {
    FLUSH,
    DOUBLEWRITE,
    METHOD,
    RECOVERY,
    BINLOG,
    SYNC_BINLOG,
    FORMAT,
    PACKET,
    ISOLATION,
    CHARSET,
    MODE,
    COMMITTING,
    READ_ONLY
};

static const char query[] =
    "SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite, @@innodb_flush_method, "
    "@@innodb_force_recovery, @@log_bin, @@sync_binlog, @@binlog_format, @@max_allowed_packet, "
    "@@tx_isolation, @@character_set_client, @@sql_mode, "
    "@@autocommit, @@innodb_read_only";

static bool is(char (*cells)[CELL_BYTES], int which, const char *value)
{
    return strcasecmp(cells[which], value) == 0;
}

/* What would lose acknowledged rows when the server or its machine falls. */
static int check_durable(char (*cells)[CELL_BYTES], struct smg_err *err)
{
    if (!is(cells, FLUSH, "1") && !is(cells, FLUSH, "3"))
        return smg_fail(err, SMG_E_INVALID,
                        "the server would lose what it acknowledges: "
                        "innodb_flush_log_at_trx_commit is %s; set it to 1",
                        cells[FLUSH]);
    if (is(cells, DOUBLEWRITE, "0") || is(cells, DOUBLEWRITE, "OFF"))
        return smg_fail(err, SMG_E_INVALID,
                        "the server could not mend a page torn by a power cut: innodb_doublewrite "
                        "is off; set innodb_doublewrite=ON");
    if (is(cells, METHOD, "nosync") || is(cells, METHOD, "littlesync"))
        return smg_fail(err, SMG_E_INVALID,
                        "the server does not wait for its disk: innodb_flush_method is %s; set it "
                        "to fsync or O_DIRECT",
                        cells[METHOD]);
    if (is(cells, BINLOG, "1") && !is(cells, SYNC_BINLOG, "1"))
        return smg_fail(err, SMG_E_INVALID,
                        "the server would lose what it acknowledges: it writes a binary log and "
                        "sync_binlog is %s; set it to 1",
                        cells[SYNC_BINLOG]);
    return SMG_OK;
}

static int check_writable(char (*cells)[CELL_BYTES], struct smg_err *err)
{
    if (!is(cells, RECOVERY, "0") || !is(cells, READ_ONLY, "0"))
        return smg_fail(err, SMG_E_INVALID,
                        "the server is only good for reading: innodb_force_recovery is %s, "
                        "innodb_read_only %s; set both to 0",
                        cells[RECOVERY], cells[READ_ONLY]);
    if (is(cells, BINLOG, "1") && is(cells, FORMAT, "STATEMENT"))
        return smg_fail(err, SMG_E_INVALID,
                        "binlog_format is STATEMENT, which cannot repeat what we write; set it to "
                        "ROW or MIXED");
    if (strtoll(cells[PACKET], NULL, 10) < PACKET_BYTES)
        return smg_fail(err, SMG_E_INVALID,
                        "max_allowed_packet is %s, values may have 16 MiB; set it to 64M",
                        cells[PACKET]);
    return SMG_OK;
}

/* Ours, set when the session began; something between us and the server may have changed them. */
static int check_session(char (*cells)[CELL_BYTES], bool by_hand, struct smg_err *err)
{
    const char *committing = by_hand ? "0" : "1";
    bool good = is(cells, ISOLATION, "READ-COMMITTED") && is(cells, COMMITTING, committing) &&
                is(cells, CHARSET, "binary") && strstr(cells[MODE], "STRICT_ALL_TABLES") != NULL;

    if (good)
        return SMG_OK;
    return smg_fail(err, SMG_E_INVALID,
                    "the session has isolation %s, autocommit %s, charset %s, sql_mode %.60s; it "
                    "was opened with READ-COMMITTED, %s, binary, strict: connect to the server "
                    "itself, or to a proxy that keeps settings",
                    cells[ISOLATION], cells[COMMITTING], cells[CHARSET], cells[MODE], committing);
}

static int check_settings(char (*cells)[CELL_BYTES], bool by_hand, struct smg_err *err)
{
    int code = check_durable(cells, err);

    if (code == SMG_OK)
        code = check_writable(cells, err);
    return code == SMG_OK ? check_session(cells, by_hand, err) : code;
}

/* A cluster's node must belong to the part that goes on when the cluster is cut, and only that part
 * may go on. */
static int check_cluster(MYSQL *db, struct smg_err *err)
{
    static const char sql[] =
        "SELECT @@wsrep_on, @@wsrep_dirty_reads, @@wsrep_provider_options REGEXP "
        "'pc.ignore_(sb|quorum) = (true|yes|1)', @@wsrep_sync_wait & 1";
    char cells[4][CELL_BYTES];
    bool found = false;
    int code = connection_row(db, sql, cells, 4, &found, err);

    if (code < 0 || !is(cells, 0, "1"))
        return code;
    if (!is(cells, 1, "0"))
        return smg_fail(err, SMG_E_INVALID,
                        "wsrep_dirty_reads is on, so a node that was cut off answers with the "
                        "past; set it to OFF");
    if (!is(cells, 2, "0"))
        return smg_fail(err, SMG_E_INVALID,
                        "both halves of a cluster that was cut would go on: take pc.ignore_sb and "
                        "pc.ignore_quorum out of wsrep_provider_options");
    if (!is(cells, 3, "1"))
        return smg_fail(err, SMG_E_INVALID,
                        "the session reads without waiting for the cluster: it was opened with "
                        "wsrep_sync_wait=1; connect to the node itself");
    code = connection_row(db,
                          "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE "
                          "VARIABLE_NAME='WSREP_READY'",
                          cells, 1, &found, err);
    if (code == SMG_OK && !is(cells, 0, "ON"))
        return smg_fail(err, SMG_E_IO, "the cluster's node is not ready");
    return code;
}

/* Preparing a statement asks for the privileges it needs. */
static int check_privileges(struct session *session, struct smg_err *err)
{
    for (int kind = 0; kind < STATEMENT_KINDS; kind++) {
        if (session_statement(session, (enum statement)kind, err) == NULL)
            return err->code;
    }
    return SMG_OK;
}

int session_check(void *ctx, struct smg_err *err)
{
    struct session *session = ctx;
    char cells[SETTINGS][CELL_BYTES];
    bool found = false;
    int code = connection_row(session->db, query, cells, SETTINGS, &found, err);

    if (code == SMG_OK)
        code = check_settings(cells, session->by_hand, err);
    if (code == SMG_OK)
        code = check_cluster(session->db, err);
    if (code == SMG_OK)
        code = layout_check_table(session->db, err);
    return code == SMG_OK ? check_privileges(session, err) : code;
}
