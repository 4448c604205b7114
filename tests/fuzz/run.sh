#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh TARGET CORPUS: the stored inputs, then a bounded number of new ones; ten minutes with SHIMING_LONG.
set -euo pipefail
target=$1 corpus=$2
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
seeds=()
[ -d "$corpus" ] && seeds=("$corpus")
bound=(-runs=20000)
[ -z "${SHIMING_LONG:-}" ] || bound=(-max_total_time=600)
"$target" "${bound[@]}" -rss_limit_mb=4096 -verbosity=0 -artifact_prefix="$new/" "$new" "${seeds[@]}" || {
  for found in "$new"/crash-* "$new"/leak-* "$new"/timeout-* "$new"/oom-*; do
    [ -f "$found" ] && { echo "finding, as base64:"; base64 "$found"; }
  done
  exit 1
}
