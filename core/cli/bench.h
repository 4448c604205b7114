/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of `shiming bench` share. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "base/id.h"
#include "cli/cli.h"
#include "policy/policy.h"
#include "site.h"

#include <sys/types.h>

/* One line of the result. ceiling 0: none; target 0: none. */
struct figure {
    const char *name, *unit;
    double value, ceiling, ratio, target;
    bool at_most; /* the target is an upper bound (on the ratio, or on the value without a ceiling)
                   */
};

enum { FIGURES = 48 };

struct bench {
    char dir[256]; /* of its own, removed at the end */
    const char *policies;
    const char *storage; /* YAML of a storage, NAME standing for the store's; NULL: SQLite */
    pid_t server;        /* the database's process, or 0: its time is counted, too */
    const char *counter; /* a command that prints how many statements it has had, or NULL */
    size_t stored;       /* registrations that are there already */
    int64_t run_us;      /* of each measurement */
    struct figure figures[FIGURES];
    size_t count;
    char token[128];
    uint16_t port;
    struct id *pictures; /* uploaded beforehand, two a registration */
    size_t picture_count, next;
    bool json;
};

void bench_add(struct bench *bench, struct figure figure);
/* A free port on 127.0.0.1, or 0. */
uint16_t bench_port(void);

/* bench_site.c: folder, keys, configuration, a clerk, pictures. */
int bench_open(struct bench *bench, struct smg_err *err);
void bench_close(struct bench *bench);
/* The configuration NAME.yaml of a store of its own. */
int bench_config(const struct bench *bench, const char *name, struct smg_err *err);

/* bench_storage.c: the storage alone. */
struct bench_storage {
    struct config *config;
    struct library *library;
    struct instance *instance;
};
/* The store of NAME.yaml, laid out if it has to be, and started. bench_storage_close whatever comes
 * out. */
int bench_storage_open(const struct bench *bench, const char *name, struct bench_storage *out,
                       struct smg_err *err);
void bench_storage_close(struct bench_storage *storage);
/* Raw group commit: the plugin alone, one row of a registration's size a unit, `batch` a commit (at
 * most BENCH_BATCH). */
enum { BENCH_BATCH = 64 };
int bench_raw_commit(struct bench *bench, size_t batch, double *units_a_second, double *commit_us,
                     struct smg_err *err);

/* bench_workbench.c: table, diff, proofs and mutants of the shipped policies. */
int bench_workbench(struct bench *bench, struct smg_err *err);

/* bench_serve.c: child processes that serve, and loads on them. */
pid_t bench_serve(struct bench *bench, struct smg_err *err); /* the gateway */
pid_t bench_constant(struct bench *bench,
                     struct smg_err *err); /* the HTTP library answering a constant */
pid_t bench_bare(struct bench *bench,
                 struct smg_err *err); /* server and storage, the body as it came */
/* The number bench->counter prints, or 0. */
double bench_statements(const struct bench *bench);
/* A counter of the gateway's metrics, or 0. */
double bench_metric(const struct bench *bench, const char *name);
void bench_end(pid_t pid);
double bench_memory(pid_t pid);       /* resident MiB */
int64_t bench_thread_us(void);        /* processor time of this thread so far */
double bench_processor_us(pid_t pid); /* user and kernel time so far, all threads */

/* bench_fill.c: registrations that nobody made, over the last `days`, with the set in the archive.
 */
struct bench_stock {
    size_t count;
    unsigned days;
    bool unlike; /* hardly two alike; else as they come at a counter */
};
int bench_fill(struct site *site, struct policy_set *set, const struct bench_stock *stock,
               struct smg_err *err);
/* bench_replay.c: deciding them again; and "bench fill", which only makes them. */
int bench_replay(struct bench *bench, struct smg_err *err);
int bench_fill_verb(const struct cli_options *options, const char *cases, const char *days);

/* A made-up resident's number with a right check digit. */
void bench_number(size_t i, struct buf *out);
/* The JSON of the i-th registration. */
void bench_application(const struct bench *bench, size_t i, struct buf *out);

#endif
