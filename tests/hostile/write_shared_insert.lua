-- SPDX-License-Identifier: Apache-2.0
-- Inserting into a shared list.
-- Must fail: this table is read-only
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local seen = {}
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    table.insert(seen, case.kind)
  end,
}
