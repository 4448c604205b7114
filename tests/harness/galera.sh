#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A Galera cluster of one test's own: three MariaDB nodes, each in a network namespace, on one private bridge.
# Nothing has a name outside of DIR: the namespaces belong to processes, and go with them. SQL goes through
# sockets DIR/n1/s.sock and so on, so that a node that was cut off can still be asked.
#
# galera.sh run DIR [mariadbd options...]   make and run a cluster in the foreground until it is killed
# galera.sh wait DIR                        until all three are one cluster
# galera.sh node DIR N [options...]         run node N again in the foreground, after its end
# galera.sh first DIR N [options...]        the same, as the first of a cluster of which no node lives
# galera.sh position DIR N                  how far node N had come when it died, as a number
# galera.sh synced DIR N                    until node N belongs to the cluster and is up to date
# galera.sh cut DIR N | heal DIR N          take node N's cable out, put it back
#
# Root, because of the namespaces; the servers run as mysql, as the state transfer wants it. The password of
# the account shiming is in DIR/password. Exit 77: no namespaces can be made here.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
verb=$1 dir=$2
shift 2
provider=/usr/lib/galera/libgalera_smm.so
self=$(readlink -f "$0")

# Run in the background, ended with this script, however that ends.
leashed() { exec setpriv --pdeathsig KILL "$@"; }
in_net() { nsenter --net="/proc/$(cat "$dir/$1.net")/ns/net" "${@:2}"; }

# A process that does nothing but own a network namespace.
new_net() {
    leashed unshare --net sleep infinity &
    echo $! >"$dir/$1.net"
    for _ in $(seq 200); do
        [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ] && return
        sleep 0.01
    done
    echo "galera.sh: no network namespace" >&2
    exit 77
}

make_network() {
    new_net hub
    in_net hub ip link add br0 type bridge
    in_net hub ip link set br0 up
    for n in 1 2 3; do
        new_net n$n
        in_net hub ip link add v$n type veth peer name e0 netns "$(cat "$dir/n$n.net")"
        in_net hub ip link set v$n master br0 up
        in_net n$n ip addr add 10.77.0.$n/24 dev e0
        in_net n$n ip link set e0 up
        in_net n$n ip link set lo up
    done
}

as_mysql() { setpriv --reuid mysql --regid mysql --init-groups "$@"; }

