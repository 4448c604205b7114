#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
exec tests/harness/run.sh tests/policy/document.py "$1"
