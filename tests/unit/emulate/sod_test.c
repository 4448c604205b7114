/* SPDX-License-Identifier: Apache-2.0 */
/* The security object in all its forms: OpenSSL reads it, and what is wrong with a faulty one is
 * what was asked for, and nothing else. */
#include "emulate/sod.h"
#include "emulate/tlv.h"

#include "passport_sheets.h"

#include <ftw.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/shiming_csca_XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat;
    (void)kind;
    (void)at;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct passport_sheet a_sheet(void)
{
    struct passport_sheet sheet = passport_of_nobody();

    sheet.dg11 = "a0";
    sheet.signer = "rsa";
    return sheet;
}

/* What a careful inspection system finds. */
struct findings {
    bool signature; /* over the attributes and the content, by the certificate in it */
    bool chain;     /* the certificate is by the authority in the folder */
    bool in_time;   /* on the day of signing */
    bool listed[PASSPORT_GROUPS + 1], hash[PASSPORT_GROUPS + 1];
    char country[3];
};

static void look_at_hashes(struct smg_str content, const struct passport *passport,
                           struct findings *out)
{
    struct smg_str object, value, entries, entry, number, algorithm, oid;
    const EVP_MD *digest;
    unsigned tag;
    const unsigned char *der;
    ASN1_OBJECT *named;

    assert_true(tlv_find(content, 0x30, &object));
    assert_true(tlv_take(&object, &tag, &value)); /* version */
    assert_true(tlv_take(&object, &tag, &algorithm));
    oid = algorithm;
    der = (const unsigned char *)oid.at;
    named = d2i_ASN1_OBJECT(NULL, &der, (long)oid.len);
    assert_non_null(named);
    digest = EVP_get_digestbyobj(named);
    ASN1_OBJECT_free(named);
    assert_non_null(digest);
    assert_true(tlv_take(&object, &tag, &entries));
    while (entries.len > 0) {
        uint8_t hash[EVP_MAX_MD_SIZE];
        unsigned len, group;

        assert_true(tlv_take(&entries, &tag, &entry));
        assert_true(tlv_take(&entry, &tag, &number) && number.len == 1);
        assert_true(tlv_take(&entry, &tag, &value));
        group = (uint8_t)number.at[0];
        assert_in_range(group, 1, PASSPORT_GROUPS);
        EVP_Digest(passport->group[group].at, passport->group[group].len, hash, &len, digest, NULL);
        out->listed[group] = true;
        out->hash[group] = str_eq(value, str_bytes(hash, len));
    }
}

static X509 *authority(const char *name)
{
    char path[128];
    FILE *file;
    X509 *found;

    snprintf(path, sizeof path, "%s/certificates/%s.pem", folder, name);
    file = fopen(path, "r");
    if (file == NULL)
        return NULL;
    found = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    return found;
}

static void look_at_signer(X509 *signer, const char *name, struct findings *out)
{
    X509 *csca = authority(name);
    time_t signed_on = 1683676800; /* 2023-05-10 */

    assert_non_null(csca);
    out->chain = X509_verify(signer, X509_get0_pubkey(csca)) == 1 &&
                 X509_NAME_cmp(X509_get_issuer_name(signer), X509_get_subject_name(csca)) == 0;
    out->in_time = X509_cmp_time(X509_get0_notBefore(signer), &signed_on) < 0 &&
                   X509_cmp_time(X509_get0_notAfter(signer), &signed_on) > 0;
    X509_NAME_get_text_by_NID(X509_get_subject_name(signer), NID_countryName, out->country,
                              sizeof out->country);
    X509_free(csca);
}

static struct findings inspect(const struct passport_sheet *sheet, const char *csca)
{
    struct passport passport;
    struct findings out = { 0 };
    struct smg_err err = { 0 };
    struct smg_str sod, value;
    const unsigned char *der;
    BIO *content = BIO_new(BIO_s_mem());
    CMS_ContentInfo *cms;
    STACK_OF(X509) * signers;
    char *at;
    long len;

