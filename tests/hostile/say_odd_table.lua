-- SPDX-License-Identifier: Apache-2.0
-- An obligation with a table full of oddities.
-- Must fail: oblige: unknown key "whithin"
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    oblige { "retain", whithin = "1h" }
  end,
}
