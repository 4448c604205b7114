# SPDX-License-Identifier: Apache-2.0
"""Where faults strike: a database, gateways that reach it through cables, and clients who ask until they are answered.
What a supervisor does on a real machine, starting again what ended, is done here by the test."""
import hashlib
import json
import os
import tempfile
import time

from cutter import Cable
from full_disk import build_injector, server_env
from galera import Galera
from gateway import png, wait_for
from gateways import Front, Site, together
from load import Load, Patience, Stopped
from mariadb import MariaDB

BACK_S = 60  # nobody waits so long; how long it really took is said
# A gateway's loops are what is measured, not the queue before a processor that others keep busy.
IN_FRONT = ("chrt", "--rr", "1")


class OneServer:
    """One MariaDB, spoken to as a cluster of one."""
    nodes = (1,)

    def __init__(self, *options, env):
        self.server = MariaDB(*options, env=env)
        self.storage_at = self.server.storage_at

    def folder(self, _):
        return self.server.dir

    def socket(self, _):
        return self.server.socket

    def sql(self, _, text, check=True):
        return self.server.sql(text, check)

    def lives(self, _):
        return self.server.process.poll() is None

    def status(self, _, name):
        return self.sql(1, f"SHOW GLOBAL STATUS LIKE '{name}'")[0].split("\t")[1]

    def kill(self, _, *words):
        self.server.kill(*words)

    def start(self, _):
        self.server.start()

    def revive(self, _):
        """What a supervisor does: start again what ended."""
        if not self.lives(1):
            self.start(1)

    def wait_whole(self):
        pass

    def check_same(self):
        pass

    def close(self):
        self.server.close()


class Steady(Load):
    """Clients who repeat what was not answered, with its key, at whatever gateway."""

    def __init__(self, *words, first=0, **options):
        super().__init__(*words, **options)
        self.index = first
        self.patience = Patience()
        self.stopping = self.patience.stopping
        self.told = []  # when somebody was told yes

    def register_one(self, connection):
        index = self.take()
        pictures = []
        for n in range(2):
            (status, data, _), connection = self.patience.ask(self.g, "/v1/evidence", png(index * 2 + n),
                                                              f"picture-{index}-{n}", connection)
            assert status == 201, (status, data)
            pictures.append(data["id"])
        made, key = self.g.application(index, pictures), f"load-{index}"
        with self.lock:
            self.unknown[key] = made
        (status, data, _), connection = self.patience.ask(self.g, "/v1/registrations", made, key, connection)
        with self.lock:
            if status == 201:
                self.told.append(time.monotonic())
                self.acknowledged[key] = (self.unknown.pop(key), data["id"])
            else:
                self.errors.append((status, data))
        return connection

    def client(self):
        connection = None
        while not self.stopping.wait(self.pace):
            try:
                connection = self.register_one(connection)
            except Stopped:
                break
            except Exception as error:  # pylint: disable=broad-except
                self.errors.append(error)
        if connection is not None:
            connection.close()

    def longest_pause(self, since):
        times = [since, *(t for t in list(self.told) if t > since), time.monotonic()]
        return max(after - before for before, after in zip(times, times[1:]))


