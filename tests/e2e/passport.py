# SPDX-License-Identifier: Apache-2.0
"""Passports at the counter, through a real pcscd and the walls of the reader's process: each lock opens with what the
page says, each thing that is wrong with a chip is the finding it must be, and no chip costs more than its one read."""
import base64
import json
import os
import subprocess
import sys
import time
import unittest

from emulator import Scanner, reader_state, wait_ready
from gateway import Gateway, wait_for
from pcsc import Passport, Pcsc

BUILD = sys.argv.pop(1)
DEADLINE = 3.0
ZONE = {"number": "U12345678", "birth": "1990-12-31", "valid_to": "2033-05-09"}
OTHER_ZONE = dict(ZONE, number="U12345679")
READS = "/v1/readers/passport-1/reads"


def second_line(number, nationality, birth, sex, expiry):
    """Of a passport's zone, with nothing in its optional data (ICAO 9303-4)."""
    def digit(text):
        return str(sum((int(c, 36) if c != "<" else 0) * (7, 3, 1)[i % 3] for i, c in enumerate(text)) % 10)
    number, birth, expiry, optional = (text + digit(text) for text in (number, birth, expiry, "<" * 14))
    return number + nationality + birth + sex + expiry + optional + digit(number + birth + expiry + optional)


ZONE_TEXT = "P<UTOSPECIMEN<<ALIYA".ljust(44, "<") + "\n" + second_line("U12345678", "UTO", "901231", "F", "330509")


