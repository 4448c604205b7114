-- SPDX-License-Identifier: Apache-2.0
-- A variable to be closed that cannot be.
-- Must fail: variable 'x' got a non-closable value
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local x <close> = {}
  end,
}
