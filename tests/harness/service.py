# SPDX-License-Identifier: Apache-2.0
"""A verification service over TLS that answers well, or misbehaves as its path says.

As a program: service.py FOLDER makes certificates in FOLDER, prints a line "NAME PORT" for each of its doors, then
"ready", and serves until its standard input ends. A line there is a path that stands in for every request's own from
then on, or empty for none; "done" answers it.
"""
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import warnings

HMAC_KEY = b"a key that tests share"


def openssl(*words, cwd):
    subprocess.run(["openssl", *words], cwd=cwd, check=True, capture_output=True)


def authority(folder, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=folder)


def certificate(folder, name, ca, san="DNS:localhost,IP:127.0.0.1", days="10"):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
            f"{name}.key", "-out", f"{name}.csr", cwd=folder)
    with open(os.path.join(folder, f"{name}.ext"), "w", encoding="ascii") as f:
        f.write(f"subjectAltName={san}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days",
            days, "-extfile", f"{name}.ext", "-out", f"{name}.pem", cwd=folder)


def make_certificates(folder):
    authority(folder, "ca")
    authority(folder, "stranger-ca")
    certificate(folder, "server", "ca")
    certificate(folder, "other", "ca", san="DNS:other.example")
    certificate(folder, "expired", "ca", days="-1")
    certificate(folder, "stranger", "stranger-ca")
    certificate(folder, "gateway", "ca")
    with open(os.path.join(folder, "hmac"), "wb") as f:
        f.write(HMAC_KEY)
    os.chmod(os.path.join(folder, "hmac"), 0o600)


class Request:
    def __init__(self, path, headers, body, connection):
        self.path, self.headers, self.body, self.connection = path, headers, body, connection


