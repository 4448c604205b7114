/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one header a Shiming plugin includes. Read it from top to bottom:
 *
 *   1 version   2 values   3 errors   4 fields   5 options
 *   6 host      7 kinds    8 descriptor
 *
 * Four rules hold everywhere, so they are said once:
 *
 *   Thread  A reader lives alone in a process of its own and may block. A verifier or a
 *           reporter is called on the event loop and must never block. A storage is called on
 *           threads the host lends it, and blocks them; see section 7.
 *   Borrow  What a pointer shows you is yours to read until you return. Copy to keep.
 *   Home    Memory is freed by the side that allocated it. Nothing changes hands.
 *   Once    Every operation you are handed ends in exactly one done().
 */
#ifndef SHIMING_PLUGIN_H
#define SHIMING_PLUGIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* 1 ---- version ------------------------------------------------------------------ */

#define SMG_ABI_MAJOR 1 /* a plugin of another major is refused */
#define SMG_ABI_MINOR 2 /* grows when something is appended; an older minor still loads */

/* Structs that carry a size may grow at the end. All others are frozen in a major. */

#if defined(__GNUC__)
#define SMG_EXPORT        __attribute__((visibility("default")))
#define SMG_PRINTF(f, a)  __attribute__((format(printf, f, a)))
#else
#define SMG_EXPORT
#define SMG_PRINTF(f, a)
#endif

/* 2 ---- values ------------------------------------------------------------------- */

/* Bytes that belong to someone else. May contain NUL, is not ended by one. */
struct smg_str {
    const char *at;
    size_t      len;
};

#define SMG_STR(literal) ((struct smg_str){ "" literal, sizeof(literal) - 1 })

struct smg_date {
    int16_t year; /* 1 to 9999 */
    int8_t  month, day; /* 1 to 12, 1 to 31; {0,0,0} is no date */
};

enum smg_type { SMG_BOOL = 1, SMG_INT, SMG_DATE, SMG_TEXT, SMG_BYTES };

struct smg_value {
    enum smg_type type;
    union {
        bool            boolean;
        int64_t         integer;
        struct smg_date date;
        struct smg_str  str; /* SMG_TEXT is UTF-8, SMG_BYTES is anything */
    };
};

/* 3 ---- errors ------------------------------------------------------------------- */

/* A code says what the host should do next; the text tells a person why.
 * "The card is forged" is an answer, not an error. A text never holds personal data. */
#define SMG_ERRORS(E)                                                      \
    E(INVALID,     1, "asked for something that makes no sense")           \
    E(UNSUPPORTED, 2, "this plugin cannot do that")                        \
    E(NOT_FOUND,   3, "there is no such thing")                            \
    E(EXISTS,      4, "it is already there, or is not what was expected")  \
    E(BUSY,        5, "try again a little later")                          \
    E(TIMEOUT,     6, "the deadline passed")                               \
    E(CANCELLED,   7, "the host asked to stop")                            \
    E(IO,          8, "the device or the network failed")                  \
    E(PROTOCOL,    9, "the other side spoke nonsense")                     \
    E(DENIED,     10, "the other side refused our credentials")            \
    E(GONE,       11, "the device was unplugged; the host will reopen it") \
    E(MEMORY,     12, "out of memory")                                     \
    E(BUG,        13, "this should not happen")                            \
    E(FULL,       14, "no space left; nothing was written")                \
    E(UNKNOWN,    15, "it may or may not have happened; look it up")       \
    E(NO_CARD,    16, "no card was presented")                             \
    E(CARD,       17, "the card could not be read")

enum smg_code {
    SMG_OK = 0,
#define SMG_ERROR_ENUM(name, number, text) SMG_E_##name = -(number),
    SMG_ERRORS(SMG_ERROR_ENUM)
#undef SMG_ERROR_ENUM
};

struct smg_err {
    int32_t code;
    char    text[252];
};

/* Fill err and return its code, so that a failure is one line: return smg_fail(...). */
SMG_PRINTF(3, 4)
static inline int smg_fail(struct smg_err *err, enum smg_code code, const char *fmt, ...)
{
    va_list args;

    err->code = code;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    return code;
}

/* 4 ---- fields ------------------------------------------------------------------- */

