/* SPDX-License-Identifier: Apache-2.0 */
/* Installed authorities: loaded, and asked about a signer. The chain has two links and is walked by
 * hand: OpenSSL's own walk refuses the explicit curve parameters of half of Europe, and judges by
 * today, when a passport outlives its signer's certificate by ten years. */
#include "trust.h"

#include "country.h"
#include "tlv.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ANCHORS_MAX = 8192, ANCHOR_FILE_MAX = 32 * 1024 * 1024, COUNTRY_BYTES = 8 };

static const char CSCA_MASTER_LIST[] = "2.23.136.1.1.2";

static bool keep_certificate(struct anchors *anchors, X509 *certificate)
{
    if (certificate != NULL && sk_X509_num(anchors->certificates) < ANCHORS_MAX &&
        sk_X509_push(anchors->certificates, certificate) > 0)
        return true;
    X509_free(certificate);
    return false;
}

/* CscaMasterList: version, SET OF certificates. */
static void take_master_list(struct anchors *anchors, struct smg_str content)
{
    struct smg_str set;
    struct tlv list, one;

    if (!take_tlv(&content, &list) || list.tag != 0x30 || !find_tlv(list.value, 0x31, &set))
        return;
    for (;;) {
        const unsigned char *at = (const unsigned char *)set.at;

        if (!take_tlv(&set, &one) ||
            !keep_certificate(anchors, d2i_X509(NULL, &at, set.at - (const char *)at)))
            return;
    }
}

static void take_signed_list(struct anchors *anchors, CMS_ContentInfo *cms)
{
    ASN1_OBJECT *wanted = OBJ_txt2obj(CSCA_MASTER_LIST, 1);
    ASN1_OCTET_STRING **content;

    if (cms != NULL && wanted != NULL && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed &&
        OBJ_cmp(CMS_get0_eContentType(cms), wanted) == 0) {
        content = CMS_get0_content(cms);
        if (content != NULL && *content != NULL)
            take_master_list(anchors,
                             (struct smg_str){ (const char *)ASN1_STRING_get0_data(*content),
                                               (size_t)ASN1_STRING_length(*content) });
    }
    ASN1_OBJECT_free(wanted);
    CMS_ContentInfo_free(cms);
}

static void take_der(struct anchors *anchors, const unsigned char *at, long len)
{
    const unsigned char *from = at;

    if (keep_certificate(anchors, d2i_X509(NULL, &from, len)))
        return;
    from = at;
    take_signed_list(anchors, d2i_CMS_ContentInfo(NULL, &from, len));
}

static void take_pem(struct anchors *anchors, const uint8_t *at, size_t len)
{
    BIO *text = BIO_new_mem_buf(at, (int)len);
    char *name, *header;
    unsigned char *der;
    long der_len;

    while (text != NULL && PEM_read_bio(text, &name, &header, &der, &der_len) == 1) {
        take_der(anchors, der, der_len);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
    BIO_free(text);
}

static int take_anchors(struct anchors *anchors, const char *path, const uint8_t *at, size_t len,
                        struct smg_err *err)
{
    int before = sk_X509_num(anchors->certificates);

    if (len > 0 && at[0] == 0x30)
        take_der(anchors, at, (long)len);
    else
        take_pem(anchors, at, len);
    ERR_clear_error();
    return sk_X509_num(anchors->certificates) > before
               ? SMG_OK
               : smg_fail(err, SMG_E_INVALID, "%s: holds no certificate and no master list", path);
}

static int load_anchor_file(struct anchors *anchors, const char *path, struct smg_err *err)
{
    FILE *file = fopen(path, "rbe");
    uint8_t *bytes = NULL;
    struct stat is;
    size_t len = 0;
    int code;

    if (file == NULL || fstat(fileno(file), &is) != 0)
        code = smg_fail(err, SMG_E_IO, "%s: %s", path, strerror(errno));
    else if (is.st_size > ANCHOR_FILE_MAX)
        code = smg_fail(err, SMG_E_INVALID, "%s: is longer than 32 MiB", path);
    else if ((bytes = malloc((size_t)is.st_size + 1)) == NULL)
        code = smg_fail(err, SMG_E_MEMORY, "%s: out of memory", path);
    else {
        len = fread(bytes, 1, (size_t)is.st_size, file);
        code = take_anchors(anchors, path, bytes, len, err);
    }
    if (file != NULL)
        fclose(file);
    free(bytes);
    return code;
}

static int load_anchor_folder(struct anchors *anchors, const char *path, struct smg_err *err)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int code = SMG_OK;

    if (folder == NULL)
        return smg_fail(err, SMG_E_IO, "%s: %s", path, strerror(errno));
    while (code == SMG_OK && (entry = readdir(folder)) != NULL) {
        char name[4096];
        struct stat is;

        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) >= (int)sizeof name)
            code = smg_fail(err, SMG_E_INVALID, "%.200s: its path is too long", entry->d_name);
        else if (stat(name, &is) != 0)
            code = smg_fail(err, SMG_E_IO, "%s: %s", name, strerror(errno));
        else if (!S_ISDIR(is.st_mode))
            code = load_anchor_file(anchors, name, err);
    }
    closedir(folder);
    return code;
}

