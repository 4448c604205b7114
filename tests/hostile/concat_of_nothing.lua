-- SPDX-License-Identifier: Apache-2.0
-- Joining a large list of empty texts for ever.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local list = {}
    for i = 1, 8000 do list[i] = "" end
    while true do table.concat(list) end
  end,
}
