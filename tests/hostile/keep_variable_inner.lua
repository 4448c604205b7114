-- SPDX-License-Identifier: Apache-2.0
-- Keeping a fact by way of an inner function.
-- Must not load: changes a variable outside the function: a policy keeps no memory
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local last
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local function keep() last = case.kind end
    keep()
  end,
}
