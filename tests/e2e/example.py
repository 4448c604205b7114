# SPDX-License-Identifier: Apache-2.0
"""Every group of a diff, and every counterexample of a proof, comes with an application that `decide` takes as it stands: it is decided
as the group says, before and after; and it breaks the property. A gateway takes it once its pictures are there. example.py BUILD"""
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from gateway import Gateway

program = os.path.join(sys.argv[1], "bin", "shiming")
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


def a_gateway_decides_it_too():
    """What a clerk can type: the same verdict and needs as `decide` says, with the real ids of pictures put in."""
    wanted = [["customer.document.type=household_register"],
              ["customer.document.origin=typed", "customer.document.validity=expired"],
              ["customer.document.origin=typed", "customer.minor=true"],
              ["customer.kind=organisation", "handler.document.origin=typed", "organisation.document.examined=forged"],
              ["operation=unknown", "customer.document.type=none", "evidence.portrait.customer=false"]]
    today = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=8)).date().isoformat()
    gateway = Gateway(sys.argv[1])
    try:
        gateway.staff()
        gateway.start()
        for facts in wanted:
            made = subprocess.run([program, "policy", "example", "--on", today, "--region", "540102", *facts], capture_output=True, text=True)
            assert made.returncode == 0, made.stderr
            command = made.stderr.splitlines()[0].split()
            answers = command[command.index("--answers") + 1] if "--answers" in command else ""
            application = json.loads(made.stdout)
            told = decide(OLD, today, {"application": application, "answers": answers})
            for picture in application.get("evidence", []):
                picture["id"] = gateway.upload(1 + len(picture["of"]))
            status, answer, _ = gateway.call("POST", "/v1/decisions", application)
            assert status == 200, f"{facts}: {answer}"
            assert answer["verdict"] == told["verdict"], f"{facts}: {answer}"
            assert [need["what"] for need in answer["needs"]] == [need["what"] for need in told["needs"]], f"{facts}: {answer} {told}"
        gateway.stop()
    finally:
        gateway.close()


count = every_group_is_decided_as_it_says()
a_counterexample_is_one()
a_gateway_decides_it_too()
print(f"{count} groups, each with an application")
