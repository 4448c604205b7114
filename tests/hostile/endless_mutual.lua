-- SPDX-License-Identifier: Apache-2.0
-- Two shared functions that call each other for ever.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local pong
local function ping() return pong() end
pong = function() return ping() end
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    ping()
  end,
}
