# SPDX-License-Identifier: Apache-2.0
"""An emulated card reader on a pty: another card, another fault, whenever a test wants one."""
import os
import signal
import subprocess

from gateway import ROOT, wait_for


class Virtual:
    """Hardware that is none: what lies on it is a file, which a signal makes it read again."""

    def __init__(self, gateway, name, kind, shown):
        self.g, self.kind = gateway, kind
        self.link = os.path.join(gateway.dir, name)
        self.file = os.path.join(gateway.dir, name + ".yaml")
        self.process = None
        self.put(shown)

    def put(self, shown):
        """One of conf/cards, or conf/zones."""
        with open(os.path.join(ROOT, "conf", self.kind, shown + ".yaml"), encoding="utf-8") as f:
            self.put_text(f.read())

    def put_text(self, text):
        with open(self.file + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(self.file + ".new", self.file)
        if self.process:
            self.process.send_signal(signal.SIGHUP)

    def run(self, *words):
        self.process = subprocess.Popen([self.g.shiming, "reader", "emulate", *words], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready"), line

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None
            if os.path.islink(self.link):
                os.unlink(self.link)


class Emulator(Virtual):
    def __init__(self, gateway, name="reader", card="resident"):
        super().__init__(gateway, name, "cards", card)

    def start(self, *faults, listen=None):
        """listen: an address to be a network bridge at, instead of a port."""
        place = ["--listen", listen] if listen else ["--link", self.link]
        self.run(self.file, *place, *(word for fault in faults for word in ("--fault", fault)))

    def remove(self):
        self.process.send_signal(signal.SIGUSR1)


class Scanner(Virtual):
    """Somebody scans the document that was put there, again and again."""

    def __init__(self, gateway, name="scanner", zone="foreign-passport"):
        super().__init__(gateway, name, "zones", zone)

    def start(self, every=300):
        self.run("--scanner", self.file, "--link", self.link, *(["--every", str(every)] if every else []))


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
