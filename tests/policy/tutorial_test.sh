#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tutorial of docs/policies.md, command by command; and that a page which says otherwise is noticed.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$(cd "${1:?usage: tutorial_test.sh BUILD_DIR}" && pwd)/bin:$PATH
export PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/run"
cp -r "$here/policies" "$here/examples" "$work/run"
python3 "$here/tests/policy/tutorial.py" "$here/docs/policies.md" "$work/run"

sed 's/^83 facts, 117 rules/84 facts, 117 rules/' "$here/docs/policies.md" >"$work/wrong.md"
! cmp -s "$here/docs/policies.md" "$work/wrong.md" || { echo "nothing was planted"; exit 1; }
rm -rf "$work/run/minor.json" "$work/run/reviewer" "$work/run/reviewer.pub" "$work/run/rules-8"
if python3 "$here/tests/policy/tutorial.py" "$work/wrong.md" "$work/run" >/dev/null 2>&1; then
    echo "a page that says otherwise was not noticed"
    exit 1
fi
