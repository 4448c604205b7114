/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing what stands under a gateway. */
#include "site.h"

#include <stdlib.h>

static bool complain(struct buf *complaints, const char *what, const struct smg_err *err)
{
    buf_printf(complaints, "%s: %s\n", what, err->text);
    return false;
}

static bool load_config(struct site *site, const char *config_path, struct buf *complaints)
{
    struct config_errors errors = { 0 };

    *site = (struct site){ 0 };
    site->config = config_load(config_path, &errors);
    if (site->config == NULL)
        buf_str(complaints, buf_view(&errors.text));
    config_errors_fini(&errors);
    return site->config != NULL;
}

bool site_open_keys(struct site *site, const char *config_path, struct buf *complaints)
{
    struct smg_err err = { 0 };

    if (!load_config(site, config_path, complaints))
        return false;
    site->keyring = keyring_open(site->config->keys.path, site->config->keys.suite, &err);
    return site->keyring != NULL || complain(complaints, "keys", &err);
}

static bool open_storage(struct site *site, struct buf *complaints)
{
    const struct config_instance *config = &site->config->storage;
    struct config_errors errors = { 0 };
    struct smg_err err = { 0 };

    if (library_load(site->config->gateway.plugins, SMG_STORAGE, config->plugin, &site->library,
                     &err) != SMG_OK)
        return complain(complaints, "storage", &err);
    site->storage = instance_open(NULL, site->library, config, &errors, &err);
    if (errors.count > 0) {
        buf_str(complaints, buf_view(&errors.text));
        config_errors_fini(&errors);
        return false;
    }
    if (site->storage == NULL || instance_start(site->storage, &err) != SMG_OK)
        return complain(complaints, "storage", &err);
    return true;
}

bool site_open_storage(struct site *site, const char *config_path, struct buf *complaints)
{
    return load_config(site, config_path, complaints) && open_storage(site, complaints);
}

bool site_open(struct site *site, const char *config_path, const char *stream_end,
               struct buf *complaints)
{
    struct store_stage stage;
    struct smg_err err = { 0 };
    char stream[64];

    if (!site_open_keys(site, config_path, complaints) || !open_storage(site, complaints))
        return false;
    snprintf(stream, sizeof stream, "%s%s", site->config->gateway.node, stream_end);
    site->audit = audit_new(site->keyring, stream, &err);
    if (site->audit == NULL || audit_attach(site->audit, site->storage, &err) != SMG_OK)
        return complain(complaints, "audit", &err);
    stage = audit_stage(site->audit);
    site->store = store_new(site->storage, &stage, &(struct store_options){ 0 }, &err);
    return site->store != NULL || complain(complaints, "storage", &err);
}

/* Where SM4 seals, SM2 signs: one family of algorithms for one gateway. */
static bool open_key(struct site *site, const struct config_policy_key *config,
                     struct buf *complaints)
{
    const char *suite = strcmp(keyring_suite(site->keyring), "sm4") == 0 ? "sm2" : "ed25519";
    struct smg_err err = { 0 };
    struct public_key *key = public_key_open(config->path, &err);

    if (key == NULL)
        return complain(complaints, "policies.keys", &err);
    site->trusted[site->policies.key_count++] =
        (struct trusted_key){ .key = key, .from = config->from, .until = config->until };
    if (strcmp(public_key_suite(key), suite) == 0)
        return true;
    buf_printf(complaints,
               "policies.keys: %s: is of suite %s; with keys of suite %s it must be %s\n",
               config->path, public_key_suite(key), keyring_suite(site->keyring), suite);
    return false;
}

bool site_open_policies(struct site *site, struct buf *complaints)
{
    const struct config *config = site->config;
    bool good = true;
    size_t i;

    site->trusted = calloc(config->policies.key_count + 1, sizeof *site->trusted);
    if (site->trusted == NULL) {
        buf_text(complaints, "policies: out of memory\n");
        return false;
    }
    site->policies =
        (struct bundle_source){ .path = config->policies.path,
                                .stack = config->policies.stack,
                                .count = config->policies.stack_count,
                                .must_be_signed = strcmp(config->policies.trust, "signed") == 0,
                                .keys = site->trusted };
    for (i = 0; i < config->policies.key_count; i++)
        good &= open_key(site, &config->policies.keys[i], complaints);
    return good;
}

void site_close(struct site *site)
{
    size_t i;

    for (i = 0; i < site->policies.key_count; i++)
        public_key_free((struct public_key *)site->trusted[i].key);
    free(site->trusted);
    if (site->store != NULL)
        store_free(site->store);
    if (site->audit != NULL)
        audit_free(site->audit);
    if (site->storage != NULL)
        instance_free(site->storage);
    if (site->library != NULL)
        library_free(site->library);
    if (site->keyring != NULL)
        keyring_free(site->keyring);
    if (site->config != NULL)
        config_free(site->config);
    *site = (struct site){ 0 };
}
