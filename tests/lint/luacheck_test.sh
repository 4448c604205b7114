#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The policies and scenarios are clean Lua, their words known.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v luacheck >/dev/null; then
    echo "no luacheck: nothing was checked"
    exit 0
fi
luacheck --quiet policies examples tests/scenario
