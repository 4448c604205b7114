# SPDX-License-Identifier: Apache-2.0
"""Reports on their way to real recipients: sealed to whom they are for, in order, once by their id, whoever is away."""
import base64
import json
import os
import subprocess
import sys
import tempfile
import shutil
import unittest

from gateway import wait_for
from openapi import Described
from service import Service, make_certificates, openssl

BUILD = sys.argv.pop(1)


class Recipient(Service):
    """Takes every report, unless told to answer something else."""

    def __init__(self, folder):
        super().__init__(folder, self.take)
        self.refuses = set()  # words in the content that make it refuse a report

    def take(self, request):
        if any(word.encode() in request.body for word in self.refuses):
            return 422, "text/plain", b"no", {}
        return 200, "application/json", b"{}", {"Receipt": f"R-{len(self.requests)}"}

    def arrived(self):
        """(id, body) of each report in the order they first came."""
        seen = {}
        for request in list(self.requests):
            seen.setdefault(request.headers["idempotency-key"], json.loads(request.body))
        return list(seen.items())


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="shiming-reports-")
        make_certificates(cls.folder)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=police",
                "-keyout", "police.key", "-out", "police.pem", cwd=cls.folder)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.police, self.regulator = Recipient(self.folder), Recipient(self.folder)
        self.addCleanup(self.police.close)
        self.addCleanup(self.regulator.close)
        ports = self.police.open("in", client_ca="ca"), self.regulator.open("in")
        at = lambda name: os.path.join(self.folder, name)
        options = [f"url: 'https://localhost:{port}/reports', ca: {at('ca.pem')}, certificate: {at('gateway.pem')}, key: {at('gateway.key')}, timeout: 5s"
                   for port in ports]
        self.g = Described(BUILD, reporters=f"""
  - {{ name: police-service, plugin: http, to: public_security, seal_to: {at('police.pem')}, options: {{ {options[0]} }} }}
  - {{ name: regulator, plugin: http, options: {{ {options[1]} }} }}""")
        self.addCleanup(self.g.close)
        self.g.staff("S-9", "clerk")
        self.admin = self.g.staff("M-1", "admin")
        self.g.start()
        self.g.describe()
        self.next = 0

    def refuse(self, examined="forged", **more):
        """A case that public security must hear of; its id and the application."""
        self.next += 1
        made = self.g.application(self.next, [self.g.upload(self.next * 2), self.g.upload(self.next * 2 + 1)], **more)
        made["customer"]["document"]["examined"] = examined
        status, data, _ = self.g.call("POST", "/v1/registrations", made)
        self.assertEqual((status, data["verdict"]), (422, "refused"), data)
        return data["id"], made

    def open_sealed(self, body):
        sealed = base64.urlsafe_b64decode(body["sealed"] + "=" * (-len(body["sealed"]) % 4))
        done = subprocess.run(["openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", "police.key", "-recip", "police.pem", "-binary"],
                              input=sealed, cwd=self.folder, capture_output=True, check=True)
        return json.loads(done.stdout)

    def outbox(self, state="waiting"):
        status, data, _ = self.g.call("GET", f"/v1/reports?state={state}", token=self.admin)
        self.assertEqual(status, 200)
        return data

    def recipient(self, name="public_security"):
        return next((r for r in self.outbox()["recipients"] if r["to"] == name), None)

    def registrations(self):
        return [self.open_sealed(body)["registration"] for _, body in self.police.arrived()]

    def test_public_security_learns_who_it_was_and_nobody_else_can(self):
        id, made = self.refuse()
        wait_for("the report", self.police.arrived)
        request = self.police.requests[0]
        body = json.loads(request.body)
        self.assertEqual(set(body), {"to", "at", "sealed"})
        content = self.open_sealed(body)
        self.assertEqual((content["registration"], content["licence"], content["number"]), (id, "A2.B1-20180001", made["number"]))
        customer = content["people"]["customer"]
        self.assertEqual((customer["name"], customer["document"]["number"]), (made["customer"]["name"], made["customer"]["document"]["number"]))
        self.assertEqual(content["within_ms"], 3600000)
        wait_for("its end", lambda: self.g.metric("shiming_reports_delivered_total") == 1)
        wait_for("an empty outbox", lambda: self.outbox()["reports"] == [])

    def test_a_recipient_that_is_away_holds_up_nobody_else_and_misses_nothing(self):
        self.police.mode = "/status/503"
        ids = [self.refuse()[0] for _ in range(4)]
        wait_for("a failure", lambda: (self.recipient() or {}).get("why"))
        status, data, _ = self.g.call("POST", "/v1/registrations", {"operation": "mobile.open", "customer": {"kind": "person", "refuses": "document"}})
        self.assertEqual((status, data["verdict"]), (422, "refused"))
        wait_for("the regulator's report", self.regulator.arrived)
        content = self.regulator.arrived()[0][1]
        self.assertEqual((content["registration"], content["within_ms"], "people" in content), (data["id"], 86400000, False))
        wait_for("its end", lambda: self.recipient("regulator")["delivered"] == 1)
        shown = self.outbox()
        self.assertEqual([r["report"]["registration"] for r in shown["reports"]], ids)
        self.assertTrue(all(r["state"] == "waiting" and not r["overdue"] and r["due_at"] for r in shown["reports"]))
        self.assertIn("503", self.recipient()["why"])
        self.g.kill()
        self.g.start()
        self.police.mode = None
        wait_for("all reports", lambda: len(self.police.arrived()) == 4 and self.outbox()["reports"] == [], 60)
        self.assertEqual(self.registrations(), ids)

    def test_a_lost_answer_makes_it_come_again_with_the_same_id(self):
        self.police.mode = "/cut"
        self.refuse()
        wait_for("one try", lambda: self.police.requests)
        self.police.mode = None
        wait_for("its end", lambda: self.g.metric("shiming_reports_delivered_total") == 1)
        self.assertGreater(len(self.police.requests), 1)
        self.assertEqual(len({r.headers["idempotency-key"] for r in self.police.requests}), 1)

    def test_a_report_that_is_refused_is_moved_aside_and_can_be_sent_again(self):
        self.police.mode = "/status/422"
        first, _ = self.refuse()
        aside = wait_for("it is aside", lambda: self.outbox("refused")["reports"])
        self.assertEqual((aside[0]["report"]["registration"], aside[0]["state"]), (first, "refused"))
        self.assertIn("422", aside[0]["why"])
        self.assertIn(f"public_security refuses report {aside[0]['id']}", self.g.read_log())
        self.police.mode = None
        self.police.requests.clear()
        second, _ = self.refuse()
        wait_for("the next one", lambda: len(self.police.arrived()) == 1)
        self.assertEqual(self.registrations(), [second])
        self.assertEqual(self.g.call("POST", f"/v1/reports/{aside[0]['id']}/retry")[0], 403)
        status, data, _ = self.g.call("POST", f"/v1/reports/{aside[0]['id']}/retry", token=self.admin)
        self.assertEqual((status, data["state"]), (200, "waiting"))
        wait_for("the first one", lambda: len(self.police.arrived()) == 2)
        self.assertEqual(self.registrations(), [second, first])
        self.assertEqual(self.outbox("refused")["reports"], [])
        self.assertEqual(self.g.call("POST", f"/v1/reports/{aside[0]['id']}/retry", token=self.admin)[0], 404)

    def test_the_outbox_is_shown_page_by_page(self):
        self.police.mode = "/status/503"
        ids = [self.refuse()[0] for _ in range(53)]
        page = self.outbox()
        rest = self.g.call("GET", f"/v1/reports?cursor={page['next']}", token=self.admin)[1]
        self.assertEqual([r["report"]["registration"] for r in page["reports"] + rest["reports"]], ids)
        self.assertEqual((len(page["reports"]), "next" in rest), (50, False))
        for wrong in ("x", "!!", page["next"][:-4]):
            self.assertEqual(self.g.call("GET", f"/v1/reports?cursor={wrong}", token=self.admin)[0], 400)
        self.assertEqual(self.g.call("GET", "/v1/reports")[0], 403)
        self.assertEqual(self.g.call("GET", "/v1/reports?state=x", token=self.admin)[0], 400)

    def test_a_certificate_nothing_can_be_sealed_to_is_found_before_serving(self):
        openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "30", "-subj", "/CN=no", "-keyout", "no.key", "-out", "no.pem", cwd=self.folder)
        with open(self.g.config, encoding="utf-8") as f:
            text = f.read()
        for wrong, why in (("no.pem", "nothing can be sealed"), ("police.key", "no certificate"), ("absent.pem", "absent.pem")):
            with open(self.g.config, "w", encoding="utf-8") as f:
                f.write(text.replace("police.pem", wrong))
            done = self.g.run("check", "-c", self.g.config, ok=(1, 2))
            self.assertIn(why, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
