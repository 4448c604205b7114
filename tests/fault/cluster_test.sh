#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
exec tests/harness/run.sh tests/fault/cluster.py "$1" ${SHIMING_LONG:+--long}
