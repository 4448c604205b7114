#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, in C11; the public ones in C++17 too. A header that leans on what
# happens to be included before it breaks the next file.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
failed=0

warnings='-Wall -Wextra -Wpedantic -Wshadow -Werror'
libraries=$(pkg-config --cflags lua5.4 libcjson libevent openssl yaml-0.1 libmariadb libcurl libpcsclite libusb-1.0)

c11() {
    # shellcheck disable=SC2086
    echo "#include \"$1\"" | cc -std=c11 -D_GNU_SOURCE $warnings $libraries -I. -Icore -Iinclude -Iplugins/shared -Itests/harness '-DSOURCE_DIR="."' \
        -I"$(dirname "$1")" -fsyntax-only -x c - || { echo "$1: not alone in C11"; failed=1; }
}
cxx17() { # not pedantic: the names before values are an extension until C++20
    echo "#include \"$1\"" | g++ -std=c++17 -Wall -Wextra -Wno-missing-field-initializers -Werror -I. -Iinclude -fsyntax-only -x c++ - ||
        { echo "$1: not alone in C++17"; failed=1; }
}

for header in $(find core include plugins -name '*.h' | sort); do
    c11 "$header"
done
if command -v g++ >/dev/null; then
    for header in include/shiming/*.h; do
        cxx17 "$header"
    done
else
    echo "no g++: the public header was not compiled as C++"
fi
exit $failed
