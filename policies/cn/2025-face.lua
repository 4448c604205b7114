-- SPDX-License-Identifier: Apache-2.0
-- Measures on the use of face recognition: where there is another way to check an identity, comparing faces
-- is not the only one, and whoever does not want it is offered the other.

regulation {
  id = "cn/2025-face", region = "", published = "2025-03-13", from = "2025-06-01",
  title = {
    zh = "人脸识别技术应用安全管理办法",
    en = "Measures on the Security of the Use of Face Recognition",
  },
  order = "国家互联网信息办公室、公安部令第19号",
}

local function is_entry(case) return case.operation ~= "mobile.replace" end -- cn/2013#3

-- As in cn/2019-face.
local present = {
  customer = function(case)
    return is_entry(case) and case.customer.kind == "person" and not case.proxy.given
  end,
  proxy = function(case) return is_entry(case) and case.proxy.given end,
  handler = function(case)
    return is_entry(case) and case.customer.kind == "organisation" and not case.proxy.given
  end,
}

-- The other way is public security's answer from the national population database, which the measures name
-- first, together with the clerk's own look at person and document.
local function check_otherwise(who, case)
  if case[who].document.examined ~= "genuine" then need(who .. ".document.examined") end
  if case[who].verified ~= "match" then need(who .. ".verified") end
end

for _, who in ipairs { "customer", "proxy", "handler" } do
  rule("10/" .. who) {
    replaces = "cn/2019-face#1/" .. who,
    zh = "人脸识别不得作为唯一验证方式：不同意的，以国家人口基础信息核验和当面查验代替",
    en = "the faces match; whoever declines is checked by the national database and by eye instead",
    applies = present[who],
    check = function(case)
      if case[who].declines_face then return check_otherwise(who, case) end
      if not case.evidence.portrait[who] then return need("evidence.portrait." .. who) end
      local face = case[who].face
      if face == "mismatch" then return refuse "face.mismatch" end
      if face ~= "match" then need(who .. ".face") end
    end,
  }
end
