-- SPDX-License-Identifier: Apache-2.0
-- Functions that hold each other.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local last = function() end
    while true do
      local before = last
      last = function() return before end
    end
  end,
}
