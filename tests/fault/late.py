# SPDX-License-Identifier: Apache-2.0
"""The loop is never more than 50 ms late: while a reader hangs, while the storage stalls for 10 s, while 1,000 slow
clients hold on. Good clients are served all the while."""
import os
import socket
import sqlite3
import sys
import threading
import time

from gateway import Gateway, wait_for
from load import Load

build = sys.argv[1]
g = Gateway(build, readers="{ name: stuck, plugin: sim, deadline: 2s, options: { type: resident_id, "
                           "number: \"11010519491231002X\", name: 甲乙, fault: hang } }",
            storage=", busy: 15s", extra="limits:    { request: 8s, connections: 4096 }")


def late():
    return g.metric("shiming_loop_late_over_50ms_total"), g.metric("shiming_loop_late_worst_microseconds") / 1000


def still_in_time(what):
    over, worst = late()
    assert over == 0, f"{what}: {over} times over 50 ms late, worst {worst} ms"
    print(f"{what}: worst {worst:.1f} ms")


try:
    g.staff()
    auditor = g.staff("A-1", "auditor")
    g.start()
    load = Load(g, auditor, clients=4)

    # A reader that hangs in its driver: answered at the deadline, others served meanwhile.
    stuck = threading.Thread(target=lambda: results.append(g.call("POST", "/v1/readers/stuck/reads")[0]))
    results = []
    stuck.start()
    served = 0
    while stuck.is_alive():
        assert g.call("GET", "/readyz", token="")[0] == 200
        served += 1
    stuck.join()
    assert results == [504], results
    assert served > 20, served
    still_in_time("a hanging reader")

    # The storage stalls: somebody holds its write lock for 10 s. Readers and health go on; writes wait, then hold.
    load.start()
    wait_for("registrations", lambda: len(load.acknowledged) > 20)
    db = sqlite3.connect(os.path.join(g.dir, "shiming.db"), isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    end = time.monotonic() + 10
    slowest = 0.0
    while time.monotonic() < end:
        begun = time.monotonic()
        assert g.call("GET", "/healthz", token="")[0] == 200
        slowest = max(slowest, time.monotonic() - begun)
    db.execute("ROLLBACK")
    db.close()
    before = len(load.acknowledged)
    wait_for("registrations again", lambda: len(load.acknowledged) > before + 20)
    load.stop()
    assert slowest < 1.0, f"health took {slowest:.2f} s while the storage stalled"
    wrong = load.verify()
    assert not wrong, wrong[:3]
    still_in_time("a storage that stalls for 10 s")

    # A thousand clients that send a byte now and then hold their own connection and nothing else.
    slow = []
    for n in range(1000):
        s = socket.create_connection(("127.0.0.1", g.port))
        s.sendall(b"POST /v1/registrations HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n" if n % 2 else b"GET /he")
        slow.append(s)
    load.start()
    before = len(load.acknowledged)
    wait_for("registrations beside them", lambda: len(load.acknowledged) > before + 50)

    def trickle():
        closed = 0
        for s in slow:
            try:
                s.sendall(b"a")
                s.setblocking(False)
                try:
                    closed += s.recv(1000) == b""
                except BlockingIOError:
                    pass
                finally:
                    s.setblocking(True)
            except OSError:
                closed += 1
        return closed == len(slow)
    wait_for("the slow ones are cut off although they trickle", trickle, 30)
    load.stop()
    for s in slow:
        s.close()
    still_in_time("1,000 slow clients")
finally:
    g.close()
