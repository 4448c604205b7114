#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who includes whom: the rooms as CMakeLists.txt lists them, each foreign library in its home only,
# plugins on the public header alone. Ends by planting violations that must be found.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

# Foreign headers and where they live: rooms of core, or a folder of plugins.
homes='
^event2/                          loop http
^(yaml\.h)$                       config
^openssl/                         crypto emulate plugins/shared/https_check.c plugins/shared/https_answer.c plugins/shared/https.c plugins/verifiers/http plugins/readers/emrtd
^curl/                            plugins/shared/https_inside.h
^(dlfcn\.h|seccomp\.h|linux/landlock\.h|linux/seccomp\.h)$  plugin
^(lua\.h|lualib\.h|lauxlib\.h)$   policy simulate
^(cjson/cJSON\.h|cJSON\.h)$       registration http cli simulate plugins/verifiers/http
^(mysql\.h|mysqld_error\.h|errmsg\.h)$  plugins/storage/mariadb
^winscard\.h$                     plugins/readers/emrtd
^sqlite3\.h$                      plugins/storage/sqlite
'

# "room: rooms it may use", from room(NAME USES a b LIBRARIES ...).
rooms() {
    tr '\n' ' ' <"$1/CMakeLists.txt" | grep -oE '\broom\([a-z][^)]*\)' |
        sed -E 's/LIBRARIES.*//; s/^room\(([a-z]+)/\1:/; s/USES//; s/\)//; s/ +/ /g'
}

# The files the rule is for: all of core, and of a plugin what its own sources reach (not what only
# its tests do).
files() {
    find core -name '*.[ch]'
    find plugins -name '*.c' ! -name '*_test.c' | while read -r source; do
        cc -MM -MG -Iinclude "$source" | tr ' \\' '\n\n' | grep '^plugins/'
    done
}

# "q FILE LINE HEADER" for each include in quotes, "s ..." for each in angle brackets.
includes() {
    (cd "$1" && echo "$list" | xargs grep -nHE '^[[:space:]]*#[[:space:]]*include' |
        sed -nE 's/^([^:]+):([0-9]+):[^"<]*"([^"]+)".*/q \1 \2 \3/p
                 s/^([^:]+):([0-9]+):[^"<]*<([^>]+)>.*/s \1 \2 \3/p')
}

# One line for each include that is not allowed.
violations() {
    { echo "$homes" | sed -E '/^$/d; s/^([^ ]+) +/home \1 /'; rooms "$1" | sed 's/^/room /'
      includes "$1"; } | awk '
        $1 == "home" { pattern[++count] = $2; home[count] = " "
                       for (i = 3; i <= NF; i++) home[count] = home[count] $i " "; next }
        $1 == "room" { name = $2; sub(":", "", name); known[name] = 1; may[name, name] = 1
                       for (i = 3; i <= NF; i++) may[name, $i] = 1; next }
        function refuse(why) { print $2 ":" $3 ": " $4 ": " why }
        {
            split($2, part, "/")
            place = part[1] == "core" ? ($2 ~ /^core\/[^\/]+\// ? part[2] : "core") \
                                      : part[1] "/" part[2] "/" part[3]
            for (i = 1; i <= count; i++)
                if ($4 ~ pattern[i] && index(home[i], " " place " ") == 0) refuse("has its home in" home[i])
        }
        part[1] == "plugins" {
            if ($1 == "s" && $4 ~ /^shiming\// && $4 != "shiming/plugin.h") refuse("not for plugins")
            if ($1 == "q" && $4 ~ /\//) refuse("a plugin includes its own files and <shiming/plugin.h>")
            next
        }
        $1 == "q" && (place in known) {
            slash = index($4, "/"); other = substr($4, 1, slash - 1)
            if (slash == 0) refuse("say which room it is in")
            else if (!((place, other) in may)) refuse("room " place " does not use " other)
        }'
}

list=$(cd "$root" && files | sort -u)
found=$(violations "$root")
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
[ "$(rooms "$root" | wc -l)" -ge 10 ] || { echo "the rooms were not read from CMakeLists.txt"; exit 1; }

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$root/CMakeLists.txt" "$root/core" "$root/plugins" "$root/include" "$copy"
planted() { # FILE INCLUDE: not allowed there
    cp "$copy/$1" "$copy/kept"
    echo "#include $2" >>"$copy/$1"
    violations "$copy" | grep -q "^$1:" || { echo "planted, not found: $1: $2"; exit 1; }
    mv "$copy/kept" "$copy/$1"
}
planted core/base/str.c '"loop/loop.h"'
planted core/loop/loop.c '"crypto/tls.h"'
planted core/policy/policy.h '"plugin/reader.h"'
planted core/http/server.c '"server.h"'
planted core/base/str.c '<openssl/evp.h>'
planted core/http/server.c ' <openssl/ssl.h>'
planted core/registration/image.c '<event2/event.h>'
planted core/loop/loop.c '<dlfcn.h>'
planted core/audit/audit.h '<cjson/cJSON.h>'
planted core/store/store.h '<sqlite3.h>'
plugin=$(cd "$copy" && ls plugins/*/*/*.c | grep -v _test.c | head -1)
planted "$plugin" '"base/str.h"'
planted "$plugin" '<shiming/private.h>'
planted "$plugin" '<lua.h>'
