# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the gateway at random moments under 16 clients: nothing acknowledged is lost, nothing is half there, and
the same key gets the first answer after the restart. The control takes one acknowledged row away behind the
gateway's back: the same checks must then fail."""
import json
import os
import random
import sqlite3
import sys
import time

from gateway import Gateway
from load import Load

build = sys.argv[1]
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
random.seed(int(os.environ.get("SHIMING_SEED", "20180101")))

g = Gateway(build)
try:
    g.staff()
    auditor = g.staff("A-1", "auditor")
    load = Load(g, auditor)
    checked = set()
    for n in range(rounds):
        g.start()
        wrong = load.verify([k for k in load.acknowledged if k not in checked])
        assert not wrong, wrong[:5]
        checked |= set(load.acknowledged)
        load.start()
        time.sleep(random.uniform(0.02, 0.25))  # the random moment
        g.kill()
        load.stop()
        assert not load.errors, load.errors[:3]
    g.start()
    wrong = load.verify()
    assert not wrong, wrong[:5]
    g.stop()
    audit = json.loads(g.audit().stdout)
    assert audit["whole"] and audit["records"] >= len(load.acknowledged), audit
    print(f"{rounds} kills, {len(load.acknowledged)} acknowledged, 0 lost, {audit['leaves']} leaves whole")
    assert len(load.acknowledged) > rounds, "the load was too thin to show anything"

    # The control: the check must notice one missing row.
    db = sqlite3.connect(os.path.join(g.dir, "shiming.db"))
    id = next(iter(load.acknowledged.values()))[1]
    gone = db.execute("DELETE FROM registration WHERE k = ?", (bytes.fromhex(id.replace("-", "")),)).rowcount
    db.commit()
    db.close()
    assert gone == 1, "the control took nothing away"
    assert not json.loads(g.audit(ok=(1,)).stdout)["whole"], "audit verify did not miss the record"
    g.start()
    assert load.verify(), "the check did not notice a lost registration"
    print("control: a row taken away is noticed by both checks")
finally:
    g.close()
