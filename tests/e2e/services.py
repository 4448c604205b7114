# SPDX-License-Identifier: Apache-2.0
"""Online checks: two services that speak differently, the faces one of them compares, and every way the other can
fail, while those who do not need it are served."""
import base64
import hashlib
import hmac
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

from emulator import Emulator, wait_ready
from gateway import ROOT, png, wait_for
from openapi import Described
from service import HMAC_KEY, Service, make_certificates, open_all

BUILD = sys.argv.pop(1)
DEADLINE = 1.0


def sign(*parts):
    return hmac.new(HMAC_KEY, "|".join(parts).encode(), hashlib.sha256).hexdigest()


def police(request):
    """A signed form, answered in signed XML."""
    body = request.body.decode()
    if request.headers.get("x-sign") != sign(request.headers.get("x-time", ""), body):
        return 403, "text/plain", b"who are you?", {}
    form = urllib.parse.parse_qs(body, strict_parsing=True)
    code = "01" if form["xm"][0].startswith("冒名") else "00"
    answer = f'<?xml version="1.0"?><jg><dm>{code}</dm><lsh>GA-{len(form["zjhm"][0])}</lsh></jg>'
    now = str(int(time.time()))
    return 200, "application/xml", answer.encode(), {"X-Time": now, "X-Sign": sign(now, answer)}


def faces(request):
    """JSON, and a score for two pictures."""
    asked = json.loads(request.body)
    both = all(asked["pictures"])
    return 200, "application/json", json.dumps(
        {"code": 0 if both else 9, "score": 91.5, "trace": {"id": f"F-{asked['id'][:8]}"}}).encode(), {}


def verifiers(folder, police_port, faces_port):
    tls = f"ca: {folder}/ca.pem, certificate: {folder}/gateway.pem, key: {folder}/gateway.key"
    return f"""
  - name: public-security
    plugin: http
    deadline: {int(DEADLINE * 1000)}ms
    options:
      {{ url: "https://127.0.0.1:{police_port}/", {tls}, request_type: form, answer_type: xml,
        request: "xm={{name}}&zjhm={{document.number}}&csrq={{birth:digits?}}",
        headers: "X-Time: {{request.seconds}}\\nX-Sign: {{request.signature:hex}}\\nIdempotency-Key: {{request.id}}\\n",
        sign: "{{request.seconds}}|{{request.body}}", sign_key: {folder}/hmac,
        verdict: dm, match: "00", mismatch: "01", receipt: lsh,
        answer_sign: "{{answer.header.X-Time}}|{{answer.body}}", answer_signature: X-Sign, answer_time: X-Time,
        attempt: 400ms, pause: 20ms, breaker_failures: 6, breaker_rest: 1s }}
  - name: face-comparison
    plugin: http
    options:
      {{ url: "https://127.0.0.1:{faces_port}/", {tls}, picture_formats: "jpeg, png, bmp, wlt",
        request: '{{"id":"{{request.id}}","pictures":["{{portrait}}","{{document.portrait|document.photo}}"],"formats":["{{portrait.format}}","{{document.portrait.format|document.photo.format}}"]}}',
        verdict: /code, match: "0", unknown: "9", score: /score, score_match: "80", score_mismatch: "40", receipt: /trace/id }}
"""


