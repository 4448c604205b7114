-- SPDX-License-Identifier: Apache-2.0
-- Adding to a text.
-- Must fail: attempt to perform arithmetic on a string value
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local text = "10"
    return text + 1
  end,
}
