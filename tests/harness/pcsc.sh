#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pcsc.sh run DIR READERS: a pcscd of one test's own with virtual readers, in the foreground until it is killed.
# pcsc.sh wait DIR: until it answers. Clients find it by PCSCLITE_CSOCK_NAME=DIR/run/pcscd.comm.
# pcsc.sh exec DIR COMMAND...: run where the virtual readers can be reached. A passport lies in reader N (from 1) by
#   pcsc.sh exec DIR shiming reader emulate PASSPORT.yaml --vpcd $((4000 + 10 * N - 9))
# Needs the packages pcscd and vsmartcard-vpcd and the right to make namespaces (root); run ends with 77 without.
#
# Three traps, and why it is done this way:
# - The driver listens on every address of the machine and cannot be told otherwise, so pcscd gets a network
#   namespace with nothing but the loopback. Its clients need none of that: they find a socket by its path.
# - Where that socket is, is compiled into pcscd, so it gets a mount namespace in which our folder lies there.
# - The driver keeps all its connections in one place, and readers that share the driver's file share the last
#   one's port. So every reader gets a copy of the file.
# pcscd that is asked to stop waits for ever for a card that does not answer: kill it with KILL.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: pcsc.sh run DIR READERS | wait DIR | exec DIR COMMAND..." >&2; exit 2; }
verb=$1 dir=$2
shift 2

case $verb in
run)
    PATH=$PATH:/usr/sbin
    driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
    [ -e "$driver" ] && command -v pcscd >/dev/null || { echo "no pcscd with vsmartcard's driver here" >&2; exit 77; }
    unshare --net --mount true 2>/dev/null || { echo "no right to make namespaces" >&2; exit 77; }
    rm -rf "$dir/run" "$dir/readers"
    mkdir -p "$dir/run" "$dir/readers"
    for ((n = 1; n <= $1; n++)); do
        port=$((4000 + 10 * n - 9))
        cp -L "$driver" "$dir/driver$n.so"
        printf 'FRIENDLYNAME "Counter %d"\nDEVICENAME /dev/null:%d\nLIBPATH %s\nCHANNELID %d\n' \
            "$n" "$port" "$dir/driver$n.so" "$port"
    done >"$dir/readers/vpcd"
    echo $$ >"$dir/pid"
    # shellcheck disable=SC2016
    exec unshare --net --mount bash -c '
        ip link set lo up && mkdir -p /run/pcscd && mount --bind "$0/run" /run/pcscd &&
        exec pcscd --foreground --error --config "$0/readers"' "$dir" >"$dir/log" 2>&1 </dev/null
    ;;
wait)
    for _ in $(seq 200); do
        [ -S "$dir/run/pcscd.comm" ] && exit 0
        sleep 0.05
    done
    cat "$dir/log" >&2
    exit 1
    ;;
exec)
    exec nsenter --target "$(cat "$dir/pid")" --net "$@"
    ;;
*)
    echo "pcsc.sh: no verb $verb" >&2
    exit 2
    ;;
esac
