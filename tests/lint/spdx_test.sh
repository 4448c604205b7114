#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every file of ours says its licence near its top, in one line, and every C file then says in a
# sentence what it is.
set -eu
cd "$(dirname "$0")/../.."
git rev-parse 2>/dev/null || { echo "not a git checkout: nothing was checked"; exit 0; }
failed=0

for file in $(git ls-files '*.c' '*.h' '*.lua' '*.sh' '*.py' '*.cmake' '*.js' '*.mjs' '*.css' '*.html' \
    CMakeLists.txt 'scripts/*'); do
    [ -f "$file" ] || continue
    head -3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
        { echo "$file: no licence in its first lines"; failed=1; }
    case $file in *.[ch])
        sed -n 2p "$file" | grep -qE '^/\*( |$)' ||
            { echo "$file: no sentence on what it is in its second line"; failed=1; } ;;
    esac
done
exit $failed
