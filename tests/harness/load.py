# SPDX-License-Identifier: Apache-2.0
"""Clients that register until told to stop, and remember what they were told: the other side of the promise."""
import http.client
import threading

from gateway import png


class Stopped(Exception):
    """A client was told to stop before it was answered."""


class Patience:
    """Asks until it is answered for good, each time with the same key and, where a balancer chooses, at another gateway."""

    def __init__(self):
        self.stopping = threading.Event()
        self.repeats = 0

    def ask(self, g, path, body, key, connection):
        """(answer, connection). The connection may be None, and may be another one afterwards."""
        while not self.stopping.is_set():
            try:
                connection = connection or g.connect()
                answer = g.call("POST", path, body, headers={"Idempotency-Key": key}, connection=connection)
                if answer[0] not in (503, 507):
                    return answer, connection
            except (OSError, http.client.HTTPException):
                pass
            if connection is not None:
                connection.close()
            connection = None
            self.repeats += 1
            self.stopping.wait(0.02)
        raise Stopped


class Load:
    """16 clients, each with one connection; every registration has its own key, pictures and person. pace: seconds a
    client rests after each."""

    def __init__(self, gateway, auditor, clients=16, pace=0):
        self.g, self.auditor, self.clients, self.pace = gateway, auditor, clients, pace
        self.index = 0
        self.lock = threading.Lock()
        self.acknowledged = {}  # key -> (application, id)
        self.unknown = {}       # key -> application: sent, not answered
        self.errors = []
        self.stopping = threading.Event()
        self.threads = []

    def take(self):
        with self.lock:
            self.index += 1
            return self.index

    def deposit(self, connection):
        index = self.take()
        return index, [self.g.upload(index * 2 + n, connection) for n in range(2)]

    def register(self, index, pictures, connection):
        made, key = self.g.application(index, pictures), f"load-{index}"
        with self.lock:
            self.unknown[key] = made
        status, data, _ = self.g.call("POST", "/v1/registrations", made, headers={"Idempotency-Key": key},
                                      connection=connection)
        with self.lock:
            if status == 201:
                del self.unknown[key]
                self.acknowledged[key] = (made, data["id"])
            elif status not in (503, 507):
                self.errors.append((status, data))
        return status

    def client(self):
        connection = self.g.connect()
        while not self.stopping.is_set():
            try:
                self.register(*self.deposit(connection), connection)
                self.stopping.wait(self.pace)
            except (OSError, http.client.HTTPException, AssertionError):
                connection.close()
                if self.stopping.wait(0.005):
                    break
                connection = self.g.connect()
        connection.close()

    def start(self):
        self.stopping.clear()
        self.threads = [threading.Thread(target=self.client, daemon=True) for _ in range(self.clients)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def verify(self, keys=None):
        """Every acknowledged registration is there, whole, with its pictures; every unanswered one, asked again with
        its key, is registered exactly once. Returns what is wrong."""
        wrong = []
        connection = self.g.connect()
        for key in list(self.acknowledged if keys is None else keys):
            made, id = self.acknowledged[key]
            status, record, _ = self.g.call("GET", f"/v1/registrations/{id}", connection=connection)
            if status != 200:
                wrong.append(f"{key}: acknowledged, now {status}")
                continue
            for n, picture in enumerate(made["evidence"]):
                status, data, _ = self.g.call("GET", f"/v1/evidence/{picture['id']}", token=self.auditor,
                                              headers={"X-Purpose": "test"}, connection=connection)
                if status != 200 or data != png(int(key.split("-")[1]) * 2 + n):
                    wrong.append(f"{key}: picture {n} is {status}")
        for key, made in list(self.unknown.items()):
            status, data, _ = self.g.call("POST", "/v1/registrations", made, headers={"Idempotency-Key": key},
                                          connection=connection)
            again = self.g.call("POST", "/v1/registrations", made, headers={"Idempotency-Key": key},
                                connection=connection)
            if status == 400 and data["errors"][0]["code"] == "no_such_evidence":
                del self.unknown[key]  # the picture's own upload was not acknowledged to be kept after a cut
                wrong.append(f"{key}: a picture that was acknowledged is gone")
                continue
            if status != 201 or again[1] != data:
                wrong.append(f"{key}: asked again: {status} {str(data)[:300]}")
                continue
            found = self.g.call("POST", "/v1/registrations/search", {"number": made["number"]},
                                connection=connection)[1]["registrations"]
            if [r["id"] for r in found] != [data["id"]]:
                wrong.append(f"{key}: registered {len(found)} times")
            del self.unknown[key]
            self.acknowledged[key] = (made, data["id"])
        connection.close()
        return wrong
