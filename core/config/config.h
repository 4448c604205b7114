/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: YAML in, checked structs out, and every mistake at once with its file,
 * line and column. The only room that knows libyaml. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/date.h"

/* Mistakes, collected as lines "FILE:LINE:COLUMN: PATH: what is wrong; what was expected". The
 * first hundred are in the text. */
struct config_errors {
    struct buf text;
    unsigned count;
};
void config_errors_fini(struct config_errors *errors);

/* A YAML node that remembers where it stood. NULL is nothing: of kind 0 and length 0, with no text
 * and no keys, and a complaint about it has no place. */
struct config_node;
enum config_kind { CONFIG_SCALAR = 1, CONFIG_LIST, CONFIG_MAP };
enum config_kind config_kind(const struct config_node *node);
const char *config_scalar(const struct config_node *node); /* "" unless a scalar */
size_t config_length(const struct config_node *node);      /* of a list or a map */
const struct config_node *config_item(const struct config_node *node,
                                      size_t i); /* value of entry i */
const char *config_key(const struct config_node *map, size_t i);
const struct config_node *config_find(const struct config_node *map, const char *key);
void config_complain(struct config_errors *errors, const struct config_node *where, const char *fmt,
                     ...) SMG_PRINTF(3, 4);

/* Fill `out` (of the size the options were made for, zeroed before) from a map. Unknown keys get
 * the nearest known one; a wrong type says what was expected. node NULL: an empty map (required
 * keys are then complained about at `parent`). Texts point into the tree. false: something was
 * wrong, and is in errors. */
bool config_fill(const struct config_node *map, const struct config_node *parent,
                 const struct smg_option *options, void *out, struct config_errors *errors);

/* The same from "name=value" pairs that were checked before, for a plugin's own process. There is
 * no file to see paths from: a PATH must be absolute, as config_fill made it. */
bool config_fill_pairs(const struct smg_option *options, const char *const *names,
                       const char *const *values, size_t count, void *out, struct smg_err *err);

/* Any other file in the same YAML and under the same limits (a card for the virtual reader). NULL
 * when it is not one; all of it is in errors. Paths in it are absolute, seen from the file. */
struct config_tree;
struct config_tree *config_tree_load(const char *path, struct config_errors *errors);
/* The same from text; paths are seen from the folder of `file`, which need not exist. */
struct config_tree *config_tree_read(const char *file, struct smg_str text,
                                     struct config_errors *errors);
const struct config_node *config_tree_top(const struct config_tree *tree); /* a map */
void config_tree_free(struct config_tree *tree);

/* A plugin and how one use of it is set up. */
struct config_instance {
    const char *name;                  /* how logs, metrics and requests call it */
    const char *plugin;                /* "sdt", or a path with a slash to a .so */
    int64_t deadline_ms;               /* 0: the kind's default */
    const char *to, *seal_to;          /* reporters: see outbox_add; a PEM file; or NULL */
    bool without_landlock;             /* a reader: even where the kernel cannot hold back files */
    const struct config_node *node;    /* where it stands, for complaints */
    const struct config_node *options; /* the plugin's own, or NULL */
};

/* A public key whose signatures over policies count on the days from <= day < until; DATE_NONE is
 * open. */
struct config_policy_key {
    const char *path;
    struct smg_date from, until;
};

struct config_instances {
    struct config_instance *at;
    size_t count;
};

/* The whole file. All texts live as long as the config; paths are absolute, seen from the file. */
struct config {
    struct {
        const char *operator_name; /* key "operator" */
        const char *licence;
        const char *region; /* GB/T 2260, six digits */
        const char *node; /* this gateway among several; also the audit stream; default "gateway" */
        const char *listen;   /* "127.0.0.1:8080", "[::1]:8080" */
        const char *plugins;  /* folder with KIND/NAME.so; default: beside the program */
        int64_t workers;      /* "auto" = 0 */
        int64_t token_ttl_ms; /* key "token_ttl"; how long a card-read token is good; default 15m */
        const struct config_node *node_at; /* the section, for complaints */
    } gateway;
    struct {
        const char *certificate, *key; /* PEM files; both or neither */
        const char *client_ca;         /* PEM; then clients must show a certificate */
        const struct config_node *node;
    } tls;                        /* key "tls", beside "gateway" */
    struct {                      /* keys "body", "evidence", ...: the unit is part of the value */
        int64_t body_bytes;       /* default 256KiB */
        int64_t evidence_bytes;   /* default 8MiB */
        int64_t evidence_kept_ms; /* of a picture no registration took; default 24h */
        int64_t header_bytes;     /* default 16KiB */
        int64_t connections;      /* default 4096 */
        int64_t idle_ms;          /* a connection without a request; default 60s */
        int64_t request_ms;       /* from a request's first byte to its last; default 30s */
    } limits;
    struct {
        const char *path;
        const char **stack; /* "cn-54/2018", ... */
        size_t stack_count;
        const char *trust; /* "any" or "signed" */
        struct config_policy_key *keys;
        size_t key_count;
        const char *shadow; /* a draft beside the active set: "DRAFT:ACTIVE" folders, or NULL */
        const char **shadow_stack; /* without one of its own, the stack above */
        size_t shadow_stack_count;
        const struct config_node *node;
    } policies;
    struct {
        const char
            *decoder; /* a program that makes pictures of portraits of the form WLT, or NULL */
        int64_t timeout_ms; /* default 2s */
    } portraits;
    struct config_instance storage;
    struct config_instances readers, verifiers, reporters;
    struct {
        const char *path;
        const char *suite; /* "aes-256-gcm" or "sm4" */
        const struct config_node *node;
    } keys;
};

/* NULL when anything was wrong; all of it is in errors. A file over 1 MiB, aliases and anchors,
 * duplicate keys, and more than 32 levels are refused. */
struct config *config_load(const char *path, struct config_errors *errors);
void config_free(struct config *config);

#endif
