# SPDX-License-Identifier: Apache-2.0
"""Policies going live: what is broken, unsigned, altered, old or expired never does; a draft beside the active set is
only counted; a rule warns before it bites; earlier texts come back as a new signature."""
import datetime
import json
import os
import re
import shutil
import signal
import sys
import unittest

from gateway import ROOT, Gateway, wait_for
from openapi import Description

BUILD = sys.argv.pop(1)
TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()


def day(offset):
    return (TODAY + datetime.timedelta(days=offset)).isoformat()


class Live(Gateway):
    """A gateway with a policy folder of its own."""

    def __init__(self, policies="", **more):
        super().__init__(BUILD, **more)
        self.policies = os.path.join(self.dir, "policies")
        self.description = None
        self.admin = None
        shutil.copytree(os.path.join(ROOT, "policies"), self.policies)
        self.configure(policies)

    def configure(self, policies):
        with open(self.config, encoding="utf-8") as f:
            text = f.read()
        line = f"policies:  {{ path: policies, stack: [cn-54/2018]{policies} }}"
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(re.sub(r"^policies:.*$", lambda _: line, text, flags=re.MULTILINE))

    def begin(self):
        self.staff("S-9", "clerk")
        self.admin = self.staff("M-1", "admin")
        self.start()
        self.description = Description(self.call("GET", "/openapi.json", token="")[1])

    def call(self, method, path, *words, **options):
        status, data, headers = super().call(method, path, *words, **options)
        if getattr(self, "description", None) is not None:
            self.description.answer(method, path, status, headers.get("Content-Type"), data)
        return status, data, headers

    def activate(self):
        """(status, the set or the problems)"""
        status, data, _ = self.call("POST", "/v1/policies/activation", token=self.admin)
        return status, data["set"] if status == 200 else [e["en"] for e in data["errors"]]

    def active(self):
        return self.call("GET", "/readyz", token="")[1]["set"]

    def place(self, folder):
        shutil.rmtree(self.policies)
        shutil.copytree(folder, self.policies)

    def file(self, *name):
        return os.path.join(self.policies, *name)

    def edit(self, name, change):
        """Change a policy file's bytes; None removes it."""
        with open(self.file(name), "rb") as f:
            before = f.read()
        after = change(before)
        assert after != before, f"the edit of {name} changes nothing"
        if after is None:
            os.unlink(self.file(name))
            return
        with open(self.file(name), "wb") as f:
            f.write(after)

    def decide(self):
        return self.call("POST", "/v1/decisions", {"operation": "mobile.open"})[1]


def append(text):
    return lambda before: before + text.encode() + b"\n"


def rule(body, name="3/extra"):
    return append(f'\nrule "{name}" {{ zh = "补充", en = "one more", {body} }}')


def check(body):
    return rule(f"check = function(case) {body} end")


def swap(old, new):
    def change(before):
        assert old.encode() in before, f"{old} is not there"
        return before.replace(old.encode(), new.encode(), 1)
    return change


def gone(_):
    return None


def duplicate(pattern):
    def change(before):
        return before + b"\n" + re.search(pattern, before, re.DOTALL | re.MULTILINE).group(0) + b"\n"
    return change


