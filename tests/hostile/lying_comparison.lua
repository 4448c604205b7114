-- SPDX-License-Identifier: Apache-2.0
-- A comparison that always says yes, over and over.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local list = {}
    for i = 1, 4000 do list[i] = i end
    while true do table.sort(list, function() return true end) end
  end,
}
