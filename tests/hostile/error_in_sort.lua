-- SPDX-License-Identifier: Apache-2.0
-- A comparison that fails.
-- Must fail: the script raised an error
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    table.sort({ 2, 1 }, function() error("no") end)
  end,
}
