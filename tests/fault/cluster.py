# SPDX-License-Identifier: Apache-2.0
"""Three gateways on three Galera nodes, each writing to another node: what every storage must do, at most five numbers
a person, one registration a key, while gateways and nodes are killed; and the same limit on one server and on SQLite.
The control: on a storage that writes a row of numbers whatever it was, the limit must be seen to break."""
import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import time

from galera import NODES, Galera
from gateway import Gateway, wait_for
from gateways import Front, Place, Site, careless_plugins, goes_on, together
from load import Load
from mariadb import MariaDB
from rush import FIVE, NUMBERS, Rush, expect_five

build = os.path.abspath(sys.argv[1])
long_form = "--long" in sys.argv


def conformance(cluster):
    """The suite every storage plugin has to pass; where it opens a second session, that is on another node."""
    for part in ("conformance", "sharing", "model"):
        done = subprocess.run([f"{build}/tests/store_storage_{part}_test"], capture_output=True, text=True,
                              env=dict(os.environ, SHIMING_GALERA=cluster.dir))
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    cluster.sql(1, "DROP DATABASE shiming; CREATE DATABASE shiming")
    print("the storage suite holds on the cluster", flush=True)


def limit(name, gateways, persons, clients):
    begun = time.monotonic()
    rush = Rush(gateways, persons, clients)
    rush.run()
    took = time.monotonic() - begun
    expect_five(gateways, rush)
    print(f"{name}: {len(gateways)} x {clients} clients, {persons} persons, {persons * NUMBERS} tries in {took:.1f} s: "
          f"five each, {rush.patience.repeats} repeats", flush=True)
    return rush


def freed(gateways, rush):
    """The end of a service frees its number for one more, on whatever gateway, and for one only."""
    person = rush.persons[0]
    ended, other = list(rush.given[person])[:2]
    for g, id in zip(gateways, (ended, other)):
        status, data, _ = g.call("POST", f"/v1/registrations/{id}/termination", {"at": "2026-01-01T00:00:00Z"})
        assert status == 200, (status, data)
    again = Rush(gateways, 0, 0)

    def one(g, number):
        again.one(g, person, number, None).close()

    together([lambda n=n: one(gateways[n % 3], NUMBERS + n) for n in range(6)])
    told = (len(again.given[person]), again.refused[person])
    assert told == (2, 4) and not again.errors, (told, again.errors)
    print("two services ended: two more numbers, of six tried at once", flush=True)


def once(site, count):
    """One key, sent to all three gateways at once: one registration, one answer; another body is refused by all."""
    gs = site.gateways
    for n in range(count):
        made = gs[0].application(5000 + n, [gs[0].upload(90000 + 2 * n), gs[1].upload(90001 + 2 * n)])
        headers = {"Idempotency-Key": f"once-{n}"}
        answers = together([lambda g=g: g.call("POST", "/v1/registrations", made, headers=headers) for g in gs])
        assert [a[0] for a in answers] == [201] * 3, answers
        assert answers[0][1] == answers[1][1] == answers[2][1], answers
        found = gs[n % 3].call("POST", "/v1/registrations/search", {"number": made["number"]})[1]["registrations"]
        assert len(found) == 1, found
        other = dict(made, number=f"+86137{n:08d}")
        for status, data, _ in together([lambda g=g: g.call("POST", "/v1/registrations", other, headers=headers)
                                         for g in gs]):
            assert status == 422 and data["errors"][0]["code"] == "idempotency_key_reused", (status, data)
    print(f"{count} keys sent to three gateways at once: {count} registrations", flush=True)


