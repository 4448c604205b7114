/* SPDX-License-Identifier: Apache-2.0 */
/* The signed file, written by hand: libraries do not write the strange forms that are out there. */
#include "emulate/sod.h"
#include "emulate/tlv.h"

#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <stdlib.h>

enum { SEQUENCE = 0x30, SET = 0x31, OCTETS = 0x04, CONTEXT_0 = 0xA0 };

#define OID_SIGNED_DATA "1.2.840.113549.1.7.2"
#define OID_DATA "1.2.840.113549.1.7.1"
#define OID_LDS "2.23.136.1.1.1"
#define OID_CONTENT_TYPE "1.2.840.113549.1.9.3"
#define OID_DIGEST "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"
#define OID_RSA_PSS "1.2.840.113549.1.1.10"
#define OID_MGF1 "1.2.840.113549.1.1.8"
#define OID_NOBODY_KNOWS "1.3.6.1.4.1.32473.1" /* RFC 5612: for examples */

static void put_nid(struct buf *out, int nid)
{
    char dotted[80];
    const ASN1_OBJECT *object = OBJ_nid2obj(nid);

    if (object == NULL || OBJ_obj2txt(dotted, sizeof dotted, object, 1) <= 0)
        out->failed = true;
    else
        tlv_oid(out, dotted);
}

static void put_algorithm(struct buf *out, int nid, bool null_parameters)
{
    size_t from = out->len;

    put_nid(out, nid);
    if (null_parameters)
        buf_put(out, "\x05\x00", 2);
    tlv_wrap(out, from, SEQUENCE);
}

static void put_digest_algorithm(struct buf *out, const EVP_MD *digest)
{
    put_algorithm(out, EVP_MD_get_type(digest), true);
}

/* RSASSA-PSS with its parameters (RFC 4055): salt as long as the digest. */
static void put_pss(struct buf *out, const EVP_MD *digest)
{
    size_t from = out->len, parameters, part, function;

    tlv_oid(out, OID_RSA_PSS);
    parameters = out->len;
    put_digest_algorithm(out, digest);
    tlv_wrap(out, parameters, CONTEXT_0);
    part = out->len;
    function = out->len;
    tlv_oid(out, OID_MGF1);
    put_digest_algorithm(out, digest);
    tlv_wrap(out, function, SEQUENCE);
    tlv_wrap(out, part, CONTEXT_0 + 1);
    part = out->len;
    tlv_integer(out, (unsigned)EVP_MD_get_size(digest));
    tlv_wrap(out, part, CONTEXT_0 + 2);
    tlv_wrap(out, parameters, SEQUENCE);
    tlv_wrap(out, from, SEQUENCE);
}

static void put_signature_algorithm(struct buf *out, const struct sod_wish *wish)
{
    bool is_rsa = wish->kind == SIGNER_RSA;
    size_t from = out->len;
    int nid = NID_undef;

    if (wish->fault == PASSPORT_UNKNOWN_ALGORITHM) {
        tlv_oid(out, OID_NOBODY_KNOWS);
        tlv_wrap(out, from, SEQUENCE);
        return;
    }
    if (wish->kind == SIGNER_RSA_PSS) {
        put_pss(out, wish->digest);
        return;
    }
    if (OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(wish->digest),
                               is_rsa ? NID_rsaEncryption : NID_X9_62_id_ecPublicKey) != 1)
        out->failed = true;
    put_algorithm(out, nid, is_rsa);
}

static void put_hash(struct buf *out, const EVP_MD *digest, struct smg_str data)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (EVP_Digest(data.at, data.len, hash, &len, digest, NULL) != 1)
        out->failed = true;
    tlv_put(out, OCTETS, str_bytes(hash, len));
}

