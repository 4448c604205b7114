# SPDX-License-Identifier: Apache-2.0
"""A MariaDB of one test's own; it ends with the test."""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mariadb.sh")


class MariaDB:
    def __init__(self, *options, env=None):
        self.dir = tempfile.mkdtemp(prefix="shiming-mariadb-")
        self.socket = os.path.join(self.dir, "s.sock")
        self.options = list(options)
        self.env = dict(os.environ, **(env or {}))
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", SCRIPT, "run", self.dir, *self.options],
                                        env=self.env)
        subprocess.run([SCRIPT, "wait", self.dir], check=True)

    def kill(self, with_signal=signal.SIGKILL):
        self.process.send_signal(with_signal)
        self.process.wait()

    def sql(self, text, check=True):
        """As root; the answer's lines."""
        done = subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", self.socket, "-N", "-B", "-e", text,
                               "shiming"], capture_output=True, text=True, check=check)
        return done.stdout.splitlines()

    @contextlib.contextmanager
    def held(self, text):
        """A session that keeps what this text takes, for as long as the block lasts."""
        with subprocess.Popen(["mariadb", "--no-defaults", "-u", "root", "-S", self.socket, "-N", "-B", "-n", "shiming"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
            session.stdin.write(f"{text}; SELECT 'held';\n")
            session.stdin.flush()
            assert session.stdout.readline() == "held\n", text
            yield
            session.stdin.close()  # the session ends, and lets go

    def waiting(self):
        """How many sessions wait for what another one has."""
        return int(self.sql("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for%lock%'")[0])

    def storage(self, hosts=None):
        """What goes into a configuration."""
        return self.storage_at([hosts or self.socket])

    def storage_at(self, sockets):
        return (f"{{ plugin: mariadb, options: {{ hosts: \"{', '.join(sockets)}\", "
                f"password_file: {self.dir}/password }} }}")

    def close(self):
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.dir)
