#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The policies and scenarios are clean Lua, their words known. Those of policies are the program's to
# tell.
set -eu
cd "$(dirname "$0")/../.."
build=${1:?usage: luacheck_test.sh BUILD_DIR}

if ! command -v luacheck >/dev/null; then
    echo "no luacheck: nothing was checked"
    exit 0
fi
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r policies examples "$copy"
"$build/bin/shiming" policy definitions --policies policies -o "$copy" >/dev/null
(cd "$copy" && luacheck --quiet .)
luacheck --quiet --config tests/scenario/.luacheckrc tests/scenario
