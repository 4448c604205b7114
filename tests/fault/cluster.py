# SPDX-License-Identifier: Apache-2.0
"""Three gateways on three Galera nodes, each writing to another node: what every storage must do, on the cluster."""
import os
import subprocess
import sys

from galera import Galera

build = os.path.abspath(sys.argv[1])
long_form = "--long" in sys.argv


def conformance(cluster):
    """The suite every storage plugin has to pass; where it opens a second session, that is on another node."""
    for part in ("conformance", "sharing", "model"):
        done = subprocess.run([f"{build}/tests/store_storage_{part}_test"], capture_output=True, text=True,
                              env=dict(os.environ, SHIMING_GALERA=cluster.dir))
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    print("the storage suite holds on the cluster", flush=True)


cluster = Galera()
try:
    conformance(cluster)
finally:
    cluster.close()
