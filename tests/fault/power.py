# SPDX-License-Identifier: Apache-2.0
"""Power cuts without pulling a plug: the store lies on ext4 on a loop device; the gateway is stopped in its tracks,
the device's backing file copied (what was not written back is not in it), and the copy mounted. Everything
acknowledged before the stop must be in the copy. The control runs with fsync switched off and must lose."""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from gateway import Gateway
from load import Load

build, cuts = sys.argv[1], int(sys.argv[2])
random.seed(int(os.environ.get("SHIMING_SEED", "20180101")))
if os.geteuid() != 0 or not os.path.exists("/dev/loop-control"):
    print("skipped: needs root and loop devices")
    sys.exit(77)


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def cut_once(top, wrap):
    """One cut. Returns (acknowledged, what was wrong after it)."""
    image, copy = os.path.join(top, "a.img"), os.path.join(top, "b.img")
    mount, after = os.path.join(top, "m"), os.path.join(top, "after")
    for path in (mount, after):
        os.makedirs(path, exist_ok=True)
    with open(image, "wb") as f:
        f.truncate(192 << 20)
    run("mkfs.ext4", "-q", image)
    run("mount", "-o", "loop", image, mount)
    g = None
    try:
        g = Gateway(build, directory=mount, wrap=wrap)
        g.staff()
        auditor = g.staff("A-1", "auditor")
        os.sync()  # the set-up is not what is tested
        g.start()
        load = Load(g, auditor)
        load.start()
        time.sleep(random.uniform(0.4, 0.9))
        g.process.send_signal(signal.SIGSTOP)
        told = dict(load.acknowledged)
        shutil.copyfile(image, copy)
        g.kill()
        load.stop()
        load.acknowledged, load.unknown = told, {}
        run("umount", "-l", mount)
        run("mount", "-o", "loop", copy, after)
        try:
            second = Gateway(build, directory=after)
            second.token = g.token
            load.g = second
            try:
                second.start()
                wrong = load.verify()
                second.stop()
                wrong += [] if second.audit(ok=(0, 1, 2)).returncode == 0 else ["audit verify fails"]
            except AssertionError as error:
                wrong = [f"does not start: {str(error)[:200]}"]
            if second.process and second.process.poll() is None:
                second.kill()
        finally:
            run("umount", "-l", after)
        return len(told), wrong
    finally:
        if g is not None and g.process and g.process.poll() is None:
            g.kill()
        subprocess.run(["umount", "-l", mount], stderr=subprocess.DEVNULL)


top = tempfile.mkdtemp(prefix="shiming-power-")
try:
    total = 0
    for n in range(cuts):
        count, wrong = cut_once(top, ())
        total += count
        assert not wrong, f"cut {n}: {count} acknowledged, {wrong[:5]}"
    assert total > cuts, "the load was too thin to show anything"
    print(f"{cuts} power cuts, {total} acknowledged, 0 lost")
    for n in range(5):
        count, wrong = cut_once(top, ("eatmydata",))
        if wrong:
            print(f"control: without fsync, cut {n + 1} lost: {wrong[0]}")
            break
    else:
        raise AssertionError("the control lost nothing: this test cannot tell a durable store from a careless one")
finally:
    shutil.rmtree(top, ignore_errors=True)
