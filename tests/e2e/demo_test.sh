#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration of the README ends with the result it promises.
set -euo pipefail
exec env SHIMING_PORT=18080 scripts/run --once
