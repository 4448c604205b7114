# SPDX-License-Identifier: Apache-2.0
"""Four readers read at once, each another card every time: no read is lost, late or mixed up with another, and neither
the gateway nor a driver's process grows."""
import base64
import os
import sys
import threading
import time

from emulator import Emulator, children, reader_state, wait_ready
from gateway import Gateway

build, count = sys.argv[1], int(sys.argv[2])
READERS, DEADLINE = 4, 3.0


def card_number(reader, index):
    """Reader and index stand where the answer's mask leaves them: in the first six digits and the last four."""
    body = f"54{reader}{index // 1000:03d}19880314{index % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(w * int(c) for w, c in zip(weights, body)) % 11]


def photo(reader, index):
    mark = f"{reader}/{index};".encode()
    return (mark * (1024 // len(mark) + 1))[:1024]


class Counter(threading.Thread):
    def __init__(self, gateway, number, reads):
        super().__init__(daemon=True)
        self.g, self.number, self.reads = gateway, number, reads
        self.name = f"counter-{number}"
        self.emulator = Emulator(gateway, self.name)
        self.emulator.start()
        self.slowest, self.error = 0.0, None
        self.warm = threading.Event()  # a quarter is done: by now everything is there that is kept

    def lay_down(self, index):
        """Another card, with another photo, into the field."""
        folder = os.path.dirname(self.emulator.file)
        with open(os.path.join(folder, self.name + ".wlt"), "wb") as f:
            f.write(photo(self.number, index))
        self.emulator.put_text(f"""layout: resident
name: 测试{self.number}之{index}
sex: male
nation: "04"
birth: 1988-03-14
address: 示例路{index}号
number: "{card_number(self.number, index)}"
issuer: 示例市公安局
valid_from: 2018-05-01
valid_to: 2038-05-01
photo: {self.name}.wlt
""")

    def check(self, status, data, index):
        assert status == 201, (self.name, index, status, data)
        wanted = card_number(self.number, index)
        seen = data["fields"]["document"]["number"]
        assert data["reader"] == self.name, data["reader"]
        assert (seen[:6], seen[-4:]) == (wanted[:6], wanted[-4:]), (self.name, index, seen)
        held = data["portrait"]["data"]
        assert decode(held) == photo(self.number, index), (self.name, index, "the photo is another card's")

    def run(self):
        connection = self.g.connect()
        try:
            for index in self.reads:
                self.lay_down(index)
                start = time.monotonic()
                status, data, _ = self.g.call("POST", f"/v1/readers/{self.name}/reads", connection=connection)
                self.slowest = max(self.slowest, time.monotonic() - start)
                self.check(status, data, index)
                if index >= self.reads[len(self.reads) // 4]:
                    self.warm.set()
        except Exception as error:  # told where the test waits
            self.error = error
        self.warm.set()
        connection.close()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def usage(pid):
    with open(f"/proc/{pid}/statm") as f:
        resident = int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    return resident, len(os.listdir(f"/proc/{pid}/fd"))


g = Gateway(build)
g.close()
os.makedirs(g.dir)
readers = ", ".join(f"{{ name: counter-{n}, plugin: sdt, deadline: {DEADLINE:.0f}s, options: {{ device: {g.dir}/counter-{n}, "
                    "find_every: 20ms } }" for n in range(1, READERS + 1))
g = Gateway(build, directory=g.dir, readers=readers)
counters = []
try:
    g.staff()
    each = count // READERS
    counters = [Counter(g, n, range(each)) for n in range(1, READERS + 1)]
    g.start()
    for counter in counters:
        wait_ready(g, counter.name)
    drivers = sorted(children(g.process.pid))
    assert len(drivers) == READERS, drivers
    begin = time.monotonic()
    for counter in counters:
        counter.start()
    for counter in counters:
        counter.warm.wait()
    before = [usage(pid) for pid in [g.process.pid, *drivers]]
    for counter in counters:
        counter.join()
    took = time.monotonic() - begin
    for counter in counters:
        if counter.error:
            raise counter.error
    after = [usage(pid) for pid in [g.process.pid, *drivers]]
    assert sorted(children(g.process.pid)) == drivers, "a driver was started again"
    for (resident, files), (resident_now, files_now) in zip(before, after):
        assert resident_now <= resident + 1024, (before, after)
        assert files_now <= files + 1, (before, after)
    for counter in counters:
        state = reader_state(g, counter.name)
        assert (state["reads"], state["failures"], state["restarts"]) == (each, 0, 0), state
    slowest = max(counter.slowest for counter in counters)
    assert slowest < DEADLINE, slowest
    print(f"{each * READERS} reads at {READERS} readers: none lost, late or mixed up; {each * READERS / took:.0f}/s, slowest "
          f"{slowest * 1000:.0f} ms; gateway {before[0][0]} then {after[0][0]} KiB and {after[0][1]} files, drivers "
          f"{max(b[0] for b in before[1:])} then {max(a[0] for a in after[1:])} KiB and {after[1][1]} files")
finally:
    for counter in counters:
        counter.emulator.stop()
    g.stop()
    g.close()
