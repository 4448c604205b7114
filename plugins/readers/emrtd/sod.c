/* SPDX-License-Identifier: Apache-2.0 */
/* Passive authentication but for the chain: what was signed, by whose key, and what it covers. */
#include "sod.h"

#include "tlv.h"

#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

enum { SIGNERS_MAX = 4, CERTIFICATES_MAX = 8, ATTRIBUTES_MAX = 32 };

/* What the signed content may be called: 9303's own name, plain data (China), and names of before
 * the standard (Belgium and France, the Netherlands). */
static const char *const content_types[] = { "2.23.136.1.1.1", "1.2.840.113549.1.7.1",
                                             "1.3.27.1.1.1", "1.2.528.1.1006.1.20.1" };

static bool is_content_type(const ASN1_OBJECT *type)
{
    char text[64];

    if (type == NULL || OBJ_obj2txt(text, sizeof text, type, 1) <= 0)
        return false;
    for (size_t i = 0; i < sizeof content_types / sizeof *content_types; i++)
        if (strcmp(text, content_types[i]) == 0)
            return true;
    return false;
}

/* 9303-10 and 9303-12 allow these; SHA-1 is found in older documents. */
static bool is_known_hash(int nid)
{
    static const int known[] = { NID_sha1, NID_sha224, NID_sha256, NID_sha384, NID_sha512 };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == nid)
            return true;
    return false;
}

/* The hash algorithm of an AlgorithmIdentifier; NULL: none that is known. */
static const EVP_MD *read_hash_algorithm(struct smg_str identifier)
{
    struct smg_str value;
    ASN1_OBJECT *object;
    int nid = NID_undef;

    if (find_tlv(identifier, 0x06, &value)) {
        uint8_t whole[16];
        struct writer out = { .at = whole, .room = sizeof whole };
        const unsigned char *at = whole;

        write_tlv(&out, 0x06, value.at, value.len);
        object = out.full ? NULL : d2i_ASN1_OBJECT(NULL, &at, (long)out.len);
        nid = object == NULL ? NID_undef : OBJ_obj2nid(object);
        ASN1_OBJECT_free(object);
    }
    return is_known_hash(nid) ? EVP_get_digestbynid(nid) : NULL;
}

/* 9303-12 section 4.4 allows RSA in both paddings, DSA and ECDSA; some issuers name the key where
 * the signature's algorithm belongs. */
static bool is_known_signature(int nid)
{
    static const int known[] = { NID_rsaEncryption, NID_rsassaPss, NID_X9_62_id_ecPublicKey,
                                 NID_dsa };
    int key = NID_undef;

    if (OBJ_find_sigid_algs(nid, NULL, &key) != 1)
        key = nid;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == key)
            return true;
    return false;
}

/* SEQUENCE OF (INTEGER, OCTET STRING) */
static bool read_digests(struct smg_str list, struct sod *out)
{
    struct tlv entry, number, digest;

    while (list.len > 0) {
        if (!take_tlv(&list, &entry) || entry.tag != 0x30 || !take_tlv(&entry.value, &number) ||
            number.tag != 0x02 || !take_tlv(&entry.value, &digest) || digest.tag != 0x04)
            return false;
        if (number.value.len != 1 || byte_at(number.value, 0) < 1 ||
            byte_at(number.value, 0) > SOD_GROUPS_MAX)
            return false;
        if (out->digests[byte_at(number.value, 0)].at != NULL)
            return false; /* one group, two hashes */
        out->digests[byte_at(number.value, 0)] = digest.value;
    }
    return true;
}

/* LDSSecurityObject: version, hash algorithm, hashes, and what later versions append. */
static bool read_security_object(struct smg_str content, struct sod *out, bool *known_hash)
{
    struct tlv object, version, algorithm, list;

    if (!take_tlv(&content, &object) || object.tag != 0x30 || content.len != 0 ||
        !take_tlv(&object.value, &version) || version.tag != 0x02 ||
        !take_tlv(&object.value, &algorithm) || algorithm.tag != 0x30 ||
        !take_tlv(&object.value, &list) || list.tag != 0x30 || !read_digests(list.value, out))
        return false;
    out->hash = read_hash_algorithm(algorithm.value);
    *known_hash = out->hash != NULL;
    return true;
}

