-- SPDX-License-Identifier: Apache-2.0
-- Reaching for string.char by way of a text.
-- Must fail: attempt to call a nil value (method 'char')
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    return ("x"):char("x")
  end,
}
