-- SPDX-License-Identifier: Apache-2.0
-- Making the outcome depend on an address.
-- Must pass
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    if tostring({}) ~= "table" or tostring(need) ~= "function" then refuse "no" end
  end,
}