/*
 * A field is a named value about one person or document. Every field is personal data: the host
 * seals it, masks it and wipes it. Names are dotted and in full; a reader answers these:
 *
 *   document.type          TEXT   as in policies/documents.lua: resident_id, ...
 *   document.number        TEXT   as printed, no spaces
 *   document.issuer        TEXT
 *   document.valid_from    DATE   first valid day
 *   document.valid_to      DATE   last valid day; absent when document.long_term is true
 *   document.long_term     BOOL   valid without end
 *   document.permit_number TEXT   the travel permit behind a residence permit
 *   document.issue_count   TEXT
 *   document.old_number    TEXT   the same holder's number on an earlier document
 *   name, name_latin       TEXT
 *   sex                    TEXT   "male", "female", "unknown"
 *   nation                 TEXT   GB/T 3304 code, "04"
 *   nationality            TEXT   ISO 3166 alpha-3
 *   birth                  DATE
 *   address                TEXT   the newest one
 *   printed_address        TEXT   the one on the card, when a newer one was added to the chip
 *   portrait               BYTES  the picture as it lies on the chip
 *   portrait.format        TEXT   "wlt", "jpeg", "jp2"
 *   document.origin        TEXT   "mrz": a machine readable zone was scanned, no chip was read;
 *                                 "chip", which is what a reader that does not answer it means
 *   chip.verified          TEXT   "yes"; "no" when the chip's data did not verify
 *   chip.authentic         TEXT   "yes", "no", "unknown": they are what was signed for the chip
 *   chip.signer_trusted    TEXT   "yes", "no", "unknown": by a signer of the state that issued it
 *   chip.text              BYTES  the text as it lies on the chip
 *   device.id              TEXT   the device's own number, hex
 *   access.mrz             TEXT   what opens the document's chip, as below; no application keeps it
 *
 * What a read may be given of the document before it (host->given), any of:
 *
 *   access.mrz             TEXT   the machine readable zone, its lines one after another, no breaks
 *   access.can             TEXT   the six digits of the card access number
 *   document.number, birth, document.valid_to
 *
 * A verifier sees the same of the person, typed or read, and the pictures it wants:
 *
 *   portrait                BYTES  whoever is at the counter, taken there
 *   document.portrait       BYTES  the holder, as the chip has it
 *   document.photo          BYTES  the document, photographed at the counter
 *   portrait.format, document.portrait.format, document.photo.format
 *                           TEXT   "jpeg", "png", "webp"; of a chip also "wlt", "bmp", "jp2"
 *
 * It answers verdict (TEXT: "match", "mismatch", "unknown") and receipt (TEXT).
 * A name the host does not know is kept under it and reaches no rule.
 */
struct smg_fields; /* fields about one person or document; read with host->get */

/* 5 ---- options ------------------------------------------------------------------ */

enum smg_option_type {
    SMG_OPT_BOOL = 1, /* bool:         true, false */
    SMG_OPT_INT,      /* int64_t */
    SMG_OPT_MS,       /* int64_t:      500ms, 15s, 10m, 2h, 30d; a bare number is refused */
    SMG_OPT_BYTES,    /* int64_t:      4096, 64KiB, 8MiB */
    SMG_OPT_TEXT,     /* const char *: UTF-8 */
    SMG_OPT_SECRET,   /* const char *: never shown again */
    SMG_OPT_PATH,     /* const char *: made absolute, seen from the configuration file; a reader's
                         process may read it, or what is in it */
    SMG_OPT_DEVICE,   /* const char *: a path a reader's process may open, to write too */
    SMG_OPT_SOCKET    /* const char *: since 1.2, "unix:/PATH", "192.0.2.7:4000", "[::1]:4000": where
                         a reader's process may connect(2) a stream socket */
};

#define SMG_REQUIRED 1u

/* One key of this plugin's options in the YAML file. The host checks it, fills the field, and
 * writes the documentation from it; the plugin never sees YAML. */
struct smg_option {
    const char          *name;
    enum smg_option_type type;
    uint32_t             flags;
    size_t               offset;
    int64_t              min, max; /* both 0: no limits; INT, MS and BYTES */
    const char          *preset;   /* as it would be written in the file; NULL: 0, false or NULL */
    const char *const   *choices;  /* TEXT: NULL, or a list ended by NULL */
    const char          *help;     /* one sentence, no full stop */
};

/* offsetof, but a field of the wrong C type does not compile. */
#define SMG_AT(config, field, ctype) \
    (offsetof(struct config, field)  \
     + 0 * sizeof(char[_Generic(((struct config *)0)->field, ctype: 1, default: -1)]))

