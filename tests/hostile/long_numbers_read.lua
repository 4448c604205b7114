-- SPDX-License-Identifier: Apache-2.0
-- Reading a number of thousands of digits for ever.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local a = "1"
    while #a < 8000 do a = a .. a end
    while true do tonumber(a, 10) end
  end,
}
