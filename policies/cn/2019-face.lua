-- SPDX-License-Identifier: Apache-2.0
-- Comparison of faces: in every shop, the person at the counter is the one on the document.

regulation {
  id = "cn/2019-face", region = "", published = "2019-09-26", from = "2019-12-01",
  title = {
    zh = "关于进一步做好电话用户实名登记管理有关工作的通知（人像比对）",
    en = "Notice on Further Registering Telephone Customers' Real Identity: Comparison of Faces",
  },
  order = "工业和信息化部办公厅通知",
}

local function is_entry(case) return case.operation ~= "mobile.replace" end -- cn/2013#3

-- Whose face: of whoever is there, with that person's own document. A customer who sends a proxy is not
-- compared. (Which portrait is taken is settled by regional measures; the comparison needs one in any case.)
local present = {
  customer = function(case)
    return is_entry(case) and case.customer.kind == "person" and not case.proxy.given
  end,
  proxy = function(case) return is_entry(case) and case.proxy.given end,
  handler = function(case)
    return is_entry(case) and case.customer.kind == "organisation" and not case.proxy.given
  end,
}

-- Registered only when the faces match. A service that does not answer, or cannot tell, has compared
-- nothing: it is asked again later.
for _, who in ipairs { "customer", "proxy", "handler" } do
  rule("1/" .. who) {
    zh = "人像比对一致后方可办理入网手续",
    en = "the face of whoever is present matches their document",
    applies = present[who],
    check = function(case)
      if not case.evidence.portrait[who] then return need("evidence.portrait." .. who) end
      local face = case[who].face
      if face == "mismatch" then return refuse "face.mismatch" end
      if face ~= "match" then need(who .. ".face") end
    end,
  }
end
