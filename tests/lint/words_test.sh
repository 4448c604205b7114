#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Words that do not belong: notes of unfinished work, paths of one developer's machine, and names
# that have another word here (docs and mission: a dealer is never an agent).
set -eu
cd "$(dirname "$0")/../.."
git rev-parse 2>/dev/null || { echo "not a git checkout: nothing was checked"; exit 0; }
failed=0

refuse() { # WHY PATTERN FILES...
    local why=$1 pattern=$2 hits
    shift 2
    hits=$(git ls-files -- "$@" | grep -vE '^tests/lint/words_test\.sh$' | while read -r file; do
        [ -f "$file" ] && grep -nHE "$pattern" "$file"
    done || true)
    [ -z "$hits" ] || { echo "$why:"; echo "$hits"; failed=1; }
}

refuse "unfinished work" '\b(TODO|FIXME|XXX|HACK)\b' '*.c' '*.h' '*.lua' '*.sh' '*.py' '*.cmake' \
    CMakeLists.txt
refuse "a path of one machine" '(^|[^A-Za-z0-9_.])/(work|home|Users|root)/[a-z]' .
refuse "a fixed place in /tmp" '"/tmp/' 'core/*' 'plugins/*/*/*.c' 'policies/*' 'conf/*' \
    ':!plugins/*/*/*_test.c'
refuse "a dealer is never an agent" '\b(struct|enum) [a-z_]*agent|\bagent_[a-z]+\(' '*.c' '*.h'
hits=$(git ls-files core plugins | grep -E '/(utils?|helpers?|common|misc|[a-z]*mgr)\.[ch]$' || true)
[ -z "$hits" ] || { echo "names that say nothing:"; echo "$hits"; failed=1; }
exit $failed