REGULATION, TESTS, PROPERTIES = "cn-54/2018.lua", "cn-54/2018_test.lua", "cn-54/2018_properties.lua"
WORDS, CASE, KINDS = "vocabulary.lua", "case.lua", "documents.lua"
BREAKS = [
    ("syntax", REGULATION, append("rule ("), r"2018\.lua:\d+: "),
    ("cut off", REGULATION, lambda before: before[:before.rindex(b"check = function")], r"2018\.lua:\d+: "),
    ("empty", REGULATION, lambda _: b"", r"2018\.lua:1: "),
    ("not UTF-8", REGULATION, lambda before: before + b"-- \xff\n", r"2018\.lua:\d+: is not UTF-8"),
    ("bytecode", REGULATION, lambda before: b"\x1bLua" + before, r"2018\.lua:\d+: "),
    ("too large", REGULATION, append("-- long\n" * 150000), r"2018\.lua: is larger than"),
    ("no such file", WORDS, gone, r"vocabulary\.lua: cannot be read"),
    ("unknown fact", REGULATION, check('if case.customer.mnor then need "guardian.present" end'), r"2018\.lua:\d+: .*did you mean"),
    ("unknown word", REGULATION, check('refuse "operation.unknwn"'), r"2018\.lua:\d+: .*did you mean"),
    ("word of another kind", REGULATION, check('oblige "operation.unknown"'), r"2018\.lua:\d+: .*declared for refuse"),
    ("unknown name", REGULATION, check('refsue "operation.unknown"'), r"2018\.lua:\d+: .*did you mean"),
    ("wrong type", REGULATION, rule('check = "no"'), r"2018\.lua:\d+: .*check must be a function"),
    ("missing text", REGULATION, append('rule "3/extra" { zh = "补充", check = function() end }'), r"2018\.lua:\d+: .*has no en"),
    ("missing check", REGULATION, rule('applies = function() return true end'), r"2018\.lua:\d+: .*has no check"),
    ("unknown key", REGULATION, rule('chck = 1, check = function() end'), r"2018\.lua:\d+: .*did you mean"),
    ("duplicate rule", REGULATION, duplicate(rb'^rule "12" \{.*?^\}'), r"2018\.lua:\d+: .*declared twice"),
    ("no paragraph", REGULATION, rule("check = function() end", "third"), r"2018\.lua:\d+: .*not a paragraph"),
    ("bad date", REGULATION, swap('from = "2018-01-01"', 'from = "2018-02-30"'), r"2018\.lua:\d+: .*is not a day"),
    ("wrong id", REGULATION, swap('id = "cn-54/2018"', 'id = "cn-54/2019"'), r"2018\.lua:\d+: .*the file's place"),
    ("ends before it begins", REGULATION, swap('from = "2018-01-01"', 'from = "2018-01-01", ["until"] = "2017-01-01"'), r"2018\.lua:\d+: .*until must be after"),
    ("bites too early", REGULATION, rule('bites_from = "2017-01-01", check = function() end'), r"2018\.lua:\d+: .*bites_from"),
    ("replaces nothing", REGULATION, rule('replaces = "cn-54/2018#99", check = function() end'), r"2018\.lua:\d+: .*no rule"),
    ("endless loop at load", REGULATION, append("while true do end"), r"2018\.lua:\d+: "),
    ("endless rule", REGULATION, check("while true do end"), r"2018\.lua:\d+: "),
    ("endless memory", REGULATION, append('local t = {} while true do t[#t + 1] = {} end'), r"2018\.lua:\d+: "),
    ("failing rule", REGULATION, check("return case.customer.kind + 1"), r"2018\.lua:\d+: .*arithmetic"),
    ("applies that speaks", REGULATION, rule('applies = function() refuse "operation.unknown" end, check = function() end'), r"2018\.lua:\d+: .*applies only asks"),
    ("global variable", REGULATION, append("counter = 1"), r"2018\.lua:\d+: "),
    ("clock", REGULATION, check('if os.time() > 0 then refuse "operation.unknown" end'), r"2018\.lua:\d+: .*os"),
    ("memory of a case", REGULATION, append('local n = 0\nrule "3/extra" { zh = "补", en = "x", check = function() n = n + 1 end }'), r"2018\.lua:\d+: "),
    ("fact declared twice", CASE, duplicate(rb'^fact "operation" \{.*?^\}'), r"case\.lua:\d+: .*declared twice"),
    ("fact without values", WORDS, append('fact "odd" { source = "form", zh = "奇", en = "odd" }'), r"vocabulary\.lua:\d+: .*has no values"),
    ("word of no kind", WORDS, append('word "wish" { kind = "wish", zh = "愿", en = "wish" }'), r"vocabulary\.lua:\d+: .*kind"),
    ("half a declaration", WORDS, append('word "wish"'), r"vocabulary\.lua:\d+: .*not followed by its table"),
    ("unknown number format", KINDS, append('document "x" { zh = "证", en = "x", number = "gb11644", person = true, organisation = false }'), r"documents\.lua:\d+: .*did you mean"),
    ("failing test", TESTS, append('test("a wish", function() expect(decide({}), { verdict = "accepted" }) end)'), r'2018_test\.lua:\d+: .*"a wish" fails'),
    ("rule that breaks the tests", REGULATION, check('refuse "operation.unknown"'), r"2018_test\.lua:\d+: "),
    ("tests that do not load", TESTS, append("test("), r"2018_test\.lua:\d+: "),
    ("no tests", TESTS, gone, r"cn-54/2018: has no test"),
    ("failing property", PROPERTIES, append('never "nobody is ever accepted" { zh = "无人办成", when = function(case, d) return d.verdict == "accepted" end }'),
     r'2018_properties\.lua:\d+: the property "nobody is ever accepted" fails, for example: '),
    ("endless test", TESTS, append('test("on and on", function() while true do end end)'), r"2018_test\.lua:\d+: "),
]


