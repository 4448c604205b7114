# SPDX-License-Identifier: Apache-2.0
"""A gateway on MariaDB while the server is killed at random, stopped, stalled, its rows held by others, connections cut
and its disk is full: nothing acknowledged is lost, nothing is there twice, and service is back without a hand. The controls: a server that
does not flush at commit must lose what it acknowledged, and a row taken away must be missed."""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

from cutter import Cutter
from full_disk import build_injector, server_env
from gateway import Gateway, wait_for
from load import Load
from mariadb import MariaDB

build = sys.argv[1]
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 4
random.seed(int(os.environ.get("SHIMING_SEED", "20180101")))
sockets = tempfile.mkdtemp(prefix="shiming-cutter-")
injector = build_injector(sockets)


class Site:
    """A gateway on a server of its own, through a cutter, under load."""

    def __init__(self):
        self.db = MariaDB(env=server_env(injector))
        self.cutter = Cutter(tempfile.mktemp(dir=sockets), self.db.socket, random.random())
        self.g = Gateway(build, database=self)
        self.g.run("store", "init", "-c", self.g.config)
        self.g.staff()
        self.load = Load(self.g, self.g.staff("A-1", "auditor"), clients=4)
        self.checked = set()

    def storage(self):
        return self.db.storage(self.cutter.path)

    def goes_on(self, what, more=20):
        before = len(self.load.acknowledged)
        wait_for(what, lambda: len(self.load.acknowledged) > before + more, 40)

    def stands_still(self, seconds):
        before = len(self.load.acknowledged)
        time.sleep(seconds)
        return len(self.load.acknowledged) == before

    def verify(self):
        wrong = self.load.verify([k for k in self.load.acknowledged if k not in self.checked])
        assert not wrong, wrong[:5]
        assert not self.load.errors, self.load.errors[:3]
        self.checked = set(self.load.acknowledged)

    def close(self):
        self.g.close()
        self.cutter.close()
        self.db.close()


def killed(site):
    """kill -9 while batches are under way, and a start that takes its time to recover."""
    for n in range(rounds):
        site.goes_on("registrations", random.randrange(5, 60))
        site.db.kill()
        site.db.start()
        site.goes_on("service after a kill")
    return f"{rounds} kills"


def stopped(site):
    site.db.kill(signal.SIGTERM)
    site.db.start()
    site.goes_on("service after a restart")
    return "1 restart"


def stalled(site):
    site.db.process.send_signal(signal.SIGSTOP)
    end, slowest = time.monotonic() + 2, 0
    while time.monotonic() < end:
        begun = time.monotonic()
        assert site.g.call("GET", "/healthz", token="")[0] == 200
        slowest = max(slowest, time.monotonic() - begun)
    site.db.process.send_signal(signal.SIGCONT)
    site.goes_on("service after a stall")
    assert slowest < 1.0, f"health took {slowest:.2f} s while the server stalled"
    return "1 stall of 2 s"


def held(site):
    """Another session holds the rows the gateway's batches are about."""
    with site.db.held("LOCK TABLES entry WRITE"):
        wait_for("a batch waits", site.db.waiting)
        assert site.g.call("GET", "/healthz", token="")[0] == 200
    site.goes_on("service after rows were held")
    return "1 table held"


def cut(site):
    site.cutter.cutting.set()
    wait_for("cuts", lambda: site.cutter.cuts > 4 * rounds, 120)
    site.cutter.cutting.clear()
    site.goes_on("service after cuts")
    return f"{site.cutter.cuts} cuts"


def filled(site):
    """No room for a table to grow: what does not fit is not acknowledged, and what is there can be read. The server may
    end itself over it; then it is started again, as a supervisor would."""
    full = os.path.join(site.db.dir, "full")
    with open(full, "wb"):
        pass
    try:
        wait_for("acknowledgements to stop", lambda: site.stands_still(0.5), 60)
        id = next(iter(site.load.acknowledged.values()))[1]
        read = site.g.call("GET", f"/v1/registrations/{id}")[0]
        ended = site.db.process.poll() is not None
        assert read == 200 or ended, f"a read was answered with {read}"
        status = site.g.call("POST", "/v1/evidence", bytes(1))[0]
        assert status == 415, status
        assert site.g.call("GET", "/healthz", token="")[0] == 200
    finally:
        os.unlink(full)
    if site.db.process.poll() is not None:
        site.db.start()
    site.goes_on("service after a full disk")
    return "1 full disk" + (", over which the server ended itself" if ended else "")


def faults():
    site = Site()
    done = []
    try:
        site.g.start()
        for fault in (killed, stopped, stalled, held, cut, filled):
            site.load.start()
            site.goes_on("registrations", 5)
            done.append(fault(site))
            site.load.stop()
            site.verify()
            print(f"{done[-1]}: {len(site.checked)} acknowledged so far, 0 lost", flush=True)
        site.checked = set()
        site.verify()
        site.g.stop()
        assert site.g.audit().returncode == 0
        print(f"all of them: {len(site.load.acknowledged)} acknowledged, 0 lost, 0 twice, the log whole", flush=True)
        site.db.sql("DELETE FROM entry WHERE space=2 LIMIT 1")
        site.g.audit(ok=(1,))
        site.g.start()
        assert site.load.verify(), "a row taken away was not missed"
        print("control: a row taken away is missed by both checks")
    finally:
        site.close()


def forgetful():
    """What a server loses that does not flush at commit. It is set so behind the gateway's back: check would refuse it."""
    site = Site()
    try:
        site.g.start()
        site.db.sql("SET GLOBAL innodb_flush_log_at_trx_commit=0")
        site.g.run("check", "-c", site.g.config, ok=(1, 2))
        site.load.start()
        for _ in range(5):  # it does flush once a second: a kill may come right after
            site.goes_on("registrations", 40)
            site.db.kill()
            site.g.kill()
            site.load.stop()
            site.db.start()
            try:
                site.g.start()
                wrong = site.load.verify()
            except AssertionError as error:
                wrong = [str(error)[:200]]
            if wrong:
                break
            site.db.sql("SET GLOBAL innodb_flush_log_at_trx_commit=0")
            site.load.start()
        assert wrong, "a server that does not flush lost nothing, or it was not noticed"
        print(f"control: a server that does not flush loses what it acknowledged: {wrong[0][:100]}")
    finally:
        site.load.stopping.set()
        site.close()


try:
    faults()
    forgetful()
finally:
    subprocess.run(["rm", "-rf", sockets], check=True)
