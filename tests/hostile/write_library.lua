-- SPDX-License-Identifier: Apache-2.0
-- Replacing a library function for everybody.
-- Must fail: this table is read-only
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    string.sub = nil
  end,
}
