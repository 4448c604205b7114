/* SPDX-License-Identifier: Apache-2.0 */
/* What a gateway and most verbs need: the configuration, the keys, the storage with its audit log.
 */
#ifndef SITE_H
#define SITE_H

#include "audit/audit.h"
#include "config/config.h"
#include "crypto/keys.h"
#include "release/bundle.h"
#include "store/store.h"

struct site {
    struct config *config;
    struct keyring *keyring;
    struct library *library;
    struct instance *storage;
    struct audit *audit;
    struct store *store;
    struct bundle_source policies; /* after site_open_policies */
    struct trusted_key *trusted;
};

/* Open everything, first to last; complaints (lines, ended by newlines) say all that is wrong.
 * stream_end:
 * "" for the gateway, ".cli" for the verbs, so that each writes an audit stream of its own. */
bool site_open(struct site *site, const char *config_path, const char *stream_end,
               struct buf *complaints);
/* The same, as far as the configuration and the keys. */
bool site_open_keys(struct site *site, const char *config_path, struct buf *complaints);
/* Where policies come from, and the public keys that sign them; with the configuration and the keys
 * open. */
bool site_open_policies(struct site *site, struct buf *complaints);
/* The configuration and the storage, without keys: for what needs to open no record. */
bool site_open_storage(struct site *site, const char *config_path, struct buf *complaints);
void site_close(struct site *site); /* last to first; fine when opening failed */

#endif
