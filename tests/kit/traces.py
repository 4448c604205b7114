# SPDX-License-Identifier: Apache-2.0
"""Traces: recorded of test cards only, played again to the plugin and to the rules, and which of the two changed;
and what the fuzzer finds is such a trace."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from gateway import ROOT

BUILD = os.path.abspath(sys.argv.pop(1))
SHIMING = os.path.join(BUILD, "bin", "shiming")
CARDS = os.path.join(ROOT, "conf", "cards")
APPLICATION = {"operation": "mobile.open", "number": "+8613989000001", "data": False, "region": "540102",
               "customer": {"kind": "person", "work_unit": "无"}}


def run(*words, wanted=0, cwd=None):
    ran = subprocess.run([SHIMING, "reader", *words], capture_output=True, text=True, check=False, cwd=cwd)
    assert ran.returncode == wanted, (words, ran.returncode, ran.stdout, ran.stderr)
    return ran.stdout + ran.stderr


LIBUSB = subprocess.run(["pkg-config", "--cflags", "--libs", "libusb-1.0"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()


class Traces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.dir = cls.temp.name
        subprocess.run([SHIMING, "key", "init", os.path.join(cls.dir, "keys")], check=True, stdout=subprocess.DEVNULL)
        cls.config = os.path.join(cls.dir, "shiming.yaml")
        with open(cls.config, "w", encoding="utf-8") as f:
            f.write("gateway: { operator: 示例, licence: A2.B1-20180001, region: \"540102\", listen: \"127.0.0.1:0\" }\n"
                    f"policies: {{ path: {ROOT}/policies, stack: [cn-54/2018] }}\n"
                    "storage: { plugin: sqlite, options: { path: shiming.db } }\n"
                    "keys: { path: keys }\n"
                    "readers: [ { name: counter-1, plugin: sdt, deadline: 3s, options: { device: port, find_every: 50ms } } ]\n")
        cls.application = os.path.join(cls.dir, "application.json")
        with open(cls.application, "w", encoding="utf-8") as f:
            json.dump(APPLICATION, f, indent=1)
        cls.new = os.path.join(cls.dir, "sdt_like")
        cls.trace = os.path.join(cls.dir, "resident.trace")
        cls.record("resident", cls.trace)

    @classmethod
    def tearDownClass(cls):
        cls.temp.cleanup()

    @classmethod
    def record(cls, card, trace, *faults, allowed=None, more=(), wanted=0, speed=()):
        words = [SHIMING, "reader", "emulate", os.path.join(CARDS, card + ".yaml") if card else "-", "--link", os.path.join(cls.dir, "port"), *speed]
        for fault in faults:
            words += ["--fault", fault]
        emulator = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            assert emulator.stdout.readline().startswith("ready")
            allowed = allowed if allowed is not None else ("--test-card", os.path.join(CARDS, card + ".yaml"))
            return run("record", "-c", cls.config, "counter-1", "-o", trace, *allowed, *more, wanted=wanted)
        finally:
            emulator.kill()
            emulator.wait()
            emulator.stdout.close()
            if os.path.islink(os.path.join(cls.dir, "port")):
                os.unlink(os.path.join(cls.dir, "port"))

    def text(self, path):
        with open(path, encoding="utf-8") as f:
            return f.read()

    def planted(self, *changes):
        text = self.text(self.trace)
        for old, new in changes:
            changed = re.sub(old, new, text, count=1, flags=re.M)
            self.assertNotEqual(changed, text, old)
            text = changed
        path = os.path.join(self.dir, "planted.trace")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def test_a_trace_says_what_passed_and_what_was_answered_masked(self):
        text = self.text(self.trace)
        self.assertTrue(text.startswith("shiming-trace 1\nplugin sdt\noption find_every: \"50ms\"\n> aaaaaa9669000311ffed\n< aaaaaa9669"))
        self.assertRegex(text, r"(?m)^read 3000$")
        self.assertRegex(text, r"(?m)^answer document\.type text \"resident_id\" sha256:[0-9a-f]{16}$")
        self.assertRegex(text, r"(?m)^end ok$")
        for line in text.splitlines():
            if line.startswith("answer"):
                self.assertNotIn("540102198803140016", line)
                self.assertNotIn("1988-03-14", line)

    def test_the_same_plugin_answers_the_same(self):
        self.assertRegex(run("replay", self.trace), r"^the same: \d\d fields, ok\n$")

    def test_two_recordings_of_one_card_differ_in_pauses_only(self):
        other = os.path.join(self.dir, "other.trace")
        self.record("resident", other)
        strip = [re.sub(r"(?m)^pause .*\n", "", self.text(path)) for path in (self.trace, other)]
        self.assertEqual(*strip)

    def test_a_card_that_is_not_declared_leaves_nothing(self):
        trace = os.path.join(self.dir, "person.trace")
        for card, fault in (("resident", ()), ("resident", ("checksum:read",))):
            out = self.record(card, trace, *fault, allowed=("--test-card", os.path.join(CARDS, "minor.yaml")), wanted=1)
            self.assertIn("nothing was kept", out)
            self.assertFalse(os.path.exists(trace))
            self.assertNotIn("540102198803140016", out)
        for _, _, files in os.walk(self.dir):
            self.assertNotIn("person.trace", files)

    def test_a_number_may_be_declared_by_its_digest(self):
        digests = os.path.join(self.dir, "digests")
        with open(digests, "w", encoding="utf-8") as f:
            f.write("# test cards\n")
            f.write(subprocess.run(["sha256sum"], input=b"540102198803140016", capture_output=True, check=True).stdout.decode())
        trace = os.path.join(self.dir, "digest.trace")
        self.record("resident", trace, allowed=("--test-numbers", digests))
        self.assertTrue(os.path.exists(trace))

    def test_a_read_that_fails_is_recorded_when_the_test_card_was_heard(self):
        trace = os.path.join(self.dir, "damaged.trace")
        self.record("resident", trace, "checksum:read")
        self.assertRegex(self.text(trace), r"(?m)^end PROTOCOL$")
        self.assertNotRegex(self.text(trace), r"(?m)^answer")
        self.assertRegex(run("replay", trace), "^the same: 0 fields, PROTOCOL\n$")

    def test_an_unplugged_device_is_unplugged_again(self):
        trace = os.path.join(self.dir, "gone.trace")
        self.record("resident", trace, "unplug:read_address")
        self.assertRegex(self.text(trace), r"(?m)^unplug\nend GONE$")
        run("replay", trace)

    def test_the_line_has_the_speed_the_plugin_set(self):
        trace = os.path.join(self.dir, "slow.trace")
        self.record("resident", trace, speed=("--speed", "9600"))
        self.assertGreater(self.text(trace).count("aaaaaa9669000311ffed"), 2)

    def test_a_changed_plugin_is_named_with_the_field(self):
        source = os.path.join(self.dir, "copy")
        shutil.copytree(os.path.join(ROOT, "plugins", "readers", "sdt"), source, dirs_exist_ok=True)
        path = os.path.join(source, "text.c")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace('{ "issuer", PLAIN, true, 158, 188, 0, 0, PLACE(issuer) }', '{ "issuer", PLAIN, true, 158, 174, 0, 0, PLACE(issuer) }'))
        sources = [os.path.join(source, name) for name in os.listdir(source) if name.endswith(".c") and not name.endswith("_test.c")]
        changed = os.path.join(self.dir, "sdt.so")
        subprocess.run(["cc", "-std=c11", "-fPIC", "-shared", "-fvisibility=hidden", "-D_GNU_SOURCE", "-I", os.path.join(ROOT, "include"),
                        *sources, "-o", changed, *LIBUSB], check=True)
        out = run("replay", self.trace, changed, wanted=1)
        self.assertRegex(out, r"plugin: field document\.issuer differs: was text .* is text ")
        self.assertTrue(out.endswith("changed by the plugin\n"), out)

    def test_a_plugin_that_asks_otherwise_is_told_where(self):
        out = run("replay", self.planted((r"^> aaaaaa9669000330", "> aaaaaa9669000331")), wanted=1)
        self.assertRegex(out, r"plugin: it asks aaaaaa96690003300132, where line 13 has aaaaaa96690003310132\n")

    def test_a_field_that_is_new_or_missing_is_told(self):
        out = run("replay", self.planted((r"^answer address .*\n", "")), wanted=1)
        self.assertIn("plugin: field address is new\n", out)
        out = run("replay", self.planted((r"^end ok", "answer name_latin text \"A\" sha256:0000000000000000\nend ok")), wanted=1)
        self.assertIn("plugin: field name_latin is missing\n", out)

    def test_from_card_to_verdict_and_a_changed_policy_is_named(self):
        trace = os.path.join(self.dir, "verdict.trace")
        policies = os.path.join(ROOT, "policies")
        words = ("--policies", policies, "-p", "cn-54/2018", "--on", "2026-01-05", "--region", "540102")
        self.record("minor", trace, more=("--application", self.application, *words))
        self.assertRegex(self.text(trace), r"(?m)^case 2026-01-05 540102\ndecision verdict (incomplete|refused)\n")
        self.assertRegex(run("replay", trace, "--policies", policies, "-p", "cn-54/2018"), r", and the verdict\n$")
        draft = os.path.join(self.dir, "policies")
        shutil.copytree(policies, draft, dirs_exist_ok=True)
        path = os.path.join(draft, "cn-54", "2018.lua")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        line = 'if not case.guardian.present then return need "guardian.present" end'
        self.assertIn(line, text)
        self.assertRegex(self.text(trace), r"(?m)^decision need guardian\.present cn-54/2018#")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace(line, ""))
        out = run("replay", trace, "--policies", draft, "-p", "cn-54/2018", wanted=1)
        self.assertRegex(out, r"policy: no longer: need guardian\.present cn-54/2018#")
        self.assertTrue(out.endswith("changed by the policy\n"), out)

    def test_kept_traces_of_the_shipped_reader(self):
        folder = os.path.join(ROOT, "plugins", "readers", "sdt", "traces")
        traces = sorted(os.listdir(folder))
        self.assertGreaterEqual(len(traces), 8)
        for name in traces:
            with self.subTest(name):
                self.assertRegex(run("replay", os.path.join(folder, name)), r"^the same: ")

    def test_what_is_no_trace_is_refused_with_its_line(self):
        for change, line in (((r"^shiming-trace 1", "shiming-trace 2"), "first line"), ((r"^> aaaaaa", "> zzaaaa"), "line 4: "),
                             ((r"^end ok", "begin"), "line "), ((r"^read 3000", "read -1"), "line ")):
            self.assertIn(line, run("replay", self.planted(change), wanted=2))
        for words in ((), ("nowhere.trace",), (self.trace, "nowhere.so"), (self.trace, "a.so", "b.so")):
            run("replay", *words, wanted=2)
        for words in (("counter-1",), ("-c", self.config, "counter-1", "-o", "x"), ("-c", self.config, "nobody", "-o", "x", "--test-card", "nowhere.yaml"),
                      ("-c", self.config, "nobody", "-o", "x", "--test-card", os.path.join(CARDS, "minor.yaml"))):
            run("record", *words, wanted=2, cwd=self.dir)
            self.assertFalse(os.path.exists(os.path.join(self.dir, "x")))

    def test_a_scan_is_recorded_and_played_again(self):
        zone, trace = os.path.join(ROOT, "conf", "zones", "foreign-passport.yaml"), os.path.join(self.dir, "scan.trace")
        config = os.path.join(self.dir, "scanner.yaml")
        with open(self.config, encoding="utf-8") as f:
            text = re.sub(r"readers:.*", "readers: [ { name: scanner-1, plugin: mrz, deadline: 10s, options: { device: scanner } }, "
                          "{ name: passport-1, plugin: emrtd } ]", f.read())
        with open(config, "w", encoding="utf-8") as f:
            f.write(text)
        scanner = subprocess.Popen([SHIMING, "reader", "emulate", "--scanner", zone, "--link", os.path.join(self.dir, "scanner"), "--every", "500"],
                                   stdout=subprocess.PIPE, text=True)
        try:
            assert scanner.stdout.readline().startswith("ready")
            other = os.path.join(ROOT, "conf", "zones", "passport.yaml")
            self.assertIn("nothing was kept", run("record", "-c", config, "scanner-1", "-o", trace, "--test-card", other, wanted=1))
            run("record", "-c", config, "scanner-1", "-o", trace, "--test-card", f"{other},{zone}")
        finally:
            scanner.kill()
            scanner.wait()
            scanner.stdout.close()
        self.assertRegex(self.text(trace), r"(?m)^answer document\.number text \"00\*+45\" sha256:")
        self.assertRegex(run("replay", trace), r"^the same: 10 fields, ok\n$")
        self.assertIn("has no option for a device", run("record", "-c", config, "passport-1", "-o", trace + "2", "--test-card", zone, wanted=2))

    def test_what_has_no_line_is_refused_with_the_reason(self):
        path = self.planted((r"^plugin sdt", "plugin emrtd"), (r"^option.*\n", ""))
        self.assertIn("plugin emrtd has no option for a device", run("replay", path, wanted=2))
        self.assertIn("no device option for the virtual reader", run("fuzz", os.path.join(BUILD, "plugins", "readers", "emrtd.so"), "--cases", "1", wanted=2))
        self.assertIn("Then --scanner", run("fuzz", os.path.join(BUILD, "plugins", "readers", "mrz.so"), "--cases", "24", wanted=2))

    def test_a_device_that_speaks_otherwise_is_not_praised(self):
        new = os.path.join(self.dir, "foreign")
        subprocess.run([SHIMING, "plugin", "new", "reader", "foreign", "-o", new], check=True, stdout=subprocess.DEVNULL)
        source, library = os.path.join(new, "foreign.c"), os.path.join(new, "foreign.so")
        with open(source, encoding="utf-8") as f:
            text = f.read()
        self.assertIn("0xAA, 0xAA, 0xAA, 0x96, 0x69", text)
        with open(source, "w", encoding="utf-8") as f:
            f.write(text.replace("0xAA, 0xAA, 0xAA, 0x96, 0x69", "0x02, 0x02, 0x02, 0x02, 0x02"))
        subprocess.run(["cc", "-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-D_GNU_SOURCE", "-I", os.path.join(ROOT, "include"),
                        source, "-o", library], check=True)
        self.assertIn("asked nothing that the virtual reader understands", run("fuzz", library, "--cases", "24", "-o", self.dir, wanted=2))

    def test_scans_are_fuzzed_past_their_check_digits(self):
        source, library = os.path.join(self.dir, "mrz"), os.path.join(self.dir, "mrz.so")
        shutil.copytree(os.path.join(ROOT, "plugins", "readers", "mrz"), source, dirs_exist_ok=True)
        shared = os.path.join(ROOT, "plugins", "shared")

        def build():
            sources = [path for pattern in (os.path.join(source, "*.c"), os.path.join(shared, "mrz*.c")) for path in glob.glob(pattern)
                       if not path.endswith("_test.c")]
            subprocess.run(["cc", "-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-D_GNU_SOURCE", "-I", os.path.join(ROOT, "include"),
                            "-I", shared, *sources, "-o", library], check=True)

        build()
        self.assertRegex(run("fuzz", library, "--scanner", "--cases", "400", "-o", self.dir), r"400 cases, seed 1: 0 of them")
        with open(os.path.join(source, "mrz.c"), encoding="utf-8") as f:
            text = f.read()
        with open(os.path.join(source, "mrz.c"), "w", encoding="utf-8") as f:
            f.write(text.replace("    answer_text(scanner, op, \"document.type\", type);\n",
                                 "    if (strcmp(mrz->number, \"00AB12345\") != 0 && strcmp(mrz->number, \"H76543210\") != 0)\n        abort();\n    answer_text(scanner, op, \"document.type\", type);\n"))
        build()
        found = run("fuzz", library, "--scanner", "--cases", "400", "-o", self.dir, wanted=1)
        self.assertRegex(found, r"its process died.*ABRT")
        trace = re.search(r"(\S+\.trace): ", found).group(1)
        self.assertRegex(run("replay", trace, library, wanted=1), r"it still happens: its process died")

    def fuzz_fragile(self, place, *words, wanted=1):
        os.makedirs(os.path.join(self.dir, place), exist_ok=True)
        return run("fuzz", os.path.join(self.dir, "fragile", "fragile.so"), "-o", os.path.join(self.dir, place), "--cases", "400", *words, wanted=wanted)

    def test_the_fuzzer_finds_what_is_planted_by_seed_and_its_trace_replays(self):
        new = os.path.join(self.dir, "fragile")
        subprocess.run([SHIMING, "plugin", "new", "reader", "fragile", "-o", new], check=True, stdout=subprocess.DEVNULL)
        flags = ["-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-D_GNU_SOURCE", "-I", os.path.join(ROOT, "include")]
        source, library = os.path.join(new, "fragile.c"), os.path.join(new, "fragile.so")
        with open(source, encoding="utf-8") as f:
            text = f.read()
        subprocess.run(["cc", *flags, source, "-o", library], check=True)
        self.assertRegex(self.fuzz_fragile("fine", wanted=0), r"400 cases, seed 1: 0 of them")
        with open(source, "w", encoding="utf-8") as f:
            f.write(text.replace("static bool to_day(const char *text, struct smg_date *day)\n{\n",
                                 "static bool to_day(const char *text, struct smg_date *day)\n{\n    if (strlen(text) != 8)\n        abort();\n"))
        subprocess.run(["cc", *flags, source, "-o", library], check=True)
        first = self.fuzz_fragile("one", "--seed", "7")
        self.assertRegex(first, r"its process died.*ABRT")
        again = self.fuzz_fragile("two", "--seed", "7")
        self.assertEqual(first.replace("/one/", "/two/").splitlines()[-1], again.splitlines()[-1])
        trace = os.path.join(self.dir, "one", sorted(os.listdir(os.path.join(self.dir, "one")))[0])
        self.assertRegex(run("replay", trace, library, wanted=1), r"it still happens: its process died")
        with open(source, "w", encoding="utf-8") as f:
            f.write(text)
        subprocess.run(["cc", *flags, source, "-o", library], check=True)
        self.assertRegex(run("replay", trace, library), r"it happens no longer: its process died")

    def test_the_shipped_reader_bears_the_fuzzer(self):
        folder = os.path.join(ROOT, "plugins", "readers", "sdt", "traces")
        traces = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        out = run("fuzz", os.path.join(BUILD, "plugins", "readers", "sdt.so"), *traces, "--seconds", "4", "-o", self.dir)
        self.assertRegex(out, r"\d+ cases, seed 1: 0 of them")


if __name__ == "__main__":
    unittest.main(verbosity=2)
