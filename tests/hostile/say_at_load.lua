-- SPDX-License-Identifier: Apache-2.0
-- Saying something before there is a case.
-- Must not load: only the check of a rule says this
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
need "extra"
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    
  end,
}
