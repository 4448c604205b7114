-- SPDX-License-Identifier: Apache-2.0
-- Saying a word that is not declared.
-- Must fail: need "extr": no such word; did you mean "extra"?
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    need "extr"
  end,
}
