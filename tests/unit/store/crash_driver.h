/* SPDX-License-Identifier: Apache-2.0 */
/* A program that writes numbered units through the store and tells each answer on its standard
 * output, so that whoever kills it, cuts its power or breaks its disk can ask what became of them.
 */
#ifndef STORE_CRASH_DRIVER_H
#define STORE_CRASH_DRIVER_H

#include "lab.h"

enum { IN_FLIGHT = 48, KINDS = 6, NUMBERS_MAX = 1 << 21, VALUE_MAX = 700 };

/* A unit has one row of each kind, as a registration has. */
static const struct row_kind {
    enum smg_space space;
    char letter;
    size_t len;
} row_kinds[KINDS] = {
    { SMG_SPACE_REGISTRATION, 'r', VALUE_MAX },
    { SMG_SPACE_KEY, 'k', 60 },
    { SMG_SPACE_INDEX, 'i', 0 },
    { SMG_SPACE_DUE, 'd', 1 },
    { SMG_SPACE_IDEMPOTENCY, 'y', 100 },
    { SMG_SPACE_AUDIT, 'a', 250 },
};

static inline struct smg_str driver_key(char *out, char letter, unsigned number)
{
    snprintf(out, 32, "%c%015u", letter, number);
    return str_of(out);
}

/* Bytes that only this number and kind have. */
static inline struct smg_str driver_value(char *out, const struct row_kind *kind, unsigned number)
{
    uint32_t state = number * 2654435761u + (uint32_t)kind->letter;

    for (size_t i = 0; i < kind->len; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = (char)(state >> 24);
    }
    return str_bytes(out, kind->len);
}

static inline struct unit *driver_unit(unsigned number)
{
    struct unit *unit = unit_new();
    char key[32], value[VALUE_MAX];

    for (int i = 0; i < KINDS; i++)
        unit_put_new(unit, row_kinds[i].space, driver_key(key, row_kinds[i].letter, number),
                     driver_value(value, &row_kinds[i], number));
    return unit;
}

struct driver {
    struct store *store;
    struct loop *loop;
    unsigned next;   /* number */
    unsigned wanted; /* acknowledgements before it ends; 0: never */
    unsigned acknowledged, in_flight;
};

struct driver_write {
    struct store_write write;
    struct driver *driver;
    unsigned number;
};

static inline void driver_submit(struct driver_write *own);

static inline void driver_again(void *ctx)
{
    driver_submit(ctx);
}

static inline void driver_done(void *ctx, const struct smg_err *err)
{
    struct driver_write *own = ctx;
    struct driver *driver = own->driver;
    char line[64];
    int len = snprintf(line, sizeof line, "%u %d\n", own->number, err->code);

    if (write(STDOUT_FILENO, line, (size_t)len) != len)
        _exit(3);
    unit_free(own->write.unit);
    driver->acknowledged += err->code == SMG_OK;
    if (driver->wanted != 0 && driver->acknowledged >= driver->wanted) {
        if (--driver->in_flight == 0)
            loop_stop(driver->loop);
    } else if (err->code == SMG_OK) {
        driver_submit(own);
    } else {
        loop_after(driver->loop, 20, driver_again, own);
    }
}

static inline void driver_submit(struct driver_write *own)
{
    own->number = own->driver->next++;
    own->write = (struct store_write){
        .unit = driver_unit(own->number), .loop = own->driver->loop, .done = driver_done, .ctx = own
    };
    store_apply(own->driver->store, &own->write);
}

static inline void driver_lab(struct lab *lab, const char *folder)
{
    snprintf(lab->folder, sizeof lab->folder, "%s", folder);
    lab_load(lab, "sqlite");
    lab_start(lab);
}

