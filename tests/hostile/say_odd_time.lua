-- SPDX-License-Identifier: Apache-2.0
-- An obligation within a time that is none.
-- Must fail: oblige: within is written as
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    oblige { "retain", within = "99999999999999999999d" }
  end,
}
