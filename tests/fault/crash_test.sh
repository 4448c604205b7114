#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
exec tests/harness/run.sh tests/fault/crash.py "$1" "$([ -n "${SHIMING_LONG:-}" ] && echo 1000 || echo 100)"
