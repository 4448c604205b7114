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
    def __init__(self, *options):
        """Ends the test with 77, which is "skipped", where no network namespaces can be made."""
        self.dir = tempfile.mkdtemp(prefix="shiming-galera-")
        self.options = list(options)
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
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", SCRIPT, verb, self.dir, *words])

    def socket(self, n):
        return os.path.join(self.dir, f"n{n}", "s.sock")

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
        except FileNotFoundError:
            return False

    def kill(self, n, with_signal=signal.SIGKILL):
        os.kill(self.pid(n), with_signal)
        while self.lives(n):
            time.sleep(0.02)

    def start(self, n, first=False):
        """Again, after its end. first: no other node lives."""
        self.restarted.append(self.background("first" if first else "node", str(n), *self.options))

    def start_again(self):
        """After the end of all of them: the one that came furthest first."""
        positions = {n: int(subprocess.run([SCRIPT, "position", self.dir, str(n)], capture_output=True, text=True,
                                           check=True).stdout) for n in NODES}
        first = max(positions, key=positions.get)
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

    def cut(self, n):
        subprocess.run([SCRIPT, "cut", self.dir, str(n)], check=True)

    def heal(self, n):
        subprocess.run([SCRIPT, "heal", self.dir, str(n)], check=True)

    def storage(self, order=NODES):
        """What goes into a configuration; nodes in the order they shall be tried."""
        hosts = ", ".join(self.socket(n) for n in order)
        return f"{{ plugin: mariadb, options: {{ hosts: \"{hosts}\", password_file: {self.dir}/password }} }}"

    def close(self):
        for process in [self.process, *self.restarted]:
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