def careful(site):
    """check refuses a node that is set up to answer with the past, or to go on in both halves of a cut cluster."""
    g, cluster = site.gateways[0], site.database
    for setting, usual, said in (("wsrep_dirty_reads=ON", "wsrep_dirty_reads=OFF", "wsrep_dirty_reads is on"),
                                 ("wsrep_provider_options='pc.ignore_sb=true'", "wsrep_provider_options='pc.ignore_sb=false'",
                                  "pc.ignore_sb"),
                                 ("innodb_flush_log_at_trx_commit=0", "innodb_flush_log_at_trx_commit=1",
                                  "innodb_flush_log_at_trx_commit is 0")):
        cluster.sql(1, f"SET GLOBAL {setting}")
        refusal = g.run("store", "check", "-c", g.config, ok=(1,)).stderr
        assert said in refusal, (setting, refusal)
        cluster.sql(1, f"SET GLOBAL {usual}")
    g.run("store", "check", "-c", g.config)
    print("a node set up to forget or to lie is refused", flush=True)


def dismissed(site):
    """Who was dismissed at one gateway is nobody at the others within two seconds."""
    first = site.gateways[0]
    token = first.staff("S-77")
    for g in site.gateways:
        assert g.call("GET", "/v1/registrations/" + "0" * 26, token=token)[0] != 401
    first.run("staff", "remove", "-c", first.config, "S-77")
    begun = time.monotonic()
    for g in site.gateways:
        wait_for("the token to be refused", lambda g=g: g.call("GET", "/v1/registrations/" + "0" * 26,
                                                               token=token)[0] == 401)
    took = time.monotonic() - begun
    assert took < 5, took  # two seconds, and what a busy machine adds
    print(f"a dismissed clerk is refused by all gateways after {took:.1f} s", flush=True)


def killed(site, rounds):
    """Gateways and nodes killed in turn under load, others stopped for an upgrade: the rest serves, nothing is lost."""
    cluster, done = site.database, []
    load = Load(Front(site), site.auditor, clients=4, pace=0 if long_form else 0.1)
    load.index = 1000  # other people than before
    load.start()
    try:
        goes_on(load, "registrations")
        restored(site, load)
        for n in range(rounds):
            g, node = site.gateways[n % 3], n % 3 + 1
            cluster.kill(node)
            goes_on(load, f"service without node {node}, which was killed")
            cluster.start(node)
            g.kill()
            goes_on(load, "service without a gateway that was killed, while a node comes back")
            g.start()
            cluster.wait(node)
            done.append(f"gateway g{n % 3 + 1} and node {node} killed")
        g = site.gateways[1]
        g.stop()
        goes_on(load, "service while a gateway is upgraded")
        g.start()
        cluster.kill(3, signal.SIGTERM)
        goes_on(load, "service while a node is upgraded")
        cluster.start(3)
        if long_form:
            cluster.wait(3)
            cluster.cut(2)
            goes_on(load, "service without a node that was cut off")
            cluster.heal(2)
            cluster.wait(2)
            done.append("node 2 cut off")
            for n in NODES:
                cluster.kill(n)
            cluster.start_again()
            goes_on(load, "service after all nodes were killed")
            done.append("all nodes killed")
    finally:
        load.stop()
    wrong = load.verify()
    assert not wrong, wrong[:5]
    assert not load.errors, load.errors[:3]
    cluster.wait(3)
    print(f"{', '.join(done)}, one of each stopped: {len(load.acknowledged)} acknowledged, 0 lost, 0 twice", flush=True)


def dump(cluster, path, *tables):
    with open(path, "wb") as f:
        for words in tables:
            subprocess.run(["mariadb-dump", "--no-defaults", "-u", "root", "-S", cluster.socket(3), "--single-transaction",
                            "--hex-blob", "--no-tablespaces", *words], stdout=f, check=True)


