/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing what stands under a gateway. */
#include "site.h"

static bool complain(struct buf *complaints, const char *what, const struct smg_err *err)
{
    buf_printf(complaints, "%s: %s\n", what, err->text);
    return false;
}

bool site_open_keys(struct site *site, const char *config_path, struct buf *complaints)
{
    struct config_errors errors = { 0 };
    struct smg_err err = { 0 };

    *site = (struct site){ 0 };
    site->config = config_load(config_path, &errors);
    if (site->config == NULL) {
        buf_str(complaints, buf_view(&errors.text));
        config_errors_fini(&errors);
        return false;
    }
    config_errors_fini(&errors);
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

void site_close(struct site *site)
{
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
