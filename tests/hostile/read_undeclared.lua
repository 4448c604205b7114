-- SPDX-License-Identifier: Apache-2.0
-- Reading a fact that is not declared.
-- Must fail: the fact customer.miner is not declared; did you mean customer.minor?
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    if case.customer.miner then need "extra" end
  end,
}
