-- SPDX-License-Identifier: Apache-2.0
-- Joining up to the end of the integers.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    table.concat({ "a" }, "", 1, 9223372036854775807)
  end,
}
