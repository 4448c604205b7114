-- SPDX-License-Identifier: Apache-2.0
-- The national measures for registering the real identity of telephone customers, in the order of their
-- articles. Articles without a rule bind the operator or the regulator, not the single registration.

regulation {
  id = "cn/2013", region = "", published = "2013-07-16", from = "2013-09-01",
  title = {
    zh = "电话用户真实身份信息登记规定",
    en = "Provisions on the Registration of Telephone Customers' Real Identity",
  },
  order = "工业和信息化部令第25号",
}

-- Article 7, item by item. "Other" in items 3 and 5 is a list with the law that makes each a document.
local personal = {
  -- 7.1
  resident_id = true,
  temporary_resident_id = true,
  household_register = true,
  -- 7.2: in use between 2013 and today's practice of showing the resident card (State Council and Central
  -- Military Commission, order 510, article 11); the measures still list them.
  military_id = true,
  police_id = true,
  -- 7.3
  hk_macau_permit = true,
  taiwan_permit = true,
  travel_document = true,
  -- 7.4
  passport = true,
  -- 7.5
  hmt_residence_permit = true, -- State Council Office, document 81 of 2018
  permanent_residence = true,  -- Exit and Entry Administration Law of 2012, article 48
  overseas_passport = true,    -- the same law, article 14
}

-- Article 8, first paragraph.
local corporate = {
  -- 8.1/1
  organisation_code = true,
  -- 8.1/2
  business_licence = true,
  -- 8.1/3
  institution_certificate = true,
  association_certificate = true,
  -- 8.1/4
  uscc = true,                            -- State Council, document 33 of 2015
  private_institution_certificate = true, -- Regulation on Private Non-enterprise Units of 1998, article 12
  foundation_certificate = true,          -- Regulation on Foundations of 2004, article 11
  religious_venue_certificate = true,     -- Regulation on Religious Affairs
  law_firm_licence = true,                -- Law on Lawyers, article 18
}

-- Documents that print an address. Where there is none, article 9 has nothing to write down.
local addressed = {
  resident_id = true,
  temporary_resident_id = true,
  household_register = true,
  hmt_residence_permit = true,
}

-- Article 3 names five operations. A replacement card is not among them: only local rules such as those
-- of Tibet register it again, so nothing here applies to it.
local function is_entry(case) return case.operation ~= "mobile.replace" end
local function is_person(case) return is_entry(case) and case.customer.kind == "person" end
local function is_organisation(case) return is_entry(case) and case.customer.kind == "organisation" end
local function has_proxy(case) return is_entry(case) and case.proxy.given end

-- Whose documents are shown.
local shows = {
  customer = is_person, proxy = has_proxy, organisation = is_organisation, handler = is_organisation,
}

-- A number of 15 digits stands on a card that ended with the year 2012: another document is needed.
local function ask_valid(who, document, list)
  if not list[document.type] or document.number == "retired" then
    return need(who .. ".document.accepted")
  end
  if document.number ~= "good" then need(who .. ".document.number") end
  if document.validity ~= "valid" then need(who .. ".document.validity") end
end

local function ask_document(who, document, list)
  if document.type == "none" then return need(who .. ".document.type") end
  ask_valid(who, document, list)
end

rule "3" {
  zh = "入网指固定电话装机、移机、过户，移动电话开户、过户",
  en = "registration covers five operations; an unknown one is refused",
  check = function(case)
    if case.operation == "unknown" then refuse "operation.unknown" end
  end,
}

-- Article 6: who shows what ------------------------------------------------------------------------

rule "6.1" {
  zh = "用户出示有效证件、提供真实身份信息",
  en = "the customer shows a document and tells who they are",
  applies = is_entry,
  check = function(case)
    local who = is_person(case) and "customer" or "organisation"
    if not case[who].name then need(who .. ".name") end
    if case[who].document.type == "none" then need(who .. ".document.type") end
  end,
}

rule "6.2" {
  zh = "委托代办：受托人出示用户和受托人的有效证件、提供真实身份信息",
  en = "a proxy also shows a document and tells who they are",
  applies = has_proxy,
  check = function(case)
    if not case.proxy.name then need "proxy.name" end
    ask_document("proxy", case.proxy.document, personal)
  end,
}

-- Articles 7 and 8: which documents ----------------------------------------------------------------

rule "7" {
  zh = "个人用户的有效证件",
  en = "a person proves identity with one of these documents",
  applies = function(case) return is_person(case) and case.customer.document.type ~= "none" end,
  check = function(case) ask_valid("customer", case.customer.document, personal) end,
}

