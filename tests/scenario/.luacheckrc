-- SPDX-License-Identifier: Apache-2.0
-- The names scenarios may use: docs/simulation.md is the list. Those of policies are written by
-- `shiming policy definitions`.
std = {
  read_globals = {
    "any", "assert", "between", "error", "expect", "ipairs", "math", "maybe", "next", "pairs", "person",
    "scenario", "select", "string", "table", "tonumber", "tostring", "type", "utf8", "with",
  },
}
max_line_length = 120