/* Write numbers from `first` on. */
static inline int driver_write(const char *folder, unsigned first, unsigned wanted)
{
    static struct driver_write writes[IN_FLIGHT];
    struct driver driver = { .next = first, .wanted = wanted, .in_flight = IN_FLIGHT };
    struct store_figures figures;
    struct smg_err err = { 0 };
    struct lab lab = { .server = NULL };

    driver_lab(&lab, folder);
    driver.loop = loop_new("driver", &err);
    driver.store =
        store_new(&lab.instance, NULL, &(struct store_options){ .batch_limit = 16 }, &err);
    if (driver.loop == NULL || driver.store == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    for (int i = 0; i < IN_FLIGHT; i++) {
        writes[i].driver = &driver;
        driver_submit(&writes[i]);
    }
    if (loop_run(driver.loop, &err) < 0)
        return 2;
    store_figures(driver.store, &figures);
    fprintf(stderr, "%u acknowledged, %llu failures, %llu recoveries\n", driver.acknowledged,
            (unsigned long long)figures.failures, (unsigned long long)figures.recoveries);
    store_free(driver.store);
    loop_free(driver.loop);
    lab_stop(&lab);
    return 0;
}

/* What a look through the store found. */
struct verdict {
    unsigned whole, halves,
        wrong;       /* units, units with rows missing, rows that are not as written */
    unsigned lost;   /* acknowledged, and not there */
    unsigned denied; /* said not to be written, and there */
};

struct sightings {
    unsigned char *seen; /* by number: a bit for each kind */
    int kind;
    unsigned wrong;
};

static inline bool driver_see(void *ctx, struct smg_str key, struct smg_str value)
{
    struct sightings *sightings = ctx;
    const struct row_kind *kind = &row_kinds[sightings->kind];
    char digits[32], wanted[VALUE_MAX];
    unsigned long number;

    snprintf(digits, sizeof digits, "%.*s", (int)key.len - 1, key.at + 1);
    number = strtoul(digits, NULL, 10);
    if (number >= NUMBERS_MAX || key.at[0] != kind->letter ||
        !str_eq(value, driver_value(wanted, kind, (unsigned)number)))
        sightings->wrong++;
    else
        sightings->seen[number] |= (unsigned char)(1 << sightings->kind);
    return true;
}

/* answers: lines "number code", as the driver told them, oldest first; the last line may be cut. */
static inline int driver_check(const char *folder, FILE *answers, struct verdict *out)
{
    struct sightings sightings = { .seen = calloc(1, NUMBERS_MAX) };
    struct smg_err err = { 0 };
    struct lab lab = { .server = NULL };
    void *session = NULL;
    char line[64];

    *out = (struct verdict){ 0 };
    driver_lab(&lab, folder);
    if (lab.instance.ops->session_open(lab.instance.self, &session, &err) < 0 ||
        lab.instance.ops->check(session, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    for (sightings.kind = 0; sightings.kind < KINDS; sightings.kind++) {
        struct smg_scan scan = { .space = row_kinds[sightings.kind].space };

        if (lab.instance.ops->scan(session, &scan, driver_see, &sightings, &err) < 0)
            return 2;
    }
    for (unsigned i = 0; i < NUMBERS_MAX; i++) {
        out->whole += sightings.seen[i] == (1 << KINDS) - 1;
        out->halves += sightings.seen[i] != 0 && sightings.seen[i] != (1 << KINDS) - 1;
    }
    while (fgets(line, sizeof line, answers) != NULL && strchr(line, '\n') != NULL) {
        char *end;
        unsigned long number = strtoul(line, &end, 10);
        long code = strtol(end, NULL, 10);
        bool there = number < NUMBERS_MAX && sightings.seen[number] != 0;

        out->lost += code == SMG_OK && !there;
        out->denied += code != SMG_OK && code != SMG_E_UNKNOWN && there;
    }
    out->wrong = sightings.wrong;
    free(sightings.seen);
    lab.instance.ops->session_close(session);
    lab_stop(&lab);
    free(lab.config);
    library_free(lab.library);
    return 0;
}

#endif