class Broken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.g = Live()
        cls.g.begin()
        cls.good = os.path.join(cls.g.dir, "good")
        shutil.copytree(cls.g.policies, cls.good)

    @classmethod
    def tearDownClass(cls):
        cls.g.close()

    def tearDown(self):
        self.g.place(self.good)

    def test_a_broken_draft_never_goes_live(self):
        before, decision = self.g.active(), self.g.decide()
        self.assertGreaterEqual(len(BREAKS), 30)
        for name, file, change, wanted in BREAKS:
            with self.subTest(name):
                self.g.place(self.good)
                self.g.edit(file, change)
                status, problems = self.g.activate()
                self.assertEqual(status, 422, problems)
                self.assertTrue(any(re.search(wanted, line) for line in problems), problems)
                self.assertEqual(self.g.active(), before)
                self.assertEqual(self.g.decide(), decision)
        data = self.g.call("GET", "/v1/policies")[1]
        self.assertEqual((data["tried"]["active"], data["hash"]), (False, before))
        self.assertGreaterEqual(data["refusals"], len(BREAKS))

    def test_what_was_refused_is_tried_again_when_asked_again(self):
        self.g.edit(REGULATION, append("rule ("))
        self.assertEqual(self.g.activate()[0], 422)
        refused = self.g.call("GET", "/v1/policies")[1]["tried"]
        self.assertIn("cn-54/2018.lua:", refused["why"])
        self.assertEqual(self.g.metric("shiming_policies_tried_refused"), 1)
        self.assertEqual(self.g.activate()[0], 422)
        again = self.g.call("GET", "/v1/policies")[1]["tried"]
        self.assertNotEqual(again["at"], refused["at"])
        self.g.place(self.good)
        self.assertEqual(self.g.activate(), (200, self.g.active()))
        tried = self.g.call("GET", "/v1/policies")[1]["tried"]
        self.assertEqual((tried["active"], tried["why"]), (True, ""))
        self.assertEqual(self.g.metric("shiming_policies_tried_refused"), 0)

    def test_a_hang_up_goes_the_same_way(self):
        before = self.g.active()
        self.g.edit(REGULATION, append("rule ("))
        said = self.g.read_log().count("those in force stay")
        self.g.process.send_signal(signal.SIGHUP)
        wait_for("the refusal", lambda: self.g.read_log().count("those in force stay") > said)
        self.assertEqual(self.g.active(), before)
        self.g.place(self.good)
        self.g.edit(REGULATION, append("-- one more line"))
        self.g.process.send_signal(signal.SIGHUP)
        wait_for("the new set", lambda: self.g.active() != before)
        self.g.place(self.good)
        self.g.process.send_signal(signal.SIGHUP)
        wait_for("the old set", lambda: self.g.active() == before)

    def test_the_verb_puts_a_folder_in_place_and_keeps_the_one_before(self):
        before, env = self.g.active(), dict(os.environ, SHIMING_TOKEN=self.g.admin)
        draft = os.path.join(self.g.dir, "draft")
        shutil.copytree(self.good, draft)
        with open(os.path.join(draft, REGULATION), "a", encoding="utf-8") as f:
            f.write("-- one more line\n")
        done = self.g.run("policy", "activate", "-c", self.g.config, draft, env=env)
        self.assertNotEqual(self.g.active(), before)
        self.assertEqual(json.loads(done.stdout)["set"], self.g.active())
        kept = done.stderr.split(": the policies before")[0]
        self.g.run("policy", "activate", "-c", self.g.config, kept, env=env)
        self.assertEqual(self.g.active(), before)

    def test_a_gateway_may_stop_while_policies_are_on_their_way(self):
        g = Live()
        try:
            g.begin()
            for _ in range(3):
                g.process.send_signal(signal.SIGHUP)
                self.assertEqual(g.call("GET", "/healthz", token="")[0], 200)
                self.assertEqual(g.stop(), 0, g.read_log()[-3000:])
                g.description = None
                g.start()
        finally:
            g.close()

    def test_only_an_admin_may(self):
        self.assertEqual(self.g.call("POST", "/v1/policies/activation")[0], 403)
        self.assertEqual(self.g.call("POST", "/v1/policies/activation", token="")[0], 401)

    def test_an_activation_is_in_the_audit_log(self):
        self.assertEqual(self.g.activate()[0], 200)
        self.assertEqual(self.g.audit().returncode, 0)

    def test_a_rule_warns_before_its_day_and_its_reports_wait(self):
        before = self.g.active()
        for offset in (1, 0):
            self.g.place(self.good)
            self.g.edit(REGULATION, rule(f'bites_from = "{day(offset)}", check = function(case) if case.operation ~= "mobile.open" then return end '
                                         'refuse "operation.unknown" report { to = "public_security" } end'))
            self.g.edit(TESTS, lambda _: b'test("it warns", function() expect_warn(decide({ operation = "mobile.open" }), "operation.unknown") end)\n')
            self.assertEqual(self.g.activate()[0], 200)
            data = self.g.decide()
            self.assertEqual(data["set"], self.g.active())
            self.assertNotEqual(data["set"], before)
            if offset == 1:
                self.assertEqual([(w["what"], w["bites_from"], w["rule"]) for w in data["warnings"]],
                                 [("operation.unknown", day(1), "cn-54/2018#3/extra")])
                self.assertEqual((data["verdict"], data["refusals"], data["reports"]), ("incomplete", [], []))
            else:
                self.assertEqual((data["verdict"], data["warnings"]), ("refused", []))
                self.assertEqual([r["to"] for r in data["reports"]], ["public_security"])
        self.g.place(self.good)
        self.assertEqual(self.g.activate(), (200, before))


