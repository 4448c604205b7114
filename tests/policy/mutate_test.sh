#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The shipped policies are held to all of it: every rule, condition and article is met by a test, and
# no fault planted in a rule lives. A test less, and both say so.
set -euo pipefail
shiming=$1/bin/shiming
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
all=(--min-rules 100 --min-conditions 100 --min-articles 100)

fail() { # WHAT
    echo "$1"
    cat "$folder/out" "$folder/err"
    exit 1
}
run() { # STATUS ARGUMENTS...
    local wanted=$1 status=0
    shift
    "$shiming" policy "$@" >"$folder/out" 2>"$folder/err" || status=$?
    [ "$status" = "$wanted" ] || fail "policy $*: exit $status, not $wanted"
}
says() { # PATTERN
    grep -qE "$1" "$folder/out" "$folder/err" || fail "not said: $1"
}

run 0 test "${all[@]}" --policies policies
run 0 mutate --policies policies
says '^[0-9]+ faults: [0-9]+ killed, [0-9]+ proved equivalent, 0 alive'

cp -r policies "$folder/policies"
grep -vE '^asks\("(a dealer says that|naming a dealer makes)|^  but\(dealt, \{ \["channel.kind"\]' \
    policies/cn-54/2018_test.lua >"$folder/policies/cn-54/2018_test.lua"
run 1 test "${all[@]}" --policies "$folder/policies"
says '^cn-54/2018.lua:[0-9]+:[0-9]+: never false: case.channel.disclosed$'
says '^cn-54/2018.lua:[0-9]+: never has an effect: cn-54/2018#15.4$'
says 'conditions: [0-9]+ of [0-9]+ met is less than 100 %$'
run 0 test --min-rules 90 --policies "$folder/policies"
run 1 mutate --policies "$folder/policies"
says '^cn-54/2018.lua:[0-9]+:[0-9]+: need "channel.disclosed": left out$'
says '^    channel.disclosed = false$'

run 1 mutate --json --policies "$folder/policies"
python3 - "$folder/out" <<'PYTHON'
import json
import sys

report = json.load(open(sys.argv[1]))
assert report["faults"] == len(report["mutants"]) == \
    report["killed"] + report["equivalent"] + report["alive"]
alive = [it for it in report["mutants"] if it["fate"] == "alive"]
assert alive and all(it["rule"] == "cn-54/2018#15.4" and it["facts"] for it in alive)
PYTHON

run 2 mutate nothing --policies policies
run 2 test --min-rules 101 --policies policies
