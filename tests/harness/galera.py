# SPDX-License-Identifier: Apache-2.0
"""A Galera cluster of three nodes of one test's own; it ends with the test."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "galera.sh")
NODES = (1, 2, 3)


class Galera:
    nodes = NODES

    def __init__(self, *options, env=None):
        """Ends the test with 77, which is "skipped", where no network namespaces can be made."""
        self.dir = tempfile.mkdtemp(prefix="shiming-galera-")
        self.options = list(options)
        self.env = dict(os.environ, **(env or {}))
        self.restarted = []
        self.process = self.background("run", *self.options)
        waiting = subprocess.Popen([SCRIPT, "wait", self.dir])
        while waiting.poll() is None and self.process.poll() is None:
            time.sleep(0.05)
        if waiting.poll() != 0:
            waiting.kill()
            waiting.wait()
            ended = self.process.poll()
            self.close()
            if ended == 77:
                sys.exit(77)
            raise AssertionError(f"the cluster does not start: {ended}")

    def background(self, verb, *words):
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", SCRIPT, verb, self.dir, *words],
                                env=self.env)

    def folder(self, n):
        """Where node n has its folder "data"."""
        return os.path.join(self.dir, f"n{n}")

    def socket(self, n):
        return os.path.join(self.folder(n), "s.sock")

    def sql(self, n, text, check=True):
        """As root on one node; the answer's lines."""
        done = subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", self.socket(n), "-N", "-B", "-e", text,
                               "shiming"], capture_output=True, text=True, check=check)
        return done.stdout.splitlines()

    def status(self, n, name):
        """One of SHOW STATUS; None when the node does not answer."""
        lines = self.sql(n, f"SHOW GLOBAL STATUS LIKE '{name}'", check=False)
        return lines[0].split("\t")[1] if lines else None

    def pid(self, n):
        with open(os.path.join(self.dir, f"n{n}.pid"), encoding="ascii") as f:
            return int(f.read())

    def lives(self, n):
        try:
            with open(f"/proc/{self.pid(n)}/stat", encoding="ascii") as f:
                return f.read().rsplit(")", 1)[1].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    def kill(self, n, with_signal=signal.SIGKILL):
        os.kill(self.pid(n), with_signal)
        while self.lives(n):
            time.sleep(0.02)

    def start(self, n, first=False):
        """Again, after its end. first: no other node lives."""
        self.restarted.append(self.background("first" if first else "node", str(n), *self.options))

    def start_again(self, which=max):
        """After the end of all of them: the one that came furthest first, or another."""
        positions = {n: int(subprocess.run([SCRIPT, "position", self.dir, str(n)], capture_output=True, text=True,
                                           check=True).stdout) for n in NODES}
        first = which(positions, key=positions.get)
        self.start(first, first=True)
        self.wait(first)
        for n in NODES:
            if n != first:
                self.start(n)
                self.wait(n)
        return positions

    def wait(self, n):
        """Until the node belongs to the cluster and is up to date."""
        subprocess.run([SCRIPT, "synced", self.dir, str(n)], check=True)

    def wait_whole(self):
        """Until each of the three knows of three and is up to date."""
        subprocess.run([SCRIPT, "wait", self.dir], check=True)

    def revive(self, n):
        """What a supervisor does, until all three are one cluster again: start a node that ended, or that was thrown out
        and serves nobody."""
        for _ in range(600):
            if self.lives(n) and self.status(n, "wsrep_cluster_status") not in (None, "Primary"):
                self.kill(n)
            if not self.lives(n):
                self.start(n)
                self.wait(n)
            if all(self.status(m, "wsrep_cluster_size") == "3" for m in NODES):
                return
            time.sleep(0.1)
        raise AssertionError(f"node {n} does not come back")

    def check_same(self):
        """All nodes hold the same rows."""
        tables = self.sql(1, "SHOW TABLES")
        sums = {n: self.sql(n, "SET wsrep_sync_wait=1; CHECKSUM TABLE " + ", ".join(f"`{t}`" for t in tables)) for n in NODES}
        assert sums[1] == sums[2] == sums[3], sums

    def cut(self, n):
        subprocess.run([SCRIPT, "cut", self.dir, str(n)], check=True)

    def heal(self, n):
        subprocess.run([SCRIPT, "heal", self.dir, str(n)], check=True)

    def storage(self, order=NODES):
        """What goes into a configuration; nodes in the order they shall be tried."""
        return self.storage_at([self.socket(n) for n in order])

    def storage_at(self, sockets):
        hosts = ", ".join(sockets)
        return f"{{ plugin: mariadb, options: {{ hosts: \"{hosts}\", password_file: {self.dir}/password }} }}"

    def close(self):
        for process in [self.process, *self.restarted]:
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
