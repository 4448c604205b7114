-- SPDX-License-Identifier: Apache-2.0
-- A sort inside the comparison of a sort, without end.
-- Must fail: C stack overflow
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local function sorted()
      table.sort({ 2, 1 }, sorted)
    end
    sorted()
  end,
}
