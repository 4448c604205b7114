-- SPDX-License-Identifier: Apache-2.0
-- Keeping a half-finished walk.
-- Must not load: a policy cannot keep what pairs gives
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local walk = pairs({ 1, 2, 3 })
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    walk()
  end,
}
