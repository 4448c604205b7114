/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which certificates of states are installed, and which states mean each other. */
#include "bench.h"

#include "specimen.h"

#include <unistd.h>

static struct passport passport; /* its states' certificates are in the folder afterwards */
static char folder[100];         /* for one file of a test */

static int make_specimen(void **state)
{
    struct passport_sheet sheet = specimen();
    struct smg_err err;

    if (make_authority(state) != 0 ||
        passport_encode(&sheet, (struct smg_str){ "", 0 }, authority, &passport, &err) != SMG_OK)
        return -1;
    snprintf(folder, sizeof folder, "%s/installed", authority);
    return mkdir(folder, 0700);
}

static int remove_specimen(void **state)
{
    passport_free(&passport);
    return remove_authority(state);
}

static struct buf read_whole(const char *path)
{
    FILE *file = fopen(path, "r");
    struct buf bytes = { 0 };
    char part[4096];
    size_t len;

    assert_non_null(file);
    while ((len = fread(part, 1, sizeof part, file)) > 0)
        buf_put(&bytes, part, len);
    fclose(file);
    return bytes;
}

static struct buf certificate_pem(void)
{
    char path[300];

    snprintf(path, sizeof path, "%s/UT-ecdsa.pem", certificates());
    return read_whole(path);
}

static struct buf certificate_der(void)
{
    struct buf pem = certificate_pem(), der = { 0 };
    BIO *text = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *certificate = PEM_read_bio_X509(text, NULL, NULL, NULL);
    unsigned char *at = NULL;
    int len;

    assert_non_null(certificate);
    len = i2d_X509(certificate, &at);
    buf_put(&der, at, (size_t)len);
    OPENSSL_free(at);
    X509_free(certificate);
    BIO_free(text);
    buf_fini(&pem);
    return der;
}

/* What is in the buffer becomes the value of this tag. */
static void wrap(struct buf *bytes, uint32_t tag)
{
    static uint8_t room[40000];
    struct writer out = { .at = room, .room = sizeof room };

    write_tlv(&out, tag, bytes->at, bytes->len);
    assert_false(out.full);
    buf_clear(bytes);
    buf_put(bytes, room, out.len);
}

static void put_before(struct buf *bytes, const char *hex)
{
    struct buf whole = unhex(hex);

    buf_str(&whole, buf_view(bytes));
    buf_fini(bytes);
    *bytes = whole;
}

#define MASTER_LIST "0606678108010102"
#define PLAIN_DATA "06092A864886F70D010701"

/* CscaMasterList with the certificate `count` times, as signed data nobody signed. */
static struct buf master_list(unsigned count, const char *type)
{
    struct buf der = certificate_der(), list = { 0 };

    for (unsigned i = 0; i < count; i++)
        buf_str(&list, buf_view(&der));
    wrap(&list, 0x31);
    put_before(&list, "020100");
    wrap(&list, 0x30);
    wrap(&list, 0x04);
    wrap(&list, 0xA0);
    put_before(&list, type);
    wrap(&list, 0x30);
    put_before(&list, "0201033100");
    buf_put(&list, "\x31\0", 2);
    wrap(&list, 0x30);
    wrap(&list, 0xA0);
    put_before(&list, "06092A864886F70D010702");
    wrap(&list, 0x30);
    buf_fini(&der);
    return list;
}

static struct buf pem_of(const char *label, const struct buf *der)
{
    BIO *text = BIO_new(BIO_s_mem());
    struct buf out = { 0 };
    char *at;
    long len;

    assert_true(PEM_write_bio(text, label, "", (unsigned char *)der->at, (long)der->len) > 0);
    len = BIO_get_mem_data(text, &at);
    buf_put(&out, at, (size_t)len);
    BIO_free(text);
    return out;
}

/* Install the bytes as the only file; how many certificates come of it, or the error. */
static long install(struct buf *bytes)
{
    struct anchors anchors = { 0 };
    struct smg_err err = { 0 };
    char path[200];
    FILE *file;
    long found;

    snprintf(path, sizeof path, "%s/state.bin", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes->at == NULL ? "" : bytes->at, 1, bytes->len, file), bytes->len);
    fclose(file);
    found = anchors_load(folder, &anchors, &err) < 0 ? err.code : (long)anchors_count(&anchors);
    if (found < 0)
        assert_non_null(strstr(err.text, "state.bin"));
    anchors_free(&anchors);
    unlink(path);
    buf_fini(bytes);
    return found;
}

