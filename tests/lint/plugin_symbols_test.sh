#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every plugin that was built exports exactly one symbol, smg_plugin_NAME, and it is data. In builds
# with sanitizers or coverage the compiler's own symbols are looked past.
set -eu
build=${1:?usage: plugin_symbols_test.sh BUILD_DIR}
failed=0
count=0

for file in "$build"/plugins/*/*.so; do
    [ -e "$file" ] || break
    count=$((count + 1))
    wanted=smg_plugin_$(basename "$file" .so)
    symbols=$(nm -D --defined-only "$file" | awk '{ print $2, $3 }' |
        grep -vE ' (__asan_|__ubsan_|__tsan_|__odr_asan|__sancov_|__gcov_|mangle_path$|_init$|_fini$|__start_|__stop_)' || true)
    if ! echo "$symbols" | grep -qE "^[DRB] $wanted\$" || [ "$(echo "$symbols" | wc -l)" != 1 ]; then
        echo "$file: should export $wanted and nothing else, but exports:"
        echo "$symbols"
        failed=1
    fi
done
[ "$count" -gt 0 ] || { echo "no plugin under $build/plugins"; exit 1; }
exit $failed
