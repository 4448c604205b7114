#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# policy definitions: what it writes is Lua and JSON, luacheck is content with the shipped policies
# under its configuration, and finds what a policy cannot use.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
shiming=$(cd "${1:?usage: definitions_test.sh BUILD_DIR}" && pwd)/bin/shiming
command -v luacheck >/dev/null || { echo "no luacheck: nothing was checked"; exit 77; }
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cp -r "$root/policies" "$root/examples" "$here"
cd "$here"

fail() { echo "$*"; exit 1; }

"$shiming" policy definitions --policies policies -o . >written
[ "$(cat written)" = "./definitions/language.lua
./definitions/vocabulary.lua
./.luarc.json
./.luacheckrc" ] || fail "written: $(cat written)"
jq -e '."workspace.library" == ["definitions"]' .luarc.json >/dev/null
luacheck --quiet --no-config definitions/*.lua --only 0 || fail "the definitions are no Lua"
(cd policies && luacheck --quiet .) || fail "the shipped policies are not clean"

# A word that is none, a function a policy has not, a kind of document nobody declared.
bad() { # FILE TEXT WHAT
    printf '%s\n' "$2" >"$1"
    luacheck --no-color "$1" >found && fail "not found in $1: $3"
    grep -qF "$3" found || fail "$(cat found)"
    rm "$1"
}
mkdir other
bad other/2020.lua 'rule "1" { check = function() nede "x" end }' "accessing undefined variable 'nede'"
bad other/2020.lua 'rule(string.rep("1", 2)) {}' "accessing undefined field 'rep' of global 'string'"
bad other/2020_articles.lua 'artcle "1.1" {}' "accessing undefined variable 'artcle'"
bad other/documents.lua 'os.exit(1)' "accessing undefined variable 'os'"
bad other/vocabulary.lua 'fact "x" { values = { documents.passprot } }' \
    "accessing undefined field 'passprot' of global 'documents'"
