#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The C files are as clang-format 14 would write them. include/ is typeset by hand.
set -eu
cd "$(dirname "$0")/../.."
git rev-parse 2>/dev/null || { echo "not a git checkout: nothing was checked"; exit 0; }

if ! command -v clang-format-14 >/dev/null; then
    echo "no clang-format-14: nothing was checked"
    exit 0
fi
git ls-files 'core/*.[ch]' 'plugins/*.[ch]' 'tests/*.[ch]' | while read -r file; do
    [ -f "$file" ] && echo "$file"
done | xargs clang-format-14 --dry-run -Werror
