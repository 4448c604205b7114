# SPDX-License-Identifier: Apache-2.0
"""Policies go live a hundred times under full load: no request fails, none waits over three times the median, and each is
decided by one set whole.

A busy machine makes requests wait by itself. So the same load runs first beside a process that has nothing to do with the
gateway and takes as much of the processor as loading does, before and after: what waits there is the machine's doing (and
the clients', who share it), and what goes live may add nothing to it. Where nothing waits there, nothing may wait at all."""
import collections
import json
import os
import re
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import time

from gateway import ROOT, Gateway

build = sys.argv[1]
RELOADS, CLIENTS, REGISTRARS, TIMES, TRIES = 100, 32, 4, 3, 3
MEMORY_MIB = 8  # a set is some megabytes for each worker: kept, it would show
NICE = 10  # of the thread that loads policies


def resident(pid):
    """Memory of a process, in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) / 1024


class Client:
    """A connection that sends its next request when the last one was answered."""

    def __init__(self, load, request):
        self.load, self.request, self.have = load, request, b""
        self.socket = socket.create_connection(("127.0.0.1", load.g.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self):
        self.begun = time.perf_counter()
        self.socket.sendall(self.request)

    def receive(self):
        self.have += self.socket.recv(65536)
        head, _, body = self.have.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if length is None or len(body) < int(length.group(1)):
            return
        took, self.have = time.perf_counter() - self.begun, b""
        self.answered(int(head[9:12]), body, took)


class Clerk(Client):
    def answered(self, status, body, took):
        self.load.took.append(took)
        self.load.statuses[status] += 1
        self.load.sets[re.search(rb'"set":"([^"]+)"', body).group(1).decode()] += 1
        if not self.load.over():
            self.send()


class Registrar(Client):
    """Registers what is refused, which is recorded and reported; not timed, for a disk has its own pace."""

    def answered(self, status, body, took):
        assert status == 422 and b'"id":' in body, body
        self.load.recorded += 1
        if not self.load.over():
            self.send()


class Reviewer(Client):
    """Puts other texts into the folder and asks for them, as often as is wanted."""

    def next(self):
        with open(self.load.path, "wb") as f:
            f.write(self.load.text + b"-- the other one\n" * (len(self.load.activated) % 2))
        self.send()

    def answered(self, status, body, took):
        assert status == 200, body
        self.load.activated.append(took)
        self.load.resident.append(resident(self.load.g.process.pid))
        if not self.load.over():
            self.next()


class Load:
    """All clients on one thread; clerks' requests are timed."""

    def __init__(self, gateway, admin, path, reloads):
        self.g, self.path, self.reloads = gateway, path, reloads
        with open(path, "rb") as f:
            self.text = f.read()
        self.took, self.activated, self.resident, self.recorded = [], [], [], 0
        self.statuses, self.sets = collections.Counter(), collections.Counter()
        self.end = time.monotonic() + 5
        body = json.dumps(gateway.application(1, ("x", "y"), evidence=[]), ensure_ascii=False).encode()
        self.clerk = self.head("/v1/decisions", gateway.token, len(body)) + body
        body = json.dumps({"operation": "mobile.lend"}).encode()
        self.registrar = self.head("/v1/registrations", gateway.token, len(body)) + body
        self.reviewer = self.head("/v1/policies/activation", admin, 0)

    @staticmethod
    def head(path, token, length):
        return (f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n").encode()

    def over(self):
        return len(self.activated) >= self.reloads if self.reloads else time.monotonic() > self.end

    def run(self):
        selector = selectors.DefaultSelector()
        clients = [Clerk(self, self.clerk) for _ in range(CLIENTS)]
        clients += [Registrar(self, self.registrar) for _ in range(REGISTRARS)]
        if self.reloads:
            clients.append(Reviewer(self, self.reviewer))
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.next() if isinstance(client, Reviewer) else client.send()
        while not self.over():
            for key, _ in selector.select(10):
                key.data.receive()
        for client in clients:
            client.socket.close()
        selector.close()
        with open(self.path, "wb") as f:
            f.write(self.text)
        return self

    def show(self, what):
        """The share of requests that waited too long."""
        median, worst = statistics.median(self.took), max(self.took)
        late = sum(t > TIMES * median for t in self.took)
        print(f"{what}: {len(self.took)} answers, {self.recorded} records, median {median * 1e3:.2f} ms, worst {worst * 1e3:.2f} ms, "
              f"{late} over {TIMES} times the median" + (f"; {len(self.activated)} activations of "
                                                         f"{statistics.mean(self.activated) * 1e3:.0f} ms" if self.activated else ""),
              flush=True)
        return late / len(self.took)


def beside_others():
    other = subprocess.Popen(["nice", "-n", str(NICE), sys.executable, "-c", "while True: pass"])
    try:
        return Load(g, admin, path, 0).run().show("beside another process")
    finally:
        other.kill()
        other.wait()


g = Gateway(build)
try:
    policies = os.path.join(g.dir, "policies")
    shutil.copytree(os.path.join(ROOT, "policies"), policies)
    with open(g.config, encoding="utf-8") as f:
        text = f.read()
    with open(g.config, "w", encoding="utf-8") as f:
        f.write(text.replace(f"{ROOT}/policies", policies))
    g.staff()
    admin = g.staff("M-1", "admin")
    g.start()
    path = os.path.join(policies, "cn-54", "2018.lua")
    for attempt in range(TRIES):
        others = beside_others()
        load = Load(g, admin, path, RELOADS).run()
        late = load.show(f"going live {RELOADS} times")
        assert set(load.statuses) == {200}, load.statuses
        assert len(load.sets) == 2, load.sets
        grown = max(load.resident[RELOADS // 2:]) - max(load.resident[:RELOADS // 2])
        print(f"memory after each: at most {max(load.resident):.0f} MiB, {grown:+.1f} MiB in the second half")
        assert grown < MEMORY_MIB, load.resident
        others = max(others, beside_others())
        if late == 0:
            print(f"none waited over {TIMES} times the median")
            break
        if others > 0 and late <= 1.5 * others + 0.01:
            print(f"this machine is too busy to show that none waits over {TIMES} times the median: {others:.2%} do beside "
                  f"another process, {late:.2%} while policies go live")
            break
    else:
        raise AssertionError("going live makes requests wait, three times in a row")
    assert g.metric("shiming_policies_refusals_total") == 0
    assert g.metric("shiming_policies_activations_total") >= RELOADS
finally:
    g.close()
