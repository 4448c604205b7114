-- SPDX-License-Identifier: Apache-2.0
-- Loops that only ever continue.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    while true do
      for i = 1, 10 do
        if i > 0 then goto continue end
        ::continue::
      end
    end
  end,
}
