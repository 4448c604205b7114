/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing and opening, with one set of OpenSSL contexts for each key a thread has used. */
#include "crypto/seal.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/ring.h"
#include "crypto/secret.h"

/* The sealed form: format, suite, key id; nonce; cipher text; tag. */
enum {
    FORMAT = 1,
    HEAD_BYTES = 2 + RING_ID_BYTES,
    PLAIN_LIMIT = 1 << 30, /* OpenSSL counts in int */
    POOL_BYTES = 4096      /* drawing 4 KiB costs little more than drawing a nonce */
};

/* The key id of values that a data key seals. */
static const uint8_t no_id[RING_ID_BYTES];

/* All in secret memory, because of the pool: it holds data keys to come. */
struct sealer {
    const struct keyring *keyring;
    void *sealing[KEY_USES]; /* under the active master key; made at first use, as are these */
    void *opening[RING_MASTERS][KEY_USES];
    void *data_sealing;
    void *data_opening[SUITE_COUNT];
    EVP_MAC_CTX *digesting[KEY_USES];
    size_t pool_left;
    uint8_t pool[POOL_BYTES];
};

static const struct master *active_master(const struct sealer *sealer)
{
    return &sealer->keyring->master[sealer->keyring->active];
}

struct sealer *sealer_new(const struct keyring *keyring, struct smg_err *err)
{
    struct sealer *sealer = secret_new(sizeof *sealer);

    if (sealer == NULL)
        smg_fail(err, SMG_E_MEMORY, "out of memory");
    else
        sealer->keyring = keyring;
    return sealer;
}

static void free_contexts(const struct suite *suite, void *contexts)
{
    if (contexts != NULL)
        suite->contexts_free(contexts);
}

void sealer_free(struct sealer *sealer)
{
    size_t use, i;

    if (sealer == NULL)
        return;
    for (use = 0; use < KEY_USES; use++) {
        free_contexts(active_master(sealer)->suite, sealer->sealing[use]);
        for (i = 0; i < sealer->keyring->count; i++)
            free_contexts(sealer->keyring->master[i].suite, sealer->opening[i][use]);
        EVP_MAC_CTX_free(sealer->digesting[use]);
    }
    free_contexts(active_master(sealer)->suite, sealer->data_sealing);
    for (i = 0; i < SUITE_COUNT; i++)
        free_contexts(suite_at(i), sealer->data_opening[i]);
    secret_free(sealer, sizeof *sealer);
}

/* What is handed out is wiped, so that no nonce comes twice and no data key stays behind. */
static void take_random(struct sealer *sealer, uint8_t *out, size_t len)
{
    uint8_t *at;

    if (sealer->pool_left < len) {
        random_bytes(sealer->pool, POOL_BYTES);
        sealer->pool_left = POOL_BYTES;
    }
    sealer->pool_left -= len;
    at = sealer->pool + sealer->pool_left;
    memcpy(out, at, len);
    str_wipe(at, len);
}

/* The contexts at `slot`, made and keyed (key NULL: not keyed) when this is their first use. */
static int use_contexts(const struct suite *suite, void **slot, bool sealing, const uint8_t *key,
                        struct smg_err *err)
{
    void *contexts = *slot;

    if (contexts != NULL)
        return SMG_OK;
    contexts = suite->contexts_new(sealing);
    if (contexts == NULL || (key != NULL && !suite->key(contexts, key))) {
        free_contexts(suite, contexts);
        return smg_fail(err, SMG_E_MEMORY, "OpenSSL cannot set up suite %s", suite->name);
    }
    *slot = contexts;
    return SMG_OK;
}

static int seal_bytes(struct sealer *sealer, void *contexts, const uint8_t id[RING_ID_BYTES],
                      struct smg_str about, struct smg_str plain, struct buf *out,
                      struct smg_err *err)
{
    const struct suite *suite = active_master(sealer)->suite;
    size_t before = out->len, len = HEAD_BYTES + suite->nonce_bytes + plain.len + suite->tag_bytes;
    struct suite_message message;
    uint8_t *at;

