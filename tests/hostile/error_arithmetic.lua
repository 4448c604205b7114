-- SPDX-License-Identifier: Apache-2.0
-- Dividing by zero.
-- Must fail: attempt to 
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    return 1 // 0
  end,
}
