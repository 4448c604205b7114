/* SPDX-License-Identifier: Apache-2.0 */
/* What a client's settings must be, found before anything is sent. */
#include "https_inside.h"

#include <openssl/ssl.h>
#include <string.h>

static bool is_url(const char *url)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *user = NULL, *fragment = NULL;
    bool good = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                strcmp(scheme, "https") == 0 &&
                curl_url_get(parts, CURLUPART_USER, &user, 0) != CURLUE_OK &&
                curl_url_get(parts, CURLUPART_FRAGMENT, &fragment, 0) != CURLUE_OK;

    curl_free(scheme);
    curl_free(user);
    curl_free(fragment);
    curl_url_cleanup(parts);
    return good;
}

/* A key with a password would be asked for at a terminal. */
static int no_password(char *out, int room, int writing, void *ctx)
{
    (void)out, (void)room, (void)writing, (void)ctx;
    return -1;
}

/* Would curl be able to use these files? It reads them itself, at each connection. */
static int check_files(const struct https_settings *settings, struct smg_err *err)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

    if (tls == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    SSL_CTX_set_default_passwd_cb(tls, no_password);
    *err = (struct smg_err){ 0 };
    if (settings->ca == NULL || SSL_CTX_load_verify_file(tls, settings->ca) != 1)
        smg_fail(err, SMG_E_INVALID, "ca: %s holds no certificates that can be read",
                 settings->ca == NULL ? "nothing" : settings->ca);
    else if ((settings->certificate == NULL) != (settings->key == NULL))
        smg_fail(err, SMG_E_INVALID, "certificate and key: both are needed, or neither");
    else if (settings->certificate != NULL &&
             SSL_CTX_use_certificate_chain_file(tls, settings->certificate) != 1)
        smg_fail(err, SMG_E_INVALID, "certificate: %s holds none that can be read",
                 settings->certificate);
    else if (settings->key != NULL &&
             SSL_CTX_use_PrivateKey_file(tls, settings->key, SSL_FILETYPE_PEM) != 1)
        smg_fail(err, SMG_E_INVALID, "key: %s holds none that can be read or fits the certificate",
                 settings->key);
    SSL_CTX_free(tls);
    return err->code;
}

int https_check(const struct https_settings *settings, struct smg_err *err)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

    if (!is_url(settings->url))
        return smg_fail(err, SMG_E_INVALID,
                        "url: this must be https://NAME[:PORT]/PATH, without user or fragment");
    if ((curl->features & CURL_VERSION_ASYNCHDNS) == 0)
        return smg_fail(err, SMG_E_UNSUPPORTED, "this libcurl would block to look names up");
    return check_files(settings, err);
}