#define SMG_OPTION(config, field, kind, ctype, ...) \
    { .name = #field, .type = kind, .offset = SMG_AT(config, field, ctype), __VA_ARGS__ }

#define SMG_OPTION_BOOL(c, f, ...)   SMG_OPTION(c, f, SMG_OPT_BOOL, bool, __VA_ARGS__)
#define SMG_OPTION_INT(c, f, ...)    SMG_OPTION(c, f, SMG_OPT_INT, int64_t, __VA_ARGS__)
#define SMG_OPTION_MS(c, f, ...)     SMG_OPTION(c, f, SMG_OPT_MS, int64_t, __VA_ARGS__)
#define SMG_OPTION_BYTES(c, f, ...)  SMG_OPTION(c, f, SMG_OPT_BYTES, int64_t, __VA_ARGS__)
#define SMG_OPTION_TEXT(c, f, ...)   SMG_OPTION(c, f, SMG_OPT_TEXT, const char *, __VA_ARGS__)
#define SMG_OPTION_SECRET(c, f, ...) SMG_OPTION(c, f, SMG_OPT_SECRET, const char *, __VA_ARGS__)
#define SMG_OPTION_PATH(c, f, ...)   SMG_OPTION(c, f, SMG_OPT_PATH, const char *, __VA_ARGS__)
#define SMG_OPTION_DEVICE(c, f, ...) SMG_OPTION(c, f, SMG_OPT_DEVICE, const char *, __VA_ARGS__)
#define SMG_OPTION_SOCKET(c, f, ...) SMG_OPTION(c, f, SMG_OPT_SOCKET, const char *, __VA_ARGS__)
#define SMG_OPTIONS_END { .name = NULL }

/* 6 ---- host --------------------------------------------------------------------- */

enum smg_level { SMG_ERROR = 1, SMG_WARN, SMG_INFO, SMG_DEBUG };
enum smg_state { SMG_READY = 1, SMG_OUT_OF_SERVICE }; /* the device works; it answers, but is broken */
enum smg_ready { SMG_READABLE = 1, SMG_WRITABLE = 2 };

struct smg_op;    /* one question the host has asked you */
struct smg_watch; /* one file descriptor being waited on */
struct smg_timer; /* one moment being waited for */

/* Everything a plugin may ask of the program that loaded it. One table per instance, valid from
 * open to close. */
struct smg_host {
    uint32_t size;
    uint16_t abi_major, abi_minor;
    void    *priv;

    /* Any kind, any thread. A log line holds no personal data. */
    void (*log)(const struct smg_host *, enum smg_level, const char *fmt, ...) SMG_PRINTF(3, 4);
    /* Any kind, any thread: whether the device is fit for use, and why not. */
    void (*state)(const struct smg_host *, enum smg_state, const char *why);

    /* Readers, verifiers, reporters: the answer to an operation, field by field, then its end.
     * done with NULL: it worked. After done the operation is dead. */
    void (*answer)(const struct smg_host *, struct smg_op *, const char *field,
                   const struct smg_value *);
    void (*done)(const struct smg_host *, struct smg_op *, const struct smg_err *);
    /* A field of the subject: false when it is not known. */
    bool (*get)(const struct smg_host *, const struct smg_fields *, const char *field,
                struct smg_value *);

    /* Readers: wait until fd is ready (a mask of smg_ready), at most timeout_ms (less than 0: until
     * the operation's deadline). fd -1 only waits. Returns the mask that is ready, 0 when the time
     * is up, SMG_E_CANCELLED or SMG_E_TIMEOUT when the operation must end now: call done. */
    int (*wait)(const struct smg_host *, struct smg_op *, int fd, unsigned ready, int64_t timeout_ms);

    /* Verifiers and reporters: be called back on the loop. A timer fires once. */
    struct smg_watch *(*watch)(const struct smg_host *, int fd, unsigned ready,
                               void (*fn)(void *ctx, int fd, unsigned ready), void *ctx);
    void (*unwatch)(const struct smg_host *, struct smg_watch *);
    struct smg_timer *(*after)(const struct smg_host *, int64_t ms, void (*fn)(void *ctx),
                               void *ctx);
    void (*forget)(const struct smg_host *, struct smg_timer *); /* before it fired */

    /* Since 1.2. Readers: what the asker already knows of the document, read with get; NULL: nothing.
     * Gone, and wiped, when the read is done. */
    const struct smg_fields *(*given)(const struct smg_host *, struct smg_op *);
};

/* Was this service in the table when the host was built? */
#define SMG_HAS(host, service) \
    ((host)->size >= offsetof(struct smg_host, service) + sizeof((host)->service))

/* The calls nearly every plugin makes, without the arrows. */
static inline void smg_answer_text(const struct smg_host *host, struct smg_op *op,
                                   const char *field, struct smg_str text)
{
    struct smg_value value = { .type = SMG_TEXT, .str = text };

    host->answer(host, op, field, &value);
}

static inline void smg_answer_bytes(const struct smg_host *host, struct smg_op *op,
                                    const char *field, struct smg_str bytes)
{
    struct smg_value value = { .type = SMG_BYTES, .str = bytes };

    host->answer(host, op, field, &value);
}

static inline void smg_answer_date(const struct smg_host *host, struct smg_op *op,
                                   const char *field, struct smg_date date)
{
    struct smg_value value = { .type = SMG_DATE, .date = date };

    host->answer(host, op, field, &value);
}

static inline void smg_answer_bool(const struct smg_host *host, struct smg_op *op,
                                   const char *field, bool boolean)
{
    struct smg_value value = { .type = SMG_BOOL, .boolean = boolean };

    host->answer(host, op, field, &value);
}

static inline void smg_done(const struct smg_host *host, struct smg_op *op)
{
    host->done(host, op, NULL);
}

SMG_PRINTF(4, 5)
static inline void smg_failed(const struct smg_host *host, struct smg_op *op,
                              enum smg_code code, const char *fmt, ...)
{
    struct smg_err err = { .code = code };
    va_list args;

    va_start(args, fmt);
    vsnprintf(err.text, sizeof err.text, fmt, args);
    va_end(args);
    host->done(host, op, &err);
}

/* 7 ---- kinds -------------------------------------------------------------------- */

/* A reader reads one document from a device. It runs in a process of its own (no network but its
 * sockets, no files but its devices and paths, no core dump); read may block, best in host->wait, which returns when the host
 * wants the operation ended. A reader that does neither is killed at the deadline. */
struct smg_reader_ops {
    uint32_t size;
    /* Wait for a document, answer its fields, then done (SMG_E_NO_CARD when none came), then return. */
    void (*read)(void *self, struct smg_op *);
};

/* A verifier asks a service about one person. Called on the event loop. */
struct smg_verifier_ops {
    uint32_t size;
    /* Answer verdict and, if the service gives one, receipt; then done. */
    void (*verify)(void *self, struct smg_op *, const struct smg_fields *subject);
    /* The host no longer waits; done is still owed, soon. */
    void (*cancel)(void *self, struct smg_op *);

    /* Since 1.2, may be NULL: does verify look at this picture? Only those are opened for it. Called
     * once for each, before the first question. */
    bool (*wants)(void *self, const char *field);
};

/* A reporter delivers reports. Called on the event loop; a report is handed in again, with the
 * same id, until done says it arrived. */
struct smg_reporter_ops {
    uint32_t size;
    void (*submit)(void *self, struct smg_op *, struct smg_str id, struct smg_str report);
    void (*cancel)(void *self, struct smg_op *);
};

/* Storage keeps sealed values under ordered keys, in numbered spaces. Numbers are for ever. */
#define SMG_SPACES(S)                                                              \
    S(META,          1, "meta")         /* the store's own: format, marks */       \
    S(REGISTRATION,  2, "registration") /* id: sealed record */                    \
    S(INDEX,         3, "index")        /* keyed digest + id: finds a record */    \
    S(EVIDENCE,      4, "evidence")     /* id: sealed picture */                   \
    S(KEY,           5, "key")          /* id: wrapped data key; erased = destroyed */ \
    S(OUTBOX,        6, "outbox")       /* id: report not yet delivered */         \
    S(AUDIT,         7, "audit")        /* stream + sequence: leaf */              \
    S(DUE,           8, "due")          /* day + id: what must happen then */      \
    S(POLICY,        9, "policy")       /* digest: a policy text ever active */    \
    S(DEALER,       10, "dealer")                                                  \
    S(STAFF,        11, "staff")                                                   \
    S(CASE,         12, "case")         /* id: facts and decision of a case */     \
    S(IDEMPOTENCY,  13, "idempotency")  /* keyed digest: the first answer */

enum smg_space {
#define SMG_SPACE_ENUM(name, number, text) SMG_SPACE_##name = (number),
    SMG_SPACES(SMG_SPACE_ENUM)
#undef SMG_SPACE_ENUM
};

enum smg_act { SMG_PUT = 1, SMG_ERASE, SMG_KEEP }; /* KEEP writes nothing: its condition counts */
enum smg_when {
    SMG_ALWAYS = 0,
    SMG_NEW, /* no row may have this key */
    SMG_IS   /* the row must exist and hold exactly `was` */
};

/* One row of a unit. Keys are 1 to 255 bytes, compared as unsigned bytes; values 0 to 16 MiB. */
struct smg_row {
    enum smg_space space;
    enum smg_act   act;
    enum smg_when  when;
    struct smg_str key, value, was;
};

/* What changes together: all rows or none. */
struct smg_unit {
    const struct smg_row *rows;
    size_t                count;
};

struct smg_scan {
    enum smg_space space;
    struct smg_str from, to; /* from <= key < to; an empty `to` is open */
    bool           backward; /* from the last key downwards */
    uint32_t       limit;    /* 0: no limit */
};

/* Shows one row; false ends the scan. */
typedef bool (*smg_row_fn)(void *ctx, struct smg_str key, struct smg_str value);

/* Storage. Its calls block and are made on threads the host lends it: each thread opens a session
 * of its own, and a session is never used by two threads at once. */
struct smg_storage_ops {
    uint32_t size;
    int  (*session_open)(void *self, void **session, struct smg_err *);
    void (*session_close)(void *session);

    /*
     * Write a batch as one durable commit: SMG_OK when all of it is on disk.
     *
     * SMG_E_EXISTS: nothing was written, because conditions failed; refused[i] is true for each unit
     * with one (at least one is). Conditions see the units before them in the same batch. The host
     * leaves those units out and calls again.
     * SMG_E_FULL, SMG_E_BUSY, ...: nothing was written. SMG_E_UNKNOWN: it may have been (a failed
     * fsync, a connection cut in COMMIT); the host will not call this session again.
     */
    int (*apply)(void *session, const struct smg_unit *units, size_t count, bool *refused,
                 struct smg_err *);

    /* Show the value of each key that exists, in the order asked. */
    int (*get)(void *session, enum smg_space, const struct smg_str *keys, size_t count, smg_row_fn,
               void *ctx, struct smg_err *);
    int (*scan)(void *session, const struct smg_scan *, smg_row_fn, void *ctx, struct smg_err *);

    /* Is the store whole and does it keep what it acknowledges (settings included)? Called by
     * `shiming check`, at start, and before a store that failed is trusted again. */
    int (*check)(void *session, struct smg_err *);

    /* Since 1.1, both or neither; NULL: the storage lays itself out when it starts. The version of
     * the layout that is there (0: there is no store yet), and the one this plugin keeps;
     * session_open refuses any other. Called without a session, on one thread. */
    int (*layout_version)(void *self, uint32_t *found, uint32_t *wanted, struct smg_err *);
    /* Make a store where there is none, or bring an older one up. Called again after a failure, it
     * finishes what it began. */
    int (*layout_make)(void *self, struct smg_err *);
};

/* 8 ---- descriptor --------------------------------------------------------------- */

enum smg_kind { SMG_READER = 1, SMG_STORAGE, SMG_VERIFIER, SMG_REPORTER };

struct smg_plugin {
    uint16_t abi_major, abi_minor; /* these four never move: they guard the rest */
    uint32_t size, option_size;

    enum smg_kind kind;
    const char   *name, *version, *summary;

    size_t                   config_size;
    const struct smg_option *options; /* ended by SMG_OPTIONS_END */

    /* open and close own memory; start and stop own the device or the connection. A failed open or
     * start leaves nothing behind: close or stop is not called. config stays valid until close. */
    int  (*open)(const struct smg_host *, const void *config, void **self, struct smg_err *);
    int  (*start)(void *self, struct smg_err *); /* optional, as stop is */
    void (*stop)(void *self);                    /* every operation is done on return */
    void (*close)(void *self);

    union {
        const struct smg_reader_ops   *reader;
        const struct smg_storage_ops  *storage;
        const struct smg_verifier_ops *verifier;
        const struct smg_reporter_ops *reporter;
    };
};

/* The only symbol a plugin exports: data, so it can be read before anything is called. The file is
 * NAME.so, the symbol smg_plugin_NAME. */
#define SMG_PLUGIN(id)                              \
    extern const struct smg_plugin smg_plugin_##id; \
    SMG_EXPORT const struct smg_plugin smg_plugin_##id

#define SMG_ABI                                 \
    .abi_major   = SMG_ABI_MAJOR,               \
    .abi_minor   = SMG_ABI_MINOR,               \
    .size        = sizeof(struct smg_plugin),   \
    .option_size = sizeof(struct smg_option)

#endif
