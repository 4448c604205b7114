#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
exec tests/harness/run.sh tests/fault/readers.py "$1" "$([ -n "${SHIMING_LONG:-}" ] && echo 10000 || echo 800)"
