#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# storage_power_test.sh BUILD [CUTS]: the store on SQLite when the power is cut. The disk is a file
# behind a loop device: what the filesystem has not written back is not in a copy of it. Needs the right
# to mount; the control (flushes that do nothing) must lose what it acknowledged.
set -euo pipefail

build=$1
cuts=${2:-5}
writer=$build/tests/store_crash_test
work=$(mktemp -d /tmp/shiming-power-XXXXXX)
disk=$work/disk
after=$work/after
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0

cleanup() {
    for place in "$disk" "$after"; do
        mountpoint -q "$place" && umount "$place"
    done
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    echo "storage_power_test: $*" >&2
    exit 1
}

mkdir "$disk" "$after"
truncate -s 128M "$work/image"
mkfs.ext4 -q "$work/image"
if [ "$(id -u)" != 0 ] || ! mount -o loop,commit=600 "$work/image" "$disk" 2>/dev/null; then
    echo "storage_power_test: no right to mount; nothing was tried"
    exit 0
fi

# cut_power ANSWERS COMMAND...: let the command write until it has told so many answers, stop it, and keep
# what a power cut would have left of its disk. Each time it writes other numbers: what an earlier one left
# must not stand in for what is lost.
first=1
cut_power() {
    local answers=$1 pid
    shift
    first=$((first + 40000))
    rm -f "$disk"/store.db* "$work/answers"
    "$@" "$writer" write "$disk" $first 0 >"$work/answers" 2>"$work/log" &
    pid=$!
    until [ -f "$work/answers" ] && [ "$(wc -l <"$work/answers")" -ge "$answers" ]; do
        kill -0 $pid 2>/dev/null || fail "the writer ended: $(tail -n 3 "$work/log")"
    done
    kill -STOP $pid
    cp --sparse=always "$work/image" "$work/cut"
    kill -KILL $pid
    wait $pid 2>/dev/null || true
    mount -o loop "$work/cut" "$after"
}

for cut in $(seq "$cuts"); do
    cut_power $((cut * 701))
    "$writer" check "$after" "$work/answers" >"$work/verdict" 2>>"$work/log" ||
        fail "cut $cut: $(cat "$work/verdict"; tail -n 3 "$work/log")"
    umount "$after"
done

# Somebody else's sync may come to the control's help: it has five tries to lose something.
if command -v eatmydata >/dev/null; then
    lost=no
    for try in 1 2 3 4 5; do
        cut_power $((try * 1000)) eatmydata
        "$writer" check "$after" "$work/answers" >"$work/verdict" 2>&1 || lost=yes
        umount "$after"
        [ $lost = no ] || break
    done
    [ $lost = yes ] || fail "control: flushes did nothing, and still nothing was lost"
else
    echo "storage_power_test: no eatmydata; the control was not tried"
fi
echo "storage_power_test: $cuts cuts, nothing lost"
