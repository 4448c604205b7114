-- SPDX-License-Identifier: Apache-2.0
-- Changing a table deep inside a shared one.
-- Must fail: this table is read-only
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local seen = { a = { b = { false } } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    seen.a.b[1] = true
  end,
}
