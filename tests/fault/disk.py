# SPDX-License-Identifier: Apache-2.0
"""A disk that is full or cannot sync, under the whole gateway: no acknowledgement without durable data, reads go on, and
it is back without a hand when the disk is. The control is a disk that lies: its writes vanish and it says they were
done; the same check must then find what was lost."""
import os
import sys
import tempfile
import time

from full_disk import build_injector
from gateway import Gateway, wait_for
from load import Load

build = sys.argv[1]
top = tempfile.mkdtemp(prefix="shiming-disk-")
injector = build_injector(top)


def run(name, call, errno, **more):
    every_now_and_then = "FAULT_EVERY" in more  # the calls between are good, and what they keep may be said
    flag = os.path.join(top, "flag-" + name)
    env = {"LD_PRELOAD": injector, "FAULT_PATH": "shiming.db", "FAULT_CALL": call, "FAULT_ERRNO": errno, "FAULT_FLAG": flag}
    env.update(more)
    g = Gateway(build, env=env)
    try:
        g.staff()
        auditor = g.staff("A-1", "auditor")
        g.start()
        load = Load(g, auditor, clients=4)
        load.start()
        wait_for("registrations", lambda: len(load.acknowledged) > 20)
        with open(flag, "w"):
            pass  # from now on the disk fails
        wait_for("the store to notice", lambda: g.metric("shiming_store_failures_total") > 0)
        wait_for("acknowledgements to stop", lambda: every_now_and_then or quiet(load))
        held = len(load.acknowledged)
        assert g.call("GET", "/healthz", token="")[0] == 200
        id = next(iter(load.acknowledged.values()))[1]
        assert g.call("GET", f"/v1/registrations/{id}")[0] in (200, 503), "a read was answered wrongly"
        status, data, _ = g.call("POST", "/v1/evidence", b"")
        assert status == 415
        status, data, _ = g.call("POST", "/v1/registrations", g.application(999999, ["0190163d-8694-739b-aea5-966c26f8ad91"] * 2),
                                 headers={"Idempotency-Key": "while-full"})
        assert status in (400, 503, 507), (status, data)  # 400: there is no such picture
        assert every_now_and_then or len(load.acknowledged) == held, "acknowledged while the disk fails"
        os.unlink(flag)
        wait_for("service without a hand", lambda: len(load.acknowledged) > held + 20, 30)
        load.stop()
        assert not load.errors, load.errors[:3]
        wrong = load.verify()
        assert not wrong, wrong[:5]
        # What was acknowledged must be on the disk, not in the process: fall, and look again.
        g.kill()
        g.env.pop("LD_PRELOAD")
        g.start()
        wrong = load.verify()
        assert not wrong, wrong[:5]
        g.stop()
        assert g.audit().returncode == 0
        print(f"{name}: {len(load.acknowledged)} acknowledged, 0 lost, back without a hand")
    finally:
        g.close()


def lying_disk():
    flag = os.path.join(top, "flag-lie")
    g = Gateway(build, env={"LD_PRELOAD": injector, "FAULT_PATH": "shiming.db", "FAULT_CALL": "write", "FAULT_LIE": "yes",
                            "FAULT_FLAG": flag})
    try:
        g.staff()
        load = Load(g, g.staff("A-1", "auditor"))
        g.start()
        connection = g.connect()
        index, pictures = load.deposit(connection)
        with open(flag, "w"):
            pass
        assert load.register(index, pictures, connection) == 201, "the disk's lie was not believed"
        g.kill()
        g.env.pop("LD_PRELOAD")
        try:
            g.start()
            wrong = load.verify()
        except AssertionError as error:
            wrong = [str(error)[:200]]
        assert wrong, "the check did not notice that acknowledged registrations are gone"
        print(f"control: a disk that lies is noticed: {wrong[0][:100]}")
    finally:
        g.close()


def quiet(load):
    """No acknowledgement between two looks, while clients keep asking."""
    before = len(load.acknowledged)
    time.sleep(0.3)
    return len(load.acknowledged) == before


run("full", "write", "ENOSPC")
run("full, torn", "write", "ENOSPC", FAULT_SHORT="yes")
run("fsync", "sync", "EIO")
run("fsync now and then", "sync", "EIO", FAULT_EVERY="7")
lying_disk()
