-- SPDX-License-Identifier: Apache-2.0
-- Declaring a rule while deciding.
-- Must fail: declarations stand at the top of a file
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    rule "2" { zh = "二", en = "two", check = function() end }
  end,
}