/* The LDS security object: which hash each group has. */
static void put_security_object(struct buf *out, const struct sod_wish *wish,
                                const struct passport *passport)
{
    const EVP_MD *real = wish->digest;
    size_t hashes;

    if (wish->fault == PASSPORT_WRONG_DIGEST)
        real = EVP_MD_is_a(real, "SHA512") ? EVP_sha256() : EVP_sha512();
    tlv_integer(out, 0);
    put_digest_algorithm(out, wish->digest);
    hashes = out->len;
    for (unsigned i = 1; i <= PASSPORT_GROUPS; i++) {
        size_t entry = out->len;

        if (passport->group[i].len == 0 || (i == 1 && wish->fault == PASSPORT_DG1_NOT_IN_SOD))
            continue;
        tlv_integer(out, i);
        put_hash(out, real, buf_view(&passport->group[i]));
        tlv_wrap(out, entry, SEQUENCE);
    }
    tlv_wrap(out, hashes, SEQUENCE);
    tlv_wrap(out, 0, SEQUENCE);
}

/* An attribute's head: what follows until it is wrapped is its value. */
static size_t begin_attribute(struct buf *out, const char *oid)
{
    tlv_oid(out, oid);
    return out->len;
}

static void end_attribute(struct buf *out, size_t value)
{
    tlv_wrap(out, value, SET);
    tlv_wrap(out, 0, SEQUENCE);
}

static int compare_encodings(const void *a, const void *b)
{
    const struct buf *left = a, *right = b;

    return str_compare(buf_view(left), buf_view(right));
}

/* The signed attributes, in DER's order for sets, without the set's own header. */
static void put_attributes(struct buf *out, const struct sod_wish *wish, struct smg_str content)
{
    struct buf attributes[3] = { { 0 } };
    char moment[32];
    size_t value = begin_attribute(&attributes[0], OID_CONTENT_TYPE);

    tlv_oid(&attributes[0], wish->id_data ? OID_DATA : OID_LDS);
    end_attribute(&attributes[0], value);
    value = begin_attribute(&attributes[1], OID_SIGNING_TIME);
    snprintf(moment, sizeof moment, "%02d%02u%02u080000Z", wish->signed_on.year % 100,
             (unsigned)wish->signed_on.month, (unsigned)wish->signed_on.day);
    tlv_put(&attributes[1], 0x17, str_of(moment));
    end_attribute(&attributes[1], value);
    value = begin_attribute(&attributes[2], OID_DIGEST);
    put_hash(&attributes[2], wish->digest, content);
    end_attribute(&attributes[2], value);
    qsort(attributes, 3, sizeof *attributes, compare_encodings);
    for (size_t i = 0; i < 3; i++) {
        buf_str(out, buf_view(&attributes[i]));
        out->failed = out->failed || attributes[i].failed;
        buf_fini(&attributes[i]);
    }
}

static void put_signature(struct buf *out, const struct sod_wish *wish, EVP_PKEY *key,
                          struct smg_str attributes)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *padding = NULL;
    struct buf set = { 0 };
    uint8_t signature[1024];
    size_t len = sizeof signature;

    tlv_put(&set, SET, attributes);
    if (set.failed || context == NULL ||
        EVP_DigestSignInit(context, &padding, wish->digest, NULL, key) != 1 ||
        (wish->kind == SIGNER_RSA_PSS &&
         (EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) != 1 ||
          EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, EVP_MD_get_size(wish->digest)) != 1)) ||
        EVP_DigestSign(context, signature, &len, (const uint8_t *)set.at, set.len) != 1) {
        out->failed = true;
        len = 1;
    }
    if (wish->fault == PASSPORT_SOD_ALTERED)
        signature[len - 1] ^= 1;
    tlv_put(out, OCTETS, str_bytes(signature, len));
    buf_fini(&set);
    EVP_MD_CTX_free(context);
}

/* The parts of a name: the same, the last one first. */
static void put_reversed(struct buf *out, struct smg_str parts)
{
    struct smg_str part[16], value;
    size_t from = out->len, count = 0;
    unsigned tag;

    while (parts.len > 0 && count < 16) {
        const char *at = parts.at;

        if (!tlv_take(&parts, &tag, &value))
            break;
        part[count++] = str_bytes(at, (size_t)(parts.at - at));
    }
    while (count > 0)
        buf_str(out, part[--count]);
    tlv_wrap(out, from, SEQUENCE);
}

