-- SPDX-License-Identifier: Apache-2.0
-- Counting in a function made for it.
-- Must not load: changes a variable outside the function: a policy keeps no memory
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
local function counter()
  local count = 0
  return function() count = count + 1 return count end
end
local tick = counter()
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    tick()
  end,
}
