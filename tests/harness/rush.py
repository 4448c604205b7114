# SPDX-License-Identifier: Apache-2.0
"""Many clients at several gateways at once, all after the same few people's numbers: what limits must withstand."""
import collections
import queue
import threading

from gateway import png, resident_number
from load import Patience

NUMBERS = 10
FIVE = 5  # the rules let a person hold so many


class Rush:
    """Every person is given NUMBERS numbers, all at once, by whatever gateway; each request is repeated with its own
    key until it is answered for good."""

    def __init__(self, gateways, persons, clients, first=0):
        self.gateways = gateways
        self.persons = range(first, first + persons)
        self.work = queue.SimpleQueue()
        for person in self.persons:
            for number in range(NUMBERS):
                self.work.put((person, number))
        self.lock = threading.Lock()
        self.given = collections.defaultdict(dict)    # person -> id -> number
        self.refused = collections.Counter()
        self.patience = Patience()
        self.errors = []
        self.threads = [threading.Thread(target=self.client, args=(gateways[i % len(gateways)],), daemon=True)
                        for i in range(clients * len(gateways))]

    def run(self):
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()
        assert not self.errors, self.errors[:3]

    def application(self, g, person, number, pictures):
        made = g.application(person, pictures, number=f"+86138{person * NUMBERS + number:08d}")
        made["customer"]["document"]["number"] = self.identity(person)
        return made

    @staticmethod
    def identity(person):
        return resident_number(person)

    def one(self, g, person, number, connection):
        pictures = []
        for n in range(2):
            (status, data, _), connection = self.patience.ask(
                g, "/v1/evidence", self.picture(person, number, n), f"p-{person}-{number}-{n}", connection)
            assert status == 201, (status, data)
            pictures.append(data["id"])
        made = self.application(g, person, number, pictures)
        (status, data, _), connection = self.patience.ask(g, "/v1/registrations", made, f"r-{person}-{number}",
                                                          connection)
        with self.lock:
            if status == 201:
                self.given[person][data["id"]] = made["number"]
            elif status == 422 and [r["what"] for r in data["refusals"]] == ["numbers.too_many"]:
                self.refused[person] += 1
            else:
                self.errors.append((status, data))
        return connection

    @staticmethod
    def picture(person, number, n):
        return png((person * NUMBERS + number) * 2 + n)

    def client(self, g):
        connection = None
        while True:
            try:
                person, number = self.work.get_nowait()
            except queue.Empty:
                break
            try:
                connection = self.one(g, person, number, connection)
            except Exception as error:  # pylint: disable=broad-except
                with self.lock:
                    self.errors.append(repr(error))
        if connection is not None:
            connection.close()


def expect_five(gateways, rush):
    """What clients were told, what is stored, and what an eleventh try says are the same: five."""
    for person in rush.persons:
        assert len(rush.given[person]) == FIVE and rush.refused[person] == NUMBERS - FIVE, \
            f"person {person}: {len(rush.given[person])} given, {rush.refused[person]} refused"
    some = list(rush.persons)[:10]
    for i, person in enumerate(some):
        g = gateways[i % len(gateways)]
        found = g.call("POST", "/v1/registrations/search", {"identity": rush.identity(person)})[1]["registrations"]
        accepted = [r["id"] for r in found if r["decision"]["verdict"] == "accepted"]
        assert sorted(accepted) == sorted(rush.given[person]), (accepted, rush.given[person])
