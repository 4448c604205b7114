#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh TEST.py BUILD [args...]: one Python test with the harness in its path.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
test=$1
shift
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec python3 "$test" "$@"
