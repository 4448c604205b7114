-- SPDX-License-Identifier: Apache-2.0
-- Writing into the environment under another name.
-- Must fail: writing the global 'seen'
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local names = _ENV
    names.seen = true
  end,
}
