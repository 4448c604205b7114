-- SPDX-License-Identifier: Apache-2.0
-- Reaching for the library behind a text.
-- Must fail: attempt to index a nil value (field '__index')
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    return ("").__index.rep
  end,
}
