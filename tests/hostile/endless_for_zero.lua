-- SPDX-License-Identifier: Apache-2.0
-- A loop with a step of zero.
-- Must fail: 'for' step is zero
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    for i = 1, 2, 0 do end
  end,
}
