#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
exec tests/harness/run.sh tests/kit/traces.py "$1"
