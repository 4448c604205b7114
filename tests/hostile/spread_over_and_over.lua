-- SPDX-License-Identifier: Apache-2.0
-- Passing many values on, for ever.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local list = {}
    for i = 1, 250 do list[i] = i end
    while true do select("#", table.unpack(list)) end
  end,
}
