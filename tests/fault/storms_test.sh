#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -eu
tests/harness/run.sh tests/fault/storms.py "$1" ${SHIMING_LONG:+200}
[ -z "${SHIMING_LONG:-}" ] || tests/harness/run.sh tests/fault/losses.py "$1" 5
