#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/plugins.md, command by command, with an installed program; and that a page which says otherwise is noticed.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:?usage: page_test.sh BUILD_DIR}" && pwd)
grep -q '^SHIMING_SANITIZE:STRING=.' "$build/CMakeCache.txt" &&
    { echo "built with sanitizers: nobody installs that, and the check for leaks would see their memory"; exit 77; }
work=$(mktemp -d)
emulator() { for pid in $(pgrep -f "reader emulate acme/card.yaml"); do
    [ "$(readlink "/proc/$pid/cwd")" = "$work/run" ] && kill "$pid"; done; true; }
trap 'emulator; rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >/dev/null
export PATH=$work/prefix/bin:$PATH PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig CMAKE_PREFIX_PATH=$work/prefix
mkdir "$work/run"
ln -s "$here/policies" "$work/run/policies"
python3 "$here/tests/kit/page.py" "$here/docs/plugins.md" "$work/run" "$here/include"

emulator
rm -rf "$work/run"/[a-oq-z]*
sed 's/^acme: reads the virtual card/acme: reads no card/' "$here/docs/plugins.md" >"$work/wrong.md"
if python3 "$here/tests/kit/page.py" "$work/wrong.md" "$work/run" "$here/include" >/dev/null 2>&1; then
    echo "a page that says otherwise was not noticed"
    exit 1
fi
