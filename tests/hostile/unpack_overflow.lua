-- SPDX-License-Identifier: Apache-2.0
-- Unpacking more values than integers can count.
-- Must fail: too many values to unpack
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    table.unpack({}, -9223372036854775808, 9223372036854775807)
  end,
}
