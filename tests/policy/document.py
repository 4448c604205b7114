# SPDX-License-Identifier: Apache-2.0
"""`shiming document`: every kind of document is listed with how it is read and how long it is good for, and answers for a
good number and a bad one. The numbers are public examples, or made up."""
import json
import subprocess
import sys
import unittest

SHIMING = sys.argv.pop(1) + "/bin/shiming"

# kind: a good number, a bad one and the reason it is bad
NUMBERS = {
    "resident_id": ("11010519491231002X", "110105194912310021", "check_digit"),
    "temporary_resident_id": ("440524188001010014", "44052418800101001", "length"),
    "residence_permit": ("440524188001010014", "150102880730303", "retired"),
    "household_register": ("054123456", "*", "character"),
    "prc_passport": ("E12345678", "K12345678", "unsuitable"),
    "overseas_passport": ("EA1234567", "EI1234567", "character"),
    "hk_macau_exit_permit": ("CA0000001", "H12345678", "category"),
    "driver_licence": ("11010519491231002X", "11010519490231002X", "check_digit"),
    "social_security_card": ("11010519491231002X", "x", "length"),
    "military_id": ("军字第2001988号", "", "length"),
    "police_id": ("武字第P011816X号", "<>", "character"),
    "hk_macau_permit": ("H1234567801", "A123456(3)", "unsuitable"),
    "taiwan_permit": ("12345678", "A123456789", "unsuitable"),
    "hmt_residence_permit": ("810000199408230021", "11010519491231002X", "unsuitable"),
    "hk_macau_passport": ("KJ1234567", "X12345678", "category"),
    "taiwan_passport": ("301234567", "E12345678", "unsuitable"),
    "hk_identity_card": ("A123456(3)", "", "length"),
    "macau_identity_card": ("1/234567/8", "", "length"),
    "taiwan_identity_card": ("A123456789", "", "length"),
    "travel_document": ("T0001234", "", "length"),
    "passport": ("L898902C3", "L898902C<", "character"),
    "permanent_residence": ("931586198001010028", "KAZ110090123106", "check_digit"),
    "uscc": ("91350100M000100Y43", "91540100MA6T1A2342", "check_digit"),
    "business_licence": ("110108000000016", "110108000000017", "check_digit"),
    "institution_certificate": ("12540000433200016R", "91350100M000100Y43", "unsuitable"),
    "association_certificate": ("515400005000000153", "515400005000000154", "check_digit"),
    "private_institution_certificate": ("515400005000000153", "", "length"),
    "foundation_certificate": ("53540000MJB0000185", "", "length"),
    "religious_venue_certificate": ("藏宗场证字第0001号", "\t", "character"),
    "law_firm_licence": ("31540000MD0000016Q", "", "length"),
    "organisation_code": ("D2143569-X", "D2143569-1", "check_digit"),
}


def run(*words):
    done = subprocess.run([SHIMING, "document", *words, "--policies", "policies"], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Documents(unittest.TestCase):
    def check(self, kind, number, on="2026-01-01"):
        status, out, err = run("check", kind, number, "--on", on, "--json")
        self.assertIn(status, (0, 1), (kind, number, err))
        data = json.loads(out)
        self.assertEqual(data["valid"], status == 0, data)
        return data

    def test_every_kind_is_listed_and_has_its_example_here(self):
        status, out, _ = run("list", "--json")
        self.assertEqual(status, 0)
        kinds = {it["type"]: it for it in json.loads(out)}
        self.assertEqual(set(kinds), set(NUMBERS))
        for it in kinds.values():
            self.assertTrue(it["zh"] and it["en"] and it["number"], it)
            self.assertIn(it["machine"], ("none", "sdt", "emrtd", "mrz"))
            self.assertTrue(it["dated"] or not it["terms"], it)
        self.assertEqual(kinds["resident_id"]["terms"],
                         [{"age": 0, "years": 5}, {"age": 16, "years": 10}, {"age": 26, "years": 20}, {"age": 46}])
        self.assertEqual({it["type"] for it in kinds.values() if it["machine"] == "sdt"},
                         {"resident_id", "hmt_residence_permit", "permanent_residence"})
        _, out, _ = run("list")
        self.assertIn("from 46: long-term", out)

    def test_every_kind_answers_for_a_good_number_and_a_bad_one(self):
        for kind, (good, bad, reason) in NUMBERS.items():
            data = self.check(kind, good)
            self.assertTrue(data["valid"], (kind, good, data))
            data = self.check(kind, bad)
            self.assertFalse(data["valid"], (kind, bad))
            self.assertEqual(data["reason"], reason, (kind, bad))
            self.assertTrue(data["zh"] and data["en"], (kind, bad))

    def test_what_a_number_says_is_told(self):
        data = self.check("resident_id", "11010519491231002x")
        self.assertEqual((data["number"], data["birth"], data["sex"], data["region"], data["nationality"]),
                         ("11010519491231002X", "1949-12-31", "female", "110105", "CHN"))
        data = self.check("permanent_residence", "931586198001010028")
        self.assertEqual((data["birth"], data["nationality"]), ("1980-01-01", "PAK"))
        data = self.check("business_licence", "91350211M00013FA1N")  # Fujian's pilot of 2015: legal
        self.assertEqual(data["warnings"], ["outer_check"])
        self.assertIn("licence", data["en"])

    def test_a_card_that_does_not_serve_names_the_one_that_does(self):
        for kind, number, of, word in (("hk_macau_permit", "A123456(3)", "hk_identity_card", "travel permit"),
                                       ("hk_macau_permit", "1/234567/8", "macau_identity_card", "travel permit"),
                                       ("taiwan_permit", "A123456789", "taiwan_identity_card", "travel permit"),
                                       ("overseas_passport", "H12345678", "hk_macau_passport", "travel permit"),
                                       ("overseas_passport", "301234567", "taiwan_passport", "travel permit"),
                                       ("hk_macau_permit", "C12345678", "hk_macau_exit_permit", "identity card")):
            data = self.check(kind, number)
            self.assertEqual((data["reason"], data["of"]), ("unsuitable", of))
            self.assertIn("bring the", data["en"])
            self.assertIn(word, data["en"])

    def test_for_people_the_reason_stands_in_both_languages(self):
        status, out, _ = run("check", "resident_id", "110105194912310021")
        self.assertEqual(status, 1)
        self.assertIn("not valid: check_digit (GB 11643-1999)", out)
        self.assertIn("校验位不符", out)
        self.assertIn("compare it digit by digit", out)

    def test_a_kind_nobody_knows_is_a_usage_error_with_the_nearest(self):
        status, _, err = run("check", "resident_card", "1")
        self.assertEqual(status, 2)
        self.assertIn("did you mean resident_id", err)
        self.assertEqual(run("check", "resident_id")[0], 2)


if __name__ == "__main__":
    unittest.main()
