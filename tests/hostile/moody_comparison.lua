-- SPDX-License-Identifier: Apache-2.0
-- A comparison that changes its mind and the list.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local list, turn = {}, 0
    for i = 1, 2000 do list[i] = i end
    while true do
      table.sort(list, function()
        turn = turn + 1
        list[turn % 2000 + 1] = nil
        return turn % 3 == 0
      end)
      for i = 1, 2000 do list[i] = i end
    end
  end,
}
