/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates of the test authority. */
#include "emulate/issuing.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4096, AUTHORITY_SERIAL = 1, SIGNER_SERIAL = 0x2018 };

static const char *const kind_words[] = {
    [SIGNER_RSA] = "rsa",
    [SIGNER_RSA_PSS] = "rsa_pss",
    [SIGNER_ECDSA] = "ecdsa",
    [SIGNER_ECDSA_EXPLICIT] = "ecdsa_explicit",
};

static EVP_PKEY *make_key(enum signer_kind kind)
{
    bool is_rsa = kind == SIGNER_RSA || kind == SIGNER_RSA_PSS;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(is_rsa ? EVP_PKEY_RSA : EVP_PKEY_EC, NULL);
    EVP_PKEY *key = NULL;
    bool good = context != NULL && EVP_PKEY_keygen_init(context) == 1;

    if (good && is_rsa)
        good = EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1;
    if (good && !is_rsa)
        good = EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1 &&
               EVP_PKEY_CTX_set_ec_param_enc(context, kind == SIGNER_ECDSA_EXPLICIT
                                                          ? OPENSSL_EC_EXPLICIT_CURVE
                                                          : OPENSSL_EC_NAMED_CURVE) == 1;
    if (good && EVP_PKEY_keygen(context, &key) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *key = NULL;

    if (file == NULL)
        return NULL;
    key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    (void)fclose(file);
    return key;
}

/* A file beside path, to be put in its place when it is whole. */
static FILE *open_beside(const char *path, char beside[PATH])
{
    int fd;

    if (snprintf(beside, PATH, "%s.XXXXXX", path) >= PATH)
        return NULL;
    fd = mkstemp(beside);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

/* Whoever is first decides: its key is the one that stays. */
static EVP_PKEY *keep_key(const char *path, EVP_PKEY *key)
{
    char beside[PATH];
    FILE *file = key == NULL ? NULL : open_beside(path, beside);
    bool written = file != NULL && PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);

    EVP_PKEY_free(key);
    if (file == NULL)
        return NULL;
    written = fclose(file) == 0 && written && (link(beside, path) == 0 || errno == EEXIST);
    (void)unlink(beside);
    return written ? read_key(path) : NULL;
}

/* The key of this name: from the folder, or made, and kept there. */
static EVP_PKEY *find_key(const struct issuing_wish *wish, const char *suffix, bool kept)
{
    char path[PATH];
    EVP_PKEY *key;

    if (!kept || wish->folder == NULL)
        return make_key(wish->kind);
    if (snprintf(path, sizeof path, "%s/private/%s-%s%s.pem", wish->folder, wish->country,
                 kind_words[wish->kind], suffix) >= PATH)
        return NULL;
    key = read_key(path);
    return key != NULL ? key : keep_key(path, make_key(wish->kind));
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool good = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return good;
}

static bool set_name(X509_NAME *name, const char *country, const char *unit, const char *common)
{
    const unsigned char *c = (const unsigned char *)country;

    return X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, c, -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Specimen",
                                      -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_ASC, (const unsigned char *)unit, -1, -1,
                                      0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common, -1,
                                      -1, 0) == 1;
}

static bool set_day(ASN1_TIME *time, struct smg_date day)
{
    char text[40];

    snprintf(text, sizeof text, "%04d%02u%02u000000Z", (int)day.year, (unsigned)day.month,
             (unsigned)day.day);
    return ASN1_TIME_set_string_X509(time, text) == 1;
}

static bool sign(X509 *certificate, EVP_PKEY *key, enum signer_kind kind)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *padding = NULL;
    bool good = context != NULL &&
                EVP_DigestSignInit(context, &padding, EVP_sha256(), NULL, key) == 1 &&
                (kind != SIGNER_RSA_PSS ||
                 (EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, 32) == 1)) &&
                X509_sign_ctx(certificate, context) > 0;

    EVP_MD_CTX_free(context);
    return good;
}

struct certificate_wish {
    const char *country, *common;
    long serial;
    struct smg_date from, until;
    bool is_authority;
};

static bool fill(X509 *certificate, const struct certificate_wish *wish, EVP_PKEY *key,
                 const X509_NAME *issuer)
{
    const char *unit = "For tests, worth nothing";

    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), wish->serial) == 1 &&
           set_name(X509_get_subject_name(certificate), wish->country, unit, wish->common) &&
           X509_set_issuer_name(certificate, issuer == NULL ? X509_get_subject_name(certificate)
                                                            : issuer) == 1 &&
           set_day(X509_getm_notBefore(certificate), wish->from) &&
           set_day(X509_getm_notAfter(certificate), wish->until) &&
           X509_set_pubkey(certificate, key) == 1 &&
           (!wish->is_authority ||
            add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")) &&
           add_extension(certificate, NID_key_usage,
                         wish->is_authority ? "critical,keyCertSign,cRLSign"
                                            : "critical,digitalSignature");
}

