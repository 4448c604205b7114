# SPDX-License-Identifier: Apache-2.0
"""The API as its users meet it: registrations, refusals, problems, access, repetition, roles."""
import json
import sys
import time
import unittest

from gateway import STACK, png, resident_number, wait_for
from openapi import Described

BUILD = sys.argv.pop(1)


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.g = Described(BUILD)
        cls.g.staff("S-9", "clerk")
        cls.auditor = cls.g.staff("A-1", "auditor")
        cls.admin = cls.g.staff("M-1", "admin")
        cls.dealer_staff = cls.g.staff("D-S", "clerk", dealer="D-17")
        cls.g.run("dealer", "add", "-c", cls.g.config, "D-17")
        cls.g.run("dealer", "add", "-c", cls.g.config, "D-18", "--from", "2020-01-01", "--to", "2099-12-31")
        cls.g.start()
        cls.g.describe()
        cls.next = 0

    @classmethod
    def tearDownClass(cls):
        code = cls.g.stop()
        log = cls.g.read_log()
        cls.g.close()
        assert code == 0, f"the gateway ended with {code}: {log[-3000:]}"

    def make(self, **more):
        """An application of a customer nobody else in this run is."""
        Api.next += 1
        pictures = [self.g.upload(Api.next * 2), self.g.upload(Api.next * 2 + 1)]
        return self.g.application(Api.next, pictures, **more)

    def register(self, application, wanted, **options):
        status, data, headers = self.g.call("POST", "/v1/registrations", application, **options)
        self.assertEqual(status, wanted, json.dumps(data, ensure_ascii=False)[:2000])
        return data

    def problem(self, body, code, pointer=None, status=400, path="/v1/registrations", **options):
        before = self.g.metric("shiming_store_units_total")
        got, data, headers = self.g.call("POST", path, body, **options)
        self.assertEqual(got, status, data)
        self.assertIn("application/problem+json", headers.get("Content-Type", ""))
        error = data["errors"][0]
        self.assertEqual(error["code"], code, data)
        if pointer is not None:
            self.assertEqual(error["pointer"], pointer, data)
        self.assertTrue(error["zh"] and error["en"])
        self.assertEqual(self.g.metric("shiming_store_units_total"), before, "something was recorded")

    def test_a_complete_application_is_accepted_and_shown_masked(self):
        made = self.make()
        data = self.register(made, 201)
        self.assertEqual(data["verdict"], "accepted")
        self.assertEqual([p["id"] for p in data["policies"]], list(STACK))
        self.assertEqual(data["begun"], data["on"])
        self.assertEqual({(c["service"], c["result"]) for c in data["checks"]},
                         {("public-security", "match"), ("face-comparison", "match")})
        status, record, _ = self.g.call("GET", f"/v1/registrations/{data['id']}")
        self.assertEqual(status, 200)
        shown = json.dumps(record, ensure_ascii=False)
        number = made["customer"]["document"]["number"]
        self.assertNotIn(number, shown)
        self.assertNotIn(made["customer"]["name"], shown)
        self.assertIn(number[:6] + "********" + number[-4:], shown)

    def test_clear_text_needs_a_purpose_and_a_role_and_leaves_a_trace(self):
        made = self.make()
        id = self.register(made, 201)["id"]
        purpose = {"X-Purpose": "inspection 2026/7"}
        self.assertEqual(self.g.call("GET", f"/v1/registrations/{id}", headers=purpose)[0], 403)
        before = self.g.metric("shiming_store_units_total")
        status, record, _ = self.g.call("GET", f"/v1/registrations/{id}", token=self.auditor, headers=purpose)
        self.assertEqual(status, 200)
        self.assertEqual(record["application"]["customer"]["name"], made["customer"]["name"])
        self.assertEqual(self.g.metric("shiming_store_units_total"), before + 1)

    def test_a_picture_is_shown_to_an_auditor_with_a_purpose_only(self):
        made = self.make()
        self.register(made, 201)
        id = made["evidence"][0]["id"]
        self.assertEqual(self.g.call("GET", f"/v1/evidence/{id}")[0], 403)
        self.assertEqual(self.g.call("GET", f"/v1/evidence/{id}", token=self.auditor)[0], 400)
        status, data, _ = self.g.call("GET", f"/v1/evidence/{id}", token=self.auditor, headers={"X-Purpose": "x"})
        self.assertEqual(status, 200)
        self.assertEqual(data, png(Api.next * 2))

    def test_search_finds_by_number_and_identity(self):
        made = self.make()
        id = self.register(made, 201)["id"]
        for body in ({"number": made["number"]}, {"identity": made["customer"]["document"]["number"]}):
            status, data, _ = self.g.call("POST", "/v1/registrations/search", body)
            self.assertEqual(status, 200)
            self.assertEqual([r["id"] for r in data["registrations"]], [id])
        data = self.g.call("POST", "/v1/registrations/search", {"number": "+8613000000000"})[1]
        self.assertEqual(data["registrations"], [])

    def test_the_same_key_gets_the_first_answer(self):
        made = self.make()
        key = {"Idempotency-Key": "counter-1/42"}
        first = self.register(made, 201, headers=key)
        again = self.register(made, 201, headers=key)
        self.assertEqual(first, again)
        other = dict(made, number="+8613988888888")
        status, data, _ = self.g.call("POST", "/v1/registrations", other, headers=key)
        self.assertEqual((status, data["errors"][0]["code"]), (422, "idempotency_key_reused"))
        found = self.g.call("POST", "/v1/registrations/search", {"number": made["number"]})[1]
        self.assertEqual(len(found["registrations"]), 1)

    def test_a_picture_belongs_to_one_registration(self):
        made = self.make()
        self.register(made, 201)
        self.problem(dict(made, number="+8613900009999"), "evidence_taken", "/evidence/0")

    def test_a_missing_portrait_is_asked_for_and_nothing_is_recorded(self):
        made = self.make()
        made["evidence"].pop()
        before = self.g.metric("shiming_store_units_total")
        data = self.register(made, 422)
        self.assertEqual(data["verdict"], "incomplete")
        self.assertTrue(any(n["rule"].startswith("cn-54/2018#9.2") for n in data["needs"]), data["needs"])
        # What would make it pass is just what is missing, and that the face, which nobody could compare yet, matches.
        self.assertEqual({(n["what"], "false", "true") for n in data["needs"]} | {("customer.face", None, "match")},
                         {(s["what"], s["from"], s["to"]) for s in data["to_pass"]})
        self.assertEqual(self.g.metric("shiming_store_units_total"), before)

    def test_a_sixth_mobile_number_is_refused_until_one_ends(self):
        holder = resident_number(900001)

        def with_number(**more):
            made = self.make(**more)
            made["customer"]["document"]["number"] = holder
            return made
        first = self.register(with_number(operation="mobile.transfer"), 201)["id"]
        for _ in range(3):
            self.register(with_number(), 201)
        # Neither a fixed line, nor a new card for a number there is, nor a refusal counts.
        self.register(with_number(operation="fixed.install", install_address="示例路9号"), 201)
        self.register(with_number(operation="mobile.replace"), 201)
        forged = with_number()
        forged["customer"]["document"]["examined"] = "forged"
        key = {"Idempotency-Key": "counter-1/43"}
        self.assertEqual(self.register(forged, 422, headers=key), self.register(forged, 422, headers=key))
        self.register(with_number(), 201)
        data = self.register(with_number(), 422)
        self.assertEqual([(r["what"], r["rule"]) for r in data["refusals"]],
                         [("numbers.too_many", "cn/2022-fraud#10.1")])
        self.assertIn("12300", data["refusals"][0]["zh"])
        self.register(with_number(operation="fixed.transfer", install_address="示例路9号"), 201)
        self.assertEqual(self.g.call("POST", f"/v1/registrations/{first}/termination",
                                     {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})[0], 200)
        self.register(with_number(), 201)
        self.register(with_number(), 422)

    def test_whoever_declines_a_comparison_of_faces_is_checked_otherwise(self):
        made = self.make()
        made["customer"]["declines_face"] = True
        data = self.register(made, 201)
        self.assertEqual([c["service"] for c in data["checks"]], ["public-security"])

    def test_a_forged_document_is_refused_recorded_and_reported(self):
        made = self.make()
        made["customer"]["document"]["examined"] = "forged"
        data = self.register(made, 422)
        self.assertEqual(data["verdict"], "refused")
        self.assertTrue(any(r["rule"].startswith("cn-54/2018#11") for r in data["refusals"]))
        self.assertIsNone(data["to_pass"]) # a forged document stays forged
        self.assertEqual(self.g.call("GET", f"/v1/registrations/{data['id']}")[0], 200)

        def reported():
            with open(self.g.dir + "/reports.jsonl", encoding="utf-8") as f:
                return [json.loads(line) for line in f if data["id"] in line]
        report = wait_for("the report", reported)[0]
        self.assertNotIn(made["customer"]["name"], json.dumps(report, ensure_ascii=False))
        # That it was sent is written down too; then nothing of this test is under way any more.
        wait_for("the end of the report", lambda: self.g.call("GET", "/v1/reports", token=self.admin)[1]["reports"] == [])

    def test_dealers_need_a_contract_in_force(self):
        made = self.make(channel={"kind": "dealer", "outlet": "LS-17", "dealer": "D-17", "disclosed": True})
        data = self.register(made, 422)
        self.assertTrue(any(r["rule"].startswith("cn-54/2018#15.1") for r in data["refusals"]), data)
        made = self.make(channel={"kind": "dealer", "outlet": "LS-18", "dealer": "D-18", "disclosed": True})
        self.register(made, 201)

    def test_a_dealers_staff_register_as_that_dealer(self):
        made = self.make(channel={"kind": "dealer", "dealer": "D-18", "disclosed": True})
        self.problem(made, "not_your_dealer", "/channel/dealer", token=self.dealer_staff)

    def test_a_decision_is_given_and_nothing_recorded(self):
        before = self.g.metric("shiming_store_units_total")
        status, data, _ = self.g.call("POST", "/v1/decisions", {"operation": "mobile.open"})
        self.assertEqual((status, data["verdict"]), (200, "incomplete"))
        self.assertEqual(self.g.metric("shiming_store_units_total"), before)

    def test_a_terminated_service_starts_the_retention_clock_once(self):
        id = self.register(self.make(), 201)["id"]
        path = f"/v1/registrations/{id}/termination"
        self.assertEqual(self.g.call("POST", path, {"at": "2999-01-01T00:00:00Z"})[0], 400)
        status, data, _ = self.g.call("POST", path, {"at": "2026-01-31T15:59:59Z"})
        self.assertEqual((status, data["retain_until"]), (200, "2028-01-31"))
        self.assertEqual(self.g.call("POST", path, {"at": "2026-02-01T00:00:00Z"})[0], 409)
        self.assertEqual(self.g.call("GET", f"/v1/registrations/{id}")[1]["retain_until"], "2028-01-31")

    def test_malformed_bodies_are_refused_with_their_place(self):
        good = self.make()
        self.problem(b'{"operation": }', "malformed_json", "")
        self.problem(b"", "malformed_json", "")
        self.problem(b'["a"]', "wrong_type", "")
        self.problem(b'{"operation":"mobile.open","operation":"mobile.open"}', "duplicate_name", "")
        self.problem(b'{"operation":"\xff"}', "malformed_json", "")
        self.problem(b'{"a":' * 1000 + b"1" + b"}" * 1000, "malformed_json", "")
        self.problem(json.dumps(good).encode()[:-20], "malformed_json", "")
        self.problem(b'{"operation":"mobile.open\\u0000"}', "malformed_json", "")
        self.problem({**good, "operation": 7}, "wrong_type", "/operation")
        self.problem({**good, "data": "yes"}, "wrong_type", "/data")
        self.problem({**good, "customer": []}, "wrong_type", "/customer")
        self.problem({**good, "users": {}}, "wrong_type", "/users")
        self.problem({**good, "number": "13989000001"}, "wrong_phone_number", "/number")
        self.problem({**good, "region": "lhasa"}, "wrong_region", "/region")
        self.problem(b"{" + b" " * 300000 + b"}", "too_large", status=413)

    def test_unknown_members_name_the_nearest_known_one(self):
        good = self.make()
        made = {**good, "custmer": {}}
        self.problem(made, "unknown_member", "/custmer")
        data = self.g.call("POST", "/v1/registrations", made)[1]
        self.assertIn("customer", data["errors"][0]["en"])
        self.problem({**good, "customer": {**good["customer"], "a/b~c": 1}}, "unknown_member", "/customer/a~1b~0c")
        self.register({**good, "extra": {"shop": ["anything", 1, True]}}, 201)

    def test_a_number_that_fails_its_check_digit_is_named(self):
        made = self.make()
        number = resident_number(1)
        made["customer"]["document"]["number"] = number[:-1] + ("0" if number[-1] != "0" else "1")
        got, data, _ = self.g.call("POST", "/v1/registrations", made)
        self.assertEqual((got, data["errors"][0]["pointer"]), (400, "/customer/document/number"))
        self.assertNotIn(number[:17], json.dumps(data))

    def test_several_mistakes_are_said_at_once(self):
        status, data, _ = self.g.call("POST", "/v1/registrations", {"operation": 1, "data": 2, "x": 3})
        self.assertEqual((status, len(data["errors"])), (400, 3))

    def test_a_picture_that_is_not_one_is_refused(self):
        for body in (b"", b"hello", png(3)[:-5], b"\xff\xd8\xff\xe0"):
            status, data, _ = self.g.call("POST", "/v1/evidence", body)
            self.assertEqual((status, data["errors"][0]["code"]), (415, "not_a_picture"))

    def test_the_same_picture_with_the_same_key_is_one_picture(self):
        key = {"Idempotency-Key": "photo-1"}
        self.assertEqual(self.g.upload(991, headers=key), self.g.upload(991, headers=key))

    def test_tokens_and_roles_are_asked_for(self):
        for token in ("", "nonsense", "smg_AAAA", "smg_" + "A" * 43):
            status, data, headers = self.g.call("GET", "/v1/readers", token=token or None if False else token)
            self.assertEqual(status, 401)
            self.assertEqual(headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(self.g.call("POST", "/v1/registrations", {}, token=self.auditor)[0], 403)
        self.assertEqual(self.g.call("GET", "/v1/audit/checkpoint")[0], 403)
        self.assertEqual(self.g.call("GET", "/v1/audit/checkpoint", token=self.admin)[0], 200)

    def test_unknown_paths_and_methods_say_so(self):
        self.assertEqual(self.g.call("GET", "/v2/registrations")[0], 404)
        status, _, headers = self.g.call("DELETE", "/v1/registrations")
        self.assertEqual((status, headers["Allow"]), (405, "POST"))
        self.assertEqual(self.g.call("GET", "/v1/registrations/not-an-id")[0], 404)

    def test_policies_are_shown_with_their_hash_and_text(self):
        data = self.g.call("GET", "/v1/policies")[1]
        self.assertEqual([p["id"] for p in data["stack"]], list(STACK))
        tibet = data["stack"][-1]
        self.assertTrue(tibet["hash"].startswith("sha256:"))
        self.assertEqual((tibet["published"], tibet["from"], tibet["pending"], tibet["repeals"]),
                         ("2017-12-05", "2018-01-01", "decided", "cn-54/2011"))
        status, text, _ = self.g.call("GET", "/v1/policies/cn-54/2018")
        with open("policies/cn-54/2018.lua", "rb") as f:
            self.assertEqual((status, text), (200, f.read()))

    def test_every_route_is_described(self):
        paths = self.g.call("GET", "/openapi.json", token="")[1]["paths"]
        for path, methods in paths.items():
            for method in methods:
                concrete = path.replace("{id}", "0190163d-8694-739b-aea5-966c26f8ad91").replace("{name}", "x")
                concrete = concrete.replace("{regulation}", "cn-54/2018")
                status = self.g.call(method.upper(), concrete, token="")[0]
                self.assertIn(status, (200, 204, 401), (method, path))

    def test_zz_the_audit_log_is_whole(self):
        self.assertTrue(json.loads(self.g.audit().stdout)["whole"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
