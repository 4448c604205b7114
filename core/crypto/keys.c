/* SPDX-License-Identifier: Apache-2.0 */
/* The key ring in memory: every master key's children, and the key that signs. */
#include "crypto/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/ring.h"
#include "crypto/secret.h"

static const char SIGNING_SUITE[] = "ed25519";
static const char KEY_SUFFIX[] = ".key";
enum { MASTER_NAME_BYTES = RING_ID_DIGITS + sizeof KEY_SUFFIX };

/* Words in the derivation: changing one makes every stored value unreadable. */
static const char *const use_names[KEY_USES] = {
    [KEY_WRAP] = "wrap",
    [KEY_STORE] = "store",
    [KEY_TOKEN] = "token",
    [KEY_INDEX] = "index",
    [KEY_AUDIT] = "audit",
    [KEY_STAFF] = "staff",
    [KEY_IDEMPOTENCY] = "idempotency",
    [KEY_REPORT] = "report",
};

static void write_id(const uint8_t id[RING_ID_BYTES], char out[RING_ID_DIGITS + 1])
{
    size_t i;

    for (i = 0; i < RING_ID_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", id[i]);
}

static void name_master(const uint8_t id[RING_ID_BYTES], char out[MASTER_NAME_BYTES])
{
    write_id(id, out);
    memcpy(out + RING_ID_DIGITS, KEY_SUFFIX, sizeof KEY_SUFFIX);
}

/* Put the path in front of what err says. */
static int blame(const char *path, int status, struct smg_err *err)
{
    struct smg_err inner = *err;

    return smg_fail(err, (enum smg_code)status, "key ring %s: %s", path, inner.text);
}

static void make_key(const char *suite, struct ring_key *key)
{
    *key = (struct ring_key){ 0 };
    memcpy(key->suite, suite, strlen(suite));
    random_bytes(key->secret, sizeof key->secret);
    ring_key_identify(key);
}

/* A name is durable when the folder that holds it is. */
static int sync_parent(const char *path, struct smg_err *err)
{
    struct buf parent = { 0 };
    const char *slash;
    size_t len = strlen(path);
    int fd, status = SMG_OK;

    while (len > 1 && path[len - 1] == '/')
        len--;
    slash = memrchr(path, '/', len);
    if (slash == NULL)
        buf_text(&parent, ".");
    else
        buf_put(&parent, path, slash == path ? 1 : (size_t)(slash - path));
    if (parent.failed)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    fd = open(parent.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        status = smg_fail(err, SMG_E_IO, "the folder above: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    buf_fini(&parent);
    return status;
}

static int fill_folder(int folder, const struct ring_key *master, const struct ring_key *signing,
                       struct smg_err *err)
{
    char name[MASTER_NAME_BYTES];
    int status;

    name_master(master->id, name);
    status = ring_key_write(folder, name, master, err);
    if (status == SMG_OK)
        status = ring_key_write(folder, RING_SIGNING, signing, err);
    if (status == SMG_OK)
        status = ring_active_write(folder, master->id, err);
    if (status == SMG_OK && fsync(folder) < 0)
        status = smg_fail(err, SMG_E_IO, "%s", strerror(errno));
    return status;
}

/* Keys nobody has used yet are no loss; half a ring would stand in the way of the next try. */
static void remove_folder(const char *path, int folder, const struct ring_key *master)
{
    char name[MASTER_NAME_BYTES];

    name_master(master->id, name);
    if (folder >= 0) {
        unlinkat(folder, name, 0);
        unlinkat(folder, RING_SIGNING, 0);
        unlinkat(folder, RING_ACTIVE, 0);
    }
    if (rmdir(path) < 0)
        log_line(SMG_WARN, "crypto", "cannot remove the unfinished key ring %s: %s", path,
                 strerror(errno));
}

int keyring_init(const char *path, const char *suite, struct smg_err *err)
{
    struct ring_key master, signing;
    int folder = -1, status;

    if (suite_find(str_of(suite)) == NULL)
        return smg_fail(err, SMG_E_INVALID, "no such suite: %s; aes-256-gcm and sm4 exist", suite);
    if (mkdir(path, 0700) < 0)
        return smg_fail(err, errno == EEXIST ? SMG_E_EXISTS : SMG_E_IO, "key ring %s: %s", path,
                        strerror(errno));
    make_key(suite, &master);
    make_key(SIGNING_SUITE, &signing);
    status = ring_folder_open(path, &folder, err);
    if (status == SMG_OK)
        status = fill_folder(folder, &master, &signing, err);
    if (status == SMG_OK)
        status = sync_parent(path, err);
    if (status != SMG_OK) {
        remove_folder(path, folder, &master);
        status = blame(path, status, err);
    }
    if (folder >= 0)
        close(folder);
    str_wipe(&master, sizeof master);
    str_wipe(&signing, sizeof signing);
    return status;
}

static int derive_children(struct master *master, const struct ring_key *key, struct smg_err *err)
{
    char info[64];
    size_t use;

    for (use = 1; use < KEY_USES; use++) {
        bool good;

        snprintf(info, sizeof info, "shiming/seal/%s", use_names[use]);
        good =
            suite_derive(master->suite, key->secret, info, master->seal_key[use], SUITE_KEY_BYTES);
        snprintf(info, sizeof info, "shiming/digest/%s", use_names[use]);
        good = good && suite_derive(master->suite, key->secret, info, master->digest_key[use],
                                    SUITE_KEY_BYTES);
        if (!good)
            return smg_fail(err, SMG_E_BUG, "OpenSSL cannot derive keys for suite %s",
                            master->suite->name);
    }
    return SMG_OK;
}

static int add_master(struct keyring *keyring, int folder, const char *name, struct smg_err *err)
{
    struct master *master = &keyring->master[keyring->count];
    char expected[MASTER_NAME_BYTES];
    struct ring_key key = { 0 };
    int status;

    if (keyring->count == RING_MASTERS)
        return smg_fail(err, SMG_E_INVALID, "more than %d master keys", RING_MASTERS);
    status = ring_key_read(folder, name, &key, err);
    if (status != SMG_OK)
        goto out;
    name_master(key.id, expected);
    if (strcmp(name, expected) != 0) {
        status =
            smg_fail(err, SMG_E_INVALID, "%s: holds the key that belongs in %s", name, expected);
        goto out;
    }
    master->suite = suite_find(str_of(key.suite));
    if (master->suite == NULL) {
        status = smg_fail(err, SMG_E_UNSUPPORTED, "%s: no such suite", name);
        goto out;
    }
    memcpy(master->id, key.id, sizeof key.id);
    status = derive_children(master, &key, err);
    if (status == SMG_OK)
        keyring->count++;
out:
    str_wipe(&key, sizeof key);
    return status;
}

static int read_masters(struct keyring *keyring, int folder, struct smg_err *err)
{
    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    int status = SMG_OK;
    struct dirent *entry;

    if (list == NULL) {
        if (copy >= 0)
            close(copy);
        return smg_fail(err, SMG_E_IO, "%s", strerror(errno));
    }
    while (status == SMG_OK && (errno = 0, entry = readdir(list)) != NULL) {
        size_t len = strlen(entry->d_name), suffix = sizeof KEY_SUFFIX - 1;

        if (len > suffix && strcmp(entry->d_name + len - suffix, KEY_SUFFIX) == 0 &&
            strcmp(entry->d_name, RING_SIGNING) != 0)
            status = add_master(keyring, folder, entry->d_name, err);
    }
    if (status == SMG_OK && errno != 0)
        status = smg_fail(err, SMG_E_IO, "%s", strerror(errno));
    closedir(list);
    return status;
}

static int choose_active(struct keyring *keyring, int folder, const char *suite,
                         struct smg_err *err)
{
    uint8_t id[RING_ID_BYTES];
    int status = ring_active_read(folder, id, err);
    size_t i;

    if (status != SMG_OK)
        return status;
    for (i = 0; i < keyring->count; i++)
        if (memcmp(keyring->master[i].id, id, sizeof id) == 0)
            break;
    write_id(id, keyring->id);
    if (i == keyring->count)
        return smg_fail(err, SMG_E_NOT_FOUND, "its active master key, %s, is missing", keyring->id);
    keyring->active = i;
    if (suite != NULL && strcmp(suite, keyring->master[i].suite->name) != 0)
        return smg_fail(err, SMG_E_INVALID, "made for suite %s, not for %s",
                        keyring->master[i].suite->name, suite);
    return SMG_OK;
}

static int read_signing(struct keyring *keyring, int folder, struct smg_err *err)
{
    struct ring_key key = { 0 };
    EVP_PKEY *pair = NULL;
    size_t len = sizeof keyring->public_key;
    int status = ring_key_read(folder, RING_SIGNING, &key, err);

    if (status != SMG_OK)
        goto out;
    if (strcmp(key.suite, SIGNING_SUITE) != 0) {
        status = smg_fail(err, SMG_E_INVALID, RING_SIGNING ": must be of suite %s", SIGNING_SUITE);
        goto out;
    }
    memcpy(keyring->seed, key.secret, sizeof keyring->seed);
    pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key.secret, sizeof key.secret);
    if (pair != NULL && EVP_PKEY_get_raw_public_key(pair, keyring->public_key, &len) == 1)
        keyring->public =
            EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, keyring->public_key, len);
    if (keyring->public == NULL)
        status = smg_fail(err, SMG_E_BUG, "OpenSSL cannot use the signing key");
out:
    EVP_PKEY_free(pair);
    str_wipe(&key, sizeof key);
    return status;
}

struct keyring *keyring_open(const char *path, const char *suite, struct smg_err *err)
{
    struct keyring *keyring = secret_new(sizeof *keyring);
    int folder = -1, status;

    if (keyring == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    status = ring_folder_open(path, &folder, err);
    if (status == SMG_OK)
        status = read_masters(keyring, folder, err);
    if (status == SMG_OK)
        status = choose_active(keyring, folder, suite, err);
    if (status == SMG_OK)
        status = read_signing(keyring, folder, err);
    if (folder >= 0)
        close(folder);
    if (status == SMG_OK)
        return keyring;
    blame(path, status, err);
    keyring_free(keyring);
    return NULL;
}

void keyring_free(struct keyring *keyring)
{
    if (keyring == NULL)
        return;
    EVP_PKEY_free(keyring->public);
    secret_free(keyring, sizeof *keyring);
}

const char *keyring_suite(const struct keyring *keyring)
{
    return keyring->master[keyring->active].suite->name;
}

const char *keyring_id(const struct keyring *keyring)
{
    return keyring->id;
}

/* OpenSSL keeps private keys in ordinary memory, so its copy lives for this call only. */
int keyring_sign(const struct keyring *keyring, struct smg_str message, uint8_t out[64],
                 struct smg_err *err)
{
    EVP_PKEY *pair =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, keyring->seed, sizeof keyring->seed);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = 64;
    bool good = pair != NULL && context != NULL &&
                EVP_DigestSignInit(context, NULL, NULL, NULL, pair) == 1 &&
                EVP_DigestSign(context, out, &len, (const uint8_t *)message.at, message.len) == 1 &&
                len == 64;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pair);
    return good ? SMG_OK : smg_fail(err, SMG_E_MEMORY, "OpenSSL cannot sign");
}

bool keyring_verify(const struct keyring *keyring, struct smg_str message,
                    const uint8_t signature[64])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, keyring->public) == 1 &&
        EVP_DigestVerify(context, signature, 64, (const uint8_t *)message.at, message.len) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

void keyring_public_key(const struct keyring *keyring, uint8_t out[32])
{
    memcpy(out, keyring->public_key, 32);
}
