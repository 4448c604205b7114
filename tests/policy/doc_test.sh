#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# policy doc: the pages of the shipped measures, twice the same, sound, and true to the policies.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
shiming=$(cd "${1:?usage: doc_test.sh BUILD_DIR}" && pwd)/bin/shiming
policies=$here/../../policies
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT

fail() { echo "$*"; exit 1; }

"$shiming" policy doc -p cn-54/2018 --policies "$policies" -o "$pages/one" >"$pages/written"
[ "$(wc -l <"$pages/written")" = 8 ] || fail "written: $(cat "$pages/written")"
"$shiming" policy doc -p cn-54/2018 --policies "$policies" -o "$pages/two" >/dev/null
diff -r "$pages/one" "$pages/two" || fail "two runs differ"
"$shiming" policy doc -p cn-54/2018 --policies "$policies" --lang zh >"$pages/stdout"
cat "$pages/one/index.zh.md" "$pages/one/cn-54-2018.zh.md" | diff - "$pages/stdout" || fail "stdout is another page"
"$shiming" policy doc --policies "$policies" -o "$pages/all" >/dev/null # the whole stack
"$shiming" policy doc --lang fr 2>/dev/null && fail "there is no French"
python3 "$here/doc_test.py" "$shiming" "$pages/one" "$policies"
