# SPDX-License-Identifier: Apache-2.0
"""Gateways under load while one fault after the other strikes, chosen from a seed: three on a Galera cluster, one on one
MariaDB. Clients repeat what was not answered, with its key, at whatever gateway; some rush a few people with ten numbers
each. Nothing acknowledged is lost, nothing is there twice, five numbers stay five, no loop is over 50 ms late, and every
gateway serves again without a hand. What is done here by hand is what a supervisor does on a machine: a process that
ended is started again, and so is a node that its cluster has thrown out.

Each kind has its control, on storages that lack one care (tests/plugins/careless.c):
  gateway_killed            haste: acknowledged before it was written, so lost; answers: first answers are not kept, so twice
  server_killed, server_restarted, link_cut, disk_full, deadlock
                            failures: what could not be written was acknowledged, so lost
  certification_conflict    holders: two nodes count the same person's, so there are more than five numbers
  nodes_cut                 a node that goes on alone (pc.ignore_quorum) acknowledges what the others never hear of
  all of them               a gateway that stands still is late, and does not answer
A killed node loses nothing even where it does not flush, since the others live on. What a cluster as a whole can lose is
in docs/operations.md and measured by losses.py; database.py has the control of one server that does not flush.

storms.py BUILD [FAULTS]    without a number: each kind once on each"""
import collections
import concurrent.futures
import http.client
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zlib

from galera import Galera
from gateway import png, wait_for
from gateways import Site, careless_plugins
from ground import BACK_S, Ground, OneServer
from rush import Rush, expect_five

