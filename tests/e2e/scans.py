# SPDX-License-Identifier: Apache-2.0
"""Machine readable zones at the counter: what a scanner reads is a document of its own origin, and no chip."""
import json
import os
import sys
import unittest

from emulator import Scanner, reader_state, wait_ready
from gateway import Gateway, wait_for

BUILD = sys.argv.pop(1)


class Scans(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.g = Gateway(BUILD)
        directory = cls.g.dir
        cls.g.close()
        os.makedirs(directory)
        cls.g = Gateway(BUILD, directory=directory, readers=(
            f"{{ name: scanner-1, plugin: mrz, deadline: 3s, options: {{ device: {directory}/scanner, pause: 200ms }} }}"))
        cls.g.staff("S-9")
        cls.auditor = cls.g.staff("A-1", "auditor")
        cls.s = Scanner(cls.g)
        cls.s.start()
        cls.g.start()
        wait_ready(cls.g, "scanner-1")
        cls.seed = 0

    @classmethod
    def tearDownClass(cls):
        cls.s.stop()
        code = cls.g.stop()
        log = cls.g.read_log()
        cls.g.close()
        assert code == 0, f"the gateway ended with {code}: {log[-3000:]}"
        for personal in ("SPECIMEN", "CAMILLE", "00AB12345"):
            assert personal not in log, f"{personal} is in the log"

    def scan(self, zone, wanted=201):
        self.s.put(zone)
        status, data, _ = self.g.call("POST", "/v1/readers/scanner-1/reads")
        self.assertEqual(status, wanted, data)
        return data

    def application(self, token, **document):
        Scans.seed += 2
        made = self.g.application(Scans.seed, [self.g.upload(Scans.seed), self.g.upload(Scans.seed + 1)])
        made["customer"] = {"kind": "person", "work_unit": "无", "document": {"token": token, **document}}
        return made

    def test_a_scanned_passport_is_registered_once_somebody_examined_it(self):
        data = self.scan("foreign-passport")
        self.assertEqual(data["fields"]["document"]["type"], "passport")
        self.assertEqual(data["fields"]["document"]["origin"], "mrz")
        self.assertEqual(data["fields"]["nationality"], "FRA")
        self.assertNotIn("CAMILLE", json.dumps(data))
        unexamined = self.application(data["token"])
        status, answer, _ = self.g.call("POST", "/v1/registrations", unexamined)
        self.assertEqual(status, 422, answer)
        self.assertEqual({it["what"] for it in answer["needs"]}, {"customer.document.examined"})
        examined = self.application(data["token"], examined="genuine")
        status, answer, _ = self.g.call("POST", "/v1/registrations", examined)
        self.assertEqual(status, 201, answer)
        record = self.g.call("GET", f"/v1/registrations/{answer['id']}", token=self.auditor,
                             headers={"X-Purpose": "test"})[1]["application"]["customer"]
        self.assertEqual(record["document"]["origin"], "mrz")
        self.assertNotIn("access", record)

    def test_a_permit_is_known_by_its_number(self):
        data = self.scan("hk-macau-permit")
        self.assertEqual(data["fields"]["document"]["type"], "hk_macau_permit")

    def test_a_visa_and_a_misread_zone_are_told_apart(self):
        self.assertEqual(self.scan("visa", 422)["errors"][0]["code"], "document_unsuitable")
        self.s.put_text("line1: P<FRASPECIMEN<<CAMILLE<MARIE<<<<<<<<<<<<<<<<\nline2: 00AB123451FRA8803148F3504303<<<<<<<<<<<<<<00\n")
        status, data, _ = self.g.call("POST", "/v1/readers/scanner-1/reads")
        self.assertEqual((status, data["errors"][0]["code"]), (422, "card_unreadable"))
        self.scan("foreign-passport")

    def test_a_scanner_that_was_unplugged_comes_back(self):
        self.s.stop()
        wait_for("the gateway noticed", lambda: self.g.call("POST", "/v1/readers/scanner-1/reads")[0] == 503)
        self.s.start()
        wait_ready(self.g, "scanner-1")
        self.scan("foreign-passport")

    def test_nothing_scanned_is_said_when_the_time_is_up(self):
        self.s.stop()
        self.s.start(every=None)
        wait_for("the reader is back", lambda: reader_state(self.g, "scanner-1")["state"] == "ready")
        status, data, _ = self.g.call("POST", "/v1/readers/scanner-1/reads")
        while status == 503:  # the process before the restart may still have been taken for ready
            status, data, _ = self.g.call("POST", "/v1/readers/scanner-1/reads")
        self.assertEqual((status, data["errors"][0]["code"]), (408, "no_card"))
        self.s.stop()
        self.s.start()
        wait_ready(self.g, "scanner-1")


if __name__ == "__main__":
    unittest.main()