    if (passport_encode(sheet, (struct smg_str){ "", 0 }, folder, &passport, &err) != SMG_OK)
        fail_msg("%s", err.text);
    sod = buf_view(&passport.sod);
    assert_true(tlv_find(sod, 0x77, &value));
    der = (const unsigned char *)value.at;
    cms = d2i_CMS_ContentInfo(NULL, &der, (long)value.len);
    assert_non_null(cms);
    assert_ptr_equal(der, value.at + value.len);
    signers = CMS_get1_certs(cms);
    assert_int_equal(sk_X509_num(signers), 1);
    out.signature =
        CMS_verify(cms, signers, NULL, NULL, content, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
    if (!out.signature)
        CMS_verify(cms, signers, NULL, NULL, content,
                   CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY | CMS_NO_ATTR_VERIFY |
                       CMS_NO_CONTENT_VERIFY);
    look_at_signer(sk_X509_value(signers, 0), csca, &out);
    len = BIO_get_mem_data(content, &at);
    if (len > 0)
        look_at_hashes(str_bytes(at, (size_t)len), &passport, &out);
    sk_X509_pop_free(signers, X509_free);
    CMS_ContentInfo_free(cms);
    BIO_free(content);
    passport_free(&passport);
    return out;
}

static void expect_sound(const struct passport_sheet *sheet, const char *csca)
{
    struct findings found = inspect(sheet, csca);

    assert_true(found.signature);
    assert_true(found.chain);
    assert_true(found.in_time);
    assert_string_equal(found.country, sheet->country);
    for (int i = 1; i <= PASSPORT_GROUPS; i++) {
        assert_int_equal(found.listed[i], i == 1 || i == 2 || i == 11);
        assert_int_equal(found.hash[i], found.listed[i]);
    }
}

static void test_every_kind_of_signer_and_digest(void **state)
{
    static const char *const cases[][3] = {
        { "rsa", "sha256", "UT-rsa" },         { "rsa", "sha1", "UT-rsa" },
        { "rsa_pss", "sha256", "UT-rsa_pss" }, { "rsa_pss", "sha512", "UT-rsa_pss" },
        { "ecdsa", "sha224", "UT-ecdsa" },     { "ecdsa", "sha384", "UT-ecdsa" }
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct passport_sheet sheet = a_sheet();

        sheet.signer = cases[i][0];
        sheet.digest = cases[i][1];
        expect_sound(&sheet, cases[i][2]);
    }
}

static void test_forms_found_in_the_field(void **state)
{
    struct passport_sheet sheet = a_sheet();

    (void)state;
    sheet.content_type = "id_data"; /* China */
    expect_sound(&sheet, "UT-rsa");
    sheet.encoding = "ber"; /* New Zealand */
    expect_sound(&sheet, "UT-rsa");
    sheet.content_type = "lds";
    expect_sound(&sheet, "UT-rsa");
    sheet.signer = "ecdsa";
    sheet.curve_parameters = "explicit"; /* Germany */
    expect_sound(&sheet, "UT-ecdsa_explicit");
}

/* Malaysia: OpenSSL does not find the certificate, so all that can be seen is whether it is there
 * and the name is another. */
static void test_a_reversed_name_is_not_found(void **state)
{
    struct passport_sheet sheet = a_sheet();
    struct findings found;

    (void)state;
    sheet.signer_name = "reversed";
    found = inspect(&sheet, "UT-rsa");
    assert_false(found.signature);
    assert_true(found.chain);
}

static void test_each_fault_of_the_signature_is_the_one_it_says(void **state)
{
    static const struct {
        const char *fault, *csca;
        bool signature, chain, in_time, dg1_listed, dg1, dg2;
        const char *country;
    } cases[] = {
        { "dg1_altered", "UT-rsa", true, true, true, true, false, true, "UT" },
        { "dg2_altered", "UT-rsa", true, true, true, true, true, false, "UT" },
        { "dg1_not_in_sod", "UT-rsa", true, true, true, false, false, true, "UT" },
        { "sod_altered", "UT-rsa", false, true, true, true, true, true, "UT" },
        { "unknown_algorithm", "UT-rsa", false, true, true, true, true, true, "UT" },
        { "wrong_digest", "UT-rsa", true, true, true, true, false, false, "UT" },
        { "unknown_csca", "UT-rsa", true, false, true, true, true, true, "UT" },
        { "self_signed", "UT-rsa", true, false, true, true, true, true, "UT" },
        { "foreign_signer", "ZZ-rsa", true, true, true, true, true, true, "ZZ" },
        { "expired_signer", "UT-rsa", true, true, false, true, true, true, "UT" },
        { "dg2_truncated", "UT-rsa", true, true, true, true, true, false, "UT" },
        { "length_65535", "UT-rsa", true, true, true, true, true, false, "UT" },
        { "length_4gib", "UT-rsa", true, true, true, true, true, false, "UT" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct passport_sheet sheet = a_sheet();
        struct findings found;

        sheet.fault = cases[i].fault;
        found = inspect(&sheet, cases[i].csca);
        if (found.signature != cases[i].signature || found.chain != cases[i].chain ||
            found.in_time != cases[i].in_time || found.listed[1] != cases[i].dg1_listed ||
            found.hash[1] != cases[i].dg1 || found.hash[2] != cases[i].dg2 ||
            strcmp(found.country, cases[i].country) != 0)
            fail_msg("%s: signature %d chain %d in time %d listed %d dg1 %d dg2 %d country %s",
                     cases[i].fault, found.signature, found.chain, found.in_time, found.listed[1],
                     found.hash[1], found.hash[2], found.country);
    }
}

/* The folder's keys stay: a reader that trusts the authority today trusts it tomorrow. */
static void test_the_authority_stays_the_same(void **state)
{
    struct passport_sheet sheet = a_sheet();
    X509 *before, *after;

    (void)state;
    inspect(&sheet, "UT-rsa");
    before = authority("UT-rsa");
    sheet.fault = "unknown_csca";
    inspect(&sheet, "UT-rsa");
    after = authority("UT-rsa");
    assert_int_equal(X509_cmp(before, after), 0);
    X509_free(before);
    X509_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_signer_and_digest),
        cmocka_unit_test(test_forms_found_in_the_field),
        cmocka_unit_test(test_a_reversed_name_is_not_found),
        cmocka_unit_test(test_each_fault_of_the_signature_is_the_one_it_says),
        cmocka_unit_test(test_the_authority_stays_the_same),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
