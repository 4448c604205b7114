# SPDX-License-Identifier: Apache-2.0
"""Pictures as they arrive: in pieces over links that break, twice, at the wrong place, or not at all."""
import hashlib
import http.client
import json
import sys
import threading
import unittest

from gateway import png
from openapi import Described

BUILD = sys.argv.pop(1)
UPLOADS = "/v1/evidence/uploads"
PIECE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


class Evidence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.g = Described(BUILD, extra="limits: { evidence: 1MiB }")
        cls.g.staff("S-9", "clerk")
        cls.other = cls.g.staff("S-8", "clerk")
        cls.auditor = cls.g.staff("A-1", "auditor")
        cls.g.start()
        cls.g.describe()
        cls.next = 0

    @classmethod
    def tearDownClass(cls):
        code = cls.g.stop()
        log = cls.g.read_log()
        cls.g.close()
        assert code == 0, f"the gateway ended with {code}: {log[-3000:]}"

    def begin(self, length, **headers):
        status, data, answered = self.g.call("POST", UPLOADS, headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(length), **headers})
        self.assertEqual((status, data.get("offset"), answered.get("Upload-Offset")), (201, 0, "0"), data)
        self.assertEqual(answered["Location"], f"{UPLOADS}/{data['id']}")
        self.assertTrue(answered["Upload-Expires"].endswith(" GMT"))
        return answered["Location"]

    def add(self, place, offset, piece, **options):
        return self.g.call("PATCH", place, piece, headers={**PIECE, "Upload-Offset": str(offset)}, **options)

    def problem(self, answer, status, code):
        self.assertEqual((answer[0], answer[1]["errors"][0]["code"]), (status, code), answer[1])

    def send(self, picture, pieces):
        """The picture in so many pieces; where it lies, and what is said of it."""
        place, step = self.begin(len(picture)), -(-len(picture) // pieces)
        for offset in range(0, len(picture), step):
            status, _, headers = self.add(place, offset, picture[offset:offset + step])
            self.assertEqual((status, headers["Upload-Offset"]), (204, str(min(offset + step, len(picture)))))
        status, data, _ = self.g.call("GET", place)
        self.assertEqual((status, data["offset"], data["length"]), (200, len(picture), len(picture)))
        return place, data["evidence"]

    def test_pieces_become_the_picture_that_was_sent(self):
        picture = png(501)
        for pieces in (1, 2, 7):
            _, evidence = self.send(picture, pieces)
            self.assertEqual((evidence["sha256"], evidence["width"]), (hashlib.sha256(picture).hexdigest(), 32))
            status, data, _ = self.g.call("GET", f"/v1/evidence/{evidence['id']}", token=self.auditor, headers={"X-Purpose": "x"})
            self.assertEqual((status, data), (200, picture))

    def test_a_client_that_lost_an_answer_asks_and_goes_on(self):
        picture = png(502)
        place = self.begin(len(picture))
        self.assertEqual(self.add(place, 0, picture[:100])[0], 204)
        self.problem(self.add(place, 0, picture[:100]), 409, "wrong_offset")
        status, body, headers = self.g.call("HEAD", place)
        self.assertEqual((status, body, headers["Upload-Offset"], headers["Upload-Length"]), (200, b"", "100", str(len(picture))))
        self.assertEqual(self.add(place, 100, picture[100:])[0], 204)
        headers = self.g.call("HEAD", place)[2]
        self.assertEqual(headers["Upload-Offset"], str(len(picture)))

    def test_a_piece_that_was_cut_off_leaves_nothing_of_itself(self):
        picture = png(503)
        place = self.begin(len(picture))
        connection = self.g.connect()
        connection.putrequest("PATCH", place)
        for name, value in {**PIECE, "Upload-Offset": "0", "Content-Length": "200", "Authorization": f"Bearer {self.g.token}"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(picture[:120])
        connection.close()
        self.assertEqual(self.g.call("GET", place)[1]["offset"], 0)
        self.assertEqual(self.add(place, 0, picture)[0], 204)

    def test_an_upload_goes_on_after_a_crash(self):
        picture = png(504)
        place = self.begin(len(picture))
        self.add(place, 0, picture[:200])
        self.g.kill()
        self.g.start()
        self.assertEqual(self.g.call("GET", place)[1]["offset"], 200)
        self.assertEqual(self.add(place, 200, picture[200:])[0], 204)

    def test_of_two_pieces_for_one_place_one_is_kept(self):
        picture = png(505)
        place = self.begin(len(picture))
        answers = []
        senders = [threading.Thread(target=lambda: answers.append(self.add(place, 0, picture[:150])[0]), daemon=True)
                   for _ in range(8)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.assertEqual(sorted(answers), [204] + [409] * 7)
        self.assertEqual(self.add(place, 150, picture[150:])[0], 204)

    def test_what_is_no_picture_is_not_kept(self):
        place = self.begin(300)
        self.add(place, 0, b"\x89PNG" + b"x" * 196)
        self.problem(self.add(place, 200, b"x" * 100), 415, "not_a_picture")
        self.problem(self.g.call("GET", place), 404, "not_found")

    def test_limits_are_said(self):
        self.problem(self.g.call("POST", UPLOADS, headers={"Upload-Length": str((1 << 20) + 1)}), 413, "too_large")
        for wrong in ("", "-1", "0", "many", "99999999999999999999"):
            self.problem(self.g.call("POST", UPLOADS, headers={"Upload-Length": wrong}), 400, "wrong_length")
        self.problem(self.g.call("POST", UPLOADS, headers={"Tus-Resumable": "0.2.2", "Upload-Length": "9"}), 412, "wrong_version")
        place = self.begin(100)
        self.problem(self.add(place, 0, b"x" * 101), 413, "too_large")
        self.problem(self.g.call("PATCH", place, b"x", headers={"Upload-Offset": "0", "Content-Type": "image/png"}), 415, "wrong_type")
        self.problem(self.g.call("PATCH", place, b"x", headers={"Content-Type": PIECE["Content-Type"]}), 400, "wrong_offset")
        place = self.begin(1000)
        for offset in range(512):
            self.assertEqual(self.add(place, offset, b"x")[0], 204)
        self.problem(self.add(place, 512, b"x"), 400, "pieces_too_small")
        status, _, headers = self.g.call("OPTIONS", UPLOADS, token="")
        self.assertEqual((status, headers["Tus-Version"], headers["Tus-Max-Size"]), (204, "1.0.0", str(1 << 20)))

    def test_an_upload_is_its_senders_alone(self):
        place = self.begin(100)
        for method in ("GET", "DELETE"):
            self.problem(self.g.call(method, place, token=self.other), 404, "not_found")
        self.problem(self.add(place, 0, b"x", token=self.other), 404, "not_found")
        self.assertEqual(self.g.call("GET", place, token=self.auditor)[0], 403)

    def test_an_upload_that_is_given_up_is_gone(self):
        place = self.begin(100)
        self.add(place, 0, b"x" * 50)
        self.assertEqual(self.g.call("DELETE", place)[0], 204)
        self.problem(self.g.call("GET", place), 404, "not_found")

    def test_the_same_key_begins_one_upload(self):
        key = {"Idempotency-Key": "upload-1"}
        self.assertEqual(self.begin(77, **key), self.begin(77, **key))
        self.problem(self.g.call("POST", UPLOADS, headers={"Upload-Length": "78", **key}), 422, "idempotency_key_reused")

    def register(self, pictures, index):
        status, data, _ = self.g.call("POST", "/v1/registrations", self.g.application(index, pictures))
        self.assertEqual(status, 201, json.dumps(data, ensure_ascii=False)[:2000])
        record = self.g.call("GET", f"/v1/registrations/{data['id']}")[1]["application"]
        return [(p["kind"], p["of"], p["id"]) for p in record["pictures"].values()]

    def test_an_uploaded_picture_is_evidence_like_any_other_and_the_record_names_it(self):
        document, portrait = self.send(png(506), 3)[1]["id"], self.g.upload(507)
        self.assertEqual(self.register([document, portrait], 901),
                         [("document_photo", "customer", document), ("portrait", "customer", portrait)])

    def test_a_picture_handed_in_twice_for_one_registration_is_kept_once(self):
        first, again = self.g.upload(508), self.g.upload(508)
        self.assertNotEqual(first, again)
        self.assertEqual([p[2] for p in self.register([first, again], 902)], [first, first])
        purpose = {"token": self.auditor, "headers": {"X-Purpose": "x"}}
        self.assertEqual(self.g.call("GET", f"/v1/evidence/{first}", **purpose)[0], 200)
        self.assertEqual(self.g.call("GET", f"/v1/evidence/{again}", **purpose)[0], 404)

    def test_two_registrations_never_share_a_picture(self):
        ids = [self.g.upload(509) for _ in range(2)]
        for n, id in enumerate(ids):
            self.assertEqual(self.register([id, self.g.upload(510 + n)], 903 + n)[0][2], id)


if __name__ == "__main__":
    unittest.main(verbosity=1)
