# SPDX-License-Identifier: Apache-2.0
"""Several gateways on one store, as one site, and a balancer before them."""
import os
import tempfile
import threading

from gateway import Gateway, wait_for


def together(calls):
    """Run them at the same moment; their results in order."""
    barrier, results, failures = threading.Barrier(len(calls)), [None] * len(calls), []

    def run(i):
        barrier.wait()
        try:
            results[i] = calls[i]()
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


class Place:
    """A storage for one gateway, as Gateway takes it."""

    def __init__(self, text):
        self.text = text

    def storage(self):
        return self.text


def careless_plugins(build):
    """A folder of all plugins and the careless storage of tests/plugins. The caller removes it."""
    folder = tempfile.mkdtemp(prefix="shiming-plugins-")
    for kind in os.listdir(f"{build}/plugins"):
        os.mkdir(f"{folder}/{kind}")
        for name in os.listdir(f"{build}/plugins/{kind}"):
            os.symlink(f"{build}/plugins/{kind}/{name}", f"{folder}/{kind}/{name}")
    os.symlink(f"{build}/tests/plugins/careless.so", f"{folder}/storage/careless.so")
    return folder


class Site:
    """Gateways with a node's name and a configuration each; keys and store are shared. One for each of the storages."""

    def __init__(self, build, database, storages, careless=None, plugins=None, **options):
        """careless: what the storage of tests/plugins lacks, which is in that folder of plugins."""
        self.database = database
        if careless is not None:
            options["env"] = {"CARELESS_STORAGE": f"{build}/plugins/storage/mariadb.so", "CARELESS_OF": careless}
            storages = [storage.replace("plugin: mariadb", "plugin: careless") for storage in storages]
        self.dir = tempfile.mkdtemp(prefix="shiming-test-")
        self.gateways = []
        folder = f" plugins: {plugins}," if plugins else ""
        for n, storage in enumerate(storages, 1):
            g = Gateway(build, directory=self.dir, database=Place(storage), config=f"g{n}.yaml", **options)
            with open(g.config, encoding="utf-8") as f:
                text = f.read()
            with open(g.config, "w", encoding="utf-8") as f:
                f.write(text.replace("gateway:   {", f"gateway:   {{ node: g{n},{folder}")
                        .replace("reports.jsonl", f"reports-{n}.jsonl"))
            self.gateways.append(g)
        first = self.gateways[0]
        first.run("store", "init", "-c", first.config)
        first.staff()
        self.auditor = first.staff("A-1", "auditor")
        for g in self.gateways:
            g.token = first.token
        together([g.start for g in self.gateways])  # on an empty store, too

    def close(self):
        for g in self.gateways:
            g.close()


class Front:
    """As a load balancer does: requests go to a gateway that answers, round and round."""

    def __init__(self, site):
        self.site = site
        self.turn = 0

    def choose(self):
        self.turn += 1
        count = len(self.site.gateways)
        for i in range(count):
            g = self.site.gateways[(self.turn + i) % count]
            if g.process.poll() is None:
                return g
        raise OSError("no gateway")

    def connect(self, timeout=30):
        return self.choose().connect(timeout)

    def call(self, *words, **options):
        options.setdefault("connection", None)
        return self.choose().call(*words, **options)

    def upload(self, *words, **options):
        return self.choose().upload(*words, **options)

    def application(self, *words, **options):
        return self.site.gateways[0].application(*words, **options)


def goes_on(load, what, more=15):
    before = len(load.acknowledged)
    wait_for(what, lambda: len(load.acknowledged) > before + more, 60)
