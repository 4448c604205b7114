# SPDX-License-Identifier: Apache-2.0
"""Cards at the counter: what is read becomes a token, tokens cannot be bent, and no reader, however ill, costs more
than the one read."""
import base64
import json
import os
import signal
import sys
import time
import unittest

from emulator import Emulator, children, reader_state, wait_ready
from gateway import Gateway, free_port, wait_for

BUILD = sys.argv.pop(1)


class Cards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.g = Gateway(BUILD)
        device = os.path.join(cls.g.dir, "reader")
        cls.g.close()
        os.makedirs(cls.g.dir)
        cls.decoder = os.path.join(cls.g.dir, "decoder", "decode")
        os.makedirs(os.path.dirname(cls.decoder))
        cls.write_decoder(cls, "exit 1")
        os.makedirs(os.path.join(cls.g.dir, "bus", "001"))
        cls.address = f"127.0.0.1:{free_port()}"
        cls.g = Gateway(BUILD, directory=cls.g.dir, readers=(
            f"{{ name: bridged, plugin: sdt, deadline: 3s, options: {{ address: \"{cls.address}\", find_every: 50ms, find_timeout: 300ms }} }}, "
            f"{{ name: usb, plugin: sdt, options: {{ usb: {cls.g.dir}/bus }} }}, "
            f"{{ name: counter-1, plugin: sdt, deadline: 3s, options: {{ device: {device}, find_every: 50ms, read_timeout: 1s }} }}, "
            "{ name: other, plugin: sim, options: { type: resident_id, number: \"11010519491231002X\", name: 甲乙 } }"),
            extra=f"portraits: {{ decoder: {cls.decoder}, timeout: 1s }}")
        cls.g.staff("S-9")
        cls.other_staff = cls.g.staff("S-10")
        cls.auditor = cls.g.staff("A-1", "auditor")
        cls.e = Emulator(cls.g)
        cls.e.start()
        cls.g.start()
        cls.seed = 0

    @classmethod
    def tearDownClass(cls):
        cls.e.stop()
        code = cls.g.stop()
        log = cls.g.read_log()
        cls.g.close()
        assert code == 0, f"the gateway ended with {code}: {log[-3000:]}"

    def read(self, wanted=201, **options):
        status, data, _ = self.g.call("POST", "/v1/readers/counter-1/reads", **options)
        self.assertEqual(status, wanted, data)
        return data

    def restart_reader(self, *faults):
        self.e.stop()
        wait_for("the gateway noticed", lambda: reader_state(self.g, "counter-1")["state"] != "ready")
        self.e.start(*faults)
        wait_ready(self.g, "counter-1")

    def application(self, token):
        Cards.seed += 2
        made = self.g.application(Cards.seed, [self.g.upload(Cards.seed), self.g.upload(Cards.seed + 1)])
        made["customer"] = {"kind": "person", "work_unit": "无", "document": {"token": token}}
        return made

    def test_a_card_read_becomes_a_registration(self):
        wait_ready(self.g, "counter-1")
        data = self.read()
        self.assertNotIn("portrait", data["fields"])
        self.assertEqual(data["portrait"]["format"], "wlt")
        self.assertIn("*", data["fields"]["document"]["number"])
        status, answer, _ = self.g.call("POST", "/v1/registrations", self.application(data["token"]))
        self.assertEqual(status, 201, answer)
        record = self.g.call("GET", f"/v1/registrations/{answer['id']}", token=self.auditor,
                             headers={"X-Purpose": "test"})[1]["application"]
        self.assertEqual(record["customer"]["document"]["origin"], "chip")
        self.assertEqual(record["customer"]["document"]["reader"], "counter-1")

    def test_a_token_that_was_bent_is_refused(self):
        wait_ready(self.g, "counter-1")
        token = self.read()["token"]
        stranger = Gateway(BUILD)  # other keys
        try:
            stranger.staff("S-9")
            cases = [(token[:40] + ("A" if token[40] != "A" else "B") + token[41:], "token_altered"), (token[:-4], "token_altered"),
                     ("card_", "token_altered"), (token + "AAAA", "token_altered"), ("x" * 5000, "token_altered")]
            for bent, code in cases:
                status, data, _ = self.g.call("POST", "/v1/decisions", self.application(bent))
                self.assertEqual((status, data["errors"][0]["code"], data["errors"][0]["pointer"]),
                                 (400, code, "/customer/document/token"))
            stranger.start()
            made = self.application(token)
            made.pop("evidence")
            status, data, _ = stranger.call("POST", "/v1/decisions", made)
            self.assertEqual((status, data["errors"][0]["code"]), (400, "token_altered"))
            status, data, _ = self.g.call("POST", "/v1/decisions", made, token=self.other_staff)
            self.assertEqual((status, data["errors"][0]["code"]), (400, "token_of_other_staff"))
        finally:
            stranger.close()

    def test_what_is_typed_beside_a_token_must_not_contradict_it(self):
        wait_ready(self.g, "counter-1")
        made = self.application(self.read()["token"])
        made["customer"]["document"]["number"] = "11010519491231002X"
        status, data, _ = self.g.call("POST", "/v1/registrations", made)
        self.assertEqual((status, data["errors"][0]["code"]), (400, "contradicts_card"))
        self.assertNotIn("11010519491231002X", json.dumps(data))

    def test_an_old_token_has_expired(self):
        g = Gateway(BUILD, readers="{ name: sim, plugin: sim, options: { type: resident_id, number: \"11010519491231002X\", name: 甲乙 } }")
        try:
            with open(g.config, encoding="utf-8") as f:
                text = f.read()
            with open(g.config, "w", encoding="utf-8") as f:
                f.write(text.replace("gateway:   {", "gateway:   { token_ttl: 1s,"))
            g.staff()
            g.start()
            wait_ready(g, "sim")
            token = g.call("POST", "/v1/readers/sim/reads")[1]["token"]
            made = {"operation": "mobile.open", "customer": {"kind": "person", "document": {"token": token}}}
            self.assertEqual(g.call("POST", "/v1/decisions", made)[0], 200)
            refused = wait_for("the token to expire", lambda: next((d for s, d, _ in [g.call("POST", "/v1/decisions", made)] if s != 200), None))
            self.assertEqual((refused["status"], refused["errors"][0]["code"]), (400, "token_expired"))
        finally:
            g.close()

    def test_every_kind_of_bad_answer_is_a_clear_problem_in_time(self):
        for fault in ("garbage:read:700", "short:read:600", "short:read:5", "endless:read:100", "checksum:read", "silence:read",
                      "length:read:65535", "error:read:0x41", "error:select:0x81", "remove:read:300", "silence:find", "error:read:0x31"):
            self.restart_reader(fault)
            begun = time.monotonic()
            status, data, _ = self.g.call("POST", "/v1/readers/counter-1/reads")
            self.assertIn(status, (408, 422, 502, 503, 504), (fault, data))
            self.assertTrue(data["errors"][0]["zh"])
            self.assertLess(time.monotonic() - begun, 3.0 + 0.2 + 2.0, fault)  # the deadline, its grace, a busy machine
            self.assertEqual(self.g.call("POST", "/v1/readers/other/reads")[0], 201, "another reader suffered")
        self.restart_reader()
        self.read()

    def test_a_slow_split_answer_is_still_read(self):
        self.restart_reader("split:read:7")
        self.read()
        self.restart_reader()

    def test_suspicious_chips_reach_the_rules(self):
        self.restart_reader("error:read:0x33")
        status, data, _ = self.g.call("POST", "/v1/readers/counter-1/reads")
        self.assertEqual(status, 201, data)
        status, data, _ = self.g.call("POST", "/v1/decisions", self.application(data["token"]))
        self.assertEqual(status, 200)
        self.assertNotEqual(data["verdict"], "accepted")
        self.restart_reader()

    def metric(self, name, **labels):
        wanted = name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"
        for line in self.g.call("GET", "/metrics", token="")[1].decode().splitlines():
            if line.startswith(wanted + " "):
                return int(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {wanted}")

    def test_a_module_that_fails_its_self_test_is_out_of_service_and_said_so(self):
        for fault, why in (("error:status:0x60", "the security module failed its self-test"),
                           ("error:status:0x66", "the security module is not authorised, or no longer")):
            self.e.stop()
            self.e.start(fault)
            wait_for(why, lambda: reader_state(self.g, "counter-1").items() >= {"state": "out_of_service", "why": why}.items())
            self.assertEqual(self.metric("shiming_reader_up", reader="counter-1"), 0)
            self.assertEqual(self.metric("shiming_reader_state", reader="counter-1", state="out_of_service"), 1)
            self.assertEqual(self.metric("shiming_reader_state", reader="counter-1", state="ready"), 0)
            failures = self.metric("shiming_reader_failures_total", reader="counter-1")
            self.assertEqual(self.read(wanted=502)["errors"][0]["code"], "reader_failed")
            self.assertEqual(self.metric("shiming_reader_failures_total", reader="counter-1"), failures + 1)
        restarts = self.metric("shiming_reader_restarts_total", reader="counter-1")
        self.restart_reader()
        self.assertEqual(self.metric("shiming_reader_up", reader="counter-1"), 1)
        self.assertEqual(self.metric("shiming_reader_state", reader="counter-1", state="ready"), 1)
        self.assertGreater(self.metric("shiming_reader_restarts_total", reader="counter-1"), restarts)
        reads = self.metric("shiming_reader_reads_total", reader="counter-1")
        self.read()
        self.assertEqual(self.metric("shiming_reader_reads_total", reader="counter-1"), reads + 1)

    def test_a_reader_behind_a_network_bridge_is_read_through_its_walls(self):
        bridged = Emulator(self.g, name="bridged")
        self.assertNotEqual(reader_state(self.g, "bridged")["state"], "ready")
        try:
            for _ in range(2):  # the bridge comes, goes, and is back
                bridged.start(listen=self.address)
                wait_ready(self.g, "bridged")
                status, data, _ = self.g.call("POST", "/v1/readers/bridged/reads")
                self.assertEqual((status, data.get("portrait", {}).get("format")), (201, "wlt"), data)
                bridged.stop()
                status, data, _ = self.g.call("POST", "/v1/readers/bridged/reads")
                self.assertEqual((status, data["errors"][0]["code"]), (503, "reader_gone"))
        finally:
            bridged.stop()

    def write_decoder(self, text):
        with open(self.decoder + ".new", "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + text + "\n")
        os.chmod(self.decoder + ".new", 0o755)
        os.replace(self.decoder + ".new", self.decoder)

    def test_a_portrait_is_made_into_a_picture_and_sealed_as_it_was(self):
        self.restart_reader()
        self.write_decoder("printf 'BM of %s' $(( 6 * 7 ))")
        data = self.read()
        self.assertEqual(data["portrait"]["format"], "wlt")
        portrait = base64.urlsafe_b64decode(data["portrait"]["data"] + "==")
        self.assertEqual(len(portrait), 1024)
        picture = data["portrait"]["picture"]
        self.assertEqual(picture["type"], "image/bmp")
        self.assertEqual(base64.urlsafe_b64decode(picture["data"] + "=="), b"BM of 42")
        status, answer, _ = self.g.call("POST", "/v1/registrations", self.application(data["token"]))
        self.assertEqual(status, 201, answer)

    def test_a_decoder_that_fails_costs_the_picture_alone(self):
        for text in ("exit 1", "echo nothing to see", "printf BM; while :; do :; done", "read line < /etc/passwd && printf BM"):
            self.restart_reader()
            self.write_decoder(text)
            data = self.read()
            self.assertNotIn("picture", data["portrait"], text)
            status, answer, _ = self.g.call("POST", "/v1/decisions", self.application(data["token"]))
            self.assertEqual(status, 200, answer)
        self.write_decoder("exit 1")

    def test_libusb_lives_inside_the_walls_and_finds_no_reader_on_an_empty_bus(self):
        wait_for("the bus was searched", lambda: "no reader is plugged in" in reader_state(self.g, "usb").get("why", ""))
        self.assertEqual(reader_state(self.g, "usb")["state"], "down")

    def test_no_card_is_said_at_the_deadline(self):
        wait_ready(self.g, "counter-1")
        self.e.remove()
        data = self.read(wanted=408)
        self.assertEqual(data["errors"][0]["code"], "no_card")
        self.e.remove()  # the second one puts it back
        self.read()

    def test_a_killed_reader_process_is_back_within_two_seconds(self):
        for _ in range(3):
            wait_ready(self.g, "counter-1")
            before = children(self.g.process.pid)
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            begun = time.monotonic()
            wait_for("a new process", lambda: set(children(self.g.process.pid)) - set(before) and
                     reader_state(self.g, "counter-1")["state"] == "ready")
            self.assertLess(time.monotonic() - begun, 2.0)
            self.e.put("resident")  # laid on the reader anew
            self.read()

    def test_a_read_may_say_what_is_known_of_the_document(self):
        wait_ready(self.g, "other")
        path = "/v1/readers/other/reads"
        token = self.g.call("POST", path)[1]["token"]
        zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
        for access in ({"mrz": zone}, {"can": "123456"}, {"token": token},
                       {"number": "L898902C3", "birth": "1974-08-12", "valid_to": "2012-04-15"}):
            status, data, _ = self.g.call("POST", path, {"access": access})
            self.assertEqual(status, 201, (access, data))
        self.assertEqual(self.g.call("POST", path, {})[0], 201)
        for access, pointer, code in (
                ({"mrz": zone[:-1]}, "/access/mrz", "wrong_mrz"), ({"can": "12345"}, "/access/can", "wrong_can"),
                ({"number": "L898902C3", "birth": "12.8.1974", "valid_to": "2012-04-15"}, "/access/birth", "wrong_date"),
                ({"token": token[:-4] + "AAAA"}, "/access/token", "token_altered"), ({"can": 123456}, "/access", "wrong_access"),
                ({"mrz": zone, "can": "123456"}, "/access", "wrong_access"), ({}, "/access", "wrong_access")):
            status, data, _ = self.g.call("POST", path, {"access": access})
            self.assertEqual((status, data["errors"][0]["pointer"], data["errors"][0]["code"]), (400, pointer, code), access)
            self.assertNotIn("ERIKSSON", json.dumps(data))
        status, data, _ = self.g.call("POST", path, {"access": {"token": token}}, token=self.other_staff)
        self.assertEqual((status, data["errors"][0]["code"]), (400, "token_of_other_staff"))

    def test_an_unknown_reader_is_not_found(self):
        self.assertEqual(self.g.call("POST", "/v1/readers/nobody/reads")[0], 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
