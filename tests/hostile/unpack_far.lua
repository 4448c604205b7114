-- SPDX-License-Identifier: Apache-2.0
-- Unpacking ten million nothings.
-- Must fail: too many values to unpack
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    table.unpack({}, 1, 10000000)
  end,
}
