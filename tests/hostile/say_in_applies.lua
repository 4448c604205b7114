-- SPDX-License-Identifier: Apache-2.0
-- Saying something where only asking is allowed.
-- Must fail: applies only asks; check says
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  applies = function(case) need "extra" return true end,
  check = function(case)
    
  end,
}
