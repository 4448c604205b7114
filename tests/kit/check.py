# SPDX-License-Identifier: Apache-2.0
"""The conformance kit: what the shipped and the new reader pass, and that each misdeed is found and named."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

from gateway import ROOT

BUILD = os.path.abspath(sys.argv.pop(1))
SHIMING = os.path.join(BUILD, "bin", "shiming")
LONG = os.environ.get("SHIMING_LONG") == "1"
with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as cache:
    SANITIZED = re.search(r"(?m)^SHIMING_SANITIZE:STRING=.", cache.read()) is not None
# A sanitizer holds freed memory back, ends a process with a status where it would die of a signal, and may have
# threads of its own: then memory, deaths and threads say nothing of the plugin.
as_shipped = unittest.skipIf(SANITIZED, "built with sanitizers: memory, deaths and threads are theirs")

# misdeed: (the checks that fail, what is said of it)
MISDEEDS = {
    "crash": ("read", r"read 1: its process died.* signal 11 \(SEGV\)"),
    "wild": ("read", r"read 1: its process died.* signal 11 \(SEGV\)"),
    "exit": ("read", r"read 1: it ended its process.* status 0"),
    "hang": ("start", r"start: it did not end when it was told to, and was killed"),
    "blocks": ("cancel", r"cancelled after \d+ ms, .*: it did not end when it was told to, and was killed"),
    "leak_memory": ("leaks", r"memory grows: \d+ KiB .* reads"),
    "leak_descriptors": ("leaks", r"descriptors grow: \d+ .* reads"),
    "fork": ("walls", r"it tried what no reader's process may: the walls refused fork"),
    "executes": ("walls", r"the walls refused execve"),
    "network": ("walls", r"the walls refused socket"),
    "signals": ("walls", r"the walls refused kill"),
    "open_file": ("walls", r"the walls refused open /etc/passwd"),
    "catches": ("walls", r"it catches or ignores SIGTERM"),
    "floods": ("words", r"it says more than 20 lines a second: \d+ more lines were dropped"),
    "tells": ("words", r"what stands on the card is in its words: document\.number"),
    "dumps": ("words", r"what stands on the card is in its words: document\.number"),
    "prints": ("words", r"what stands on the card is in its words: name"),
    "error_tells": ("words", r"what stands on the card is in its words: name"),
    "second_done": ("dones", r"it called done twice"),
    "after_done": ("dones", r"it answered after done"),
    "no_done": ("dones", r"read returned without done"),
    "not_utf8": ("dones", r"it answered what no plugin may: its field name is not UTF-8"),
    "bad_date": ("dones", r"it answered what no plugin may: its field birth is no day of the calendar"),
    "wrong_type": ("read", r"its field birth must be a DATE"),
    "unknown_field": ("read", r"its field full_name is no field of the header"),
    "mixes": ("read", r"it mixed two cards"),
    "old_card": ("taken", r"no card after one was read, read 2: it answered a card that is not there"),
    "not_gone": ("unplug", r"unplugged at byte \d+ .* failed with IO \(something\), expected GONE"),
    "crash_start": ("start", r"it does not start: its process died of signal 6 \(ABRT\)"),
    "hang_open": ("start", r"it does not start: the plugin did not start within 10 s"),
    "hang_stop": ("stop", r"its process did not end in 500 ms and was killed"),
}


def check(file, *words, wanted=(0, 1)):
    ran = subprocess.run([SHIMING, "reader", "check", file, *words], capture_output=True, text=True, check=False)
    assert ran.returncode in wanted, (words, ran.returncode, ran.stdout, ran.stderr)
    return ran


def compile_reader(folder, source, include, *flags):
    subprocess.run(["cc", "-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-D_GNU_SOURCE", "-pthread", *flags,
                    "-I", os.path.join(ROOT, "include"), "-I", include, source, "-o", os.path.join(folder, "unruly.so")], check=True)


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        cls.new = os.path.join(cls.dir.name, "unruly")
        subprocess.run([SHIMING, "plugin", "new", "reader", "unruly", "-o", cls.new], check=True, stdout=subprocess.DEVNULL)
        compile_reader(cls.new, os.path.join(cls.new, "unruly.c"), cls.new)
        cls.good = os.path.join(cls.new, "unruly.so")
        cls.places = {}
        for place, flags in (("wicked", []), ("early", ["-DMISDEED_AT_LOAD"])):
            folder = os.path.join(cls.dir.name, place)
            os.mkdir(folder)
            compile_reader(folder, os.path.join(ROOT, "tests", "kit", "misbehave.c"), cls.new, *flags)
            cls.places[place] = os.path.join(folder, "unruly.so")

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    @as_shipped
    def test_a_new_reader_passes_all_of_it(self):
        ran = check(self.good, "--json", wanted=(0,))
        answer = json.loads(ran.stdout)
        self.assertTrue(answer["passed"])
        self.assertLess(answer["seconds"], 60)
        for result in answer["checks"]:
            self.assertEqual((result["result"], result["found"]), ("passed", []), result)
        self.assertGreater({r["name"]: r for r in answer["checks"]}["two"]["trials"], 1200)

    @as_shipped
    @unittest.skipUnless(LONG, "the long form")
    def test_ten_thousand_reads_leave_nothing_and_none_is_late(self):
        folder = os.path.join(BUILD, "plugins", "readers")
        for words in ((os.path.join(folder, "sdt.so"),), (os.path.join(folder, "mrz.so"), "--scanner"), (self.good,)):
            with self.subTest(words[0]):
                self.assertIn("10000 reads", check(*words, "--cycles", "10000", "--seconds", "1200", wanted=(0,)).stdout)

    def test_the_shipped_reader_passes(self):
        for name in ("read", "cancel", "unplug", "walls"):
            ran = check(os.path.join(BUILD, "plugins", "readers", "sdt.so"), "--only", name, wanted=(0,))
            self.assertRegex(ran.stdout, rf"ok 1 - {name}: ")

    def test_the_shipped_scanner_passes(self):
        mrz = os.path.join(BUILD, "plugins", "readers", "mrz.so")
        for name in ("two", "unplug", "walls"):
            self.assertRegex(check(mrz, "--scanner", "--only", name, wanted=(0,)).stdout, rf"ok 1 - {name}: ")
        self.assertIn("Then --scanner", check(mrz, "--only", "read", wanted=(1,)).stdout)

    def test_a_scan_of_before_the_read_is_never_answered(self):
        folder, shared = os.path.join(self.dir.name, "stale"), os.path.join(ROOT, "plugins", "shared")
        shutil.copytree(os.path.join(ROOT, "plugins", "readers", "mrz"), folder)
        with open(os.path.join(folder, "mrz.c"), encoding="utf-8") as f:
            text = f.read()
        with open(os.path.join(folder, "mrz.c"), "w", encoding="utf-8") as f:
            f.write(text.replace("int rc = source_drain(&scanner->source, &err);", "int rc = SMG_OK;"))
        library = os.path.join(folder, "mrz.so")
        subprocess.run(["cc", "-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-D_GNU_SOURCE", "-I", os.path.join(ROOT, "include"),
                        "-I", shared, *(path for pattern in (os.path.join(folder, "*.c"), os.path.join(shared, "mrz*.c")) for path in glob.glob(pattern)
                                        if not path.endswith("_test.c")), "-o", library], check=True)
        self.assertIn("it answered a card that is not there", check(library, "--scanner", "--only", "read", wanted=(1,)).stdout)

    @as_shipped
    def test_what_cannot_be_tried_is_said_to_be_skipped(self):
        ran = check(os.path.join(BUILD, "plugins", "readers", "sim.so"), "--cycles", "60", wanted=(0,))
        self.assertRegex(ran.stdout, r"ok \d+ - two: .* # SKIP it has no device option")
        self.assertRegex(ran.stdout, r"ok \d+ - leaks: [^#]*\n")
        self.assertRegex(ran.stdout, r"# 9 passed, 0 failed, 8 skipped in ")

    def write_misdeed(self, misdeed):
        options = os.path.join(self.dir.name, misdeed + ".yaml")
        with open(options, "w", encoding="utf-8") as f:
            f.write(f"misdeed: {misdeed}\n")
        return options

    @as_shipped
    def test_every_misdeed_is_found_and_named(self):
        def run(misdeed):
            options = self.write_misdeed(misdeed)
            return misdeed, check(self.places["wicked"], "--options", options, "--only", MISDEEDS[misdeed][0], wanted=(1,)).stdout

        with ThreadPoolExecutor(8) as pool:
            for misdeed, out in pool.map(run, MISDEEDS):
                name, said = MISDEEDS[misdeed]
                failed = re.search(rf"^not ok \d+ - {name}: .*\n((?:  #.*\n)+)", out, re.M)
                self.assertIsNotNone(failed, f"{misdeed}: {out}")
                self.assertRegex(failed.group(1), said, misdeed)

    @as_shipped
    def test_the_same_plugin_without_misdeeds_passes(self):
        for name in ("walls", "words", "dones", "leaks", "stop"):
            check(self.places["wicked"], "--only", name, "--cycles", "100", wanted=(0,))

    @as_shipped
    def test_threads_before_any_call_are_refused(self):
        ran = check(self.places["early"], wanted=(1,))
        self.assertRegex(ran.stdout, r"not ok 2 - start: .*\n.*\n  # start: it does not start: the plugin starts threads when it is loaded")
        self.assertRegex(ran.stdout, r"ok 3 - read: .* # SKIP the plugin does not start")

    def test_nothing_of_a_card_is_in_what_the_kit_says(self):
        for misdeed in ("tells", "prints", "dumps"):
            options = self.write_misdeed(misdeed)
            out = check(self.places["wicked"], "--options", options, "--only", "words").stdout
            self.assertNotIn("540102198803140016", out)

    def test_wrong_words_are_refused(self):
        for words in ((), ("a.so", "b.so"), (self.good, "--only", "everything"), (self.good, "--cycles", "0"), (self.good, "--cycles", "x"),
                      (self.good, "--options", "nowhere.yaml"), ("nowhere.so",), (os.path.join(BUILD, "plugins", "storage", "sqlite.so"),)):
            ran = subprocess.run([SHIMING, "reader", "check", *words], capture_output=True, text=True, check=False)
            self.assertEqual(ran.returncode, 2, words)
            self.assertTrue(ran.stderr, words)


if __name__ == "__main__":
    unittest.main(verbosity=2)