class Passports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.pcsc = Pcsc(1)
        except Pcsc.NotHere as why:
            raise unittest.SkipTest(str(why))
        cls.g = Gateway(BUILD)
        directory = cls.g.dir
        cls.g.close()
        os.makedirs(directory)
        cls.g = Gateway(BUILD, directory=directory, readers=(
            f"{{ name: passport-1, plugin: emrtd, deadline: {DEADLINE:.0f}s, options: {{ socket: \"unix:{cls.pcsc.socket}\", "
            f"csca: {cls.pcsc.dir}/csca/certificates, reader: Counter }} }}, "
            f"{{ name: scanner-1, plugin: mrz, deadline: 3s, options: {{ device: {directory}/scanner, pause: 200ms }} }}"))
        cls.g.staff()
        cls.scanner = Scanner(cls.g)
        cls.scanner.start()
        cls.passport = Passport(cls.g.shiming, cls.pcsc)
        for card, keys in (("passport", {}), ("passport_china", {}), ("passport", {"signer": "ecdsa"}),
                           ("passport", {"signer": "rsa_pss"}), ("passport", {"signer": "ecdsa", "curve_parameters": "explicit"})):
            cls.passport.lay_down(card, **keys)  # so that there are the states' certificates
        cls.passport.take_away()
        cls.g.start()
        wait_ready(cls.g, "passport-1")

    @classmethod
    def tearDownClass(cls):
        cls.passport.take_away()
        cls.scanner.stop()
        code = cls.g.stop()
        log = cls.g.read_log()
        cls.g.close()
        cls.pcsc.close()
        assert code == 0, f"the gateway ended with {code}: {log[-3000:]}"
        for secret in ("U12345678", "SPECIMEN", "123456", "E00000000", "ZHUOMA"):
            assert secret not in log, f"{secret} is in the log"

    def read(self, wanted, access=None):
        status, data, _ = self.g.call("POST", READS, {"access": access or ZONE})
        self.assertEqual(status, wanted, data)
        return data

    def refused(self, status, code, access=None):
        self.assertEqual(self.read(status, access)["errors"][0]["code"], code)

    def check(self, data, authentic, trusted, verified):
        chip = data["fields"]["chip"]
        self.assertEqual((chip["authentic"], chip["signer_trusted"], chip.get("verified")), (authentic, trusted, verified))

    def test_each_lock_opens_with_what_the_page_says(self):
        for access, by in (("bac", ZONE), ("bac", {"mrz": ZONE_TEXT}), ("pace", ZONE), ("pace", {"mrz": ZONE_TEXT}),
                           ("pace", {"can": "123456"}), ("both", {"can": "123456"})):
            self.passport.lay_down(access=access, signer="ecdsa")
            data = self.read(201, by)
            self.check(data, "yes", "yes", "yes")
            fields = data["fields"]
            self.assertEqual((fields["document"]["type"], fields["document"]["valid_to"], fields["sex"], fields["nationality"]),
                             ("passport", "2033-05-09", "female", "UTO"))
            self.assertEqual(data["portrait"]["format"], "jpeg")
            picture = data["portrait"]["data"]
            self.assertTrue(base64.urlsafe_b64decode(picture + "=" * (-len(picture) % 4)).startswith(b"\xff\xd8\xff"))

    def test_what_a_scanner_read_opens_the_chip(self):
        self.scanner.put_text("".join(f"line{n}: {line}\n" for n, line in enumerate(ZONE_TEXT.split("\n"), 1)))
        self.passport.lay_down(access="pace", signer="ecdsa")
        status, scanned, _ = self.g.call("POST", "/v1/readers/scanner-1/reads")
        self.assertEqual(status, 201, scanned)
        self.check(self.read(201, {"token": scanned["token"]}), "yes", "yes", "yes")

    def test_other_ciphers_curves_and_signers(self):
        for keys in ({"access": "pace", "pace_curve": 13, "pace_cipher": "aes-256", "signer": "rsa_pss"},
                     {"access": "pace", "pace_curve": 18, "pace_cipher": "aes-192", "signer": "ecdsa", "curve_parameters": "explicit"},
                     {"access": "bac", "encoding": "ber", "digest": "sha1", "signer_name": "reversed"}):
            self.passport.lay_down(**keys)
            self.check(self.read(201), "yes", "yes", "yes")

    def test_a_large_portrait_comes_whole(self):
        self.passport.lay_down(access="bac", signer="ecdsa", portrait_size="96KiB")
        data = self.read(201)
        self.check(data, "yes", "yes", "yes")
        self.assertGreater(len(data["portrait"]["data"]), 96 * 1024 * 4 // 3)

    def test_a_chinese_passport_becomes_a_decision(self):
        self.passport.lay_down("passport_china")
        data = self.read(201, {"number": "E00000000", "birth": "1988-03-14", "valid_to": "2032-03-31"})
        self.check(data, "yes", "yes", "yes")
        self.assertEqual(data["fields"]["document"]["type"], "prc_passport")
        self.assertTrue(data["fields"]["name"].startswith("示"))
        made = self.g.application(2, [self.g.upload(2), self.g.upload(3)])
        made["customer"] = {"kind": "person", "work_unit": "无", "document": {"token": data["token"]}}
        status, decided, _ = self.g.call("POST", "/v1/decisions", made)
        self.assertEqual(status, 200, decided)
        self.assertFalse([r for r in decided["refusals"] if "chip" in r["rule"]], decided)

    def test_each_thing_that_is_wrong_is_its_own_finding(self):
        for fault, authentic, trusted, verified in (
                ("dg1_altered", "no", "yes", "no"), ("dg2_altered", "no", "yes", "no"), ("dg1_not_in_sod", "no", "yes", "no"),
                ("sod_altered", "no", "unknown", "no"), ("unknown_algorithm", "unknown", "unknown", None), ("wrong_digest", "no", "yes", "no"), ("unknown_csca", "yes", "no", "no"),
                ("self_signed", "yes", "no", "no"), ("foreign_signer", "yes", "no", "no"), ("expired_signer", "yes", "no", "no"),
                ("dg2_truncated", "no", "yes", "no"), ("length_65535", "no", "yes", "no"), ("length_4gib", "no", "yes", "no")):
            with self.subTest(fault=fault):
                self.passport.lay_down(fault=fault, access="bac", signer="ecdsa")
                self.check(self.read(201), authentic, trusted, verified)

    def test_a_state_nobody_installed_is_neither_trusted_nor_distrusted(self):
        elsewhere = Passport(self.g.shiming, self.pcsc, csca=os.path.join(self.pcsc.dir, "elsewhere"))
        self.passport.take_away()
        elsewhere.lay_down(issuer="D", nationality="D", country="DE", signer="ecdsa")
        try:
            self.check(self.read(201), "yes", "unknown", None)
        finally:
            elsewhere.take_away()

    def decide(self, seed, **keys):
        self.passport.lay_down(access="bac", signer="ecdsa", **keys)
        made = self.g.application(seed, [self.g.upload(seed), self.g.upload(seed + 1)])
        made["customer"] = {"kind": "person", "work_unit": "无", "document": {"token": self.read(201)["token"]}}
        status, decided, _ = self.g.call("POST", "/v1/decisions", made)
        self.assertEqual(status, 200, decided)
        return decided

    def test_an_altered_passport_is_refused_by_the_rules(self):
        decided = self.decide(4, fault="dg2_altered")
        self.assertEqual(decided["verdict"], "refused", decided)
        self.assertTrue([r for r in decided["refusals"] if "chip" in r["rule"]], decided)

    def test_a_signer_in_doubt_makes_somebody_look_at_the_passport(self):
        for fault in ("unknown_csca", "unknown_algorithm"):
            decided = self.decide(6, fault=fault)
            self.assertIn("customer.document.examined", [need["what"] for need in decided["needs"]])
            self.assertFalse([r for r in decided["refusals"] if "chip" in r["rule"]], decided)
        examined = [need["what"] for need in self.decide(6)["needs"]]
        self.assertNotIn("customer.document.examined", examined)

    def test_a_broken_channel_is_an_unread_card(self):
        for fault, access in (("wrong_mac", "bac"), ("no_mac", "pace"), ("wrong_status", "bac"), ("no_status", "pace"), ("plain", "bac"),
                              ("pace_wrong_token", "pace"), ("pace_broken", "both"), ("removed", "bac"), ("closes", "pace")):
            with self.subTest(fault=fault):
                self.passport.lay_down(fault=fault, access=access, signer="ecdsa", fault_after=9 if fault in ("removed", "closes") else 0)
                self.refused(422, "card_unreadable")
        self.passport.lay_down(signer="ecdsa")
        self.read(201)

    def test_a_chip_that_never_answers_costs_its_read_only(self):
        self.passport.lay_down(fault="silent", access="bac", signer="ecdsa", fault_after=9)
        begun = time.monotonic()
        self.refused(504, "reader_timeout")
        self.assertLess(time.monotonic() - begun, DEADLINE + 0.2 + 2.0)  # its grace, a busy machine
        self.passport.lay_down(signer="ecdsa")
        wait_ready(self.g, "passport-1")
        self.check(self.read(201), "yes", "yes", "yes")

    def test_the_chip_opens_for_nobody_who_has_not_seen_the_page(self):
        self.passport.lay_down(access="bac", signer="ecdsa")
        status, data, _ = self.g.call("POST", READS)
        self.assertEqual((status, data["errors"][0]["code"]), (422, "access_required"))
        self.refused(422, "access_required", {"can": "123456"})  # BAC knows no CAN

    def verb(self, access, wanted):
        """`shiming reader read` with what is typed for --access; what it says."""
        done = subprocess.run([self.g.shiming, "reader", "read", "-c", self.g.config, "passport-1", "--access", "-"],
                              input=access if isinstance(access, str) else json.dumps(access), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, wanted, done.stderr)
        for secret in ("U12345678", "U12345679", "901231", "1990-12-31"):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def test_the_verb_opens_the_chip_with_what_is_typed(self):
        self.passport.lay_down(access="pace", signer="ecdsa")
        for access in (ZONE, {"mrz": ZONE_TEXT}, {"can": "123456"}):
            read = json.loads(self.verb(access, 0).stdout)
            self.assertEqual(read["document"]["type"], "passport")
            self.assertEqual((read["chip"]["authentic"], read["chip"]["signer_trusted"]), ("yes", "yes"))
        path = os.path.join(self.g.dir, "access.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"can": "123456"}, f)
        self.assertEqual(json.loads(self.g.run("reader", "read", "-c", self.g.config, "passport-1", "--access", path).stdout)["document"]["type"], "passport")

    def test_the_verb_says_what_is_wrong_with_what_was_typed(self):
        self.passport.lay_down(access="bac", signer="ecdsa")
        self.assertIn("MRZ", self.verb({"can": "123456"}, 1).stderr)
        self.assertIn("does not belong to this card", self.verb(OTHER_ZONE, 1).stderr)
        self.assertIn("the MRZ was misread", self.verb({"mrz": ZONE_TEXT[:-1] + str((int(ZONE_TEXT[-1]) + 1) % 10)}, 1).stderr)
        for access, said in (("{", "json"), ({"can": "12345"}, "can"), ({"mrz": "P<UTO"}, "mrz"), ({"number": "U12345678"}, "birth"),
                             ({"token": "AAAA"}, "token"), ({}, "access"), ({"can": "123456", "pin": "1"}, "wrong_access")):
            self.assertIn(said, self.verb(access, 2).stderr.lower())
        without = self.g.run("reader", "read", "-c", self.g.config, "passport-1", ok=(1,))
        self.assertIn("MRZ", without.stderr)

    def test_guessing_ends_until_the_document_is_lifted(self):
        self.passport.lay_down(access="both", signer="ecdsa")
        for _ in range(3):
            self.refused(422, "access_denied", OTHER_ZONE)
        self.refused(422, "access_denied")  # the right one comes too late
        self.passport.lift()
        wait_for("no document", lambda: self.read_status(ZONE) == 408, 30)
        self.passport.lift()
        self.read(201)

    def read_status(self, access):
        return self.g.call("POST", READS, {"access": access})[0]

    def test_no_document_is_said_at_the_deadline(self):
        self.passport.take_away()
        self.refused(408, "no_card")

    def test_pcscd_comes_and_goes(self):
        self.passport.take_away()
        self.pcsc.kill()
        self.assertIn(self.read_status(ZONE), (502, 503))
        wait_for("the reader is out", lambda: reader_state(self.g, "passport-1")["state"] != "ready")
        self.pcsc.start()
        self.passport.lay_down(signer="ecdsa")
        wait_for("a read", lambda: self.read_status(ZONE) == 201)


if __name__ == "__main__":
    unittest.main(verbosity=2)
