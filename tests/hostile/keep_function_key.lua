-- SPDX-License-Identifier: Apache-2.0
-- Hiding a function as a key.
-- Must not load: has a function as a key
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local hidden = { [function() end] = true }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    return hidden
  end,
}