class Ground:
    """One gateway a node, each with a node of its own as its first choice. first: index of the first customer. careless,
    plugins: as Site takes them."""

    def __init__(self, build, database_of, *options, clients=6, pace=0, first=0, careless=None, plugins=None):
        self.dir = tempfile.mkdtemp(prefix="shiming-ground-")
        os.chmod(self.dir, 0o755)  # servers of other accounts load the injector
        self.database = database_of(*options, env=server_env(build_injector(self.dir)))
        self.site, self.load, self.cables = None, None, []
        self.late = {}  # process -> (times over 50 ms, worst in ms)
        try:
            self.site = Site(build, self.database, [self.storage(n) for n in self.database.nodes], careless=careless,
                             plugins=plugins, wrap=IN_FRONT)
            self.load = Steady(Front(self.site), self.site.auditor, first=first, clients=clients, pace=pace)
        except BaseException:
            self.close()
            raise

    def storage(self, first):
        """Through cables of its own to each node, the first one first."""
        count = len(self.database.nodes)
        order = [(first + i - 1) % count + 1 for i in range(count)]
        cables = [Cable(os.path.join(self.dir, f"{first}-{n}"), self.database.socket(n)) for n in order]
        self.cables.append(cables)
        return self.database.storage_at([cable.path for cable in cables])

    @property
    def gateways(self):
        return self.site.gateways

    def look_at_loops(self):
        """Before a gateway is killed, too: its figures end with it."""
        for g in self.gateways:
            self.late[g.process.pid] = (g.metric("shiming_loop_late_over_50ms_total"),
                                        g.metric("shiming_loop_late_worst_microseconds") / 1000)
        return sum(over for over, _ in self.late.values())

    def worst_ms(self):
        return max(worst for _, worst in self.late.values())

    def goes_on(self, what, more=5):
        before = len(self.load.acknowledged)
        wait_for(what, lambda: len(self.load.acknowledged) >= before + more, BACK_S)

    def registered(self, g, seconds=BACK_S):
        """How long until this gateway has registered somebody."""
        begun = time.monotonic()
        one = Steady(g, self.site.auditor, clients=1)
        one.take, one.lock = self.load.take, self.load.lock
        one.acknowledged, one.unknown, one.errors = self.load.acknowledged, self.load.unknown, self.load.errors
        one.start()
        try:
            wait_for(f"a registration at {os.path.basename(g.config)}", lambda: one.told, seconds)
        finally:
            one.stop()
        return one.told[0] - begun

    def all_registered(self):
        return max(together([lambda g=g: self.registered(g) for g in self.gateways]))

    def missing(self):
        """What is wrong with what was acknowledged: each registration read at every gateway, its pictures and the search
        for its number at one of them, what was never answered asked for once more."""
        load, wrong = self.load, []
        wrong += load.verify([])  # the unanswered
        keys, digests = list(load.acknowledged), [{} for _ in self.gateways]
        if len({id for _, id in load.acknowledged.values()}) != len(keys):
            wrong.append("an id was given twice")

        def read(i, g):
            share = Load(g, load.auditor)
            share.acknowledged = load.acknowledged
            wrong.extend(share.verify(keys[i::len(self.gateways)]))
            connection = g.connect()
            for n, key in enumerate(keys):
                made, id = load.acknowledged[key]
                status, data, _ = g.call("GET", f"/v1/registrations/{id}", connection=connection)
                digests[i][key] = (status, hashlib.sha256(json.dumps(data, sort_keys=True).encode()).digest())
                if status != 200:
                    wrong.append(f"{key}: acknowledged, now {status} at {os.path.basename(g.config)}")
                if n % len(self.gateways) == i:
                    wrong.extend(self.found_once(g, key, connection))
            connection.close()
        together([lambda i=i, g=g: read(i, g) for i, g in enumerate(self.gateways)])
        return wrong + [f"{key}: gateways answer differently" for key in keys if len({d[key] for d in digests}) != 1]

    def found_once(self, g, key, connection=None):
        """An acknowledged key asked again has its first answer; its number is registered once. What is wrong of that."""
        made, id = self.load.acknowledged[key]
        status, data, _ = g.call("POST", "/v1/registrations", made, headers={"Idempotency-Key": key},
                                 connection=connection)
        if status != 201 or data["id"] != id:
            return [f"{key}: acknowledged as {id}, asked again: {status} {str(data)[:200]}"]
        found = g.call("POST", "/v1/registrations/search", {"number": made["number"]}, connection=connection)[1]
        ids = [r["id"] for r in found["registrations"]]
        return [] if ids == [id] else [f"{key}: registered {len(ids)} times"]

    def close(self):
        if self.load is not None:
            self.load.stopping.set()
        if self.site is not None:
            self.site.close()
        for cable in [cable for cables in self.cables for cable in cables]:
            cable.close()
        self.database.close()
        for name in os.listdir(self.dir):
            os.unlink(os.path.join(self.dir, name))
        os.rmdir(self.dir)
