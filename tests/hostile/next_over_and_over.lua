-- SPDX-License-Identifier: Apache-2.0
-- Asking a large table for its first key for ever.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local large = {}
    for i = 1, 5000 do large[i] = i end
    while true do next(large) end
  end,
}
