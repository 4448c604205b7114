# SPDX-License-Identifier: Apache-2.0
"""A socket in front of a server that cuts connections at random, half of them without telling the server; and a cable,
which is such a socket in a process of its own."""
import os
import random
import signal
import socket
import subprocess
import sys
import threading


class Cutter:
    def __init__(self, path, upstream, seed):
        self.path, self.upstream = path, upstream
        self.random = random.Random(seed)
        self.cutting = threading.Event()
        self.cuts = 0
        self.left_open = []  # the server's ends that were never told
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.upstream)
            except OSError:
                client.close()
                continue
            for come, go in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(come, go, client, server), daemon=True).start()

    def choose(self):
        """(cut, is the message still sent on, is the server told)"""
        with self.lock:
            cut = self.cutting.is_set() and self.random.random() < 0.02
            self.cuts += cut
            return cut, not cut or self.random.random() < 0.5, self.random.random() < 0.5

    def pump(self, come, go, client, server):
        try:
            while data := come.recv(65536):
                cut, sent_on, told = self.choose()
                if sent_on:
                    go.sendall(data)
                if cut and not told:
                    self.left_open.append(server)
                if cut:
                    break
        except OSError:
            pass
        for end in (client, server):
            try:
                if end not in self.left_open:
                    end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
        for server in self.left_open:
            server.close()
        os.unlink(self.path)


class Cable:
    def __init__(self, path, upstream):
        self.path, self.upstream = path, upstream
        self.process = None
        self.plug_in()

    def plug_in(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", sys.executable, os.path.abspath(__file__),
                                         self.path, self.upstream], stdout=subprocess.PIPE)
        self.process.stdout.readline()  # it listens

    def fall_silent(self):
        """As when a switch is off: nothing arrives, and nobody is told."""
        self.process.send_signal(signal.SIGSTOP)

    def speak_again(self):
        """What was sent meanwhile arrives."""
        self.process.send_signal(signal.SIGCONT)

    def reset(self):
        """Both ends are told that their connections are gone."""
        self.close()
        self.plug_in()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


if __name__ == "__main__":
    Cutter(sys.argv[1], sys.argv[2], 0)
    print("listening", flush=True)
    threading.Event().wait()
