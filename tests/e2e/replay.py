# SPDX-License-Identifier: Apache-2.0
"""Replay: what a gateway decided is decided again by its own texts, and by a draft; what was altered is named; nothing
of a person comes out."""
import datetime
import html.parser
import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

from gateway import ROOT, STACK, Gateway, wait_for

BUILD = sys.argv.pop(1)
# The made-up revision on top of what the gateway decides by, on a day on which it is in force.
DRAFT = ("--policy", f"{ROOT}/examples/cn-54-draft:{ROOT}/policies", "--on", "2027-06-01",
         *(word for id in [*STACK, "cn-54/2027"] for word in ("-p", id)))


def sanitized():
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as f:
        return re.search(r"^SHIMING_SANITIZE:\w+=\S", f.read(), re.M) is not None


class Page(html.parser.HTMLParser):
    """Every element is closed in its order; pictures are XML; nothing is fetched."""
    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.words, self.seen = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        assert tag not in ("script", "link", "img", "iframe"), tag
        assert not any(name in ("src", "href") or name.startswith("on") for name, _ in attrs), attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)


def read_page(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, page.open
    for picture in re.findall(r"<svg.*?</svg>", text, re.S):
        xml.etree.ElementTree.fromstring(picture)
    return text, page


class Replay(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="shiming-replay-")
        self.folder = os.path.join(self.top, "policies")
        shutil.copytree(os.path.join(ROOT, "policies"), self.folder)
        self.g = Gateway(BUILD)
        with open(self.g.config, encoding="utf-8") as f:
            text = f.read()
        with open(self.g.config, "w", encoding="utf-8") as f:
            f.write(text.replace(f"{ROOT}/policies", self.folder))
        self.g.staff()
        self.dealer_staff = self.g.staff("D-S", "clerk", dealer="D-18")
        self.g.run("dealer", "add", "-c", self.g.config, "D-18", "--from", "2020-01-01", "--to", "2099-12-31")
        self.g.start()
        self.made, self.ids = [], {}
        self.register_everybody()

    def tearDown(self):
        self.g.stop()
        self.g.close()
        shutil.rmtree(self.top, ignore_errors=True)

    def register(self, kind, wanted, change=None, token=None):
        index = len(self.made) + 1
        pictures = [self.g.upload(4 * index + i) for i in range(4)]
        made = self.g.application(index, pictures)
        if change is not None:
            change(made, pictures)
        status, data, _ = self.g.call("POST", "/v1/registrations", made, token=token)
        assert status == wanted, (kind, status, json.dumps(data, ensure_ascii=False)[:2000])
        self.made.append(made)
        self.ids.setdefault(kind, []).append(data["id"])
        return data

    def register_everybody(self):
        today = datetime.date.today()

        def forged(made, _):
            made["customer"]["document"]["examined"] = "forged"

        def temporary(made, _):
            made["customer"]["document"].update(type="temporary_resident_id", valid_from=str(today - datetime.timedelta(10)),
                                                valid_to=str(today + datetime.timedelta(60)))

        def minor(made, pictures):
            number = made["customer"]["document"]["number"]
            body = number[:6] + str(today.year - 10) + number[10:17]
            weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
            body += "10X98765432"[sum(w * int(c) for w, c in zip(weights, body)) % 11]
            made["customer"]["document"]["number"] = body
            made["guardian"] = {"present": True, "name": "某监护人", "document": dict(
                made["customer"]["document"], number=number)}
            made["household_register"] = {"number": "测试簿"}
            made["evidence"] += [{"kind": "document_photo", "of": "guardian", "id": pictures[2]},
                                 {"kind": "portrait", "of": "guardian", "id": pictures[3]}]

        def at_dealer(made, _):
            made["channel"] = {"kind": "dealer", "outlet": "LS-18", "dealer": "D-18", "disclosed": True}

        for _ in range(3):
            self.register("adult", 201)
        for _ in range(2):
            self.register("dealer", 201, at_dealer, token=self.dealer_staff)
        self.register("forged", 422, forged)
        self.register("temporary", 201, temporary)
        self.register("minor", 201, minor)
        self.all = [id for ids in self.ids.values() for id in ids]

    def replay(self, *words, ok, **options):
        done = self.g.run("policy", "replay", "-c", self.g.config, *words, ok=ok, **options)
        self.assertEqual(done.stderr, "", "a progress bar where nobody looks")
        return done.stdout

    def replay_json(self, *words, ok):
        return json.loads(self.replay("--json", *words, ok=ok))

    def assert_nobody(self, text):
        """Names, numbers, units and addresses of everybody registered: none is there."""
        for made in self.made:
            person = made["customer"]
            for mark in (person["name"], person["document"]["number"], person["document"]["address"],
                         person["work_unit"], made["number"], made["number"][3:], "某监护人", "测试簿"):
                self.assertNotIn(mark, text)

    def test_own_texts_decide_as_they_did(self):
        said = self.replay_json(ok=(0,))
        self.assertEqual((said["cases"], said["same"], said["alarms"]), (8, 8, []))
        self.assertEqual({d["dealer"]: d["cases"] for d in said["dealers"]}, {"": 6, "D-18": 2})
        ready = self.g.call("GET", "/readyz", token="")[1]
        self.assertEqual([s["set"] for s in said["sets"]], [ready["set"]])
        self.assertIn("8  the same", self.replay(ok=(0,)))

    def test_a_draft_changes_what_it_must_and_nothing_else(self):
        page = os.path.join(self.top, "page.html")
        said = self.replay_json(*DRAFT, "--html", page, ok=(1,))
        self.assertEqual((said["cases"], said["same"], said["cited_otherwise"], said["changed"], said["undecided"]),
                         (8, 0, 6, 1, 1))
        self.assertEqual([(v["verdict"], v["changed"], v["examples"]) for v in said["verdicts"]],
                         [("accepted -> incomplete", 1, self.ids["temporary"])])
        self.assertEqual([(r["rule"], r["changed"]) for r in said["rules"]], [("cn-54/2027#7", 1)])
        self.assertEqual([(e["effect"], e["facts"]["customer.document.type"]) for e in said["effects"]],
                         [("cn-54/2027#7 + need customer.document.accepted", "temporary_resident_id")])
        self.assertEqual([(m["fact"], m["cases"], m["examples"]) for m in said["missing"]],
                         [("customer.self_supporting", 1, self.ids["minor"])])
        self.assertEqual({d["dealer"]: d["changed"] for d in said["dealers"]}, {"": 1, "D-18": 0})
        text, parsed = read_page(page)
        self.assertTrue({"svg", "table", "rect"} <= parsed.seen)
        self.assertIn(self.ids["temporary"][0], text)
        self.assertIn("重判报告", text)
        self.assert_nobody(text)
        self.assert_nobody(json.dumps(said, ensure_ascii=False))
        self.assert_nobody(self.replay(*DRAFT, ok=(1,)))

    def test_a_dealer_is_named_where_its_cases_change(self):
        draft = os.path.join(self.top, "draft")
        os.makedirs(os.path.join(draft, "cn-54"))
        with open(os.path.join(self.folder, "cn-54", "2018.lua"), encoding="utf-8") as f:
            text = f.read()
        with open(os.path.join(draft, "cn-54", "2018.lua"), "w", encoding="utf-8") as f:
            f.write(text + '\nrule "15/chip" { zh = "读卡", en = "cards are read", check = function(case)\n'
                    '  if case.channel.kind == "dealer" and case.customer.document.chip ~= "verified" then\n'
                    '    need "customer.document.chip"\n  end\nend }\n')
        said = self.replay_json("--policy", f"{draft}:{self.folder}", ok=(1,))
        self.assertEqual((said["changed"], said["same"], said["cited_otherwise"]), (2, 6, 0))
        self.assertEqual({d["dealer"]: d["changed"] for d in said["dealers"]}, {"": 0, "D-18": 2})
        self.assertEqual(said["rules"][0]["rule"], "cn-54/2018#15/chip")
        self.assertEqual(sorted(said["rules"][0]["examples"]), sorted(self.ids["dealer"]))
        said = self.replay_json("--policy", self.folder, ok=(0,))
        self.assertEqual((said["same"], said["changed"]), (8, 0))

    def test_a_terminal_sees_how_far_it_is(self):
        ours, theirs = pty.openpty()
        done = subprocess.run([self.g.shiming, "policy", "replay", "-c", self.g.config], stdout=subprocess.PIPE, stderr=theirs,
                              text=True, check=True)
        os.close(theirs)
        drawn = os.read(ours, 4096).decode()
        os.close(ours)
        self.assertRegex(drawn, r"\[#{30}\] 100 %  8 cases")
        self.assertNotIn("%", done.stdout)

    def test_days_bound_what_is_decided_again(self):
        self.assertEqual(self.replay_json("--to", "2020-01-01", ok=(0,))["cases"], 0)
        self.assertEqual(self.replay_json("--from", "2020-01-01", ok=(0,))["cases"], 8)
        self.g.run("policy", "replay", "-c", self.g.config, "--from", "soon", ok=(2,))
        self.g.run("policy", "replay", "-c", self.g.config, "--on", "2027-01-01", ok=(2,))
        self.g.run("policy", "replay", ok=(2,))

    def test_texts_are_in_the_archive_before_they_decide(self):
        before = self.g.call("GET", "/readyz", token="")[1]["set"]
        with open(os.path.join(self.folder, "cn-54", "2018.lua"), "a", encoding="utf-8") as f:
            f.write("\n-- one more line\n")
        self.g.process.send_signal(signal.SIGHUP)
        wait_for("the new texts", lambda: self.g.call("GET", "/readyz", token="")[1]["set"] != before)
        after = self.g.call("GET", "/readyz", token="")[1]["set"]
        data = self.register("adult", 201)
        self.g.kill()
        said = self.replay_json(ok=(0,))
        self.assertEqual({s["set"]: s["cases"] for s in said["sets"]}, {before: 8, after: 1})
        self.assertEqual(said["same"], 9)
        self.assertEqual(data["set"], after)

    def test_what_was_altered_is_named(self):
        db = sqlite3.connect(os.path.join(self.g.dir, "shiming.db"))
        rows = {k.hex(): v for k, v in db.execute('SELECT k, v FROM "case"')}
        victims = [self.ids["forged"][0], self.ids["adult"][0]]
        keys = [id.replace("-", "") for id in victims]
        altered = bytearray(rows[keys[0]])
        altered[-1] ^= 1
        db.execute('UPDATE "case" SET v = ? WHERE k = ?', (bytes(altered), bytes.fromhex(keys[0])))
        db.execute('UPDATE "case" SET v = ? WHERE k = ?', (rows[self.ids["adult"][1].replace("-", "")],
                                                          bytes.fromhex(keys[1])))
        db.commit()
        page = os.path.join(self.top, "alarms.html")
        said = self.replay_json("--html", page, ok=(1,))
        self.assertEqual(sorted(a["id"] for a in said["alarms"]), sorted(victims))
        self.assertEqual((said["alarmed"], said["same"]), (2, 6))
        text = self.replay(ok=(1,))
        for id in victims:
            self.assertIn(f"ALARM {id}: ", text)
            self.assertIn(id, read_page(page)[0])
        erased = self.ids["adult"][2]
        with db:
            db.execute('DELETE FROM "case" WHERE k = ?', (bytes.fromhex(erased.replace("-", "")),))
        self.assertIn(f"ALARM {erased}: its case is missing", self.replay(ok=(1,)))
        with db:
            db.execute('UPDATE "policy" SET v = CAST(v || x\'0a\' AS BLOB) WHERE CAST(k AS TEXT) LIKE \'text/%\'')
        said = self.replay_json(ok=(1,))
        self.assertEqual(said["alarmed"], 8)
        self.assertTrue(any("not the one it was" in a["what"] for a in said["alarms"]))
        db.close()


class Many(unittest.TestCase):
    """A store of many cases in little memory."""

    def test_memory_stays_small_whatever_the_number_of_cases(self):
        count = 1000000 if "SHIMING_LONG" in os.environ else 5000 if sanitized() else 100000
        g = Gateway(BUILD)
        try:
            g.run("bench", "fill", "-c", g.config, "--cases", str(count))
            # One more process between, so that the peak is of this child alone.
            measure = ("import json, resource, subprocess, sys\n"
                       "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
                       "print(json.dumps([done.returncode, done.stdout, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))\n")
            for words in ([], DRAFT):
                done = subprocess.run([sys.executable, "-c", measure, g.shiming, "policy", "replay", "-c", g.config, "--json",
                                       *words], capture_output=True, text=True, check=True)
                code, text, kib = json.loads(done.stdout)
                said = json.loads(text)
                self.assertEqual(said["cases"], count)
                self.assertEqual(code, 1 if said["changed"] + said["undecided"] > 0 else 0)
                self.assertEqual(said["alarmed"], 0)
                if words:
                    self.assertEqual(said["same"] + said["cited_otherwise"] + said["changed"] + said["undecided"], count)
                else:
                    self.assertEqual(said["same"], count)
                if not sanitized():
                    self.assertLess(kib, 64 * 1024)
        finally:
            g.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