    if (plain.len > PLAIN_LIMIT || about.len > PLAIN_LIMIT)
        return smg_fail(err, SMG_E_INVALID, "too long to seal");
    at = (uint8_t *)buf_grow(out, len);
    if (at == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    at[0] = FORMAT;
    at[1] = suite->number;
    memcpy(at + 2, id, RING_ID_BYTES);
    take_random(sealer, at + HEAD_BYTES, suite->nonce_bytes);
    message = (struct suite_message){ .head = str_bytes(at, HEAD_BYTES),
                                      .about = about,
                                      .in = plain,
                                      .nonce = at + HEAD_BYTES,
                                      .out = at + HEAD_BYTES + suite->nonce_bytes,
                                      .tag = at + len - suite->tag_bytes };
    if (suite->seal(contexts, &message))
        return SMG_OK;
    str_wipe(at, len);
    out->len = before;
    return smg_fail(err, SMG_E_BUG, "OpenSSL cannot seal");
}

/* One text for every reason: whoever altered a value learns nothing from the answer. */
static int refuse(struct smg_err *err)
{
    return smg_fail(err, SMG_E_DENIED,
                    "a sealed value does not open: altered, or of another place");
}

/* The suite of a sealed value; NULL when it cannot be one. */
static const struct suite *look_at(struct smg_str sealed, const uint8_t **id)
{
    const uint8_t *at = (const uint8_t *)sealed.at;
    size_t i;

    if (sealed.len < HEAD_BYTES || at[0] != FORMAT)
        return NULL;
    *id = at + 2;
    for (i = 0; i < SUITE_COUNT; i++)
        if (suite_at(i)->number == at[1])
            break;
    if (i == SUITE_COUNT ||
        sealed.len < HEAD_BYTES + suite_at(i)->nonce_bytes + suite_at(i)->tag_bytes)
        return NULL;
    return suite_at(i);
}

static int open_bytes(const struct suite *suite, void *contexts, struct smg_str about,
                      struct smg_str sealed, struct buf *out, struct smg_err *err)
{
    const uint8_t *at = (const uint8_t *)sealed.at;
    size_t len = sealed.len - HEAD_BYTES - suite->nonce_bytes - suite->tag_bytes;
    size_t before = out->len;
    uint8_t tag[SUITE_TAG_LIMIT];
    struct suite_message message;
    char *plain;
    int status;

    if (len > PLAIN_LIMIT || about.len > PLAIN_LIMIT)
        return refuse(err);
    plain = buf_grow(out, len);
    if (plain == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    memcpy(tag, at + sealed.len - suite->tag_bytes, suite->tag_bytes);
    message = (struct suite_message){
        .head = str_bytes(at, HEAD_BYTES),
        .about = about,
        .in = str_bytes(at + HEAD_BYTES + suite->nonce_bytes, len),
        .nonce = at + HEAD_BYTES,
        .out = (uint8_t *)plain,
        .tag = tag,
    };
    status = suite->open(contexts, &message);
    if (status == SMG_OK)
        return SMG_OK;
    str_wipe(plain, len);
    out->len = before;
    return status == SMG_E_DENIED ? refuse(err) : smg_fail(err, SMG_E_BUG, "OpenSSL cannot open");
}

int seal(struct sealer *sealer, enum key_use use, struct smg_str about, struct smg_str plain,
         struct buf *out, struct smg_err *err)
{
    const struct master *master = active_master(sealer);
    int status =
        use_contexts(master->suite, &sealer->sealing[use], true, master->seal_key[use], err);

    if (status != SMG_OK)
        return status;
    return seal_bytes(sealer, sealer->sealing[use], master->id, about, plain, out, err);
}

int unseal(struct sealer *sealer, enum key_use use, struct smg_str about, struct smg_str sealed,
           struct buf *out, struct smg_err *err)
{
    const struct keyring *keyring = sealer->keyring;
    const uint8_t *id;
    const struct suite *suite = look_at(sealed, &id);
    const struct master *master = keyring->master;
    size_t i;
    int status;

    for (i = 0; suite != NULL && i < keyring->count; i++, master++)
        if (memcmp(master->id, id, RING_ID_BYTES) == 0)
            break;
    if (suite == NULL || i == keyring->count || master->suite != suite)
        return refuse(err);
    status = use_contexts(suite, &sealer->opening[i][use], false, master->seal_key[use], err);
    if (status != SMG_OK)
        return status;
    return open_bytes(suite, sealer->opening[i][use], about, sealed, out, err);
}

int data_key_new(struct sealer *sealer, struct smg_str about, struct data_key *key,
                 struct buf *wrapped, struct smg_err *err)
{
    int status;

