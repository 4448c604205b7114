-- SPDX-License-Identifier: Apache-2.0
-- Moving a large list by one for ever.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local list = {}
    for i = 1, 8000 do list[i] = i end
    while true do
      table.insert(list, 1, 0)
      list[#list] = nil
    end
  end,
}
