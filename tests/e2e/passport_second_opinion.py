# SPDX-License-Identifier: Apache-2.0
"""The virtual passport is a passport to other people too: Debian's mrtdreader reads it through a real pcscd, and the openssl
program finds what it read signed."""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import unittest

from gateway import ROOT
from pcsc import Passport, Pcsc

BUILD = sys.argv.pop(1)
SHIMING = os.path.join(os.path.abspath(BUILD), "bin", "shiming")
MRZ = "{}?UTO901231?F330509?<<<<<<<<<<<<<<??"


class SecondOpinion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("mrtdreader") is None:
            raise unittest.SkipTest("no mrtdreader here")
        try:
            cls.pcsc = Pcsc(readers=2)
        except Pcsc.NotHere as why:
            raise unittest.SkipTest(str(why)) from why
        cls.passport = Passport(SHIMING, cls.pcsc, reader=2)
        cls.shim = os.path.join(cls.pcsc.dir, "nfc_over_pcsc.so")
        flags = subprocess.run(["pkg-config", "--cflags", "libpcsclite", "libnfc"], capture_output=True, text=True, check=True)
        subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", cls.shim,
                        *flags.stdout.split(), os.path.join(ROOT, "tests", "harness", "nfc_over_pcsc.c"), "-lpcsclite"], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.passport.take_away()
        cls.pcsc.close()

    def read(self, number="U12345678"):
        """What mrtdreader says, and the picture it left (or None)."""
        picture = os.path.join(self.pcsc.dir, "image.jpg")
        if os.path.exists(picture):
            os.unlink(picture)
        done = subprocess.run(["mrtdreader", MRZ.format(number)], cwd=self.pcsc.dir, capture_output=True, timeout=60,
                              env=dict(self.pcsc.env, LD_PRELOAD=self.shim, PCSC_READER="Counter 2 00 00"), check=False)
        if not os.path.exists(picture):
            return done.stdout, None
        with open(picture, "rb") as f:
            return done.stdout, f.read()

    def signed_hashes(self, sod, csca):
        """The signed list, out of the signature as the openssl program verified it: {group: hash}."""
        tag = 4 if sod[1] == 0x82 else 3
        self.assertEqual(sod[0], 0x77)
        path = os.path.join(self.pcsc.dir, "sod.der")
        with open(path, "wb") as f:
            f.write(sod[tag:])
        verified = subprocess.run(["openssl", "cms", "-verify", "-inform", "DER", "-in", path, "-binary", "-no_check_time", "-purpose", "any",
                                   "-CAfile", os.path.join(self.passport.csca, "certificates", csca + ".pem")],
                                  capture_output=True, check=False)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        # SEQUENCE { INTEGER group, OCTET STRING of 32 bytes }, all of it of known length
        return {m.group(1)[0]: m.group(2) for m in re.finditer(rb"\x30\x25\x02\x01(.)\x04\x20(.{32})", verified.stdout, re.S)}

    def check(self, csca, picture, **keys):
        self.passport.lay_down(portrait=picture, dg11="a0", personal_number='"540102"', **keys)
        said, image = self.read()
        self.assertIn(b"Challenge successful", said)
        com, sod = (bytes.fromhex(text.decode()) for text in re.findall(rb"File content: ([0-9a-f]+)", said)[:2])
        self.assertEqual(com[-3:], b"\x61\x75\x6b")
        mrz = re.search(rb"P<UTOSPECIMEN<<ALIYA<{24}U123456784UTO9012318F330509.540102<{8}[0-9]{2}", said)
        self.assertIsNotNone(mrz, said)
        hashes = self.signed_hashes(sod, csca)
        self.assertEqual(set(hashes), {1, 2, 11})
        self.assertEqual(hashes[1], hashlib.sha256(b"\x61\x5b\x5f\x1f\x58" + mrz.group(0)).digest())
        with open(picture, "rb") as f:
            self.assertEqual(image, f.read())

    def picture(self, size):
        path = os.path.join(self.pcsc.dir, f"portrait{size}.jpg")
        with open(path, "wb") as f:
            f.write(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(i * i % 251 for i in range(size - 12)) + b"\xff\xd9")
        return path

    def test_it_reads_what_was_written_and_openssl_finds_it_signed(self):
        self.check("UT-rsa", self.picture(3000))

    def test_in_other_forms_too(self):
        self.check("UT-ecdsa", self.picture(12000), signer="ecdsa", access="bac")
        self.check("UT-rsa_pss", self.picture(700), signer="rsa_pss", encoding="ber", content_type="id_data")

    def test_without_the_right_mrz_it_reads_nothing(self):
        self.passport.lay_down()
        said, image = self.read("U12345679")
        self.assertNotIn(b"SPECIMEN", said)
        self.assertIsNone(image)

    def test_the_made_up_picture_is_one(self):
        self.passport.lay_down(portrait_size="5000")
        image = self.read()[1]
        self.assertGreaterEqual(len(image), 5000)
        self.assertEqual((image[:4], image[-2:]), (b"\xff\xd8\xff\xe0", b"\xff\xd9"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
