# SPDX-License-Identifier: Apache-2.0
"""The shipped scenarios, the examples of docs/simulation.md, and the verb itself: TAP, JUnit, JSON, seeds, shrinking."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

from gateway import ROOT, Gateway

BUILD = sys.argv.pop(1)
SHIMING = os.path.join(os.path.abspath(BUILD), "bin", "shiming")
SHIPPED = sorted(glob.glob(os.path.join("tests", "scenario", "*.lua")))

FAILS = """
scenario "a forged document is accepted" {
  at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" }, runs = 50,
  services = { ["public-security"] = "match" },
  run = function(s)
    for _ = 1, between(0, 6) do s:wait(any("1s", "2s", "5m")) end
    local finding = any("genuine", "doubtful", "altered", "forged")
    if maybe() then s:service("public-security", "silent") end
    local d = s:decide {
      operation = any("mobile.open", "mobile.replace"),
      customer = with(person {}, { kind = "person", work_unit = "w", document = { examined = finding } }),
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }
    if finding == "forged" then expect(d, { verdict = "accepted" }) end
  end,
}
"""


def simulate(*words, ok=0):
    done = subprocess.run([SHIMING, "simulate", *words], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == ok, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def articles(text):
    return set(re.findall(r'article = "cn-54/2018#([^"]+)"', text))


class Simulate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name

    def script(self, text, name="script.lua"):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_the_shipped_scenarios_pass(self):
        done = simulate("--policies", "policies", *SHIPPED)
        lines = done.stdout.splitlines()
        results = [line for line in lines if re.match(r"(not )?ok ", line)]
        self.assertEqual(lines[0], "TAP version 13")
        self.assertEqual(lines[-1], f"1..{len(results)}")
        self.assertGreaterEqual(len(results), 40)
        self.assertEqual([line.split()[1] for line in results], [str(i + 1) for i in range(len(results))])

    def test_every_paragraph_that_software_sees_to_has_a_scenario(self):
        with open(os.path.join(ROOT, "policies", "cn-54", "2018_articles.lua"), encoding="utf-8") as file:
            register = re.findall(r'^article "([^"]+)" \{(.*?)^\}', file.read(), re.M | re.S)
        seen_to = {name for name, body in register if "rules =" in body or "process =" in body}
        self.assertGreater(len(seen_to), 25)
        cited = set(simulate("--policies", "policies", *SHIPPED).stdout.split("(cn-54/2018#"))
        cited = {part.split(")")[0] for part in cited}
        # 3.4 is the licence number in the configuration, of which a scenario has none.
        self.assertEqual(seen_to - cited, {"3.4"})

    def test_the_same_seed_gives_the_same_run_byte_for_byte(self):
        path = self.script(FAILS)
        first = simulate("--policies", "policies", "--steps", *SHIPPED).stdout
        self.assertEqual(first, simulate("--policies", "policies", "--steps", *SHIPPED).stdout)
        failed = [simulate("--policies", "policies", "--shrink", "--seed", "7", path, ok=1).stdout for _ in range(2)]
        self.assertEqual(*failed)
        self.assertNotEqual(failed[0], simulate("--policies", "policies", "--seed", "8", path, ok=1).stdout)

    def test_a_failing_run_is_made_as_small_as_it_can_be(self):
        done = simulate("--policies", "policies", "--shrink", "--seed", "3", self.script(FAILS), ok=1)
        choices = re.findall(r"^#   (any|maybe|between): (.*)$", done.stdout, re.M)
        self.assertEqual(choices, [("between", "0"), ("any", "forged"), ("maybe", "false"), ("any", "mobile.open")])
        self.assertIn("verdict: expected accepted, got refused", done.stdout)
        self.assertIn("of seed 3", done.stdout)

    def test_junit_and_json_say_the_same(self):
        path, report = self.script(FAILS), os.path.join(self.dir, "report.xml")
        good = os.path.join("tests", "scenario", "scope.lua")
        done = simulate("--policies", "policies", "--json", "--junit", report, good, path, ok=1)
        said = json.loads(done.stdout)
        suites = xml.etree.ElementTree.parse(report).getroot()
        self.assertEqual(suites.get("tests"), str(said["count"]))
        self.assertEqual(suites.get("failures"), "1")
        self.assertEqual([case.get("name") for case in suites.iter("testcase")],
                         [scenario["name"] for scenario in said["scenarios"]])
        failure = suites.find(".//failure")
        self.assertEqual(failure.get("message"), [s["why"] for s in said["scenarios"] if not s["passed"]][0])
        self.assertIn("script.lua:", failure.get("message"))

    def test_what_is_wrong_with_a_script_is_said_with_its_place(self):
        for text, said in (
                ("scenario \"x\" { at = \"2026-03-02 10:00\", run = 1 }", "script.lua:1: a scenario has a function run"),
                ("scenario \"x\" { att = \"2026\" }", "script.lua:1: a scenario has no key att; did you mean at"),
                ("\nlocal x = = 1", "script.lua:2: "),
                ("scenari \"x\" {}", "did you mean 'scenario'"),
                ("os.exit(0)", "'os' is not a name"),
                ("-- nothing", "there is no scenario in it"),
                ("while true do end", "ran out of its budget")):
            self.assertIn(said, simulate(self.script(text), ok=2).stderr, text)
        for run, said in (
                ("s:wait \"15\"", "has no unit"),
                ("s:storage { fault = \"ful\" }", "a storage is well, full"),
                ("s:read { fault = \"eaten\" }", "a reader's faults are"),
                ("s:service(\"nobody\", \"match\")", "services are named in the scenario's header"),
                ("s:facts { [\"customer.minr\"] = true }", "the fact customer.minr is not declared"),
                ("s:show \"registration 1\"", "the id of something there"),
                ("s:counter \"S-7\"", "there is no such staff member"),
                ("s:wait \"99999d\"", "more than a hundred years"),
                ("between(-9223372036854775807, 9223372036854775807)", "at most a million numbers"),
                ("local t = {} t.t = t s:decide(t)", "too deep"),
                ("local t = {} t.t = t with(t, t)", "too deep"),
                ("local t = {} t.t = t expect(t, t)", "too deep"),
                ("s:decide { operation = 1.5 }", "numbers are whole"),
                ("s:decide { 1, a = 2 }", "not both"),
                ("for _ = 1, 300 do s:decide { operation = \"mobile.open\" } end", "more than 256 calls"),
                ("while true do end", "ran out of its budget")):
            text = f"""scenario "x" {{ at = "2026-03-02 10:00", policies = {{ "cn/2013", "cn-54/2018" }}, run = function(s)
                {run} end }}"""
            done = simulate("--policies", "policies", self.script(text), ok=1)
            self.assertRegex(done.stdout, r"# \S*script\.lua:2: .*" + re.escape(said), run)

    def test_expect_says_where_something_differs(self):
        for got, wanted, said in (
                ("1", "2", "expected 2, got 1"),
                ("nil", "true", "expected true, got nothing"),
                ("{ a = 1, b = 2 }", "{ b = 3 }", "b: expected 3, got 2"),
                ("{ a = { b = 1 } }", "{ a = { b = 1, c = 2 } }", "a.c: expected 2, got nothing"),
                ('{ "x", "y" }', '{ "y", "x" }', None),
                ('{ "x", "y" }', '{ "x" }', "expected { x }, got { x, y }"),
                ('{ "x" }', "{}", "expected { }, got { x }"),
                ("{ l = { { a = 1, z = 0 }, { a = 2 } } }", "{ l = { { a = 1 }, { a = 2 } } }", None),
                ("{ l = { { a = 1 }, { a = 2 } } }", "{ l = { { a = 1 }, { a = 3 } } }", "l 2.a: expected 3, got 2"),
                ("{ l = { { a = 1 } } }", "{ l = { { a = 1 }, { a = 3 } } }", "l: expected { { a = 1 }, { a = 3 } }"),
                ("with({ a = { b = 1, c = 2 } }, { a = { c = 3 }, d = 4 })", "{ a = { b = 1, c = 3 }, d = 4 }", None)):
            text = f"""scenario "x" {{ at = "2026-03-02 10:00", policies = {{ "cn/2013", "cn-54/2018" }}, run = function()
                expect({got}, {wanted}) end }}"""
            done = simulate("--policies", "policies", self.script(text), ok=0 if said is None else 1)
            if said is not None:
                self.assertIn("script.lua:2: " + said, done.stdout)

    def test_names_and_numbers_stay_out_of_what_is_logged(self):
        done = simulate("--policies", "policies", "--steps", *SHIPPED)
        for secret in ("测试人", "示例路", "540102199001010", "91540100MA6T1A2341", "13989000001"):
            self.assertNotIn(secret, done.stdout)
            self.assertNotIn(secret, done.stderr)

    def test_the_examples_of_the_page_run(self):
        with open(os.path.join(ROOT, "docs", "simulation.md"), encoding="utf-8") as file:
            page = file.read()
        examples = re.findall(r"^```lua scenario\n(.*?)^```$", page, re.M | re.S)
        self.assertEqual(len(examples), 2)
        simulate("--policies", "policies", self.script("\n".join(examples)))
        for word in re.findall(r"`s:([a-z_]+)", page):
            with open(os.path.join(ROOT, "core", "simulate", "outside.c"), encoding="utf-8") as outside, \
                    open(os.path.join(ROOT, "core", "simulate", "counter.c"), encoding="utf-8") as counter:
                self.assertIn(f'{{ "{word}",', outside.read() + counter.read())

    def test_a_recorded_decision_becomes_a_scenario_without_the_person(self):
        gateway = Gateway(BUILD)
        self.addCleanup(gateway.close)
        gateway.staff()
        gateway.start()
        ids = []
        for index, finding in ((1, "genuine"), (2, "forged")):
            made = gateway.application(index, [gateway.upload(2 * index), gateway.upload(2 * index + 1)])
            made["customer"]["document"]["examined"] = finding
            status, data, _ = gateway.call("POST", "/v1/registrations", made)
            self.assertEqual(status, 201 if index == 1 else 422, data)
            ids.append(data["id"])
        gateway.stop()
        for index, id in enumerate(ids, 1):
            text = gateway.run("simulate", "from", id, "-c", gateway.config).stdout
            for secret in (f"测试人{index}号", f"示例路{index}号", f"示例单位{index}", f"+86139{index:08d}"):
                self.assertNotIn(secret, text)
            path = self.script(text, f"recorded_{index}.lua")
            simulate("--policies", "policies", path)
            verdict = "accepted" if index == 1 else "refused"
            self.assertIn(f'verdict = "{verdict}"', text)
            other = self.script(text.replace(f'verdict = "{verdict}"', 'verdict = "incomplete"'))
            self.assertIn("verdict: expected incomplete", simulate("--policies", "policies", other, ok=1).stdout)
        missing = gateway.run("simulate", "from", "01977d2e-0000-7000-8000-000000000000", "-c", gateway.config, ok=(2,))
        self.assertIn("there is no such registration", missing.stderr)


if __name__ == "__main__":
    unittest.main()
