-- SPDX-License-Identifier: Apache-2.0
-- A call that passes on two hundred arguments more each time.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local list = {}
    for i = 1, 200 do list[i] = i end
    local a, b, c, d, e, f, g, h = table.unpack(list)
    local function more(...)
      return more(a, b, c, d, e, f, g, h, a, b, c, d, e, f, g, h, a, b, c, d, e, f, g, h, ...)
    end
    more()
  end,
}
