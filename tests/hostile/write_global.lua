-- SPDX-License-Identifier: Apache-2.0
-- Writing a global.
-- Must not load: writing the global 'seen': make it local
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    seen = true
  end,
}