def restored(site, load):
    """A backup as docs/operations.md says, taken under load, put into one server: whole, and with all that was
    acknowledged before it began. The control: without the file of keys nothing of a person opens."""
    before = list(load.acknowledged)
    data, keys = os.path.join(site.dir, "data.sql"), os.path.join(site.dir, "keys.sql")
    dump(site.database, data, ["shiming", "layout"], ["--where=space<>5", "shiming", "entry"])
    goes_on(load, "registrations after the first half of a backup", 3)
    dump(site.database, keys, ["--no-create-info", "--where=space=5", "shiming", "entry"])
    db = MariaDB()
    try:
        def put_in(path):
            with open(path, "rb") as f:
                subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", db.socket, "shiming"], stdin=f, check=True)
        put_in(data)
        g = Gateway(build, directory=site.dir, database=db, config="restored.yaml")
        g.token = site.gateways[0].token
        one = load.acknowledged[before[0]][1]
        g.start()
        assert g.call("GET", f"/v1/registrations/{one}")[0] != 200
        g.stop()
        put_in(keys)
        g.run("store", "check", "-c", g.config)
        assert json.loads(g.audit().stdout)["whole"]
        g.start()
        wrong = Load.verify(Again(g, site.auditor, load), before)
        assert not wrong, wrong[:5]
        assert g.call("GET", f"/v1/registrations/{one}")[0] == 200
        g.stop()
    finally:
        db.close()
    print(f"a backup under load, put into one server: {len(before)} acknowledged before it, 0 lost", flush=True)


class Again:
    """What a load was told, to be asked of another gateway."""

    def __init__(self, g, auditor, load):
        self.g, self.auditor = g, auditor
        self.acknowledged, self.unknown = dict(load.acknowledged), {}


def audited(site):
    for g in site.gateways:
        g.stop()
    said = json.loads(site.gateways[2].audit().stdout)
    assert said["whole"] and said["streams"] >= 4, said
    site.database.check_same()
    print(f"audit verify: {said['streams']} streams, {said['leaves']} leaves, whole; the nodes hold the same", flush=True)


def alone(name, database, plugins=None):
    """One gateway; the rush it withstood, or did not."""
    g = Gateway(build, database=database)
    try:
        if plugins is not None:
            with open(g.config, "r+", encoding="utf-8") as f:
                text = f.read().replace("gateway:   {", f"gateway:   {{ plugins: {plugins},")
                f.seek(0)
                f.write(text)
        g.run("store", "init", "-c", g.config)
        g.staff()
        g.start()
        rush = limit(name, [g], 200 if long_form else 8, 64 if long_form else 16)
    finally:
        g.close()


def control():
    """A storage that forgets the conditions of such rows: the limit breaks, and that is seen."""
    folder = careless_plugins(build)
    try:
        os.environ.update(CARELESS_STORAGE=f"{build}/plugins/storage/sqlite.so", CARELESS_OF="holders")
        try:
            alone("careless", Place("{ plugin: careless, options: { path: shiming.db } }"), folder)
        except AssertionError as error:
            assert "given" in str(error), error
            print(f"control: a storage that writes such rows whatever they were: {error}", flush=True)
        else:
            raise AssertionError("a storage that writes such rows whatever they were was not noticed")
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)


def clustered():
    cluster = Galera()
    site = None
    try:
        conformance(cluster)
        # Each gateway prefers another node: the hardest case.
        site = Site(build, cluster, [cluster.storage([(n + i - 1) % 3 + 1 for i in range(3)]) for n in NODES])
        persons, clients = (200, 64) if long_form else (12, 12)
        rush = limit("three gateways on three nodes", site.gateways, persons, clients)
        held = cluster.sql(2, "SET wsrep_sync_wait=1; SELECT SUM(LENGTH(v)) DIV 16 FROM entry WHERE space=3 AND LEFT(k, 1)='h'")
        assert held == [str(FIVE * persons)], held
        for g in site.gateways:
            assert g.metric("shiming_store_recoveries_total") == 0, "conflicts made a gateway distrust a healthy cluster"
        freed(site.gateways, rush)
        once(site, 30 if long_form else 6)
        careful(site)
        dismissed(site)
        killed(site, 12 if long_form else 1)
        audited(site)
    finally:
        if site is not None:
            site.close()
        cluster.close()


def on_one_server():
    db = MariaDB()
    try:
        alone("one gateway on MariaDB", db)
    finally:
        db.close()


def single():
    on_one_server()
    alone("one gateway on SQLite", None)
    control()


with concurrent.futures.ThreadPoolExecutor(1) as beside:  # the cluster's nodes have each other to wait for meanwhile
    others = beside.submit(single)
    clustered()
    others.result()
