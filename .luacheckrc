-- SPDX-License-Identifier: Apache-2.0
-- The names policies may use: docs/policies.md is the list, and a policy can use no other.
std = {
  read_globals = {
    "assert", "error", "ipairs", "math", "next", "pairs", "select", "string", "table", "tonumber",
    "tostring", "type", "utf8",
  },
}
max_line_length = 120

files["policies/documents.lua"] = { read_globals = { "document" } }
files["policies/vocabulary.lua"] = {
  read_globals = {
    "age", "date", "day", "documents", "fact", "number", "word", "years_before",
  },
}
files["policies/*/*.lua"] = {
  read_globals = { "need", "oblige", "refuse", "regulation", "report", "rule" },
}
files["policies/*/*_test.lua"] = {
  read_globals = {
    "apply", "decide", "expect", "expect_need", "expect_no", "expect_no_rule", "expect_refuse",
    "expect_rule", "test", "with",
  },
}