static void put_signer_name(struct buf *out, X509 *signer, bool reversed)
{
    unsigned char *der = NULL;
    int len = i2d_X509_NAME(X509_get_issuer_name(signer), &der);
    struct smg_str name = str_bytes(der, len > 0 ? (size_t)len : 0), parts = { "", 0 };
    unsigned tag;

    if (len <= 0) {
        out->failed = true;
    } else if (reversed && tlv_take(&name, &tag, &parts)) {
        put_reversed(out, parts);
    } else {
        buf_str(out, name);
    }
    OPENSSL_free(der);
}

static void put_signer_info(struct buf *out, const struct sod_wish *wish,
                            const struct issuing *issuing, struct smg_str content)
{
    struct buf attributes = { 0 };
    size_t from = out->len, identity;

    tlv_integer(out, 1);
    identity = out->len;
    put_signer_name(out, issuing->signer, wish->name_reversed);
    tlv_integer(out, (unsigned)ASN1_INTEGER_get(X509_get0_serialNumber(issuing->signer)));
    tlv_wrap(out, identity, SEQUENCE);
    put_digest_algorithm(out, wish->digest);
    put_attributes(&attributes, wish, content);
    tlv_put(out, CONTEXT_0, buf_view(&attributes));
    put_signature_algorithm(out, wish);
    put_signature(out, wish, issuing->signer_key, buf_view(&attributes));
    out->failed = out->failed || attributes.failed;
    buf_fini(&attributes);
    tlv_wrap(out, from, SEQUENCE);
    tlv_wrap(out, from, SET);
}

static void put_certificate(struct buf *out, X509 *certificate)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);

    if (len <= 0)
        out->failed = true;
    else
        tlv_put(out, CONTEXT_0, str_bytes(der, (size_t)len));
    OPENSSL_free(der);
}

/* A constructed value: with its length, or open until two zero bytes. */
static void wrap(struct buf *out, size_t from, unsigned tag, bool indefinite)
{
    if (!indefinite) {
        tlv_wrap(out, from, tag);
        return;
    }
    if (buf_grow(out, 2) != NULL) {
        memmove(out->at + from + 2, out->at + from, out->len - from - 2);
        out->at[from] = (char)tag;
        out->at[from + 1] = (char)0x80;
    }
    buf_put(out, "\0\0", 2);
}

static void put_content(struct buf *out, const struct sod_wish *wish, struct smg_str content)
{
    size_t from = out->len, inner, pieces, half = content.len / 2;

    tlv_oid(out, wish->id_data ? OID_DATA : OID_LDS);
    inner = out->len;
    if (wish->indefinite) {
        pieces = out->len;
        tlv_put(out, OCTETS, str_bytes(content.at, half));
        tlv_put(out, OCTETS, str_bytes(content.at + half, content.len - half));
        wrap(out, pieces, 0x24, true);
    } else {
        tlv_put(out, OCTETS, content);
    }
    wrap(out, inner, CONTEXT_0, wish->indefinite);
    wrap(out, from, SEQUENCE, wish->indefinite);
}

int sod_sign(const struct sod_wish *wish, const struct issuing *issuing,
             const struct passport *passport, struct buf *out, struct smg_err *err)
{
    struct buf content = { 0 };
    size_t data, algorithms;

    put_security_object(&content, wish, passport);
    tlv_oid(out, OID_SIGNED_DATA);
    data = out->len;
    tlv_integer(out, wish->id_data ? 1 : 3);
    algorithms = out->len;
    put_digest_algorithm(out, wish->digest);
    tlv_wrap(out, algorithms, SET);
    put_content(out, wish, buf_view(&content));
    put_certificate(out, issuing->signer);
    put_signer_info(out, wish, issuing, buf_view(&content));
    wrap(out, data, SEQUENCE, wish->indefinite);
    wrap(out, data, CONTEXT_0, wish->indefinite);
    wrap(out, 0, SEQUENCE, wish->indefinite);
    tlv_wrap(out, 0, 0x77);
    out->failed = out->failed || content.failed;
    buf_fini(&content);
    return out->failed ? smg_fail(err, SMG_E_IO, "the security object cannot be signed") : SMG_OK;
}
