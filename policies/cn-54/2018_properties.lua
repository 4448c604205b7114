-- SPDX-License-Identifier: Apache-2.0
-- What the measures must never let happen, and always bring about, whatever else a rule says. Proved
-- over every case by `shiming policy prove`.

local people = { "customer", "proxy", "guardian", "handler" }

local function accepted(decision) return decision.verdict == "accepted" end

-- Whose document the registration rests on.
local function rests_on(case, who)
  if who == "proxy" then return case.proxy.given end
  if who == "handler" then return case.customer.kind == "organisation" end
  if case.customer.kind ~= "person" then return false end
  if who == "guardian" then return case.customer.minor end
  return true
end

never "a forged, altered or borrowed document is accepted" {
  zh = "伪造、变造、冒用的证件不予办理",
  when = function(case, decision)
    if not accepted(decision) then return false end
    for _, who in ipairs(people) do
      local examined = case[who].document.examined
      if rests_on(case, who) and (examined == "forged" or examined == "altered" or examined == "borrowed") then
        return true
      end
    end
    return false
  end,
}

for _, who in ipairs(people) do
  never("a chip whose data were not signed is accepted: " .. who) {
    zh = "芯片数据不是签发时所签的证件不予办理",
    when = function(case, decision)
      return accepted(decision) and case[who].chip.authentic == "no" and rests_on(case, who)
    end,
  }

  never("a chip of a signer in doubt counts as an examination: " .. who) {
    zh = "签发者不受信任或者不明的芯片，不能代替查验",
    when = function(case, decision)
      if not accepted(decision) or case[who].document.examined ~= "by_chip" then return false end
      local signer = case[who].chip.signer_trusted
      return (signer == "no" or signer == "unknown") and rests_on(case, who)
    end,
  }
end

never "a person is registered without a document" {
  zh = "没有有效证件的个人不予办理",
  when = function(case, decision)
    return accepted(decision) and case.customer.kind == "person" and case.customer.document.type == "none"
  end,
}

never "an expired document is accepted" {
  zh = "过期证件不予办理",
  when = function(case, decision)
    return accepted(decision) and case.customer.kind == "person" and case.customer.document.validity ~= "valid"
  end,
}

never "a minor is registered without the guardian" {
  zh = "未成年人没有监护人到场不予办理",
  when = function(case, decision)
    return accepted(decision) and case.customer.kind == "person" and case.customer.minor
      and not case.guardian.present
  end,
}

never "a minor stands in as guardian or proxy" {
  zh = "监护人、受托人不得为未成年人",
  when = function(case, decision)
    if not accepted(decision) then return false end
    return rests_on(case, "guardian") and case.guardian.minor or rests_on(case, "proxy") and case.proxy.minor
  end,
}

never "anybody is registered without a photo of the document and of whoever came" {
  zh = "未现场采集证件照片和到场人人像照片的不予办理",
  when = function(case, decision)
    if not accepted(decision) then return false end
    local photo, portrait = case.evidence.document_photo, case.evidence.portrait
    local person = case.customer.kind == "person"
    if case.proxy.given then return not (photo.proxy and portrait.proxy) end
    if person then return not (photo.customer and portrait.customer) end
    return not (photo.organisation and photo.handler and portrait.handler)
  end,
}

never "an organisation is registered without authorisation and users" {
  zh = "单位没有授权书或使用者信息的不予办理",
  when = function(case, decision)
    return accepted(decision) and case.customer.kind == "organisation"
      and not (case.organisation.authorization and case.users.listed == "complete")
  end,
}

never "a dealer registers without a contract in force" {
  zh = "没有有效书面约定的代理商不得办理",
  when = function(case, decision)
    return accepted(decision) and case.channel.kind == "dealer" and case.dealer.contract ~= "in_force"
  end,
}

never "an operation the measures do not know is accepted" {
  zh = "规定以外的业务不予办理",
  when = function(case, decision) return accepted(decision) and case.operation == "unknown" end,
}

always "a document that is not genuine is reported to public security" {
  zh = "冒用、伪造、变造证件一律报告公安机关",
  when = function(case)
    local examined = case.customer.document.examined
    return case.customer.kind == "person"
      and (examined == "forged" or examined == "altered" or examined == "borrowed")
  end,
  holds = function(_, decision) return decision.reports["public_security"] end,
}

always "a chip whose data were not signed is refused and reported to public security" {
  zh = "芯片数据不是签发时所签的证件一律不予办理并报告公安机关",
  when = function(case) return case.customer.kind == "person" and case.customer.chip.authentic == "no" end,
  holds = function(_, decision) return decision.verdict == "refused" and decision.reports["public_security"] end,
}

always "a refusal to show a document or to tell is refused and reported" {
  zh = "拒绝提供证件或信息的不予办理并报告",
  when = function(case) return case.customer.refuses ~= "no" end,
  holds = function(_, decision) return decision.verdict == "refused" and decision.reports["regulator"] end,
}

always "what is accepted is kept" {
  zh = "受理的登记均须留存",
  when = function(_, decision) return accepted(decision) end,
  holds = function(_, decision) return decision.obliges["retain"] end,
}
