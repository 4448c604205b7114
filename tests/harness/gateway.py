# SPDX-License-Identifier: Apache-2.0
"""A gateway of one test's own: configuration, keys, an emulated reader, a clerk, and requests to it."""
import collections
import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, check, seconds=20.0):
    """Poll until check() is true; a test fails when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = check()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds} s")


def png_of(width, height, *chunks):
    """A picture that consists of these chunks between its first and its last."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
                                          for kind, data in (head, *chunks, (b"IEND", b"")))


def png(seed, side=32):
    """A small picture that shows nobody."""
    rows = b"".join(b"\0" + bytes((x * seed + y * 7 + seed) % 256 for x in range(side) for _ in range(3))
                    for y in range(side))
    return png_of(side, side, (b"tEXt", b"seed\0" + str(seed).encode()), (b"IDAT", zlib.compress(rows)))


def large_png(size):
    """As large a picture as is asked for, of noise."""
    return png_of(1600, 1700, (b"IDAT", os.urandom(size)))


def resident_number(index):
    """A made-up number with a right check digit: an old Tibet region code, and days long past."""
    body = "542425" + f"19{40 + index % 50:02d}{1 + index // 50 % 12:02d}{1 + index // 600 % 28:02d}" + f"{index % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(w * int(c) for w, c in zip(weights, body))
    return body + "10X98765432"[total % 11]


# The regulations of the shipped folder, as `shiming policy list` finds them.
STACK = ("cn/2013", "cn/2015-reader", "cn/2016-five", "cn/2019-face", "cn/2022-fraud", "cn/2023-foreigner",
         "cn/2024-hk-macau", "cn/2025-face", "cn-54/2018")


class Gateway:
    def __init__(self, build, directory=None, readers="", verifiers=None, extra="", storage="", suite="aes-256-gcm",
                 env=None, wrap=(), database=None, config="shiming.yaml", reporters=None):
        self.build = os.path.abspath(build)
        self.shiming = os.path.join(self.build, "bin", "shiming")
        self.dir = directory or tempfile.mkdtemp(prefix="shiming-test-")
        self.port = free_port()
        self.process = None
        self.env = dict(os.environ, **(env or {}))
        self.wrap = list(wrap)
        self.config = os.path.join(self.dir, config)
        if verifiers is None:
            verifiers = ("[ { name: public-security, plugin: sim, options: { verdict: match } }, "
                         "{ name: face-comparison, plugin: sim, options: { verdict: match } } ]")
        place = f"{{ plugin: sqlite, options: {{ path: shiming.db{storage} }} }}" if database is None else database.storage()
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"""gateway:   {{ operator: 测试电信, licence: A2.B1-20180001, region: "540102", listen: "127.0.0.1:{self.port}" }}
policies:  {{ path: {ROOT}/policies, stack: [{", ".join(STACK)}] }}
storage:   {place}
readers:   [ {readers} ]
verifiers: {verifiers}
reporters: {reporters or "[ { name: public-security-reports, plugin: file, options: { path: reports.jsonl } } ]"}
keys:      {{ path: keys, suite: {suite} }}
{extra}
""")
        if not os.path.exists(os.path.join(self.dir, "keys")):
            self.run("key", "init", os.path.join(self.dir, "keys"), "--suite", suite)
        self.token = None

    def run(self, *words, ok=(0,), **options):
        options.setdefault("env", self.env)
        done = subprocess.run([self.shiming, *words], capture_output=True, text=True, **options)
        if done.returncode not in ok:
            raise AssertionError(f"shiming {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def staff(self, name="S-9", role="clerk", dealer=None):
        words = ["staff", "add", "-c", self.config, name, "--role", role]
        token = self.run(*words, *(["--dealer", dealer] if dealer else [])).stdout.strip()
        if self.token is None:
            self.token = token
        return token

    def start(self):
        with open(os.path.join(self.dir, "gateway.log"), "ab") as log:
            self.process = subprocess.Popen([*self.wrap, self.shiming, "serve", "-c", self.config], stderr=log,
                                            stdout=log, env=self.env)
        try:
            wait_for("the gateway is ready", self.ready)
        except AssertionError:
            sys.stderr.write(self.read_log()[-3000:])
            raise

    def read_log(self):
        with open(os.path.join(self.dir, "gateway.log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError("the gateway ended: " + self.read_log()[-3000:])
        try:
            return self.call("GET", "/readyz", token="")[0] == 200
        except OSError:
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        return self.process.returncode if self.process else None

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def connect(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def call(self, method, path, body=None, token=None, headers=None, connection=None):
        """(status, decoded JSON or bytes, headers). body: bytes as they are, anything else as JSON."""
        own = connection is None
        connection = connection or self.connect()
        token = self.token if token is None else token
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None and not isinstance(body, (bytes, bytearray)):
            body = json.dumps(body, ensure_ascii=False).encode()
        sent.update(headers or {})
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            if own:
                connection.close()
        if data and "json" in (answer.getheader("Content-Type") or ""):
            data = json.loads(data)
        return answer.status, data, dict(answer.getheaders())

    def metric(self, name):
        for line in self.call("GET", "/metrics", token="")[1].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise AssertionError(f"no metric {name}")

    def thread_seconds(self):
        """Processor time so far, by the name of threads."""
        spent = collections.Counter()
        for task in os.scandir(f"/proc/{self.process.pid}/task"):
            with open(f"{task.path}/comm", encoding="utf-8") as f:
                name = f.read().strip()
            with open(f"{task.path}/schedstat", encoding="utf-8") as f:
                spent[name] += int(f.read().split()[0]) / 1e9
        return spent

    def upload(self, seed, connection=None, headers=None):
        status, data, _ = self.call("POST", "/v1/evidence", png(seed), connection=connection, headers=headers)
        assert status == 201, (status, data)
        return data["id"]

    def application(self, index, pictures, **more):
        """A customer at the operator's own counter, with nothing missing. A residence permit may be typed, a resident
        card is read by a reader."""
        made = {
            "operation": "mobile.open", "number": f"+86139{index:08d}", "region": "540102",
            "channel": {"kind": "operator", "outlet": "LS-001"},
            "customer": {"kind": "person", "name": f"测试人{index}号", "work_unit": f"示例单位{index}",
                         "document": {"type": "residence_permit", "number": resident_number(index), "address": f"示例路{index}号",
                                      "valid_from": "2015-01-01", "valid_to": "2049-01-01", "examined": "genuine"}},
            "evidence": [{"kind": "document_photo", "of": "customer", "id": pictures[0]},
                         {"kind": "portrait", "of": "customer", "id": pictures[1]}],
        }
        made.update(more)
        return made

    def audit(self, ok=(0,)):
        return self.run("audit", "verify", "-c", self.config, "--json", ok=ok)
