-- SPDX-License-Identifier: Apache-2.0
-- A loop to the largest integer, by way of overflow.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    for i = 9223372036854775807, -9223372036854775808, -1 do end
  end,
}
