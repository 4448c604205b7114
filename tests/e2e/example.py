# SPDX-License-Identifier: Apache-2.0
"""Every group of a diff, and every counterexample of a proof, comes with an application that `decide` takes as it stands: it is decided
as the group says, before and after; and it breaks the property. example.py PROGRAM"""
import json
import pathlib
import subprocess
import sys
import tempfile

program = sys.argv[1]
OLD, NEW = "policies", "examples/cn-54-draft:policies"


def run(*words, text=None):
    done = subprocess.run([program, *words], input=text, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def decide(policies, on, it):
    answers = ["--answers", it["answers"]] if it["answers"] else []
    return run("decide", "--policies", policies, "--on", on, *answers, "-", text=json.dumps(it["application"]))


def says(decision, group):
    """Is the group's effect among those of its rule?"""
    members = {"need": "needs", "refuse": "refusals", "report": "reports", "oblige": "obligations", "warn": "warnings"}
    return any(effect["rule"] == group["rule"] and effect.get("what", effect.get("to")) in (group["what"], group.get("to"))
               or effect["rule"] == group["rule"] and effect.get("kind") == group["what"]
               for effect in decision.get(members[group["kind"]], []))


def every_group_is_decided_as_it_says():
    diff = run("policy", "diff", OLD, NEW, "--json")
    known = [group for group in diff["groups"] if "example" in group]
    assert len(known) > 20
    for group in known:
        it = group["example"]
        assert "application" in it, f"{group['rule']} {group['what']}: no application"
        before, after = decide(OLD, diff["old"]["on"], it), decide(NEW, diff["new"]["on"], it)
        where = f"{group['change']} {group['rule']} {group['kind']} {group['what']}: {json.dumps(it['application'], ensure_ascii=False)}"
        assert before["verdict"] == it["old"] and after["verdict"] == it["new"], where
        if group["kind"] != "ask":
            assert says(before, group) == (group["change"] == "removed"), where
            assert says(after, group) == (group["change"] == "added"), where
    return len(known)


def a_counterexample_is_one():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "wrong.lua")
        path.write_text('never "a minor is accepted" { zh = "未成年人不得办理",\n'
                        '  when = function(case, decision) return case.customer.minor and decision.verdict == "accepted" end }\n',
                        encoding="utf-8")
        proofs = run("policy", "prove", str(path), "--json")
    it = proofs["properties"][0]["counterexample"]
    decision = decide(OLD, proofs["of"]["on"], it)
    assert decision["verdict"] == "accepted" == it["verdict"]


count = every_group_is_decided_as_it_says()
a_counterexample_is_one()
print(f"{count} groups, each with an application")
