# SPDX-License-Identifier: Apache-2.0
"""What a Galera cluster itself can lose, measured: all its nodes end at the same moment under load, and are started again
as docs/operations.md says, or as it warns against. With a flush at each commit and the node first that came furthest
nothing is lost; that is asserted, and the rest is shown.

losses.py BUILD [ROUNDS]    of each way"""
import os
import sys

from galera import NODES, Galera
from gateways import Front, Site, goes_on, together
from load import Load

build = os.path.abspath(sys.argv[1])
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1

WAYS = (("flushed at each commit, the node first that came furthest", 1, max),
        ("flushed at each commit, the node first that came least far", 1, min),
        ("flushed once a second", 0, max))


def lost(site, load, which):
    """All nodes killed at once, the cluster begun again with one of them: how many acknowledged registrations are gone."""
    cluster = site.database
    load.acknowledged.clear()
    load.start()
    goes_on(load, "registrations", 60)
    together([lambda n=n: cluster.kill(n) for n in NODES])
    load.stop()
    for g in site.gateways:
        g.kill()
    positions = cluster.start_again(which)
    load.unknown.clear()
    together([g.start for g in site.gateways])
    g = site.gateways[0]
    gone = [key for key, (_, id) in load.acknowledged.items() if g.call("GET", f"/v1/registrations/{id}")[0] != 200]
    return len(gone), len(load.acknowledged), max(positions.values()) - min(positions.values())


def main():
    cluster, site = Galera(), None
    try:
        # All write to one node: so it is recommended, and so that one is ahead.
        site = Site(build, cluster, [cluster.storage() for _ in NODES])
        load = Load(Front(site), site.auditor, clients=8)
        for name, flush, which in WAYS:
            for _ in range(rounds):
                for n in NODES:
                    cluster.sql(n, f"SET GLOBAL innodb_flush_log_at_trx_commit={flush}")
                gone, acknowledged, apart = lost(site, load, which)
                print(f"{name}: {gone} of {acknowledged} acknowledged lost; nodes {apart} transactions apart", flush=True)
                assert gone == 0 or (flush, which) != (1, max), "lost although flushed"
    finally:
        if site is not None:
            site.close()
        cluster.close()


main()