int anchors_load(const char *path, struct anchors *out, struct smg_err *err)
{
    struct stat is;
    int code;

    out->certificates = sk_X509_new_null();
    if (out->certificates == NULL)
        return smg_fail(err, SMG_E_MEMORY, "%s: out of memory", path);
    if (stat(path, &is) != 0)
        code = smg_fail(err, SMG_E_IO, "%s: %s", path, strerror(errno));
    else
        code = S_ISDIR(is.st_mode) ? load_anchor_folder(out, path, err)
                                   : load_anchor_file(out, path, err);
    if (code == SMG_OK && sk_X509_num(out->certificates) == 0)
        code = smg_fail(err, SMG_E_INVALID, "%s: holds no certificate and no master list", path);
    if (code < 0)
        anchors_free(out);
    return code;
}

void anchors_free(struct anchors *anchors)
{
    sk_X509_pop_free(anchors->certificates, X509_free);
    anchors->certificates = NULL;
}

size_t anchors_count(const struct anchors *anchors)
{
    return anchors->certificates == NULL ? 0 : (size_t)sk_X509_num(anchors->certificates);
}

static bool read_country(const X509_NAME *name, char out[COUNTRY_BYTES])
{
    return X509_NAME_get_text_by_NID(name, NID_countryName, out, COUNTRY_BYTES) == 2;
}

/* Extensions are read one by one: OpenSSL's own look at a certificate gives it up for any of them
 * that is malformed, and states do issue such certificates. */
static bool is_authority(const X509 *certificate, bool unless_said)
{
    BASIC_CONSTRAINTS *said = X509_get_ext_d2i(certificate, NID_basic_constraints, NULL, NULL);
    bool is = said == NULL ? unless_said : said->ca != 0;

    BASIC_CONSTRAINTS_free(said);
    return is;
}

static bool may_sign_data(const X509 *certificate)
{
    ASN1_BIT_STRING *said = X509_get_ext_d2i(certificate, NID_key_usage, NULL, NULL);
    bool may = said == NULL || ASN1_BIT_STRING_get_bit(said, 0) || ASN1_BIT_STRING_get_bit(said, 1);

    ASN1_BIT_STRING_free(said);
    return may;
}

/* What 9303 names as a purpose (lists, bar codes) is never documents; nor are servers. */
static bool is_for_something_else(const X509 *certificate)
{
    static const char icao[] = "2.23.136.1.1.";
    EXTENDED_KEY_USAGE *said = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
    bool is = false;

    for (int i = 0; i < sk_ASN1_OBJECT_num(said); i++) {
        const ASN1_OBJECT *purpose = sk_ASN1_OBJECT_value(said, i);
        char text[64];

        is = is || OBJ_obj2txt(text, sizeof text, purpose, 1) <= 0 ||
             strncmp(text, icao, sizeof icao - 1) == 0 || OBJ_obj2nid(purpose) == NID_server_auth ||
             OBJ_obj2nid(purpose) == NID_client_auth;
    }
    EXTENDED_KEY_USAGE_free(said);
    return is;
}

/* An authority also issues certificates that are not for signing documents; they say so. */
static bool may_sign_documents(const X509 *signer)
{
    return !is_authority(signer, false) && may_sign_data(signer) && !is_for_something_else(signer);
}

static bool was_valid(const X509 *certificate, const ASN1_TIME *at)
{
    return ASN1_TIME_compare(X509_get0_notBefore(certificate), at) <= 0 &&
           ASN1_TIME_compare(at, X509_get0_notAfter(certificate)) <= 0;
}

/* The authority's name is not compared: its key is what counts, and issuers write their names in
 * more than one way. */
static bool has_issued(X509 *authority, X509 *signer)
{
    EVP_PKEY *key = X509_get0_pubkey(authority);
    bool good = key != NULL && is_authority(authority, true) && X509_verify(signer, key) == 1;

    ERR_clear_error();
    return good;
}

enum finding anchors_judge(const struct anchors *anchors, X509 *signer, const ASN1_TIME *signed_at,
                           const char *issuer, const char **why)
{
    char country[COUNTRY_BYTES], of[COUNTRY_BYTES];
    bool known = false;

    if (!read_country(X509_get_issuer_name(signer), country) || !country_agrees(issuer, country) ||
        (read_country(X509_get_subject_name(signer), of) && !country_same(country, of))) {
        *why = "its signer is of another country than the document";
        return FINDING_NO;
    }
    for (int i = 0; i < (int)anchors_count(anchors); i++) {
        X509 *authority = sk_X509_value(anchors->certificates, i);

        if (!read_country(X509_get_subject_name(authority), of) || !country_same(country, of))
            continue;
        known = true;
        if (!was_valid(authority, X509_get0_notBefore(signer)) || !has_issued(authority, signer))
            continue;
        if (!may_sign_documents(signer)) {
            *why = "its signer's certificate is for something else than documents";
            return FINDING_NO;
        }
        if (signed_at != NULL && !was_valid(signer, signed_at)) {
            *why = "its signer's certificate was not valid on the day of signing";
            return FINDING_NO;
        }
        return FINDING_YES;
    }
    *why = known ? "no installed authority of its country issued its signer's certificate"
                 : "no authority of its country is installed";
    return known ? FINDING_NO : FINDING_UNKNOWN;
}
