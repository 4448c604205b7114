#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
exec tests/harness/run.sh tests/e2e/passport_second_opinion.py "$1"
