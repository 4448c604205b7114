-- SPDX-License-Identifier: Apache-2.0
-- Keeping a half-finished declaration for later.
-- Must not load: rule "2" is not followed by its table
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local finish = rule "2"
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    finish { zh = "二", en = "two", check = function() end }
  end,
}
