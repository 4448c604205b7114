-- SPDX-License-Identifier: Apache-2.0
-- Keeping a fact in a shared helper.
-- Must not load: changes a variable outside the function: a policy keeps no memory
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local last
local function keep(kind) last = kind end
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    keep(case.kind)
  end,
}
