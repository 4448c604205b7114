-- SPDX-License-Identifier: Apache-2.0
-- Walking a large table for ever.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local large = {}
    for i = 1, 5000 do large["k" .. i] = i end
    while true do pairs(large) end
  end,
}