class Signed(unittest.TestCase):
    suite, signing = "aes-256-gcm", "ed25519"

    def setUp(self):
        self.g = Live(suite=self.suite)
        self.keys = {}
        for name in ("old", "new", "stranger"):
            self.keys[name] = os.path.join(self.g.dir, name)
            self.g.run("key", "policy", self.keys[name], "--suite", self.signing)
        self.sources = self.g.policies + ".source"
        shutil.copytree(self.g.policies, self.sources)
        self.trust("{ path: old.pub }")

    def tearDown(self):
        self.g.close()

    def trust(self, keys):
        self.g.configure(f", trust: signed, keys: [ {keys} ]")

    def sign(self, sequence, key="old", comment="", **more):
        """A bundle of the shipped texts with a comment of its own; its folder."""
        out = os.path.join(self.g.dir, f"bundle-{sequence}-{key}-{len(os.listdir(self.g.dir))}")
        path = os.path.join(self.sources, REGULATION)
        with open(path, "rb") as f:
            kept = f.read()
        with open(path, "ab") as f:
            f.write(f"-- {comment}\n".encode())
        words = ["policy", "sign", "--policies", self.sources, "-p", "cn-54/2018", "--key", self.keys[key], "--sequence",
                 str(sequence), "--out", out]
        for option, value in more.items():
            words += [f"--{option.replace('_', '-')}", value]
        self.g.run(*words)
        with open(path, "wb") as f:
            f.write(kept)
        return out

    def serve(self, bundle):
        self.g.place(bundle)
        self.g.begin()

    def refused(self, wanted):
        """Activation, check and a restart all say no, and why."""
        before = self.g.active()
        status, problems = self.g.activate()
        self.assertEqual(status, 422, problems)
        self.assertTrue(any(re.search(wanted, line) for line in problems), problems)
        self.assertEqual(self.g.active(), before)
        self.assertRegex(self.g.run("check", "-c", self.g.config, ok=(2,)).stderr, wanted)

    def test_a_signed_bundle_serves_and_the_next_takes_its_place(self):
        self.serve(self.sign(1))
        first = self.g.active()
        data = self.g.call("GET", "/v1/policies")[1]
        self.assertEqual(data["sequence"], 1)
        self.g.place(self.sign(2, comment="second"))
        self.assertEqual(self.g.activate()[0], 200)
        self.assertNotEqual(self.g.active(), first)
        self.assertEqual(self.g.call("GET", "/v1/policies")[1]["sequence"], 2)
        self.assertEqual(self.g.metric("shiming_policies_sequence"), 2)

    def test_unsigned_policies_are_refused(self):
        self.g.run("check", "-c", self.g.config, ok=(2,))
        self.g.run("serve", "-c", self.g.config, ok=(2,))
        self.serve(self.sign(1))
        os.unlink(self.g.file("policies.index"))
        self.refused(r"policies\.index: is missing")

    def test_altered_bundles_are_refused(self):
        self.serve(self.sign(1))
        os.unlink(os.path.join(self.sources, "cn-54", "2018_articles.lua"))
        good = self.sign(2, comment="second")
        for name in (REGULATION, TESTS, WORDS, CASE, KINDS):
            self.g.place(good)
            self.g.edit(name, append("-- altered"))
            self.refused(re.escape(name) + ": is not the text that was signed")
        self.g.place(good)
        self.g.edit(TESTS, gone)
        self.refused(r"2018_test\.lua: cannot be read")
        with open(os.path.join(good, "policies.index"), "rb") as f:
            index = f.read()
        for line in range(index.count(b"\n")):
            lines = index.splitlines(keepends=True)
            lines[line] = re.sub(rb"[0-9a-f](?=[^0-9a-f]*\n)", lambda m: b"0" if m.group(0) != b"0" else b"1", lines[line])
            self.g.place(good)
            self.g.edit("policies.index", lambda _, text=b"".join(lines): text)
            status, problems = self.g.activate()
            self.assertEqual(status, 422, lines[line])
            self.assertTrue(any("policies.index" in p for p in problems), problems)
        self.g.place(good)
        with open(self.g.file("cn-54", "2018_articles.lua"), "w", encoding="utf-8") as f:
            f.write("-- not signed\n")
        self.refused(r"2018_articles\.lua: is not in the signed index")

    def test_a_strangers_signature_is_none(self):
        self.serve(self.sign(1))
        self.g.place(self.sign(2, key="stranger", comment="second"))
        self.refused("is not among policies.keys")

    def test_yesterdays_bundle_stays_refused_after_a_restart(self):
        first, second = self.sign(4), self.sign(5, comment="second")
        self.serve(first)
        self.g.place(second)
        self.assertEqual(self.g.activate()[0], 200)
        self.g.place(first)
        self.refused(r"policies\.index:2: the sequence 4 is old: 5 was active")
        self.g.place(self.sign(5, comment="another"))
        self.refused(r"policies\.index:2: the sequence 5 was active here with another content")
        self.g.stop()
        for bundle, wanted in ((first, "is old"), (self.sign(5, comment="a third"), "another content")):
            self.g.place(bundle)
            self.assertIn(wanted, self.g.run("serve", "-c", self.g.config, ok=(2,)).stderr)
        self.g.place(second)
        self.g.run("check", "-c", self.g.config)
        self.g.description = None
        self.g.start()

    def test_keys_count_on_their_days_only(self):
        first, second = self.sign(1), self.sign(2, comment="second")
        self.serve(first)
        self.g.stop()
        self.g.description = None
        for dates, wanted in ((f"until: {TODAY}", "has not counted since " + str(TODAY)), (f"from: {day(1)}", "counts only from " + day(1)),
                              (f"from: {day(-9)}, until: {day(-1)}", "has not counted since")):
            self.trust(f"{{ path: old.pub, {dates} }}")
            self.g.place(second)
            for verb in ("check", "serve"):
                self.assertIn(wanted, self.g.run(verb, "-c", self.g.config, ok=(2,)).stderr)
        self.trust(f"{{ path: old.pub, from: {TODAY}, until: {day(1)} }}")
        self.g.run("check", "-c", self.g.config)
        self.g.start()
        self.assertEqual(self.g.call("GET", "/v1/policies")[1]["valid_until"], day(1))

    def test_two_keys_are_good_at_once_so_that_one_can_follow_the_other(self):
        self.trust(f"{{ path: old.pub, until: {day(30)} }}, {{ path: new.pub, from: {day(-1)} }}")
        self.serve(self.sign(1, "old"))
        keys = [self.g.call("GET", "/v1/policies")[1]["key"]]
        for sequence, key in ((2, "new"), (3, "old"), (4, "new")):
            self.g.place(self.sign(sequence, key, comment=str(sequence)))
            self.assertEqual(self.g.activate()[0], 200)
            keys.append(self.g.call("GET", "/v1/policies")[1]["key"])
        self.assertEqual((keys[0], keys[1]), (keys[2], keys[3]))
        self.assertNotEqual(keys[0], keys[1])
        self.g.stop()
        self.g.description = None
        self.trust(f"{{ path: old.pub, until: {TODAY} }}, {{ path: new.pub }}")
        self.g.start()
        self.g.place(self.sign(5, "old", comment="5"))
        self.refused("has not counted since")

    def test_a_bundle_has_its_day_and_its_stack(self):
        self.serve(self.sign(1, valid_until=day(1)))
        self.g.place(self.sign(2, comment="second", valid_until=str(TODAY)))
        self.refused("has not been valid since " + str(TODAY))
        self.g.place(self.sign(2, comment="second"))
        with open(self.g.config, encoding="utf-8") as f:
            text = f.read()
        with open(self.g.config, "w", encoding="utf-8") as f:
            f.write(text.replace("stack: [cn-54/2018]", "stack: [cn/2013, cn-54/2018]"))
        self.assertIn("is signed for another stack", self.g.run("check", "-c", self.g.config, ok=(2,)).stderr)

    def test_the_verb_puts_a_bundle_in_place_or_leaves_all_as_it_was(self):
        self.serve(self.sign(1))
        env = dict(os.environ, SHIMING_TOKEN=self.g.admin)
        first, second = self.g.active(), self.sign(2, comment="second")
        done = self.g.run("policy", "activate", "-c", self.g.config, second, env=env)
        self.assertEqual(json.loads(done.stdout), {"active": True, "set": self.g.active(), "sequence": 2})
        self.assertNotEqual(self.g.active(), first)
        now = self.g.active()
        for bundle, wanted in ((self.sign(1), "is old"), (self.sources, "is missing"), (self.sign(3, "stranger"), "policies.keys")):
            done = self.g.run("policy", "activate", "-c", self.g.config, bundle, env=env, ok=(1,))
            self.assertIn(wanted, done.stderr)
            self.assertEqual(self.g.active(), now)
            self.assertEqual(self.g.activate(), (200, now), "the folder is as it was")
        self.g.run("policy", "activate", "-c", self.g.config, ok=(2,))
        self.g.run("policy", "activate", "-c", self.g.config, env=env)
        self.g.stop()
        self.assertIn("no gateway answers", self.g.run("policy", "activate", "-c", self.g.config, self.sign(4), env=env, ok=(2,)).stderr)
        self.g.run("check", "-c", self.g.config)

    def test_rollback_is_a_new_signature_over_an_earlier_text(self):
        bundles = [self.sign(1), self.sign(2, comment="second")]
        self.serve(bundles[0])
        sets = [self.g.active()]
        self.g.place(bundles[1])
        self.assertEqual(self.g.activate()[0], 200)
        sets.append(self.g.active())
        archived, folder = os.path.join(self.g.dir, "archived"), os.path.join(self.g.dir, "folder")
        self.g.run("policy", "rollback", "-c", self.g.config, "--set", sets[0], "--key", self.keys["old"], "--out", archived)
        self.g.place(archived)
        self.assertEqual(self.g.activate(), (200, sets[0]))
        self.assertEqual(self.g.call("GET", "/v1/policies")[1]["sequence"], 3)
        self.g.run("policy", "rollback", "--from", bundles[1], "--sequence", "4", "--key", self.keys["old"], "--out", folder)
        self.g.place(folder)
        self.assertEqual(self.g.activate(), (200, sets[1]))
        self.g.place(archived)
        self.refused("is old")
        self.g.run("policy", "rollback", "-c", self.g.config, "--set", "sha256:" + "0" * 64, "--key", self.keys["old"],
                   "--out", archived + "2", ok=(1,))

    def test_what_cannot_go_live_is_not_signed(self):
        with open(os.path.join(self.sources, TESTS), "a", encoding="utf-8") as f:
            f.write('test("a wish", function() expect(decide({}), { verdict = "accepted" }) end)\n')
        out = os.path.join(self.g.dir, "out")
        done = self.g.run("policy", "sign", "--policies", self.sources, "-p", "cn-54/2018", "--key", self.keys["old"],
                          "--sequence", "1", "--out", out, ok=(1,))
        self.assertRegex(done.stderr, r"2018_test\.lua:\d+: ")
        self.assertFalse(os.path.exists(out))


