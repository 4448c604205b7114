/* SPDX-License-Identifier: Apache-2.0 */
/* A MariaDB of one test's own: a folder, a socket in it, and a process that ends with the test. */
#ifndef HARNESS_MARIADB_SERVER_H
#define HARNESS_MARIADB_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct mariadb_server {
    char folder[64], socket[96], password[96];
    char hosts[320]; /* as the option of that name */
    pid_t pid;
};

#define MARIADB_SCRIPT SOURCE_DIR "/tests/harness/mariadb.sh"

/* Run the command of printf's arguments; the test fails when it does. */
__attribute__((format(printf, 1, 2))) static inline void mariadb_shell(const char *fmt, ...)
{
    char command[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(command, sizeof command, fmt, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

/* The folder, before the first start; a test may put files there. */
static inline void mariadb_folder(struct mariadb_server *server)
{
    snprintf(server->folder, sizeof server->folder, "/tmp/shiming-mariadb-XXXXXX");
    assert_non_null(mkdtemp(server->folder));
    snprintf(server->socket, sizeof server->socket, "%s/s.sock", server->folder);
    snprintf(server->hosts, sizeof server->hosts, "%s", server->socket);
    snprintf(server->password, sizeof server->password, "%s/password", server->folder);
}

/* Start it, the first time or again, and wait until it answers. options: words for mariadbd, ended
 * by NULL, or NULL. */
static inline void mariadb_start(struct mariadb_server *server, const char *const *options)
{
    const char *words[24] = { "setpriv", "--pdeathsig", "KILL", MARIADB_SCRIPT, "run" };
    size_t count = 5;

    if (server->folder[0] == '\0')
        mariadb_folder(server);
    words[count++] = server->folder;
    while (options != NULL && *options != NULL && count < 23)
        words[count++] = *options++;
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        execvp(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    mariadb_shell(MARIADB_SCRIPT " wait %s", server->folder);
}

static inline void mariadb_kill(struct mariadb_server *server, int signal_number)
{
    int status;

    kill(server->pid, signal_number);
    assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
    server->pid = 0;
}

/* Statements, as root. */
static inline void mariadb_sql(const struct mariadb_server *server, const char *sql)
{
    mariadb_shell("mariadb --no-defaults -u root -S %s -e \"%s\" shiming", server->socket, sql);
}

static inline void mariadb_end(struct mariadb_server *server)
{
    if (server->pid != 0)
        mariadb_kill(server, SIGKILL);
    mariadb_shell("rm -rf %s", server->folder);
    *server = (struct mariadb_server){ .pid = 0 };
}

#endif
