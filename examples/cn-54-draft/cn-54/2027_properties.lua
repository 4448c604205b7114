-- SPDX-License-Identifier: Apache-2.0
-- What the draft must hold to: what the measures of 2018 hold to, but for the minor who lives on their own
-- income, who comes without the guardian and brings the guardian's written consent.

local function accepted(decision) return decision.verdict == "accepted" end

local function a_minor(case) return case.customer.kind == "person" and case.customer.minor end

never "a minor without an own income is registered without the guardian" {
  zh = "没有自己劳动收入的未成年人，没有监护人到场不予办理",
  when = function(case, decision)
    return accepted(decision) and a_minor(case) and not case.customer.self_supporting
      and not case.guardian.present
  end,
}

never "a minor with an own income is registered without the guardian's consent" {
  zh = "有自己劳动收入的未成年人，没有监护人书面同意书不予办理",
  when = function(case, decision)
    return accepted(decision) and a_minor(case) and case.customer.self_supporting
      and not case.evidence.consent.guardian
  end,
}

never "a temporary resident card proves an identity" {
  zh = "临时居民身份证不再作为有效证件",
  when = function(case, decision)
    return accepted(decision) and case.customer.kind == "person"
      and case.customer.document.type == "temporary_resident_id"
  end,
}

never "a forged, altered or borrowed document of the customer is accepted" {
  zh = "客户的伪造、变造、冒用的证件不予办理",
  when = function(case, decision)
    local examined = case.customer.document.examined
    return accepted(decision) and case.customer.kind == "person"
      and (examined == "forged" or examined == "altered" or examined == "borrowed")
  end,
}
