-- SPDX-License-Identifier: Apache-2.0
-- The names policies may use: docs/policies.md is the list, and a policy can use no other.
std = {
  read_globals = {
    "assert", "error", "ipairs", "math", "next", "pairs", "select", "string", "table", "tonumber",
    "tostring", "type", "utf8",
  },
}
max_line_length = 120

local words = {
  documents = { "document" },
  processes = { "process" },
  vocabulary = {
    "age", "date", "day", "documents", "fact", "number", "number_example", "word", "years_before",
  },
  regulation = { "need", "oblige", "refuse", "regulation", "report", "rule" },
  articles = { "article", "register" },
  properties = { "always", "never" },
  test = {
    "apply", "decide", "expect", "expect_need", "expect_no", "expect_no_rule", "expect_refuse",
    "expect_rule", "test", "with",
  },
}

for _, folder in ipairs { "policies", "examples/*" } do
  files[folder .. "/documents.lua"] = { read_globals = words.documents }
  files[folder .. "/processes.lua"] = { read_globals = words.processes }
  for _, file in ipairs { "vocabulary", "words", "additions" } do
    files[folder .. "/" .. file .. ".lua"] = { read_globals = words.vocabulary }
  end
  files[folder .. "/*/*.lua"] = { read_globals = words.regulation }
  files[folder .. "/*/*_articles.lua"] = { read_globals = words.articles }
  files[folder .. "/*/*_properties.lua"] = { read_globals = words.properties }
  files[folder .. "/*/*_test.lua"] = { read_globals = words.test }
end

files["tests/scenario/*.lua"] = {
  read_globals = { "any", "between", "expect", "maybe", "person", "scenario", "with" },
}
