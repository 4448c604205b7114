# SPDX-License-Identifier: Apache-2.0
"""A pcscd of one test's own, with virtual readers and passports that are laid on them. All of it ends with the test."""
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile

from gateway import ROOT, wait_for

SCRIPT = os.path.join(ROOT, "tests", "harness", "pcsc.sh")
DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")


class Pcsc:
    """None of it works without root and two packages: then NotHere is raised, for a test to be skipped."""

    class NotHere(Exception):
        pass

    def __init__(self, readers=1):
        self.dir = tempfile.mkdtemp(prefix="shiming-pcsc-")
        self.socket = os.path.join(self.dir, "run", "pcscd.comm")
        self.env = dict(os.environ, PCSCLITE_CSOCK_NAME=self.socket)
        self.readers = readers
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([*DIES_WITH_US, SCRIPT, "run", self.dir, str(self.readers)],
                                        stderr=subprocess.PIPE, text=True)
        waiting = subprocess.Popen([SCRIPT, "wait", self.dir])
        while waiting.poll() is None and self.process.poll() is None:
            try:
                waiting.wait(0.05)
            except subprocess.TimeoutExpired:
                pass
        if waiting.poll() is None:
            waiting.kill()
            waiting.wait()
        if self.process.poll() == 77:
            why = self.process.stderr.read().strip()
            self.close()
            raise Pcsc.NotHere(why)
        if waiting.returncode != 0:
            self.close()
            raise AssertionError("pcscd did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        if os.path.exists(self.socket):
            os.unlink(self.socket)  # or the next one would seem to be there before it is

    def close(self):
        if self.process.poll() is None:
            self.kill()
        self.process.stderr.close()  # once more does no harm
        shutil.rmtree(self.dir)


    def has_card(self, reader):
        """Does pcscd see a card in reader N? It looks about every 400 ms."""
        return bool(self.state(f"Counter {reader} 00 00") & 0x20)  # SCARD_STATE_PRESENT

    def state(self, name):
        class State(ctypes.Structure):
            _fields_ = [("name", ctypes.c_char_p), ("user", ctypes.c_void_p), ("current", ctypes.c_ulong),
                        ("event", ctypes.c_ulong), ("len", ctypes.c_ulong), ("atr", ctypes.c_ubyte * 33)]
        os.environ["PCSCLITE_CSOCK_NAME"] = self.socket  # the library looks once: one Pcsc a test program
        library = ctypes.CDLL("libpcsclite.so.1")
        context = ctypes.c_long()
        state = State(name=name.encode())
        if library.SCardEstablishContext(ctypes.c_ulong(2), None, None, ctypes.byref(context)) != 0:
            return 0
        library.SCardGetStatusChange(context, ctypes.c_ulong(0), ctypes.byref(state), ctypes.c_ulong(1))
        library.SCardReleaseContext(context)
        return state.event


class Passport:
    """A passport for one of the readers (from 1): a sample card with other lines laid over it."""

    def __init__(self, shiming, pcsc, reader=1, csca=None):
        self.shiming = shiming
        self.pcsc = pcsc
        self.reader = reader
        self.port = 4000 + 10 * reader - 9
        self.file = os.path.join(pcsc.dir, f"passport{reader}.yaml")
        self.csca = csca or os.path.join(pcsc.dir, "csca")
        self.process = None

    def write(self, card="passport", **keys):
        with open(os.path.join(ROOT, "conf", "cards", card + ".yaml"), encoding="utf-8") as f:
            lines = [line for line in f if line.split(":")[0] not in keys]
        lines += [f"{key}: {value}\n" for key, value in keys.items() if value is not None]
        with open(self.file + ".new", "w", encoding="utf-8") as f:
            f.writelines(lines)
        os.replace(self.file + ".new", self.file)

    def lay_down(self, card="passport", **keys):
        """A value of None takes the line away."""
        self.take_away()
        self.write(card, **keys)
        self.process = subprocess.Popen([*DIES_WITH_US, SCRIPT, "exec", self.pcsc.dir, self.shiming, "reader", "emulate",
                                         self.file, "--vpcd", str(self.port), "--csca", self.csca],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready"), line
        wait_for("the passport lies there", lambda: self.pcsc.has_card(self.reader))

    def lift(self):
        """Out of the field; and the next time into it again."""
        self.process.send_signal(signal.SIGUSR1)

    def take_away(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None
            wait_for("the passport is gone", lambda: not self.pcsc.has_card(self.reader))
