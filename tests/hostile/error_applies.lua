-- SPDX-License-Identifier: Apache-2.0
-- An applies that answers with a text.
-- Must fail: applies gives true or false, not a string
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  applies = function(case) return "yes" end,
  check = function(case)
    need "extra"
  end,
}