/* The signed attribute that says what was signed. */
static bool names_content(CMS_SignerInfo *info, struct smg_str content)
{
    const ASN1_OCTET_STRING *said = CMS_signed_get0_data_by_OBJ(
        info, OBJ_nid2obj(NID_pkcs9_messageDigest), -3, V_ASN1_OCTET_STRING);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    X509_ALGOR *algorithm = NULL;
    const EVP_MD *hash;

    CMS_SignerInfo_get0_algs(info, NULL, NULL, &algorithm, NULL);
    hash = algorithm == NULL ? NULL : EVP_get_digestbyobj(algorithm->algorithm);
    return said != NULL && hash != NULL &&
           EVP_Digest(content.at, content.len, digest, &len, hash, NULL) == 1 &&
           (unsigned)ASN1_STRING_length(said) == len &&
           CRYPTO_memcmp(ASN1_STRING_get0_data(said), digest, len) == 0;
}

struct encoded {
    X509_ATTRIBUTE *attribute;
    unsigned char *at;
    int len;
};

static int compare_encoded(const struct encoded *a, const struct encoded *b)
{
    int order = memcmp(a->at, b->at, (size_t)(a->len < b->len ? a->len : b->len));

    return order != 0 ? order : a->len - b->len;
}

/* What is signed are the attributes in DER, where a set is sorted; they may lie in the object in
 * another order, and OpenSSL takes them as they lie. */
static bool sort_attributes(CMS_SignerInfo *info)
{
    int count = CMS_signed_get_attr_count(info), made = 0;
    struct encoded all[ATTRIBUTES_MAX];
    bool good = count > 0 && count <= ATTRIBUTES_MAX;

    for (; good && made < count; made++) {
        struct encoded one = { .attribute = CMS_signed_delete_attr(info, 0) };
        int i = made;

        one.len = i2d_X509_ATTRIBUTE(one.attribute, &one.at);
        good = one.len > 0;
        for (; good && i > 0 && compare_encoded(&one, &all[i - 1]) < 0; i--)
            all[i] = all[i - 1];
        all[i] = one;
    }
    for (int i = 0; i < made; i++) {
        good = good && CMS_signed_add1_attr(info, all[i].attribute) == 1;
        X509_ATTRIBUTE_free(all[i].attribute);
        OPENSSL_free(all[i].at);
    }
    return good;
}

/* The certificate among them whose key the signature fits. Names are not compared: some issuers
 * write the signer's in another order than in its certificate. */
static X509 *find_key_of(CMS_SignerInfo *info, STACK_OF(X509) * certificates)
{
    for (int i = 0; i < sk_X509_num(certificates) && i < CERTIFICATES_MAX; i++) {
        X509 *certificate = sk_X509_value(certificates, i);

        if (X509_get0_pubkey(certificate) == NULL)
            continue;
        CMS_SignerInfo_set1_signer_cert(info, certificate);
        if (CMS_SignerInfo_verify(info) == 1)
            return certificate;
    }
    return NULL;
}

static const ASN1_TIME *find_signing_time(CMS_SignerInfo *info)
{
    const ASN1_OBJECT *name = OBJ_nid2obj(NID_pkcs9_signingTime);
    const ASN1_TIME *time = CMS_signed_get0_data_by_OBJ(info, name, -3, V_ASN1_UTCTIME);

    return time != NULL ? time
                        : CMS_signed_get0_data_by_OBJ(info, name, -3, V_ASN1_GENERALIZEDTIME);
}

/* A key that cannot be read: of a kind, or on a curve, that is not known here. */
static bool has_unknown_key(STACK_OF(X509) * certificates)
{
    for (int i = 0; i < sk_X509_num(certificates); i++)
        if (X509_get0_pubkey(sk_X509_value(certificates, i)) == NULL)
            return true;
    return false;
}

