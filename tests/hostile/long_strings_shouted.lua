-- SPDX-License-Identifier: Apache-2.0
-- Changing the case of a long text for ever.
-- Must spend its budget
regulation { id = "a/1", region = "54", from = "2018-01-01", title = { zh = "令", en = "order" } }
rule "1" {
  zh = "恶", en = "hostile",
  check = function(case)
    local a = "x"
    while #a < 8000 do a = a .. a end
    while true do a:upper() end
  end,
}
