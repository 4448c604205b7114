# SPDX-License-Identifier: Apache-2.0
"""What an operator does: TLS and its renewal, checks that refuse, verbs, and a log that was tampered
with."""
import http.client
import json
import os
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import unittest

from emulator import Emulator, wait_ready
from gateway import ROOT, Gateway, wait_for

BUILD = sys.argv.pop(1)


def openssl(*words, cwd):
    subprocess.run(["openssl", *words], cwd=cwd, check=True, capture_output=True)


def authority(top, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=top)


def certificate(top, name, ca):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
            f"{name}.key", "-out", f"{name}.csr", cwd=top)
    with open(os.path.join(top, "san"), "w") as f:
        f.write("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days",
            "30", "-extfile", "san", "-out", f"{name}.pem", cwd=top)


class Tls(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="shiming-tls-")
        for name in ("ca", "clients"):
            authority(self.top, name)
        certificate(self.top, "server", "ca")
        certificate(self.top, "renewed", "ca")
        certificate(self.top, "clerk", "clients")
        self.g = Gateway(BUILD, directory=os.path.join(self.top, "g") if not os.makedirs(os.path.join(self.top, "g")) else None,
                         extra=f"tls: {{ certificate: {self.top}/server.pem, key: {self.top}/server.key, client_ca: {self.top}/clients.pem }}")
        self.g.staff()

    def tearDown(self):
        self.g.close()
        shutil.rmtree(self.top, ignore_errors=True)

    def ask(self, client=True):
        context = ssl.create_default_context(cafile=os.path.join(self.top, "ca.pem"))
        if client:
            context.load_cert_chain(os.path.join(self.top, "clerk.pem"), os.path.join(self.top, "clerk.key"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.g.port, context=context, timeout=10)
        try:
            connection.request("GET", "/v1/readers", headers={"Authorization": f"Bearer {self.g.token}"})
            status = connection.getresponse().status
            shown = connection.sock.getpeercert()["subject"][0][0][1]
        finally:
            connection.close()
        return status, shown

    def test_certificates_are_shown_asked_for_and_renewed_without_a_restart(self):
        self.g.ready = lambda: self.serving()
        self.g.start()
        self.assertEqual(self.ask(), (200, "server"))
        with self.assertRaises((ssl.SSLError, OSError, http.client.HTTPException)):
            self.ask(client=False)
        for kind in ("pem", "key"):
            shutil.copy(os.path.join(self.top, f"renewed.{kind}"), os.path.join(self.top, f"server.{kind}"))
        self.g.process.send_signal(signal.SIGHUP)
        wait_for("the new certificate", lambda: self.ask()[1] == "renewed")
        with open(os.path.join(self.top, "server.pem"), "w") as f:
            f.write("nonsense")
        self.g.process.send_signal(signal.SIGHUP)
        wait_for("the refusal", lambda: "certificates in use stay" in self.g.read_log())
        self.assertEqual(self.ask(), (200, "renewed"))

    def test_policies_are_asked_for_over_tls_and_of_the_right_gateway_only(self):
        self.g.ready = lambda: self.serving()
        token = self.g.staff("M-1", "admin")
        self.g.start()
        env = dict(os.environ, SHIMING_TOKEN=token)
        words = ["policy", "activate", "-c", self.g.config]
        shown = ["--certificate", os.path.join(self.top, "clerk.pem"), "--certificate-key", os.path.join(self.top, "clerk.key")]
        self.assertTrue(json.loads(self.g.run(*words, *shown, env=env).stdout)["active"])
        self.g.run(*words, env=env, ok=(2,))
        shutil.copy(os.path.join(self.top, "renewed.pem"), os.path.join(self.top, "server.pem"))
        self.assertIn("does not show the certificate", self.g.run(*words, *shown, env=env, ok=(2,)).stderr)

    def serving(self):
        if self.g.process.poll() is not None:
            raise AssertionError(self.g.read_log())
        try:
            return self.ask()[0] == 200
        except OSError:
            return False


class Check(unittest.TestCase):
    def test_listening_beyond_loopback_needs_tls(self):
        g = Gateway(BUILD)
        try:
            with open(g.config, encoding="utf-8") as f:
                text = f.read()
            with open(g.config, "w", encoding="utf-8") as f:
                f.write(text.replace("127.0.0.1:", "0.0.0.0:"))
            for verb in ("check", "serve"):
                done = g.run(verb, "-c", g.config, ok=(2,))
                self.assertIn("shiming.yaml:1:", done.stderr)
                self.assertIn("tls", done.stderr)
        finally:
            g.close()

    def test_every_mistake_is_said_at_once(self):
        g = Gateway(BUILD)
        try:
            with open(g.config, encoding="utf-8") as f:
                text = f.read()
            with open(g.config, "w", encoding="utf-8") as f:
                f.write(text.replace("licence: A2.B1-20180001, ", "").replace("suite: aes-256-gcm", "suite: rot13")
                        .replace("plugin: sqlite", "plugn: sqlite"))
            done = g.run("check", "-c", g.config, ok=(2,))
            for piece in ("licence", "rot13", "plugn"):
                self.assertIn(piece, done.stderr)
            self.assertRegex(done.stderr, r"[3-9] errors, nothing was started")
        finally:
            g.close()


class Verbs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.g = Gateway(BUILD, readers="{ name: r1, plugin: sim, options: { type: resident_id, number: \"11010519491231002X\", name: 甲乙 } }")

    @classmethod
    def tearDownClass(cls):
        cls.g.close()

    def test_numbers_are_checked_with_their_reason(self):
        def check(*words, ok):
            return json.loads(self.g.run("document", "check", *words, "--json", ok=ok).stdout)
        said = check("resident_id", "11010519491231002x", ok=(0,))
        self.assertEqual((said["valid"], said["birth"], said["sex"]), (True, "1949-12-31", "female"))
        self.assertFalse(check("resident_id", "110105194912310021", ok=(1,))["valid"])
        self.assertTrue(check("uscc", "91350100M000100Y43", ok=(0,))["valid"])
        self.assertIn("outer_check", check("uscc", "91350211M00013FA1N", ok=(0,))["warnings"])
        self.assertIn("did you mean", self.g.run("document", "check", "residnt_id", "1", ok=(2,)).stderr)

    def test_an_application_is_decided_without_a_gateway(self):
        done = self.g.run("decide", "-", input='{"operation":"mobile.open"}', ok=(1,))
        self.assertEqual(json.loads(done.stdout)["verdict"], "incomplete")
        self.g.run("decide", "-", input='{"operation":', ok=(2,))
        before = self.g.run("decide", "--on", "2013-08-31", "-", input='{"operation":"mobile.open"}', ok=(1,))
        self.assertEqual(json.loads(before.stdout)["refusals"][0]["what"], "regulation.none_in_force")

    def test_a_case_begun_before_midnight_is_left_to_the_rules_it_began_under(self):
        folders = f"{ROOT}/examples/cn-54-draft:{ROOT}/policies"

        def decided(*days):
            done = self.g.run("decide", "--policies", folders, *days, "-", input='{"operation":"mobile.open"}', ok=(1,))
            data = json.loads(done.stdout)
            return data["on"], data["begun"], data["policies"][-1]["id"]
        self.assertEqual(decided("--on", "2026-12-31"), ("2026-12-31", "2026-12-31", "cn-54/2018"))
        self.assertEqual(decided("--on", "2027-01-01", "--begun", "2026-12-31"), ("2027-01-01", "2026-12-31", "cn-54/2018"))
        self.assertEqual(decided("--on", "2027-01-01"), ("2027-01-01", "2027-01-01", "cn-54/2027"))
        said = self.g.run("policy", "list", "--policies", folders).stdout
        self.assertRegex(said, r"cn-54/2027 .*published 2026-12-01 from 2027-01-01")
        self.assertIn("cases begun before it are left to the rules before it", said)

    def test_the_shipped_rules_pass_their_tests(self):
        self.assertRegex(self.g.run("policy", "test").stdout, r"# [1-9]\d+ passed, 0 failed")

    def test_plugins_tell_their_options(self):
        done = self.g.run("plugin", "info", os.path.join(BUILD, "plugins", "readers", "sdt.so"), "--json")
        self.assertIn("device", [o["name"] for o in json.loads(done.stdout)["options"]])
        self.g.run("plugin", "info", "/etc/passwd", ok=(1,))

    def test_readers_are_listed_and_read(self):
        self.assertEqual(json.loads(self.g.run("reader", "list", "-c", self.g.config, "--json").stdout)[0]["name"], "r1")
        said = json.loads(self.g.run("reader", "read", "-c", self.g.config, "r1").stdout)
        self.assertEqual(said["document"]["number"], "110105********002X")

    def test_keys_are_never_made_over(self):
        self.g.run("key", "init", os.path.join(self.g.dir, "keys"), ok=(1,))

    def test_an_id_is_given_once(self):
        self.g.run("staff", "add", "-c", self.g.config, "S-77")
        self.g.run("staff", "add", "-c", self.g.config, "S-77", ok=(1,))

    def test_every_verb_answers_help_and_misspelt_ones_the_nearest(self):
        for verb in ("serve", "check", "decide", "policy", "reader", "document", "key", "audit", "plugin", "staff", "dealer", "bench"):
            self.assertIn(verb, self.g.run(verb, "--help").stdout)
        self.assertIn("serve", self.g.run("srve", ok=(2,)).stderr)


class Tampering(unittest.TestCase):
    def test_a_changed_log_or_record_is_named(self):
        g = Gateway(BUILD)
        try:
            g.staff()
            g.start()
            ids = [g.upload(n) for n in range(4)]
            for n in range(2):
                status = g.call("POST", "/v1/registrations", g.application(n + 1, ids[2 * n:2 * n + 2]))[0]
                self.assertEqual(status, 201)
            g.stop()
            whole = os.path.join(g.dir, "shiming.db")
            shutil.copy(whole, whole + ".kept")
            cases = {"a leaf changed": "UPDATE audit SET v = substr(v, 1, 20) || x'00' || substr(v, 22) WHERE rowid IN (SELECT rowid FROM audit WHERE substr(k, 1, 1) = x'4c' LIMIT 1 OFFSET 3)",
                     "a leaf cut": "DELETE FROM audit WHERE k = (SELECT k FROM audit WHERE substr(k, 1, 1) = x'4c' ORDER BY k DESC LIMIT 1)",
                     "a record changed": "UPDATE registration SET v = substr(v, 1, 30) || x'0000' || substr(v, 33)",
                     "a record gone": "DELETE FROM registration WHERE k = (SELECT k FROM registration LIMIT 1)"}
            for name, statement in cases.items():
                for end in ("-wal", "-shm"):
                    if os.path.exists(whole + end):
                        os.unlink(whole + end)
                shutil.copy(whole + ".kept", whole)
                db = sqlite3.connect(whole)
                statement = statement.replace("rowid IN (SELECT rowid", "k IN (SELECT k")
                self.assertGreater(db.execute(statement).rowcount, 0, name)
                db.commit()
                db.close()
                done = g.run("audit", "verify", "-c", g.config, "--json", ok=(1, 2))
                if done.returncode == 1:
                    said = json.loads(done.stdout)
                    self.assertTrue(said["findings"], name)
                    self.assertTrue(all(f["what"] for f in said["findings"]), name)
                else:
                    self.assertIn("audit", done.stderr, name)
        finally:
            g.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
