#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mariadb.sh run DIR [mariadbd options...]: a MariaDB of one test's own, in the foreground until it is killed.
# Everything is in DIR: the data, the socket (s.sock), a password (password) for the account shiming, which may
# do what the gateway must in the database shiming. root has no password. Made at the first run.
# mariadb.sh wait DIR: until it answers.
set -euo pipefail
verb=$1 dir=$2
shift 2

bootstrap() {
    mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$dir/data" --tmpdir="$dir/tmp" --skip-test-db \
        --auth-root-authentication-method=normal --innodb-log-file-size=32M >"$dir/install.log" 2>&1 ||
        { cat "$dir/install.log" >&2; exit 1; }
    (umask 077; head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/password")
    {
        echo "CREATE DATABASE IF NOT EXISTS shiming;"
        for from in localhost 127.0.0.1; do
            echo "CREATE USER IF NOT EXISTS shiming@$from IDENTIFIED BY '$(cat "$dir/password")';"
            echo "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER ON shiming.* TO shiming@$from;"
        done
    } >"$dir/init.sql"
}

case $verb in
run)
    PATH=$PATH:/usr/sbin
    # A server that starts takes all temporary tables in its folder for left over: two must not share one.
    rm -rf "$dir/tmp" && mkdir "$dir/tmp"
    [ -d "$dir/data/mysql" ] || bootstrap
    exec mariadbd --no-defaults --user="$(id -un)" --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/s.sock" --pid-file="$dir/pid" \
        --log-error="$dir/error.log" --init-file="$dir/init.sql" --skip-name-resolve --skip-networking \
        --innodb-log-file-size=32M --max-allowed-packet=64M --innodb-flush-log-at-trx-commit=1 "$@" >/dev/null 2>&1
    ;;
wait)
    for _ in $(seq 600); do
        mariadb-admin --no-defaults -u root -S "$dir/s.sock" ping >/dev/null 2>&1 && exit 0
        sleep 0.05
    done
    tail -n 20 "$dir/error.log" >&2
    exit 1
    ;;
*)
    echo "usage: mariadb.sh run DIR [options...] | wait DIR" >&2
    exit 2
    ;;
esac