static X509 *make_certificate(const struct certificate_wish *wish, EVP_PKEY *key,
                              const X509_NAME *issuer, EVP_PKEY *issuer_key, enum signer_kind kind)
{
    X509 *certificate = X509_new();

    if (certificate != NULL && key != NULL && fill(certificate, wish, key, issuer) &&
        sign(certificate, issuer_key, kind))
        return certificate;
    X509_free(certificate);
    return NULL;
}

/* Into the folder, in place of one that was there before (of the same key). */
static bool keep_certificate(const struct issuing_wish *wish, X509 *certificate)
{
    char path[PATH], beside[PATH];
    FILE *file;
    bool written;

    if (wish->folder == NULL)
        return true;
    if (snprintf(path, sizeof path, "%s/certificates/%s-%s.pem", wish->folder, wish->country,
                 kind_words[wish->kind]) >= PATH)
        return false;
    if (access(path, F_OK) == 0)
        return true;
    file = open_beside(path, beside);
    if (file == NULL)
        return false;
    written = PEM_write_X509(file, certificate) == 1 && fchmod(fileno(file), 0644) == 0;
    written = fclose(file) == 0 && written && rename(beside, path) == 0;
    if (!written)
        (void)unlink(beside);
    return written;
}

static bool make_folders(const char *folder)
{
    static const char *const parts[] = { "", "/private", "/certificates" };
    char path[PATH];

    for (size_t i = 0; folder != NULL && i < sizeof parts / sizeof *parts; i++)
        if (snprintf(path, sizeof path, "%s%s", folder, parts[i]) >= PATH ||
            (mkdir(path, i == 1 ? 0700 : 0755) != 0 && errno != EEXIST))
            return false;
    return true;
}

static struct smg_date days_after(struct smg_date day, int days)
{
    return date_from_days(date_to_days(day) + days);
}

static X509 *make_signer(const struct issuing_wish *wish, EVP_PKEY *key, const X509 *authority,
                         EVP_PKEY *authority_key)
{
    bool expired = wish->fault == PASSPORT_EXPIRED_SIGNER;
    bool own = wish->fault == PASSPORT_SELF_SIGNED;
    struct certificate_wish signer = {
        .country = wish->country,
        .common = "Specimen Document Signer",
        .serial = SIGNER_SERIAL,
        .from = days_after(wish->signed_on, -90),
        .until = expired ? days_after(wish->signed_on, -1)
                         : days_after(date_add_years(wish->signed_on, 10), 90),
    };

    return make_certificate(&signer, key, own ? NULL : X509_get_subject_name(authority),
                            own ? key : authority_key, wish->kind);
}

static X509 *make_authority(const struct issuing_wish *wish, EVP_PKEY *key)
{
    struct certificate_wish authority = {
        .country = wish->country,
        .common = "Specimen Country Signing Authority",
        .serial = AUTHORITY_SERIAL,
        .from = { 2010, 1, 1 },
        .until = { 2049, 12, 31 },
        .is_authority = true,
    };

    return make_certificate(&authority, key, NULL, key, wish->kind);
}

int issuing_open(const struct issuing_wish *wish, struct issuing *out, struct smg_err *err)
{
    /* Another authority of the same name must not take the trusted one's place. */
    bool kept = wish->fault != PASSPORT_UNKNOWN_CSCA;
    EVP_PKEY *authority_key;
    X509 *authority = NULL;

    *out = (struct issuing){ 0 };
    if (!make_folders(wish->folder))
        return smg_fail(err, SMG_E_IO, "%s: %s", wish->folder, strerror(errno));
    authority_key = find_key(wish, "", kept);
    out->signer_key = find_key(wish, "-signer", true);
    if (authority_key != NULL && out->signer_key != NULL)
        authority = make_authority(wish, authority_key);
    if (authority != NULL && (!kept || keep_certificate(wish, authority)))
        out->signer = make_signer(wish, out->signer_key, authority, authority_key);
    X509_free(authority);
    EVP_PKEY_free(authority_key);
    if (out->signer != NULL)
        return SMG_OK;
    issuing_close(out);
    return smg_fail(err, SMG_E_IO, "the test authority's keys in %s cannot be read or made",
                    wish->folder == NULL ? "memory" : wish->folder);
}

void issuing_close(struct issuing *issuing)
{
    X509_free(issuing->signer);
    EVP_PKEY_free(issuing->signer_key);
    *issuing = (struct issuing){ 0 };
}
