-- SPDX-License-Identifier: Apache-2.0
-- What the draft needs to know that the shipped vocabulary does not.

local SELF_SUPPORTING = 16 -- Civil Code, article 18, second paragraph

-- The later of two days that differ, as for customer.minor.
local function birthday(field)
  local kind, text = documents[field "customer.document.type" or "none"], field "customer.document.number"
  local born = field "customer.birth"
  local said = kind ~= nil and text ~= nil and number(kind.number, text).birth or nil
  if born == nil or said ~= nil and said > born then return said end
  return born
end

-- The form has no member for it yet: "extra": { "own_income": true }.
fact "customer.self_supporting" {
  values = { true, false }, source = "form", plain = false,
  zh = "客户是否年满十六周岁且以自己的劳动收入为主要生活来源",
  en = "whether the customer is sixteen or older and lives on their own income",
  from = function(field)
    if field "extra.own_income" ~= true then return false end
    local born = birthday(field)
    if born == nil then return nil end
    return age(born) >= SELF_SUPPORTING
  end,
  example = function(wanted)
    if not wanted then return {} end
    return { ["customer.kind"] = "person", ["extra.own_income"] = true, ["customer.birth"] = years_before(17) }
  end,
}

fact "evidence.consent.guardian" {
  values = { true, false }, source = "evidence",
  zh = "监护人书面同意书的照片", en = "a photo of the guardian's written consent",
  from = function(field) return field "evidence.consent.guardian" == true end,
  example = function(wanted) return wanted and { ["evidence.consent.guardian"] = true } or {} end,
}
