#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
grep -q '^SHIMING_SANITIZE:STRING=.' "$1/CMakeCache.txt" && exit 77 # plugins of other compilers are not loaded
exec tests/harness/run.sh tests/kit/traces.py "$1"
