# SPDX-License-Identifier: Apache-2.0
"""An emulated card reader on a pty: another card, another fault, whenever a test wants one."""
import os
import signal
import subprocess

from gateway import ROOT, wait_for


class Emulator:
    def __init__(self, gateway, name="reader", card="resident"):
        self.g = gateway
        self.link = os.path.join(gateway.dir, name)
        self.card = os.path.join(gateway.dir, name + ".yaml")
        self.process = None
        self.put(card)

    def put(self, card):
        with open(os.path.join(ROOT, "conf", "cards", card + ".yaml"), encoding="utf-8") as f:
            self.put_text(f.read())

    def put_text(self, text):
        with open(self.card + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(self.card + ".new", self.card)
        if self.process:
            self.process.send_signal(signal.SIGHUP)

    def start(self, *faults, listen=None):
        """listen: an address to be a network bridge at, instead of a port."""
        place = ["--listen", listen] if listen else ["--link", self.link]
        words = [self.g.shiming, "reader", "emulate", self.card] + place
        for fault in faults:
            words += ["--fault", fault]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready"), line

    def remove(self):
        self.process.send_signal(signal.SIGUSR1)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None
            if os.path.islink(self.link):
                os.unlink(self.link)


class Scanner:
    """An emulated scanner: somebody scans the document that was put there, again and again."""

    def __init__(self, gateway, name="scanner", zone="foreign-passport"):
        self.g = gateway
        self.link = os.path.join(gateway.dir, name)
        self.zone = os.path.join(gateway.dir, name + ".yaml")
        self.process = None
        self.put(zone)

    def put(self, zone):
        with open(os.path.join(ROOT, "conf", "zones", zone + ".yaml"), encoding="utf-8") as f:
            self.write(f.read())

    def write(self, text):
        with open(self.zone + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(self.zone + ".new", self.zone)
        if self.process:
            self.process.send_signal(signal.SIGHUP)

    def start(self, every=300):
        words = [self.g.shiming, "reader", "emulate", "--scanner", self.zone, "--link", self.link]
        self.process = subprocess.Popen(words + (["--every", str(every)] if every else []), stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready"), line

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None
        if os.path.islink(self.link):
            os.unlink(self.link)


def children(pid):
    """The reader processes of a gateway."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as f:
                if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(entry))
        except (OSError, IndexError):
            continue
    return found


def reader_state(gateway, name):
    for reader in gateway.call("GET", "/v1/readers")[1]["readers"]:
        if reader["name"] == name:
            return reader
    raise AssertionError(f"no reader {name}")


def wait_ready(gateway, name, seconds=5.0):
    return wait_for(f"reader {name} is ready", lambda: reader_state(gateway, name)["state"] == "ready", seconds)
