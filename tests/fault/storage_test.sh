#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# storage_test.sh BUILD: the store on SQLite over a disk that fails in every way we know of. Whatever
# happens: what was acknowledged is there, what was denied is not, no unit is there by half, and the
# store is back without a hand.
set -euo pipefail

build=$1
writer=$build/tests/store_crash_test
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d /tmp/shiming-faults-XXXXXX)
disk=$work/disk
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0

cleanup() {
    mountpoint -q "$disk" && umount "$disk"
    rm -rf "$work"
}
trap cleanup EXIT
mkdir "$disk"

# Position independent, and quiet about the null checks our own prototypes promise.
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -Wall -Wextra -o "$work/faultfs.so" \
    "$here/faultfs.c" -ldl

rounds=0
fail() {
    echo "storage_test: $*" >&2
    exit 1
}

# run NAME WANTED FAULT=...: write until WANTED units were acknowledged, then hold store and answers
# against each other. A store that was lost for good never gets there.
run() {
    local name=$1 wanted=$2
    shift 2
    rounds=$((rounds + 1))
    env "$@" FAULT_PATH=store.db LD_PRELOAD="$work/faultfs.so" \
        timeout 60 "$writer" write "$disk" 1 "$wanted" >"$work/answers" 2>"$work/log" ||
        fail "$name: the writer ended with $?: $(tail -n 3 "$work/log")"
    check "$name"
}

check() {
    "$writer" check "$disk" "$work/answers" >"$work/verdict" ||
        fail "$1: $(cat "$work/verdict"; tail -n 3 "$work/log")"
    rm -f "$disk"/store.db*
}

failures() {
    sed -n 's/.*acknowledged, \([0-9]*\) failures.*/\1/p' "$work/log"
}

# What a run must have met for it to prove anything.
met() {
    [ "$(failures)" -gt 0 ] || fail "$1: no commit failed; the fault was not met"
}

# 1: a flush that fails once, at the n-th call, anywhere from the first commit on.
for n in $(seq 0 2 40); do
    run "flush $n fails once" 300 FAULT_CALL=sync FAULT_AFTER=$((n + 8)) FAULT_TIMES=1
done
run "flushes of the log keep failing for a while" 300 FAULT_CALL=sync FAULT_AFTER=20 FAULT_TIMES=6
met "flushes of the log keep failing"
run "each ninth flush fails" 1000 FAULT_CALL=sync FAULT_AFTER=20 FAULT_EVERY=9 FAULT_TIMES=12
met "each ninth flush fails"

# 2: writes that fail, whole or torn.
run "each fiftieth write fails" 1000 FAULT_CALL=write FAULT_AFTER=60 FAULT_EVERY=50 FAULT_TIMES=12
met "each fiftieth write fails"
run "each fiftieth write is torn" 1000 FAULT_CALL=write FAULT_AFTER=60 FAULT_EVERY=50 \
    FAULT_TIMES=12 FAULT_SHORT=yes
run "writes find no room now and then" 1000 FAULT_CALL=write FAULT_AFTER=60 FAULT_EVERY=50 \
    FAULT_TIMES=12 FAULT_ERRNO=ENOSPC
met "writes find no room now and then"
run "the log cannot be cut" 1000 FAULT_CALL=truncate FAULT_AFTER=4 FAULT_EVERY=2 FAULT_TIMES=6

# 3: the calls of a kind all fail while a flag is up; the store comes back when it goes down.
while_up() {
    local name=$1 calls=$2 pid
    rounds=$((rounds + 1))
    rm -f "$work/answers"
    env FAULT_CALL="$calls" FAULT_FLAG="$work/flag" FAULT_PATH=store.db \
        LD_PRELOAD="$work/faultfs.so" timeout 60 "$writer" write "$disk" 1 20000 \
        >"$work/answers" 2>"$work/log" &
    pid=$!
    until [ -s "$work/answers" ]; do sleep 0.05; done
    touch "$work/flag"
    until grep -q -- ' -' "$work/answers"; do
        kill -0 $pid 2>/dev/null || fail "$name: the writer never noticed"
        sleep 0.05
    done
    rm "$work/flag"
    wait $pid || fail "$name: not back when the disk was: $(tail -n 3 "$work/log")"
    met "$name"
    check "$name"
}
while_up "flushes fail" sync
while_up "flushes fail and nothing opens" sync,open
while_up "writes fail" write

# 4: a full disk, and room again.
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=2m tmpfs "$disk" 2>/dev/null; then
    timeout 60 "$writer" write "$disk" 1 6000 >"$work/answers" 2>"$work/log" &
    pid=$!
    until grep -q -- ' -14$' "$work/answers"; do
        kill -0 $pid 2>/dev/null || fail "disk full: the writer never met it: $(cat "$work/log")"
        sleep 0.05
    done
    mount -o remount,size=64m "$disk"
    wait $pid || fail "disk full: not back when there was room: $(tail -n 3 "$work/log")"
    check "disk full"
    rounds=$((rounds + 1))
else
    echo "storage_test: no right to mount; disk full was not tried"
fi

# The control: what is missing must be seen. The newest tenth of what was acknowledged was never written.
timeout 60 "$writer" write "$disk" 1 600 >"$work/answers" 2>"$work/log"
last=$(wc -l <"$work/answers")
for n in $(seq 1 60); do echo "$((last + 100 + n)) 0"; done >>"$work/answers"
if "$writer" check "$disk" "$work/answers" >"$work/verdict"; then
    fail "control: lost units were not missed"
fi
grep -q ' 60 lost' "$work/verdict" || fail "control: $(cat "$work/verdict")"
echo "storage_test: $rounds rounds, nothing lost, nothing false"
