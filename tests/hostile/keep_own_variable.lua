-- SPDX-License-Identifier: Apache-2.0
-- Counting within one decision, which is allowed.
-- Must pass
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local count = 0
    local function tick() count = count + 1 end
    tick()
    tick()
    if count ~= 2 then refuse "no" end
  end,
}
