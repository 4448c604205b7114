-- SPDX-License-Identifier: Apache-2.0
-- Making the outcome depend on the order of a hash.
-- Must pass
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local order = ""
    for key in pairs({ d = 1, b = 2, a = 3, c = 4, [2] = 5, [1] = 6, [true] = 7 }) do
      order = order .. tostring(key)
    end
    if order ~= "true12abcd" then refuse "no" end
  end,
}