# One node's data, made by a server of its own; the others start as copies of it, so that they join without a
# transfer of all there is.
make_data() {
    (umask 077; head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/password")
    chmod 755 "$dir"
    mkdir "$dir/n1" "$dir/n1/data" "$dir/n1/tmp"
    chown -R mysql:mysql "$dir/n1"
    as_mysql mariadb-install-db --no-defaults --datadir="$dir/n1/data" --tmpdir="$dir/n1/tmp" \
        --skip-test-db --auth-root-authentication-method=normal --innodb-log-file-size=32M >"$dir/install.log" 2>&1 ||
        { cat "$dir/install.log" >&2; exit 1; }
    {
        echo "CREATE DATABASE shiming;"
        echo "CREATE USER shiming@localhost IDENTIFIED BY '$(cat "$dir/password")';"
        echo "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER ON shiming.* TO shiming@localhost;"
        echo "SHUTDOWN;"
    } >"$dir/init.sql"
    chmod 644 "$dir/init.sql"
    "$self" first "$dir" 1 --init-file="$dir/init.sql"
    for n in 2 3; do cp -a "$dir/n1" "$dir/n$n"; done
}

run_node() {
    local n=$1
    shift
    # A server that starts takes all temporary tables in its folder for left over: two must not share one.
    rm -rf "$dir/n$n/tmp" && mkdir "$dir/n$n/tmp" && chown mysql:mysql "$dir/n$n/tmp"
    echo $$ >"$dir/n$n.pid"
    exec nsenter --net="/proc/$(cat "$dir/n$n.net")/ns/net" \
        setpriv --pdeathsig KILL --reuid mysql --regid mysql --init-groups \
        mariadbd --no-defaults --datadir="$dir/n$n/data" --tmpdir="$dir/n$n/tmp" --socket="$dir/n$n/s.sock" \
        --pid-file="$dir/n$n/pid" --log-error="$dir/n$n/error.log" --bind-address=10.77.0.$n --skip-name-resolve \
        --innodb-log-file-size=32M --innodb-buffer-pool-size=64M --max-allowed-packet=64M \
        --innodb-flush-log-at-trx-commit=1 --binlog-format=ROW --innodb-autoinc-lock-mode=2 \
        --wsrep-on=ON --wsrep-provider=$provider --wsrep-cluster-name=shiming \
        --wsrep-cluster-address=gcomm://10.77.0.1,10.77.0.2,10.77.0.3 --wsrep-node-address=10.77.0.$n \
        --wsrep-node-name=n$n --wsrep-sst-method=rsync --wsrep-slave-threads=2 \
        --wsrep-provider-options="gcache.size=64M" "$@" >/dev/null 2>&1
}

# synced N SIZE: an up-to-date node of a cluster of so many nodes (0: of any size).
synced() {
    local status
    for _ in $(seq 1200); do
        status=$(mariadb --no-defaults -u root -S "$dir/n$1/s.sock" -Ne "SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) \
            FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN \
            ('wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_local_state_comment')" 2>/dev/null || true)
        case $status in
        "$2,Primary,Synced") return ;;
        *,Primary,Synced) [ "$2" = 0 ] && return ;;
        esac
        sleep 0.05
    done
    echo "galera.sh: node $1 is not in the cluster: $status" >&2
    tail -n 20 "$dir/n$1/error.log" >&2
    exit 1
}

# Recovers what its log holds, and says the last transaction of the cluster in it.
position() {
    rm -f "$dir/n$1/recovery.log"
    as_mysql mariadbd --no-defaults --datadir="$dir/n$1/data" --tmpdir="$dir/n$1/tmp" --socket="$dir/n$1/s.sock" \
        --bind-address=127.0.0.1 --skip-networking --log-error="$dir/n$1/recovery.log" --wsrep-on=ON --wsrep-provider=$provider \
        --wsrep-cluster-address=gcomm:// --binlog-format=ROW --innodb-log-file-size=32M --wsrep-recover >/dev/null 2>&1 || true
    sed -n 's/.*Recovered position: [^:]*:\([0-9]*\).*/\1/p' "$dir/n$1/recovery.log" | tail -n 1
}

case $verb in
run)
    [ "$(id -u)" = 0 ] || { echo "galera.sh: network namespaces need root" >&2; exit 77; }
    unshare --net true 2>/dev/null || { echo "galera.sh: no network namespaces here" >&2; exit 77; }
    [ -e $provider ] || { echo "galera.sh: $provider is missing; run scripts/install" >&2; exit 1; }
    make_network
    make_data
    leashed "$self" first "$dir" 1 "$@" &
    "$self" synced "$dir" 1
    for n in 2 3; do # one after the other: a donor serves one
        leashed "$self" node "$dir" $n "$@" &
        "$self" synced "$dir" $n
    done
    touch "$dir/running"
    wait
    ;;
wait)
    for _ in $(seq 1200); do
        [ -e "$dir/running" ] && break
        sleep 0.05
    done
    for n in 1 2 3; do synced $n 3; done
    ;;
node) run_node "$@" ;;
first)
    # A node that died does not know whether another came further; who starts it as the first does.
    [ ! -e "$dir/n$1/data/grastate.dat" ] || sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$dir/n$1/data/grastate.dat"
    run_node "$1" --wsrep-new-cluster "${@:2}"
    ;;
position) position "$1" ;;
synced) synced "$1" 0 ;;
cut) in_net hub ip link set "v$1" down ;;
heal) in_net hub ip link set "v$1" up ;;
*) sed -n '3,17s/^# \?//p' "$0" >&2; exit 2 ;;
esac
