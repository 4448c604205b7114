-- SPDX-License-Identifier: Apache-2.0
-- A table of ever new keys.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local keys, i = {}, 0
    while true do
      i = i + 1
      keys[i + 0.5] = true
    end
  end,
}