static void test_certificates_are_installed_in_every_form(void **state)
{
    struct buf bytes = certificate_der(), more, list;

    (void)state;
    assert_int_equal(install(&bytes), 1);
    bytes = certificate_pem();
    more = certificate_pem();
    buf_str(&bytes, buf_view(&more));
    buf_fini(&more);
    assert_int_equal(install(&bytes), 2);
    bytes = master_list(7, MASTER_LIST);
    assert_int_equal(install(&bytes), 7);
    list = master_list(3, MASTER_LIST);
    bytes = pem_of("CMS", &list);
    buf_fini(&list);
    assert_int_equal(install(&bytes), 3);
}

static void test_what_is_none_of_them_is_named(void **state)
{
    struct buf bytes = { 0 };

    (void)state;
    assert_int_equal(install(&bytes), SMG_E_INVALID);
    buf_text(&bytes, "these are the certificates you asked for");
    assert_int_equal(install(&bytes), SMG_E_INVALID);
    bytes = certificate_der();
    bytes.len /= 2;
    assert_int_equal(install(&bytes), SMG_E_INVALID);
    bytes = master_list(2, PLAIN_DATA);
    assert_int_equal(install(&bytes), SMG_E_INVALID);
    bytes = master_list(0, MASTER_LIST);
    assert_int_equal(install(&bytes), SMG_E_INVALID);
}

static void test_an_empty_or_missing_folder_is_an_error(void **state)
{
    struct anchors anchors;
    struct smg_err err;

    (void)state;
    assert_int_equal(anchors_load(folder, &anchors, &err), SMG_E_INVALID);
    assert_int_equal(anchors_load("/nowhere/at/all", &anchors, &err), SMG_E_IO);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
}

static void test_states_are_called_differently_and_meant_alike(void **state)
{
    static const char *const same[][2] = {
        { "CHN", "CN" }, { "CHN", "cn" }, { "DEU", "DE" }, { "GBR", "GB" }, { "GBR", "UK" },
        { "GBD", "GB" }, { "GBN", "uk" }, { "AUT", "AT" }, { "AND", "AD" }, { "ZWE", "ZW" },
        { "AFG", "AF" }, { "SRB", "RS" }, { "RKS", "KS" }, { "RKS", "XK" }, { "UTO", "UT" },
        { "EUE", "EU" }, { "UNO", "UN" },
    };
    static const char *const other[][2] = {
        { "CHN", "CH" }, { "AUT", "AU" }, { "AND", "AN" },  { "DEU", "DK" }, { "UTO", "ZZ" },
        { "CHN", "" },   { "", "CN" },    { "CHN", "CHN" }, { "D", "DE" },   { "SVK", "SV" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!country_agrees(same[i][0], same[i][1]))
            fail_msg("%s is %s", same[i][0], same[i][1]);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (country_agrees(other[i][0], other[i][1]))
            fail_msg("%s is not %s", other[i][0], other[i][1]);
    assert_true(country_same("uk", "GB"));
    assert_false(country_same("", ""));
}

/* The signer's certificate, asked about in another way than its own document does. */
static void test_a_signer_is_believed_for_its_own_state_and_time_only(void **state)
{
    struct anchors anchors;
    struct smg_err err;
    struct sod sod;
    const char *why;
    ASN1_TIME *late = ASN1_TIME_set(NULL, 4102444800); /* 2100 */

    (void)state;
    assert_int_equal(sod_open(buf_view(&passport.sod), &sod, &why), FINDING_YES);
    assert_int_equal(anchors_load(certificates(), &anchors, &err), SMG_OK);
    assert_int_equal(anchors_judge(&anchors, sod.signer, sod.signed_at, "UTO", &why), FINDING_YES);
    assert_int_equal(anchors_judge(&anchors, sod.signer, NULL, "UTO", &why), FINDING_YES);
    assert_int_equal(anchors_judge(&anchors, sod.signer, sod.signed_at, "CHN", &why), FINDING_NO);
    assert_int_equal(anchors_judge(&anchors, sod.signer, late, "UTO", &why), FINDING_NO);
    anchors_free(&anchors);
    assert_int_equal(anchors_judge(&anchors, sod.signer, sod.signed_at, "UTO", &why),
                     FINDING_UNKNOWN);
    ASN1_TIME_free(late);
    sod_free(&sod);
}

/* A certificate for a key, with the key's own signature or another's; extensions are name and value
 * in turn, ended by NULL. */
static X509 *issue(EVP_PKEY *key, EVP_PKEY *by, const char *const *extensions)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_NAME_new();

    assert_int_equal(
        X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const unsigned char *)"UT", -1, -1, 0),
        1);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_set_subject_name(certificate, name);
    X509_set_issuer_name(certificate, name);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -1000);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 1000);
    X509_set_pubkey(certificate, key);
    for (; *extensions != NULL; extensions += 2) {
        X509_EXTENSION *extension = X509V3_EXT_conf(NULL, NULL, extensions[0], extensions[1]);

        assert_non_null(extension);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    assert_true(X509_sign(certificate, by, EVP_sha256()) > 0);
    X509_NAME_free(name);
    return certificate;
}

