-- SPDX-License-Identifier: Apache-2.0
-- A part of a text beyond all ends.
-- Must pass
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local a = ("text"):sub(-9223372036854775808, 9223372036854775807)
    if a ~= "text" then refuse "no" end
  end,
}
