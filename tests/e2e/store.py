# SPDX-License-Identifier: Apache-2.0
"""The storage's own verbs: a store is made, refused when it is of another version, and moved from SQLite to MariaDB and
back; a copy that is killed goes on, is refused by a gateway until then, and both sides add up to the same."""
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys

from gateway import Gateway, wait_for
from load import Load
from mariadb import MariaDB

build = sys.argv[1]
random.seed(144)
db = MariaDB()
g = Gateway(build)
on_mariadb = Gateway(build, directory=g.dir, database=db, config="mariadb.yaml")
back = os.path.join(g.dir, "back.yaml")
with open(g.config, encoding="utf-8") as f, open(back, "w", encoding="utf-8") as out:
    out.write(f.read().replace("shiming.db", "back.db"))


def check(config):
    return json.loads(g.run("store", "check", "-c", config, "--json").stdout)


def begun():
    """Has a copy begun to fill the tables?"""
    try:
        return db.sql("SELECT 1 FROM entry WHERE space=1 AND k='copy'") == ["1"]
    except subprocess.CalledProcessError:
        return False


def layouts():
    said = g.run("check", "-c", on_mariadb.config, ok=(1, 2)).stderr
    assert "shiming store init -c FILE" in said, said
    said = g.run("store", "upgrade", "-c", on_mariadb.config, ok=(2,)).stderr
    assert "shiming store init -c FILE" in said, said
    assert "layout 1" in g.run("store", "init", "-c", on_mariadb.config).stdout
    assert "is there" in g.run("store", "init", "-c", on_mariadb.config).stdout
    assert "is as this version wants it" in g.run("store", "upgrade", "-c", on_mariadb.config).stdout
    db.sql("UPDATE layout SET version=2")
    for words in (["serve"], ["store", "init"], ["store", "upgrade"], ["store", "check"]):
        said = g.run(*words, "-c", on_mariadb.config, ok=(1, 2)).stderr
        assert "layout 2" in said and "a newer one" in said, said
    db.sql("UPDATE layout SET version=1")
    assert "is there" in g.run("store", "init", "-c", g.config).stdout
    assert "is as this version wants it" in g.run("store", "upgrade", "-c", g.config).stdout
    print("layouts: made, found, refused")


def fill():
    """Registrations, and enough rows beside them that a copy takes a while."""
    g.staff()
    load = Load(g, g.staff("A-1", "auditor"), clients=4)
    g.start()
    load.start()
    wait_for("registrations", lambda: len(load.acknowledged) > 100)
    load.stop()
    assert not load.errors and not load.verify()
    g.stop()
    rows = sqlite3.connect(os.path.join(g.dir, "shiming.db"))
    rows.executemany("INSERT INTO policy(k,v) VALUES(?,?)",
                     ((b"zz" + random.randbytes(n % 200 + 1) + n.to_bytes(4, "big"), random.randbytes(n * 7 % 1500))
                      for n in range(15000)))
    rows.commit()
    rows.close()
    return load


def copy_and_kill():
    words = [g.shiming, "store", "copy", g.config, on_mariadb.config]
    kills = 0
    while kills < 3:
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            before = db.sql("SELECT hex(v) FROM entry WHERE space=1 AND k='copy'")
            wait_for("the copy to get on", lambda: process.poll() is not None
                     or db.sql("SELECT hex(v) FROM entry WHERE space=1 AND k='copy'") != before)
            process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "the copy was done before it could be killed"
        assert begun()
        kills += 1
    said = g.run("serve", "-c", on_mariadb.config, ok=(1, 2)).stderr
    assert "not finished" in said and "shiming store copy" in said, said
    return kills


try:
    layouts()
    load = fill()
    kills = copy_and_kill()
    print(g.run("store", "copy", g.config, on_mariadb.config).stdout.strip(), f"after {kills} kills")
    there, here = check(g.config), check(on_mariadb.config)
    assert there == here and here["rows"] > 15000, (there, here)
    for config in (g.config, on_mariadb.config):
        assert json.loads(g.run("audit", "verify", "-c", config, "--json").stdout)["whole"]
    said = g.run("store", "copy", g.config, on_mariadb.config, ok=(2,)).stderr
    assert "not empty" in said, said

    on_mariadb.token = g.token
    load.g = on_mariadb
    on_mariadb.start()
    assert not load.verify(), "a registration did not come over"
    count = len(load.acknowledged)
    load.start()
    wait_for("registrations on MariaDB", lambda: len(load.acknowledged) > count + 50)
    load.stop()
    assert not load.errors and not load.verify()
    on_mariadb.stop()
    g.run("store", "copy", on_mariadb.config, back)
    assert check(on_mariadb.config) == check(back)
    assert json.loads(g.run("audit", "verify", "-c", back, "--json").stdout)["whole"]
    print(f"{len(load.acknowledged)} registrations there and back, sums equal, the log whole")

    # The control: one changed byte is another sum.
    db.sql("UPDATE entry SET v=concat(v,'x') WHERE space=9 LIMIT 1")
    assert check(on_mariadb.config)["sum"] != check(back)["sum"]
finally:
    on_mariadb.stop()
    g.close()
    db.close()
