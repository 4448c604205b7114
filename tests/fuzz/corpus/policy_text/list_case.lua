-- SPDX-License-Identifier: Apache-2.0
-- Listing all facts.
-- Must fail: the facts of a case cannot be listed
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    for _ in pairs(case) do end
  end,
}