/* One signer's word. A signature that cannot be checked proves neither. */
static enum finding check_signer(struct sod *sod, CMS_SignerInfo *info,
                                 STACK_OF(X509) * certificates, struct smg_str content,
                                 const char **why)
{
    static const char strange[] = "its security object is signed in a way that is not known here";
    X509_ALGOR *digest = NULL, *signature = NULL;

    CMS_SignerInfo_get0_algs(info, NULL, NULL, &digest, &signature);
    *why = strange;
    if (!is_known_hash(OBJ_obj2nid(digest->algorithm)))
        return FINDING_UNKNOWN;
    *why = "the signature of its security object does not hold";
    if (CMS_signed_get_attr_count(info) <= 0 || !names_content(info, content))
        return FINDING_NO;
    if (!is_known_signature(OBJ_obj2nid(signature->algorithm))) {
        *why = strange;
        return FINDING_UNKNOWN;
    }
    sod->signer = find_key_of(info, certificates);
    if (sod->signer == NULL && sort_attributes(info))
        sod->signer = find_key_of(info, certificates);
    if (sod->signer != NULL) {
        X509_up_ref(sod->signer);
        sod->signed_at = find_signing_time(info);
        return FINDING_YES;
    }
    if (!has_unknown_key(certificates))
        return FINDING_NO;
    *why = "the key of its signer is of a kind that is not known here";
    return FINDING_UNKNOWN;
}

/* One whose signature holds is enough; otherwise one whose signature does not hold. */
static enum finding check_signature(struct sod *sod, struct smg_str content, const char **why)
{
    STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(sod->cms);
    STACK_OF(X509) *certificates = CMS_get1_certs(sod->cms);
    int count = sk_CMS_SignerInfo_num(infos);
    enum finding finding = FINDING_UNKNOWN;

    *why = count > 0 ? "its security object has no certificate of the signer"
                     : "its security object is signed by nobody";
    if (count <= 0)
        finding = FINDING_NO;
    if (sk_X509_num(certificates) <= 0)
        count = 0;
    for (int i = 0; finding != FINDING_YES && i < count && i < SIGNERS_MAX; i++) {
        const char *reason;
        enum finding one =
            check_signer(sod, sk_CMS_SignerInfo_value(infos, i), certificates, content, &reason);

        if (i == 0 || one == FINDING_YES || (one == FINDING_NO && finding == FINDING_UNKNOWN)) {
            finding = one;
            *why = reason;
        }
    }
    sk_X509_pop_free(certificates, X509_free);
    return finding;
}

enum finding sod_open(struct smg_str file, struct sod *out, const char **why)
{
    struct smg_str inside, content;
    ASN1_OCTET_STRING **held = NULL;
    enum finding finding;
    const unsigned char *at;
    bool known_hash;

    *out = (struct sod){ 0 };
    *why = "its security object is malformed";
    if (!find_tlv(file, 0x77, &inside))
        return FINDING_NO;
    at = (const unsigned char *)inside.at;
    out->cms = d2i_CMS_ContentInfo(NULL, &at, (long)inside.len);
    if (out->cms != NULL && OBJ_obj2nid(CMS_get0_type(out->cms)) == NID_pkcs7_signed &&
        is_content_type(CMS_get0_eContentType(out->cms)))
        held = CMS_get0_content(out->cms);
    if (held == NULL || *held == NULL) {
        ERR_clear_error();
        return FINDING_NO;
    }
    content = (struct smg_str){ (const char *)ASN1_STRING_get0_data(*held),
                                (size_t)ASN1_STRING_length(*held) };
    if (!read_security_object(content, out, &known_hash))
        return FINDING_NO;
    if (!known_hash) {
        *why = "its data are hashed by an algorithm that is not known here";
        return FINDING_UNKNOWN;
    }
    finding = check_signature(out, content, why);
    ERR_clear_error();
    return finding;
}

enum finding sod_check_group(const struct sod *sod, unsigned group, struct smg_str file)
{
    struct smg_str said = sod->digests[group];
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    return sod->hash != NULL && said.at != NULL &&
                   EVP_Digest(file.at, file.len, digest, &len, sod->hash, NULL) == 1 &&
                   len == said.len && CRYPTO_memcmp(said.at, digest, len) == 0
               ? FINDING_YES
               : FINDING_NO;
}

void sod_free(struct sod *sod)
{
    X509_free(sod->signer);
    CMS_ContentInfo_free(sod->cms);
    *sod = (struct sod){ 0 };
}
