/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes, by OpenSSL's CMS. */
#include "crypto/envelope.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

struct envelope_recipient {
    X509 *certificate;
    STACK_OF(X509) * one; /* of it alone, as CMS wants it */
};

void envelope_recipient_free(struct envelope_recipient *recipient)
{
    if (recipient == NULL)
        return;
    sk_X509_free(recipient->one);
    X509_free(recipient->certificate);
    free(recipient);
}

static bool is_in_its_days(const X509 *certificate)
{
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

/* Whether its key can be sealed to shows when it is tried. */
static int try_it(const struct envelope_recipient *recipient, const char *path, struct smg_err *err)
{
    struct buf sealed = { 0 };
    struct smg_err why;
    int status = envelope_seal(recipient, SMG_STR("x"), &sealed, &why);

    buf_fini(&sealed);
    if (status != SMG_OK)
        return smg_fail(err, SMG_E_INVALID,
                        "%s: nothing can be sealed to this certificate's key; RSA and EC keys do",
                        path);
    return SMG_OK;
}

struct envelope_recipient *envelope_recipient_open(const char *path, struct smg_err *err)
{
    struct envelope_recipient *recipient = calloc(1, sizeof *recipient);
    BIO *file = BIO_new_file(path, "r");

    if (recipient != NULL && file != NULL)
        recipient->certificate = PEM_read_bio_X509(file, NULL, NULL, NULL);
    BIO_free(file);
    ERR_clear_error();
    if (recipient == NULL || recipient->certificate == NULL) {
        smg_fail(err, SMG_E_INVALID, "%s: no certificate can be read from it", path);
    } else if (!is_in_its_days(recipient->certificate)) {
        smg_fail(err, SMG_E_INVALID, "%s: the certificate is not valid today", path);
    } else {
        recipient->one = sk_X509_new_null();
        if (recipient->one == NULL || sk_X509_push(recipient->one, recipient->certificate) != 1)
            smg_fail(err, SMG_E_MEMORY, "%s: out of memory", path);
        else if (try_it(recipient, path, err) == SMG_OK)
            return recipient;
    }
    envelope_recipient_free(recipient);
    return NULL;
}

int envelope_seal(const struct envelope_recipient *recipient, struct smg_str plain, struct buf *out,
                  struct smg_err *err)
{
    BIO *in = plain.len > INT_MAX ? NULL : BIO_new_mem_buf(plain.at, (int)plain.len);
    CMS_ContentInfo *cms = NULL;
    unsigned char *der = NULL;
    int length = -1;

    if (in != NULL)
        cms = CMS_encrypt(recipient->one, in, EVP_aes_256_gcm(), CMS_BINARY);
    if (cms != NULL)
        length = i2d_CMS_ContentInfo(cms, &der);
    if (length > 0)
        buf_put(out, der, (size_t)length);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    ERR_clear_error();
    if (length <= 0)
        return smg_fail(err, SMG_E_BUG, "a report could not be sealed to its recipient's key");
    return out->failed ? smg_fail(err, SMG_E_MEMORY, "envelope: out of memory") : SMG_OK;
}