build = os.path.abspath(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 0
seed = int(os.environ.get("SHIMING_SEED", "20180101"))
FIRST = 10000  # customers of the steady clients are others than those who are rushed
PERSONS = 2    # a fault, whom all want to give numbers to
# The cluster gives a silent node up sooner than it does by itself, after 6 s.
QUICK = ["--wsrep-provider-options=gcache.size=64M;evs.keepalive_period=PT0.5S;"
         "evs.suspect_timeout=PT2S;evs.inactive_timeout=PT6S"]
TRIES = 3      # a busy machine makes any loop late once


def gateway_killed(ground, chance):
    g = chance.choice(ground.gateways)
    ground.look_at_loops()
    g.kill()
    if len(ground.gateways) > 1:
        ground.goes_on("service without a gateway")
    g.start()


def ended(ground, chance, how):
    n = chance.choice(ground.database.nodes)
    ground.database.kill(n, how)
    if len(ground.database.nodes) > 1:
        ground.goes_on("service without a node")
    ground.database.start(n)


def server_killed(ground, chance):
    ended(ground, chance, signal.SIGKILL)


def server_restarted(ground, chance):
    """In order, but in the middle of batches."""
    ended(ground, chance, signal.SIGTERM)


def link_cut(ground, chance):
    """A gateway's cables to one node or to all of them: silent for a while, then as they were, or reset."""
    cables = chance.choice(ground.cables)
    some = cables if chance.random() < 0.5 else cables[:1]
    reset = chance.random() < 0.5
    for cable in some:
        cable.fall_silent()
    time.sleep(chance.uniform(0.2, 4))  # the fault itself
    for cable in some:
        if reset:
            cable.reset()
        else:
            cable.speak_again()


def nodes_cut(ground, chance):
    """A node from the others: long enough to be given up, or not."""
    n, seconds = chance.choice(ground.database.nodes), chance.choice((1, 8)) if count else 4
    ground.database.cut(n)
    time.sleep(seconds)  # the fault itself
    ground.database.heal(n)


def large(chance):
    """A picture that needs room on the disk."""
    size, text = 1 << 19, png(0)
    end = text.index(b"IEND") - 4
    part = b"teXt" + chance.randbytes(size)
    return text[:end] + size.to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big") + text[end:]


def disk_full(ground, chance):
    """Until a server could not keep a picture. It may then refuse, end itself, or be thrown out of its cluster."""
    n = chance.choice(ground.database.nodes)
    folder = ground.database.folder(n)
    log, full = os.path.join(folder, "error.log"), os.path.join(folder, "full")
    before = os.path.getsize(log)

    def noticed():
        for g in ground.gateways:
            try:
                g.call("POST", "/v1/evidence", large(chance), connection=g.connect(timeout=5))
            except (OSError, http.client.HTTPException):
                pass
        with open(log, "rb") as f:
            f.seek(before)
            return b"error 28" in f.read()
    with open(full, "wb"):
        pass
    try:
        wait_for("a server to notice that its disk is full", noticed, BACK_S)
    finally:
        os.unlink(full)
    ground.database.revive(n)


def sessions(ground, text, nodes):
    """The same statements on several nodes at once, each up to the first that fails; what it said then."""
    running = [subprocess.Popen(["mariadb", "--no-defaults", "-u", "root", "-S", ground.database.socket(n),
                                 "shiming"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True) for n in nodes]
    return [process.communicate(text)[1] for process in running]


def counted(ground, *names):
    return sum(int(ground.database.status(n, name) or 0) for n in ground.database.nodes for name in names)


def holding(ground, chance, seconds):
    """Statements of somebody with much in hand who holds a gateway's head of the audit log, which every batch changes
    last, and then wants what the batch has inserted before."""
    return ("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN; "
            "INSERT INTO entry(space, k, v) WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM s WHERE n<900) "
            "SELECT 8, CONCAT('weight', n), '' FROM s; "
            f"SELECT k FROM entry WHERE space=7 AND k='Hg{chance.randrange(len(ground.gateways)) + 1}' FOR UPDATE; "
            f"DO SLEEP({seconds}); "
            "SELECT k FROM entry WHERE space=2 ORDER BY k DESC LIMIT 20 FOR UPDATE; "
            "SELECT k FROM entry WHERE space=4 ORDER BY k DESC LIMIT 20 FOR UPDATE; ROLLBACK;")


def deadlock(ground, chance):
    """The lighter of the two is rolled back, the gateway's batch; or it gives up waiting."""
    nodes = ground.database.nodes

    def deadlocks():
        return [int(ground.database.status(n, "Innodb_deadlocks")) for n in nodes]

    def happened():
        """A node counted one that its session was not told of, so the gateway was."""
        before = deadlocks()
        text = holding(ground, chance, chance.choice((0.2, 1.5)))
        told = [words.count("ERROR 1213") for words in sessions(ground, text, nodes)]
        return any(now - then > own for now, then, own in zip(deadlocks(), before, told))
    wait_for("a deadlock", happened, BACK_S)


def rows_held(ground, chance):
    """For the control of deadlock: longer than the gateway waits, and once."""
    sessions(ground, holding(ground, chance, 1.5), ground.database.nodes)


def certification_conflict(ground, chance):
    """On every node somebody changes what every batch changes, and back again in the same transaction: the cluster rolls
    one of the two back."""
    names = ("wsrep_local_bf_aborts", "wsrep_local_cert_failures")
    before = counted(ground, *names)
    heads = [f"Hg{n + 1}" for n in range(len(ground.gateways))]
    chance.shuffle(heads)
    text = "".join(f"BEGIN; UPDATE entry SET v=CONCAT(v, 'x') WHERE space=7 AND k='{head}'; DO SLEEP(0.002); "
                   f"UPDATE entry SET v=LEFT(v, LENGTH(v)-1) WHERE space=7 AND k='{head}'; COMMIT;\n" for head in heads) * 20

    def fought():
        sessions(ground, text, ground.database.nodes)
        return counted(ground, *names) > before + 5
    wait_for("conflicts", fought, BACK_S)


ON_ONE = (gateway_killed, server_killed, server_restarted, link_cut, disk_full, deadlock)
ON_THREE = (*ON_ONE, nodes_cut, certification_conflict)


class Tally:
    """What is said of one kind."""

    def __init__(self):
        self.struck, self.pause, self.back, self.late = 0, 0.0, 0.0, 0


class Storm:
    def __init__(self, name, ground, chance):
        self.name, self.ground, self.chance = name, ground, chance
        self.tallies = collections.defaultdict(Tally)
        self.people = self.repeats = 0
        self.checked = set()
        self.worst_ms = 0.0

    def strike(self, kind):
        """One fault, and what must hold after it. Returns how often a loop was over 50 ms late."""
        ground, load = self.ground, self.ground.load
        late = ground.look_at_loops()
        rush = Rush([load.g], PERSONS, 4, first=self.people)
        self.people += PERSONS
        for thread in rush.threads:
            thread.start()
        try:
            time.sleep(self.chance.uniform(0, 0.3))  # the random moment
            struck = time.monotonic()
            kind(ground, self.chance)
            back = ground.all_registered()
            pause = load.longest_pause(struck)
            ground.database.wait_whole()
            for thread in rush.threads:
                thread.join(BACK_S)
        finally:
            rush.patience.stopping.set()
        assert not rush.errors and not load.errors, (rush.errors + load.errors)[:3]
        expect_five(ground.gateways, rush)
        self.some_again()
        over = ground.look_at_loops() - late
        self.repeats += rush.patience.repeats
        tally = self.tallies[kind.__name__]
        tally.struck, tally.late = tally.struck + 1, tally.late + over
        tally.pause, tally.back = max(tally.pause, pause), max(tally.back, back)
        print(f"{self.name} {sum(t.struck for t in self.tallies.values())}: {kind.__name__}: nobody served for {pause:.1f} s, "
              f"all back {back:.1f} s after its end, {over:.0f} times late", flush=True)
        return over

    def strike_in_time(self, kind):
        for _ in range(TRIES):
            if self.strike(kind) == 0:
                return
        raise AssertionError(f"{kind.__name__}: loops over 50 ms late, {TRIES} times in a row")

    def some_again(self):
        """Some of what was acknowledged meanwhile, each asked for again with its key at whatever gateway."""
        fresh = [key for key in list(self.ground.load.acknowledged) if key not in self.checked]
        self.checked.update(fresh)
        wrong = [w for key in self.chance.sample(fresh, min(10, len(fresh)))
                 for w in self.ground.found_once(self.chance.choice(self.ground.gateways), key)]
        assert not wrong, wrong[:5]

    def run(self, kinds):
        ground = self.ground
        ground.load.start()
        ground.goes_on("registrations")
        for kind in kinds:
            self.strike_in_time(kind)
        self.worst_ms = ground.worst_ms()
        self.stand_still()
        ground.load.stop()
        unanswered = len(ground.load.unknown)
        wrong = ground.missing()
        assert not wrong, wrong[:5]
        for g in ground.gateways:
            g.stop()
        ground.database.check_same()
        assert ground.gateways[0].audit().returncode == 0
        for kind, tally in sorted(self.tallies.items()):
            print(f"{self.name}: {tally.struck:4} {kind:22} longest nobody served {tally.pause:5.1f} s, all back "
                  f"{tally.back:5.1f} s after its end, loops late {tally.late:.0f} times")
        print(f"{self.name}: {sum(t.struck for t in self.tallies.values())} faults, {len(ground.load.acknowledged)} "
              f"acknowledged, 0 lost, 0 twice, {unanswered} unanswered at the end; {self.people} persons rushed, five each; "
              f"the log whole; loops at worst {self.worst_ms:.1f} ms late", flush=True)

    def stand_still(self):
        """Control: gateways that do nothing for a moment are late, and do not answer."""
        ground, before = self.ground, self.ground.look_at_loops()
        for g in ground.gateways:
            g.process.send_signal(signal.SIGSTOP)
        try:
            for g in ground.gateways:
                g.call("GET", "/readyz", token="", connection=g.connect(timeout=0.3))
        except OSError:
            pass
        else:
            raise AssertionError("gateways that stand still answered")
        finally:
            for g in ground.gateways:
                g.process.send_signal(signal.SIGCONT)
        assert ground.look_at_loops() >= before + len(ground.gateways), "loops that stood still were not late"
        ground.all_registered()


def control(careless, kinds, plugins):
    """A storage without one care under faults of each kind, until what must come of it is seen."""
    ground, chance = Ground(build, OneServer, clients=12, careless=careless, plugins=plugins), random.Random(seed)
    try:
        for kind in kinds:
            end, wrong = time.monotonic() + 2 * BACK_S, None
            while wrong is None and time.monotonic() < end:
                ground.load.acknowledged.clear()
                ground.load.start()
                ground.goes_on("registrations")
                kind(ground, chance)
                ground.load.stop()
                ground.load.unknown.clear()
                g = ground.gateways[0]
                g.kill()  # it may have noticed by itself, and refuse to go on
                g.start()
                wrong = next((w for key in reversed(list(ground.load.acknowledged)) for w in ground.found_once(g, key)), None)
            assert wrong is not None, f"{kind.__name__} on a storage careless of {careless}: nothing was noticed"
            print(f"control: {kind.__name__} on a storage careless of {careless}: {wrong[:110]}", flush=True)
    finally:
        ground.close()


def controls(plugins):
    control("haste", (gateway_killed,), plugins)
    control("answers", (gateway_killed,), plugins)
    control("failures", (server_killed, server_restarted, link_cut, disk_full, rows_held), plugins)


def goes_on_alone(ground):
    """A node that was told to go on without the others (check refuses such a one) is cut off, and its gateway from the
    other nodes: what it acknowledges, the others do not know."""
    database, one, other = ground.database, ground.gateways[2], ground.gateways[0]
    for g in (one, other):
        g.start()
    database.sql(3, "SET GLOBAL wsrep_provider_options='pc.ignore_quorum=true;pc.ignore_sb=true'")
    for cable in ground.cables[2][1:]:
        cable.fall_silent()
    database.cut(3)
    wait_for("a node alone", lambda: (database.status(3, "wsrep_cluster_size"), database.status(3, "wsrep_ready")) ==
             ("1", "ON"), BACK_S)
    before = set(ground.load.acknowledged)
    ground.registered(one)
    key = next(key for key in ground.load.acknowledged if key not in before)
    status = other.call("GET", f"/v1/registrations/{ground.load.acknowledged[key][1]}")[0]
    assert status == 404, status
    for g in (one, other):
        g.kill()
    print("control: a node that goes on alone acknowledged what the others do not know", flush=True)


def counted_apart(database, plugins):
    """On the two nodes that are left."""
    database.sql(1, "DROP DATABASE shiming; CREATE DATABASE shiming")
    site = Site(build, database, [database.storage(order) for order in ((1, 2), (2, 1))], careless="holders", plugins=plugins)
    rush = Rush(site.gateways, PERSONS, 8)
    try:
        rush.run()
        expect_five(site.gateways, rush)
    except AssertionError as error:
        assert "given" in str(error), error
        print(f"control: two nodes that count without a condition: {error}", flush=True)
    else:
        raise AssertionError("numbers that were given out twice were not noticed")
    finally:
        rush.patience.stopping.set()
        site.close()


def share_of(faults, kinds, chance):
    """Each kind about as often, in any order; each once where no number is given."""
    some = [kinds[i % len(kinds)] for i in range(faults or len(kinds))]
    chance.shuffle(some)
    return some


def on_one(plugins):
    chance = random.Random(seed)
    ground = Ground(build, OneServer, clients=4, pace=0.1, first=FIRST)
    try:
        Storm("one server", ground, chance).run(share_of(count // 2, ON_ONE, chance))
    finally:
        ground.close()
    controls(plugins)


def on_three(plugins):
    chance = random.Random(seed + 1)
    ground = Ground(build, Galera, *([] if count else QUICK), clients=6, pace=0.5 if count else 0.1, first=FIRST)
    try:
        Storm("cluster", ground, chance).run(share_of(count - count // 2, ON_THREE, chance))
        goes_on_alone(ground)
        counted_apart(ground.database, plugins)
    finally:
        ground.close()


def main():
    print(f"seed {seed}", flush=True)
    plugins = careless_plugins(build)
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as beside:  # a cluster's nodes have each other to wait for meanwhile
            one = beside.submit(on_one, plugins)
            on_three(plugins)
            one.result()
    finally:
        shutil.rmtree(plugins)


main()