class SignedByNationalAlgorithms(Signed):
    suite, signing = "sm4", "sm2"

    def test_a_key_of_the_other_family_is_refused(self):
        self.g.run("key", "policy", os.path.join(self.g.dir, "ed"))
        self.trust("{ path: ed.pub }")
        self.assertIn("it must be sm2", self.g.run("check", "-c", self.g.config, ok=(2,)).stderr)


class Shadow(unittest.TestCase):
    def test_a_draft_is_counted_and_never_heard(self):
        g = Live(", shadow: { path: draft }")
        try:
            os.makedirs(os.path.join(g.dir, "draft", "cn-54"))
            with open(g.file(REGULATION), "rb") as f:
                text = f.read()
            draft = os.path.join(g.dir, "draft", REGULATION)
            with open(draft, "wb") as f:
                f.write(rule('applies = function(case) return case.operation == "mobile.open" end, '
                             'check = function() refuse "operation.unknown" end')(text))
            g.begin()
            auditor = g.staff("A-1", "auditor")
            before = g.decide()
            for operation in ("mobile.open", "mobile.open", "fixed.install"):
                self.assertEqual(g.call("POST", "/v1/decisions", {"operation": operation})[0], 200)
            pictures = [g.upload(1), g.upload(2)]
            made = g.application(1, pictures)
            self.assertEqual(g.call("POST", "/v1/registrations", made)[0], 201)
            status, data, _ = g.call("GET", "/v1/policies/shadow", token=auditor)
            self.assertEqual(status, 200)
            self.assertEqual((data["cases"], data["different"], data["broken"], data["open"]), (5, 4, 0, 0))
            self.assertEqual(data["rules"], [{"rule": "cn-54/2018#3/extra", "added": 4, "removed": 0}])
            self.assertIn({"active": "accepted", "draft": "refused", "count": 1}, data["verdicts"])
            self.assertEqual(len(data["examples"]), 4)
            self.assertEqual(data["examples"][0]["added"][0]["what"], "operation.unknown")
            self.assertEqual(data["examples"][0]["facts"]["operation"], "mobile.open")
            for personal in ("测试人", made["customer"]["document"]["number"], made["number"], "示例"):
                self.assertNotIn(personal, json.dumps(data, ensure_ascii=False))
            self.assertEqual(g.metric("shiming_shadow_different_total"), 4)
            self.assertEqual(g.metric('shiming_shadow_differences_total{rule="cn-54/2018#3/extra",change="added"}'), 4)
            self.assertEqual(g.decide(), before)
            self.assertEqual(g.call("GET", "/v1/policies/shadow")[0], 403)
            with open(draft, "ab") as f:
                f.write(b"rule (\n")
            self.assertEqual(g.activate()[0], 200, "a broken draft is in nobody's way")
            status, data, _ = g.call("GET", "/v1/policies/shadow", token=auditor)
            self.assertEqual(status, 404)
            self.assertIn("2018.lua:", data["errors"][0]["en"])
            self.assertEqual(g.decide(), before)
        finally:
            g.close()


    def test_a_draft_that_overruns_is_counted_and_then_left_alone(self):
        g = Live(", shadow: { path: draft }")
        try:
            os.makedirs(os.path.join(g.dir, "draft"))
            with open(g.file(CASE), "rb") as f:
                text = f.read()
            endless = re.sub(rb'(fact "operation" \{.*?from = function\(field\))', rb'\1 while field "operation" do end', text,
                             count=1, flags=re.DOTALL)
            self.assertNotEqual(endless, text)
            with open(os.path.join(g.dir, "draft", CASE), "wb") as f:
                f.write(endless)
            g.begin()
            answers = [g.decide() for _ in range(110)]
            self.assertTrue(all(answer == answers[0] for answer in answers))
            self.assertNotIn("policy.available", json.dumps(answers[0]))
            data = g.call("GET", "/v1/policies/shadow", token=g.admin)[1]
            self.assertEqual((data["cases"], data["broken"], data["different"]), (100, 100, 0))
            self.assertEqual(g.metric("shiming_decisions_broken_total"), 0)
        finally:
            g.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
