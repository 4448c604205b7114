#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No source file is over 600 lines.
set -eu
cd "$(dirname "$0")/../.."
git rev-parse 2>/dev/null || { echo "not a git checkout: nothing was checked"; exit 0; }

git ls-files '*.c' '*.h' '*.lua' '*.sh' '*.py' '*.js' '*.mjs' '*.cmake' | while read -r file; do
    [ -f "$file" ] && wc -l "$file"
done | awk '$1 > 600 { print $2 ": " $1 " lines; 600 is the wall"; failed = 1 } END { exit failed }'
