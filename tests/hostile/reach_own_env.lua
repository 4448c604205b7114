-- SPDX-License-Identifier: Apache-2.0
-- An environment of its own.
-- Must fail: attempt to call a nil value (global 'need')
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local _ENV = {}
    need "extra"
  end,
}