-- "Other documents by national rules" (item 5) is what the nation has said by the day of the case. Two
-- kinds of card got a second form later; before the rule that introduces it, which replaces the rule here,
-- a card of that form is no document.
local function rule_later(paragraph, edition, zh, en)
  rule(paragraph) {
    zh = zh, en = en,
    check = function(case)
      for _, who in ipairs { "customer", "proxy", "handler" } do
        if shows[who](case) and case[who].document.edition == edition then need(who .. ".document.accepted") end
      end
    end,
  }
end

rule_later("7.5/foreigner", "foreigner_2023",
  "新版外国人永久居留身份证尚未启用", "the new permanent residence card of foreigners does not exist yet")
rule_later("7.5/hk_macau", "hk_macau_2024",
  "港澳居民来往内地通行证（非中国籍）尚未启用",
  "travel permits for Hong Kong and Macau residents who are not Chinese do not exist yet")

rule "8.1" {
  zh = "单位用户的有效证件",
  en = "an organisation proves itself with one of these documents",
  applies = function(case) return is_organisation(case) and case.organisation.document.type ~= "none" end,
  check = function(case) ask_valid("organisation", case.organisation.document, corporate) end,
}

rule "8.2" {
  zh = "单位用户另须经办人的有效证件和单位的授权书",
  en = "the handler's document and a letter of authorisation come on top",
  applies = is_organisation,
  check = function(case)
    if not case.handler.name then need "handler.name" end
    if not case.organisation.authorization then need "organisation.authorization" end
    ask_document("handler", case.handler.document, personal)
  end,
}

-- Article 9: checked and written down --------------------------------------------------------------

-- Checked means: a chip whose signature holds and whose signer is not in doubt, or a pair of eyes that found
-- it genuine. A doubt is not a finding under article 10, but it is not a check either.
local function is_examined(whose)
  local examined = whose.document.examined
  if examined == "by_chip" then
    local signer = whose.chip.signer_trusted
    return signer ~= "no" and signer ~= "unknown"
  end
  return examined ~= "unexamined" and examined ~= "doubtful"
end

for _, who in ipairs { "customer", "proxy", "organisation", "handler" } do
  rule("9.1/" .. who) {
    zh = "查验用户出示的证件",
    en = "every document shown is examined",
    applies = function(case) return shows[who](case) and case[who].document.type ~= "none" end,
    check = function(case)
      if not is_examined(case[who]) then need(who .. ".document.examined") end
    end,
  }
end

-- Kind, name and number are asked by articles 6 to 8.
rule "9.1/address" {
  zh = "如实登记证件上记载的住址",
  en = "the address on the document is written down",
  applies = is_entry,
  check = function(case)
    if is_organisation(case) then
      if not case.organisation.address then need "organisation.address" end
    elseif addressed[case.customer.document.type] and not case.customer.address then
      need "customer.address"
    end
  end,
}

-- Article 10: refused ------------------------------------------------------------------------------

local findings = {
  forged = "document.forged", altered = "document.altered", borrowed = "document.borrowed",
}

for _, who in ipairs { "customer", "proxy", "organisation", "handler" } do
  rule("10/" .. who) {
    zh = "冒用他人证件、使用伪造或者变造证件：不得办理入网手续",
    en = "a forged, altered or borrowed document: refused",
    applies = shows[who],
    check = function(case)
      local finding = findings[case[who].document.examined]
      if finding then refuse(finding) end
    end,
  }
end

-- A chip that answers, but whose data were not signed by the state, is an altered or a forged card. A signer
-- nobody knows is a doubt, and left to article 9.
for _, who in ipairs { "customer", "proxy", "handler" } do
  rule("10/" .. who .. "_chip") {
    zh = "芯片数据未通过校验，或者不是签发时所签：按变造、伪造处理",
    en = "a chip that does not verify, or whose data were not signed: refused",
    applies = shows[who],
    check = function(case)
      if case[who].chip.authentic == "no" then return refuse "document.not_genuine" end
      if case[who].document.chip == "failed" then refuse "document.chip_failed" end
    end,
  }
end

rule "10/withheld" {
  zh = "拒绝出示有效证件或者拒绝提供身份信息：不得办理入网手续",
  en = "a document or information refused: refused",
  applies = is_entry,
  check = function(case)
    local refuses = case.customer.refuses
    if refuses ~= "no" then refuse(refuses == "document" and "document.withheld" or "information.withheld") end
  end,
}

-- Articles 11 and 14 -------------------------------------------------------------------------------

rule "11" {
  zh = "服务期间及终止服务后二年内留存用户真实身份信息",
  en = "identity information is kept during the service and for two years after",
  applies = is_entry,
  check = function() oblige "retain" end,
}

rule "14" {
  zh = "不得委托不符合登记和保护要求的代理人代办",
  en = "a dealer that cannot register and protect as required does not register",
  applies = function(case) return is_entry(case) and case.channel.kind == "dealer" end,
  check = function(case)
    if not case.dealer.able then refuse "dealer.not_able" end
  end,
}