class Service:
    """answer(request) -> (status, type, body, headers) decides what a good answer is."""

    def __init__(self, folder, answer=None):
        self.folder = folder
        self.answer = answer or self.plain
        self.mode = None  # a path that stands in for every request's own
        self.requests = []  # whole requests, as they came
        self.connections = self.under_way = self.most = 0
        self.lock = threading.Lock()
        self.sockets = []
        self.ports = {}

    # ---- doors ----

    def open(self, name, pair="server", client_ca=None, version=None, port=0):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, f"{pair}.pem"), os.path.join(self.folder, f"{pair}.key"))
        if version is not None:
            warnings.simplefilter("ignore", DeprecationWarning)  # that is the point of it
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(os.path.join(self.folder, f"{client_ca}.pem"))
        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.sockets.append(listener)
        self.ports[name] = listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(listener, context), daemon=True).start()
        return self.ports[name]

    def open_silent(self, name):
        """Connections come about, and nothing else does."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.sockets.append(listener)
        self.ports[name] = listener.getsockname()[1]

    def open_black_hole(self, name):
        """A full backlog: a connection does not even come about."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        self.sockets.append(listener)
        self.ports[name] = listener.getsockname()[1]
        for _ in range(2):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            self.sockets.append(filler)

    def close(self):
        for one in self.sockets:
            one.close()

    # ---- conversations ----

    def accept(self, listener, context):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer, context), daemon=True).start()

    def serve(self, peer, context):
        try:
            with context.wrap_socket(peer, server_side=True) as tls:
                with self.lock:
                    self.connections += 1
                    number = self.connections
                file = tls.makefile("rb")
                while True:
                    request = self.read(file, number)
                    if request is None or not self.respond(tls, request):
                        return
        except OSError:
            pass

    def read(self, file, number):
        line = file.readline(65536).decode("latin-1").split()
        if len(line) != 3:
            return None
        headers = {}
        while True:
            header = file.readline(65536).decode("latin-1").strip()
            if not header:
                break
            name, _, value = header.partition(":")
            headers[name.strip().lower()] = value.strip()
        request = Request(line[1], headers, file.read(int(headers.get("content-length", "0"))), number)
        with self.lock:
            self.requests.append(request)
        return request

    def plain(self, request):
        del request
        return 200, "application/json", b'{"result":{"code":"00","serial":"R-1"}}', {}

    def send(self, tls, status, kind, body, headers=None):
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        tls.sendall(f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
                    .encode() + body)
        return True

    def respond(self, tls, request):
        path = self.mode or request.path
        word, _, number = path.strip("/").partition("/")
        number = int(number) if number.isdigit() else 0
        special = getattr(self, "do_" + word, None) if re.fullmatch("[a-z_]+", word) else None
        if special:
            return special(tls, request, number)
        status, kind, body, headers = self.answer(request)
        return self.send(tls, status, kind, body, dict(headers, **{"X-Connection": str(request.connection)}))

    def do_echo(self, tls, request, _):
        return self.send(tls, 200, "application/octet-stream", request.body,
                         {"X-Echo": request.headers.get("x-test", ""), "X-Connection": str(request.connection)})

    def do_once(self, tls, request, _):
        self.do_echo(tls, request, 0)
        return False  # the connection ends without a word

    def do_status(self, tls, _, number):
        return self.send(tls, number, "application/json", b'{"result":{"code":"00","serial":"R-1"}}')

    def do_redirect(self, tls, *_):
        return self.send(tls, 302, "text/plain", b"elsewhere", {"Location": f"https://localhost:{self.ports['good']}/echo"})

    def do_slow(self, tls, request, number):
        time.sleep(number / 1000)
        status, kind, body, headers = self.answer(request)
        return self.send(tls, status, kind, body, headers)

    def do_flaky(self, tls, request, number):
        """Fails the first times that a question (by its id) comes; the receipt says how often it came."""
        name = request.headers.get("idempotency-key", "")
        with self.lock:
            times = sum(r.headers.get("idempotency-key", "") == name for r in self.requests)
        body = json.dumps({"result": {"code": "00", "serial": f"{times} times"}}).encode()
        return self.send(tls, 503 if times <= number else 200, "application/json", body)

    def do_gauge(self, tls, _, number):
        """The receipt says how many requests were ever under way at the same time."""
        with self.lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        time.sleep(number / 1000)
        with self.lock:
            self.under_way -= 1
            most = self.most
        return self.send(tls, 200, "application/json",
                         json.dumps({"result": {"code": "00", "serial": f"{most} at once"}}).encode())

    def do_hang(self, tls, *_):
        tls.recv(1)  # until the other side has had enough
        return False

    def do_trickle(self, tls, request, number):
        _, kind, body, _ = self.answer(request)
        for byte in f"HTTP/1.1 200 X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body:
            tls.sendall(bytes([byte]))
            time.sleep((number or 1000) / 1000)
        return True

    def do_cut(self, tls, *_):
        tls.sendall(b'HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{"result":')
        return False

    def do_reset(self, tls, *_):
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket(fileno=os.dup(tls.fileno())).close()
        os.close(tls.detach())
        return False

    def do_vanish(self, *_):
        return False

    def do_junk(self, tls, *_):
        tls.sendall(b"\x00\xff no protocol of ours\r\n\r\n" * 20)
        return False

    def do_nonsense(self, tls, *_):
        return self.send(tls, 200, "application/json", b'{"result": [1,2')

    def do_html(self, tls, *_):
        return self.send(tls, 200, "text/html", b"<html>Welcome!</html>")

    def do_huge(self, tls, *_):
        tls.sendall(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            tls.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")

    def do_promise(self, tls, *_):
        tls.sendall(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 10000000000\r\n\r\n")
        return self.do_hang(tls)

    def do_headers(self, tls, *_):
        tls.sendall(b"HTTP/1.1 200 X\r\n")
        while True:
            tls.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")

    def do_interim(self, tls, *_):
        while True:
            tls.sendall(b"HTTP/1.1 100 X\r\nX-More: " + b"y" * 100 + b"\r\n\r\n")

    def do_twice(self, tls, *_):
        tls.sendall(b"HTTP/1.1 200 X\r\nX-Echo: one\r\nX-Echo: two\r\nContent-Length: 0\r\n\r\n")
        return True


def open_all(service):
    service.open("good")
    service.open("client", client_ca="ca")
    service.open("client-old", client_ca="ca", version=ssl.TLSVersion.TLSv1_2)
    service.open("other", pair="other")
    service.open("expired", pair="expired")
    service.open("stranger", pair="stranger")
    service.open("old", version=ssl.TLSVersion.TLSv1_1)
    service.open_silent("silent")
    service.open_black_hole("black-hole")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        service.ports["closed"] = s.getsockname()[1]


def main():
    make_certificates(sys.argv[1])
    service = Service(sys.argv[1])
    open_all(service)
    for name, port in service.ports.items():
        print(name, port)
    print("ready", flush=True)
    for line in sys.stdin:
        service.mode = line.strip() or None
        print("done", flush=True)


if __name__ == "__main__":
    main()
