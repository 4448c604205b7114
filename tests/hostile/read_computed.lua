-- SPDX-License-Identifier: Apache-2.0
-- Reading a fact by something that is no name.
-- Must fail: facts are read by name
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    return case[{}]
  end,
}
