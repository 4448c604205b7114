#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From an installation to a plugin outside the tree: `plugin new`, built with make and pkg-config and with CMake
# and find_package, its test run, its file loaded by the installed program, its card read, and the conformance
# checks passed in that program; all of them with SHIMING_LONG.
set -eu
build=$(cd "${1:?usage: new_test.sh BUILD_DIR}" && pwd)
grep -q '^SHIMING_SANITIZE:STRING=.' "$build/CMakeCache.txt" &&
    { echo "built with sanitizers: nobody installs that, and the check for leaks would see their memory"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; exit 1; }

DESTDIR=$work/stage cmake --install "$build" --prefix /usr >/dev/null # as a package is made
mv "$work/stage/usr" "$work/prefix" # nothing in it knows where it was to be
shiming=$work/prefix/bin/shiming
for file in include/shiming/plugin.h lib/pkgconfig/shiming.pc lib/cmake/shiming/shimingConfig.cmake \
    lib/shiming/plugins/readers/sdt.so lib/shiming/plugins/storage/sqlite.so share/shiming/policies/documents.lua \
    share/shiming/examples/shiming.yaml share/shiming/examples/cards/resident.yaml; do
    [ -s "$work/prefix/$file" ] || fail "not installed: $file"
done
cd "$work"
"$shiming" policy list | grep -q cn-54/2018 || fail "the installed program does not find the installed policies"

# What is refused, and that nothing is left of it.
refused() { # EXPECTED WORDS...
    local wanted=$1
    shift
    if "$shiming" plugin new "$@" >out 2>err; then fail "plugin new $*: was done"; else [ $? = 2 ] || fail "plugin new $*: exit"; fi
    grep -q "$wanted" err || { cat err; fail "plugin new $*: does not say $wanted"; }
}
for name in "" Acme 9acme acme-x ../acme a/b _acme "a b" aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 读卡; do
    refused "no plugin's name" reader "$name" -o folder
    [ ! -e folder ] || fail "a folder was made for \"$name\""
done
for kind in verifier reporter storage toaster; do
    refused "for a reader only" $kind acme
    [ ! -e acme ] || fail "a folder was made for a $kind"
done
mkdir full && touch full/mine
refused "there already" reader acme -o full
[ "$(ls full)" = mine ] || fail "something was written into a folder that was there"
refused "No such file" reader acme -o not/there

# A new reader, built in both ways, without a warning.
"$shiming" plugin new reader acme_x1 >files
[ "$(wc -l <files)" = 6 ] || fail "six files were expected"
while read -r file; do [ -s "$file" ] || fail "not written: $file"; done <files
if grep -rq skeleton acme_x1; then fail "the skeleton's name is left: $(grep -rl skeleton acme_x1)"; fi
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
make -C acme_x1 CFLAGS=-Werror acme_x1.so test >log 2>&1 || { cat log; fail "make"; }
grep -q 'reads the virtual card' log || fail "its test did not run"
cmake -S acme_x1 -B built -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_C_FLAGS=-Werror >log 2>&1 || { cat log; fail "cmake"; }
cmake --build built >log 2>&1 || { cat log; fail "cmake --build"; }
ctest --test-dir built >log 2>&1 || { cat log; fail "ctest"; }
for file in acme_x1/acme_x1.so built/acme_x1.so; do
    [ "$(nm -D --defined-only "$file" | awk '{ print $3 }')" = smg_plugin_acme_x1 ] || fail "$file exports something else"
    "$shiming" plugin info "$file" | grep -q 'acme_x1 0.1, a reader' || fail "$file is not loaded"
done
# It conforms, in the installed program.
checks=(read taken unplug walls words)
[ -z "${SHIMING_LONG:-}" ] || checks=("")
for file in acme_x1/acme_x1.so built/acme_x1.so; do
    for check in "${checks[@]}"; do
        "$shiming" reader check "$file" ${check:+--only "$check"} >log 2>&1 || { cat log; fail "reader check $check"; }
        grep -q "^ok .* - ${check:-stop}: " log || { cat log; fail "$file: $check was not checked"; }
        if grep -q '# SKIP' log; then cat log; fail "$file: a check was skipped"; fi
    done
done

# Its test can fail.
sed -i 's/{ "name", PLAIN, 0, 30 }/{ "name", PLAIN, 2, 28 }/' acme_x1/acme_x1.c
if make -C acme_x1 test >log 2>&1; then fail "a fault in the new reader was not noticed by its test"; fi

echo "a new reader was made, built and tested outside the tree"
