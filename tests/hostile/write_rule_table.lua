-- SPDX-License-Identifier: Apache-2.0
-- Changing the rule itself.
-- Must fail: this table is read-only
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local self = {}
self.write = function() self.write = nil end
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    return self.write(case)
  end,
}