static enum finding judge_issued(const char *const *authority_says, const char *const *signer_says)
{
    EVP_PKEY *authority_key = EVP_EC_gen("P-256"), *signer_key = EVP_EC_gen("P-256");
    struct anchors anchors = { .certificates = sk_X509_new_null() };
    X509 *signer = issue(signer_key, authority_key, signer_says);
    const char *why;
    enum finding finding;

    assert_true(keep_certificate(&anchors, issue(authority_key, authority_key, authority_says)));
    finding = anchors_judge(&anchors, signer, NULL, "UTO", &why);
    X509_free(signer);
    anchors_free(&anchors);
    EVP_PKEY_free(authority_key);
    EVP_PKEY_free(signer_key);
    return finding;
}

static void test_a_certificate_for_something_else_signs_no_documents(void **state)
{
    static const char *const authority_says[] = { "basicConstraints", "critical,CA:TRUE", NULL };
    static const char *const nothing[] = { NULL };
    static const struct {
        const char *says[5];
        enum finding finding;
    } signers[] = {
        { { NULL }, FINDING_YES },
        { { "keyUsage", "critical,digitalSignature" }, FINDING_YES },
        { { "keyUsage", "nonRepudiation" }, FINDING_YES },
        { { "keyUsage", "digitalSignature", "extendedKeyUsage", "emailProtection" }, FINDING_YES },
        { { "basicConstraints", "CA:FALSE" }, FINDING_YES },
        { { "1.2.3.4", "DER:00:01:02" }, FINDING_YES },
        { { "subjectAltName", "DER:00:01:02" }, FINDING_YES }, /* malformed, and of no matter */
        { { "basicConstraints", "CA:TRUE" }, FINDING_NO },
        { { "keyUsage", "keyCertSign" }, FINDING_NO },
        { { "extendedKeyUsage", "2.23.136.1.1.3" }, FINDING_NO }, /* master lists */
        { { "extendedKeyUsage", "serverAuth" }, FINDING_NO },
    };

    (void)state;
    for (size_t i = 0; i < sizeof signers / sizeof *signers; i++)
        if (judge_issued(authority_says, signers[i].says) != signers[i].finding)
            fail_msg("%s %s", signers[i].says[0], signers[i].says[1]);
    assert_int_equal(judge_issued(nothing, nothing), FINDING_YES);
    assert_int_equal(judge_issued(signers[4].says, nothing), FINDING_NO);
}

/* Every byte of the security object altered. What may change and still be believed is what nobody
 * signs: the signer's name beside its certificate, version numbers, the list of algorithms. */
static void test_no_altered_security_object_is_believed(void **state)
{
    struct smg_str group = buf_view(&passport.group[1]);
    struct anchors anchors;
    struct smg_err err;
    size_t believed = 0;

    (void)state;
    assert_int_equal(anchors_load(certificates(), &anchors, &err), SMG_OK);
    for (size_t i = 0; i < passport.sod.len; i++) {
        const char *why;
        struct sod sod;

        passport.sod.at[i] ^= 0x01;
        if (sod_open(buf_view(&passport.sod), &sod, &why) == FINDING_YES &&
            anchors_judge(&anchors, sod.signer, sod.signed_at, "UTO", &why) == FINDING_YES) {
            believed++;
            assert_int_equal(sod_check_group(&sod, 1, group), FINDING_YES);
        }
        sod_free(&sod);
        passport.sod.at[i] ^= 0x01;
    }
    anchors_free(&anchors);
    assert_true(believed < 150);
}

