-- SPDX-License-Identifier: Apache-2.0
-- Reaching for load.
-- Must not load: 'load' is not a name a policy may use
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local x = load
    return x
  end,
}