    take_random(sealer, key->bytes, sizeof key->bytes);
    status = seal(sealer, KEY_WRAP, about, str_bytes(key->bytes, sizeof key->bytes), wrapped, err);
    if (status != SMG_OK)
        data_key_wipe(key);
    return status;
}

int data_key_open(struct sealer *sealer, struct smg_str about, struct smg_str wrapped,
                  struct data_key *key, struct smg_err *err)
{
    struct buf plain = { 0 };
    int status = unseal(sealer, KEY_WRAP, about, wrapped, &plain, err);

    if (status == SMG_OK && plain.len == sizeof key->bytes)
        memcpy(key->bytes, plain.at, sizeof key->bytes);
    else if (status == SMG_OK)
        status = refuse(err);
    buf_fini(&plain);
    return status;
}

void data_key_wipe(struct data_key *key)
{
    str_wipe(key, sizeof *key);
}

int seal_with(struct sealer *sealer, const struct data_key *key, struct smg_str about,
              struct smg_str plain, struct buf *out, struct smg_err *err)
{
    const struct suite *suite = active_master(sealer)->suite;
    int status = use_contexts(suite, &sealer->data_sealing, true, NULL, err);

    if (status != SMG_OK)
        return status;
    if (!suite->key(sealer->data_sealing, key->bytes))
        return smg_fail(err, SMG_E_BUG, "OpenSSL does not take a data key");
    status = seal_bytes(sealer, sealer->data_sealing, no_id, about, plain, out, err);
    /* No copy of a data key stays when its owner wipes it. */
    if (!suite->forget(sealer->data_sealing))
        status = smg_fail(err, SMG_E_BUG, "OpenSSL does not forget a data key");
    return status;
}

int unseal_with(struct sealer *sealer, const struct data_key *key, struct smg_str about,
                struct smg_str sealed, struct buf *out, struct smg_err *err)
{
    const uint8_t *id;
    const struct suite *suite = look_at(sealed, &id);
    void **slot;
    size_t i;
    int status;

    if (suite == NULL || memcmp(id, no_id, RING_ID_BYTES) != 0)
        return refuse(err);
    for (i = 0; suite_at(i) != suite; i++)
        ;
    slot = &sealer->data_opening[i];
    status = use_contexts(suite, slot, false, NULL, err);
    if (status != SMG_OK)
        return status;
    if (!suite->key(*slot, key->bytes))
        return smg_fail(err, SMG_E_BUG, "OpenSSL does not take a data key");
    status = open_bytes(suite, *slot, about, sealed, out, err);
    if (!suite->forget(*slot) && status == SMG_OK)
        status = smg_fail(err, SMG_E_BUG, "OpenSSL does not forget a data key");
    return status;
}

static EVP_MAC_CTX *new_mac(const struct master *master, enum key_use use)
{
    OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)master->suite->digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);

    EVP_MAC_free(mac);
    if (context != NULL &&
        EVP_MAC_init(context, master->digest_key[use], SUITE_KEY_BYTES, digest) == 1)
        return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

static bool add_part(EVP_MAC_CTX *mac, struct smg_str part)
{
    uint8_t len[8];
    size_t i;

    for (i = 0; i < sizeof len; i++)
        len[i] = (uint8_t)((uint64_t)part.len >> (56 - 8 * i));
    return EVP_MAC_update(mac, len, sizeof len) == 1 &&
           (part.len == 0 || EVP_MAC_update(mac, (const uint8_t *)part.at, part.len) == 1);
}

int keyed_digest(struct sealer *sealer, enum key_use use, const struct smg_str *parts, size_t count,
                 uint8_t out[32], struct smg_err *err)
{
    EVP_MAC_CTX *mac = sealer->digesting[use];
    bool good;
    size_t i, len;

    if (mac == NULL)
        mac = sealer->digesting[use] = new_mac(active_master(sealer), use);
    /* Initialising without a key keeps the one it has. */
    good = mac != NULL && EVP_MAC_init(mac, NULL, 0, NULL) == 1;
    for (i = 0; good && i < count; i++)
        good = add_part(mac, parts[i]);
    if (!good || EVP_MAC_final(mac, out, &len, 32) != 1 || len != 32)
        return smg_fail(err, SMG_E_MEMORY, "OpenSSL cannot make a keyed digest");
    return SMG_OK;
}
