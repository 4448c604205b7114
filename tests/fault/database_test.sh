#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
exec tests/harness/run.sh tests/fault/database.py "$1" ${SHIMING_LONG:+100}
