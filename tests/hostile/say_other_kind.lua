-- SPDX-License-Identifier: Apache-2.0
-- Refusing with a word for a need.
-- Must fail: refuse "extra": this word is declared for need
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    refuse "extra"
  end,
}
