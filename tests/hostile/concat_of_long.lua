-- SPDX-License-Identifier: Apache-2.0
-- Joining many long texts into one.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local a, list = "x", {}
    while #a < 8000 do a = a .. a end
    for i = 1, 2000 do list[i] = a end
    table.concat(list)
  end,
}