class Services(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.mkdtemp(prefix="shiming-services-")
        make_certificates(cls.top)
        cls.police, cls.faces = Service(cls.top, police), Service(cls.top, faces)
        cls.police.open("good", client_ca="ca")
        cls.faces.open("good", client_ca="ca")
        os.makedirs(os.path.join(cls.top, "g"))
        cls.decoder = os.path.join(cls.top, "decoder", "decode")
        os.makedirs(os.path.dirname(cls.decoder))
        cls.write_decoder("exit 1")
        cls.g = Described(BUILD, directory=os.path.join(cls.top, "g"), readers=(
            f"{{ name: counter-1, plugin: sdt, deadline: 5s, options: {{ device: {cls.top}/g/reader, find_every: 50ms }} }}"),
            verifiers=verifiers(cls.top, cls.police.ports["good"], cls.faces.ports["good"]),
            extra=f"portraits: {{ decoder: {cls.decoder}, timeout: 1s }}")
        cls.g.staff("S-9", "clerk")
        cls.auditor = cls.g.staff("A-1", "auditor")
        cls.e = Emulator(cls.g)
        cls.e.start()
        cls.g.start()
        cls.g.describe()
        cls.next = 0

    @classmethod
    def tearDownClass(cls):
        cls.e.stop()
        code = cls.g.stop()
        log = cls.g.read_log()
        cls.g.close()
        cls.police.close()
        cls.faces.close()
        shutil.rmtree(cls.top, ignore_errors=True)
        assert code == 0, f"the gateway ended with {code}: {log[-3000:]}"
        assert "测试人" not in log and "GA-18" not in log, "the log names somebody"

    def setUp(self):
        self.police.mode = self.faces.mode = None
        wait_for("both services are in service", lambda: self.mend() and self.mend())

    @classmethod
    def write_decoder(cls, text):
        with open(cls.decoder + ".new", "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\n{text}\n")
        os.chmod(cls.decoder + ".new", 0o755)
        os.replace(cls.decoder + ".new", cls.decoder)

    def make(self, **more):
        """An application, and its two pictures."""
        Services.next += 1
        n = Services.next
        return self.g.application(n, [self.g.upload(2 * n), self.g.upload(2 * n + 1)], **more), (png(2 * n), png(2 * n + 1))

    def decide(self, made):
        """What public security said, and how long the decision took."""
        begun = time.monotonic()
        status, data, _ = self.g.call("POST", "/v1/decisions", made)
        self.assertEqual(status, 200, data)
        return {c["service"]: c for c in data["checks"]}["public-security"]["result"], time.monotonic() - begun, data

    def mend(self):
        return self.decide(self.make()[0])[0] == "match"

    def service(self, name="public-security"):
        return {s["name"]: s for s in self.g.call("GET", "/v1/services")[1]["services"]}[name]

    def without_services(self):
        """A customer without a document: there is nothing to ask about yet."""
        Services.next += 1
        made = self.g.application(Services.next, ["", ""])
        made["evidence"] = []
        del made["customer"]["document"]
        return made

    def test_both_are_asked_and_their_receipts_are_kept(self):
        made, (document, portrait) = self.make()
        self.faces.requests.clear()
        self.police.requests.clear()
        status, data, _ = self.g.call("POST", "/v1/registrations", made)
        self.assertEqual(status, 201, data)
        number = made["customer"]["document"]["number"]
        form = urllib.parse.parse_qs(self.police.requests[0].body.decode())
        self.assertEqual((form["xm"][0], form["zjhm"][0]), (made["customer"]["name"], number))
        asked = json.loads(self.faces.requests[0].body)
        self.assertEqual([base64.b64decode(p) for p in asked["pictures"]], [portrait, document])
        self.assertEqual(asked["formats"], ["png", "png"])
        for request in self.police.requests + self.faces.requests:
            self.assertEqual(request.path, "/")
        self.assertNotIn(base64.b64encode(portrait)[:60], self.police.requests[0].body)
        record = self.g.call("GET", f"/v1/registrations/{data['id']}")[1]
        self.assertEqual({(c["service"], c["of"], c["result"], c["receipt"]) for c in record["decision"]["checks"]},
                         {("public-security", "customer", "match", "GA-18"),
                          ("face-comparison", "customer", "match", f"F-{asked['id'][:8]}")})

    def test_a_picture_that_is_shown_is_a_disclosure_in_the_audit_log(self):
        made, _ = self.make()
        self.assertEqual(self.g.call("POST", "/v1/registrations", made)[0], 201)
        with sqlite3.connect(os.path.join(self.g.dir, "shiming.db")) as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            values = [bytes(v) for t in tables for row in db.execute(f'SELECT * FROM "{t}"') for v in row if isinstance(v, (bytes, str)) and
                      b"disclosure.evidence" in (v if isinstance(v, bytes) else v.encode())]
        for picture in made["evidence"]:
            mine = [v for v in values if picture["id"].encode() in v]
            self.assertEqual(len(mine), 1)
            self.assertTrue(b"face-comparison" in mine[0] and b"S-9" in mine[0])
        self.assertTrue(json.loads(self.g.audit().stdout)["whole"])

    def test_the_portrait_on_the_card_goes_before_the_photo_of_it(self):
        wait_ready(self.g, "counter-1")
        status, read, _ = self.g.call("POST", "/v1/readers/counter-1/reads")
        self.assertEqual(status, 201, read)
        chip = base64.urlsafe_b64decode(read["portrait"]["data"] + "==")
        for decoder, form, picture in (("exit 1", "wlt", chip), ("printf 'BM of it'", "bmp", b"BM of it")):
            self.write_decoder(decoder)
            made, (_, portrait) = self.make()
            made["customer"] = {"kind": "person", "work_unit": "无", "document": {"token": read["token"]}}
            self.faces.requests.clear()
            status, data, _ = self.g.call("POST", "/v1/registrations", made)
            self.assertEqual(status, 201, data)
            asked = json.loads(self.faces.requests[0].body)
            self.assertEqual(asked["formats"], ["png", form])
            self.assertEqual([base64.b64decode(p) for p in asked["pictures"]], [portrait, picture])

    def test_another_identity_is_a_mismatch(self):
        made, _ = self.make()
        made["customer"]["name"] = "冒名者"
        status, data, _ = self.g.call("POST", "/v1/registrations", made)
        self.assertEqual((status, data["verdict"]), (422, "refused"))

    def test_faces_that_could_not_be_compared_leave_the_case_open(self):
        for mode in ("/status/503", "/status/422", "/nonsense"):
            self.faces.mode = mode
            data = self.decide(self.make()[0])[2]
            self.assertEqual((data["verdict"], [n["what"] for n in data["needs"]]), ("incomplete", ["customer.face"]))
        self.faces.mode = None
        self.assertEqual(self.decide(self.make()[0])[2]["verdict"], "accepted")

    def test_whatever_is_no_verdict_is_unavailable_and_in_time(self):
        for mode in ("/hang", "/slow/3000", "/trickle/1000", "/vanish", "/cut", "/reset", "/junk", "/nonsense", "/html", "/huge",
                     "/promise", "/headers", "/interim", "/status/200", "/status/400", "/status/403", "/status/500", "/redirect"):
            if self.police.mode is not None:
                self.setUp()
            self.police.mode = mode
            result, took, _ = self.decide(self.make()[0])
            self.assertEqual((mode, result), (mode, "unavailable"))
            self.assertLess(took, DEADLINE + 2, mode)  # 2 s: this machine, not the gateway

    def test_others_are_served_while_it_hangs(self):
        self.police.mode = "/hang"
        hung, ends = [self.make()[0] for _ in range(8)], []
        threads = [threading.Thread(target=lambda made=made: ends.append(self.decide(made)[:2]), daemon=True) for made in hung]
        for thread in threads:
            thread.start()
        wait_for("questions wait", lambda: self.service()["waiting"] >= 4)
        served, connection = 0, self.g.connect()
        while not ends:
            status, data, _ = self.g.call("POST", "/v1/decisions", self.without_services(), connection=connection)
            self.assertEqual((status, data["verdict"], data["checks"]), (200, "incomplete", []), data)
            served += 1
        for thread in threads:
            thread.join()
        connection.close()
        self.assertEqual([e[0] for e in ends], ["unavailable"] * 8)
        self.assertGreaterEqual(served, 3)
        print(f"{served} others were decided while 8 waited, each {min(e[1] for e in ends):.3f} to {max(e[1] for e in ends):.3f} s")

    def test_the_breaker_opens_and_closes(self):
        self.police.mode = "/vanish"
        wait_for("the breaker is open", lambda: self.decide(self.make()[0]) and self.service()["state"] == "out_of_service")
        self.assertIn("6 requests in a row failed", self.service()["why"])
        self.assertEqual(self.g.metric('shiming_service_up{service="public-security"}'), 0)
        self.assertEqual(self.g.metric('shiming_service_up{service="face-comparison"}'), 1)
        lines = self.g.read_log().count("public-security: out of service")
        self.police.mode = "/hang"
        asked = len(self.police.requests)
        took = [self.decide(self.make()[0])[1] for _ in range(6)]
        self.assertLessEqual(len(self.police.requests) - asked, 2, "an open breaker lets one try now and then")
        print("while it is open a decision takes", " ".join(f"{t:.3f}" for t in sorted(took)), "s")
        self.assertEqual(self.g.read_log().count("public-security: out of service"), lines, "said once a change")
        self.police.mode = None
        wait_for("the breaker is closed", self.mend)
        self.assertEqual(self.service()["state"], "in_service")
        self.assertNotIn("why", self.service())

    def test_metrics_count_results(self):
        def count(result):
            return self.g.metric(f'shiming_service_results_total{{service="public-security",result="{result}"}}')
        before = count("match"), self.g.metric('shiming_service_seconds_count{service="public-security"}')
        self.assertEqual(self.decide(self.make()[0])[0], "match")
        self.assertEqual((count("match"), self.g.metric('shiming_service_seconds_count{service="public-security"}')),
                         (before[0] + 1, before[1] + 1))
        self.assertEqual(self.g.metric('shiming_service_waiting{service="public-security"}'), 0)
        results = self.service()["results"]
        self.assertEqual(results["match"], count("match"))

    def test_zz_no_loop_was_late(self):
        print("latest loop:", int(self.g.metric("shiming_loop_late_worst_microseconds")), "us; over 50 ms:",
              int(self.g.metric("shiming_loop_late_over_50ms_total")))
        self.assertLess(self.g.metric("shiming_loop_late_worst_microseconds"), 1000000)


class Documentation(unittest.TestCase):
    def test_the_example_of_the_operations_page_is_accepted(self):
        with open(os.path.join(ROOT, "docs", "operations.md"), encoding="utf-8") as f:
            example = f.read().split("## Online checks")[1].split("```yaml\nverifiers:")[1].split("```")[0]
        g = Described(BUILD, verifiers=example)
        try:
            make_certificates(g.dir)
            for name in ("tls/verify-ca.pem", "tls/faces-ca.pem", "tls/gateway.pem", "tls/gateway.key", "tls/verify.hmac"):
                os.makedirs(os.path.dirname(os.path.join(g.dir, name)), exist_ok=True)
                made = {"verify-ca.pem": "ca.pem", "faces-ca.pem": "ca.pem", "verify.hmac": "hmac"}
                place = os.path.basename(name)
                shutil.copy(os.path.join(g.dir, made.get(place, place)), os.path.join(g.dir, name))
            self.assertEqual(g.run("check", "-c", g.config).stderr, "")
        finally:
            g.close()


class Doors(unittest.TestCase):
    """A door that is closed, silent, a stranger's, or wants what we do not have."""

    def test_each_is_unavailable(self):
        top = tempfile.mkdtemp(prefix="shiming-doors-")
        make_certificates(top)
        service = Service(top, faces)
        open_all(service)
        doors = ("closed", "silent", "black-hole", "stranger", "expired", "other", "old", "client")
        lines = "".join(f"""
  - {{ name: {"public-security" if i == 0 else door}, plugin: http, deadline: 500ms,
      options: {{ url: "https://127.0.0.1:{service.ports[door]}/", ca: {top}/ca.pem, request: '{{"n":"{{name}}"}}', verdict: /code, match: "0" }} }}"""
                        for i, door in enumerate(doors))
        try:
            for door in doors:
                g = Described(BUILD, verifiers=lines.replace("name: public-security", "name: unused").replace(f"name: {door},", "name: public-security,")
                              if door != doors[0] else lines)
                g.staff()
                g.start()
                begun = time.monotonic()
                status, data, _ = g.call("POST", "/v1/decisions", g.application(1, [g.upload(1), g.upload(2)]))
                took = time.monotonic() - begun
                checks = {c["service"]: c["result"] for c in data["checks"]}
                self.assertEqual((door, status, checks["public-security"]), (door, 200, "unavailable"))
                self.assertLess(took, 2.5)
                self.assertEqual(g.stop(), 0)
                g.close()
        finally:
            service.close()
            shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