/* The last place of these bytes in the security object, with others in place of them. */
static enum finding open_changed(const char *hex, const char *others, const char **why)
{
    struct buf from = unhex(hex), to = unhex(others), changed = { 0 };
    const char *found = NULL, *at = passport.sod.at;
    enum finding finding;
    struct sod sod;
    size_t left;

    assert_int_equal(from.len, to.len);
    while ((left = passport.sod.len - (size_t)(at - passport.sod.at)) > 0 &&
           (at = memmem(at, left, from.at, from.len)) != NULL)
        found = at++;
    assert_non_null(found);
    buf_str(&changed, buf_view(&passport.sod));
    memcpy(changed.at + (found - passport.sod.at), to.at, to.len);
    finding = sod_open(buf_view(&changed), &sod, why);
    sod_free(&sod);
    buf_fini(&from);
    buf_fini(&to);
    buf_fini(&changed);
    return finding;
}

/* What cannot be checked is no forgery: other algorithms than 9303's, and MD5, which proves
 * nothing any more. A hash that does not fit is one, whoever signed. */
static void test_ways_of_signing_that_are_not_known(void **state)
{
    static const char sha256[] = "0609608648016503040201", other[] = "060960864801650304027F";
    static const char ecdsa[] = "06082A8648CE3D040302", unheard[] = "06082A8648CE3D04037F";
    const char *why = "";

    (void)state;
    assert_int_equal(open_changed(ecdsa, unheard, &why), FINDING_UNKNOWN);
    assert_string_equal(why, "its security object is signed in a way that is not known here");
    assert_int_equal(open_changed(sha256, other, &why), FINDING_UNKNOWN);
    assert_string_equal(why, "its security object is signed in a way that is not known here");
    /* The same digest under the name of another one: it does not fit. */
    assert_int_equal(open_changed(sha256, "0609608648016503040202", &why), FINDING_NO);
    passport.sod.at[passport.sod.len - 1] ^= 1;
    assert_int_equal(open_changed(ecdsa, ecdsa, &why), FINDING_NO);
    passport.sod.at[passport.sod.len - 1] ^= 1;
    assert_int_equal(open_changed(ecdsa, ecdsa, &why), FINDING_YES);
}

/* The signed attributes may lie there in any order; what is signed is their sorted form. */
static void test_attributes_in_another_order_are_sorted_before_they_are_judged(void **state)
{
    struct smg_str file = buf_view(&passport.sod), content, attributes, infos, info;
    struct buf turned = { 0 };
    struct tlv object, parts[8];
    struct sod sod;
    const char *why;
    size_t count = 0, at;

    (void)state;
    assert_true(find_tlv(file, 0x77, &content) && find_tlv(content, 0x30, &content) &&
                find_tlv(content, 0xA0, &content) && find_tlv(content, 0x30, &content));
    while (take_tlv(&content, &object))
        if (object.tag == 0x31)
            infos = object.value; /* the last set: the signers */
    assert_true(find_tlv(infos, 0x30, &info) && find_tlv(info, 0xA0, &attributes));
    at = (size_t)(attributes.at - file.at);
    buf_str(&turned, file);
    for (struct smg_str rest = attributes; count < 8 && rest.len > 0; count++) {
        const char *begin = rest.at;

        assert_true(take_tlv(&rest, &parts[count]));
        parts[count].value = str_bytes(begin, (size_t)(rest.at - begin));
    }
    assert_true(count >= 2);
    for (size_t i = count; i-- > 0;) {
        memcpy(turned.at + at, parts[i].value.at, parts[i].value.len);
        at += parts[i].value.len;
    }
    assert_int_equal(sod_open(buf_view(&turned), &sod, &why), FINDING_YES);
    sod_free(&sod);
    buf_fini(&turned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificates_are_installed_in_every_form),
        cmocka_unit_test(test_what_is_none_of_them_is_named),
        cmocka_unit_test(test_an_empty_or_missing_folder_is_an_error),
        cmocka_unit_test(test_states_are_called_differently_and_meant_alike),
        cmocka_unit_test(test_a_signer_is_believed_for_its_own_state_and_time_only),
        cmocka_unit_test(test_a_certificate_for_something_else_signs_no_documents),
        cmocka_unit_test(test_no_altered_security_object_is_believed),
        cmocka_unit_test(test_ways_of_signing_that_are_not_known),
        cmocka_unit_test(test_attributes_in_another_order_are_sorted_before_they_are_judged),
    };

    return cmocka_run_group_tests(tests, make_specimen, remove_specimen);
}
