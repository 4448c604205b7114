-- SPDX-License-Identifier: Apache-2.0
-- The measures of the Tibet Autonomous Region for registering the real identity of telephone customers,
-- in the order of their articles. Every rule carries the number of its paragraph; articles without a
-- rule bind the operator, the regulator or the police, not the single registration.

regulation {
  id = "cn-54/2018", region = "54", published = "2017-12-05", from = "2018-01-01", repeals = "cn-54/2011",
  title = {
    zh = "西藏自治区电话用户真实身份信息登记管理办法",
    en = "Measures of the Tibet Autonomous Region for the Registration of Telephone Customers' Real Identity",
  },
  order = "西藏自治区人民政府令第144号",
}

-- Article 7, item by item. Items 1 and 3 are closed lists. What "other" means in items 2 and 4 is settled
-- here, each with the law that makes it a document, and nothing else passes.
local personal = {
  -- 7.1
  resident_id = true,
  residence_permit = true,
  temporary_resident_id = true,
  household_register = true,
  -- 7.2
  hk_macau_permit = true,
  taiwan_permit = true,
  travel_document = true,
  -- 7.3
  passport = true,
  -- 7.4
  hmt_residence_permit = true, -- State Council Office, document 81 of 2018: same effect as a resident card
  permanent_residence = true,  -- Exit and Entry Administration Law of 2012, article 48
  overseas_passport = true,    -- the same law, article 14: citizens settled abroad, telecommunications named
}

-- Article 8, first paragraph.
local corporate = {
  -- 8.1/1
  uscc = true,
  -- 8.1/2
  business_licence = true,
  -- 8.1/3
  institution_certificate = true,
  association_certificate = true,
  -- 8.1/4
  private_institution_certificate = true, -- Regulation on Private Non-enterprise Units of 1998, article 12
  foundation_certificate = true,          -- Regulation on Foundations of 2004, article 11
  religious_venue_certificate = true,     -- Regulation on Religious Affairs of 2017, article 22
  law_firm_licence = true,                -- Law on Lawyers, article 18
  organisation_code = true,               -- State Council, document 33 of 2015: until the end of 2020
}

-- Documents that print an address. Where there is none, article 9 has nothing to register.
local addressed = {
  resident_id = true,
  residence_permit = true,
  temporary_resident_id = true,
  household_register = true,
  hmt_residence_permit = true,
}

local fixed = { ["fixed.install"] = true, ["fixed.relocate"] = true, ["fixed.transfer"] = true }

-- A document proves something when it is on the list, has a right number and is valid on the day. A
-- number of 15 digits stands on a card that ended with the year 2012: another document is needed.
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

local function is_person(case) return case.customer.kind == "person" end
local function is_organisation(case) return case.customer.kind == "organisation" end

-- Article 3: what counts ---------------------------------------------------------------------------

-- "And the like" in the second paragraph opens no door: an operation nobody named is refused.
rule "3" {
  zh = "入网指固定电话装机、移机、过户，移动电话开户、补卡、过户",
  en = "registration covers six operations; an unknown one is refused",
  check = function(case)
    if case.operation == "unknown" then refuse "operation.unknown" end
  end,
}

-- Article 6: who shows what ------------------------------------------------------------------------

-- The name stands for the identity information; the rest of it is listed in article 9.
rule "6.1" {
  zh = "客户提供有效证件和真实身份信息",
  en = "the customer shows a document and tells who they are",
  check = function(case)
    local who = is_person(case) and "customer" or "organisation"
    if not case[who].name then need(who .. ".name") end
    if case[who].document.type == "none" then need(who .. ".document.type") end
  end,
}

-- A proxy must be able to act for others, so is of age.
rule "6.2" {
  replaces = "cn/2013#6.2", loosens = true, -- the list of article 7 is another, see there
  zh = "委托代办：另须受托人的有效证件和真实身份信息",
  en = "a proxy also shows a document and tells who they are",
  applies = function(case) return case.proxy.given end,
  check = function(case)
    if not case.proxy.name then need "proxy.name" end
    ask_document("proxy", case.proxy.document, personal)
  end,
}

rule "6.2/age" {
  zh = "受托人须为成年人",
  en = "a proxy is of age",
  applies = function(case) return case.proxy.given end,
  check = function(case)
    if case.proxy.minor then need "proxy.of_age" end
  end,
}

rule "6.3" {
  zh = "未成年人办理：监护人到场，并提供有效证件和真实身份信息",
  en = "a minor comes with the guardian, who shows a document and tells who they are",
  applies = function(case) return is_person(case) and case.customer.minor end,
  check = function(case)
    if not case.guardian.present then return need "guardian.present" end
    if not case.guardian.name then need "guardian.name" end
    ask_document("guardian", case.guardian.document, personal)
  end,
}

-- The paragraph does not say so, but one who is a minor cannot be a guardian.
rule "6.3/age" {
  zh = "监护人须为成年人",
  en = "a guardian is of age",
  applies = function(case) return is_person(case) and case.customer.minor and case.guardian.present end,
  check = function(case)
    if case.guardian.minor then need "guardian.of_age" end
  end,
}

-- The register that is the minor's own document under 7.1 is the family's too: one booklet serves both.
rule "6.3/register" {
  zh = "未成年人办理：提供其家庭户口簿",
  en = "a minor brings the household register of the family",
  applies = function(case) return is_person(case) and case.customer.minor end,
  check = function(case)
    if not case.household_register.shown then return need "household_register.shown" end
    if not case.household_register.lists_customer then need "household_register.lists_customer" end
  end,
}

-- Articles 7 and 8: which documents ----------------------------------------------------------------

-- The nation's list has no residence permits, and has the cards of soldiers and armed police. The measures
-- were made later, for this place, and name the permits: in Tibet they serve.
rule "7" {
  replaces = "cn/2013#7", loosens = true,
  zh = "个人客户的有效证件",
  en = "a person proves identity with one of these documents",
  applies = function(case) return is_person(case) and case.customer.document.type ~= "none" end,
  check = function(case) ask_valid("customer", case.customer.document, personal) end,
}

rule "8.1" {
  replaces = "cn/2013#8.1",
  zh = "单位客户的有效证件",
  en = "an organisation proves itself with one of these documents",
  applies = function(case) return is_organisation(case) and case.organisation.document.type ~= "none" end,
  check = function(case) ask_valid("organisation", case.organisation.document, corporate) end,
}

rule "8.2" {
  replaces = "cn/2013#8.2", loosens = true,
  zh = "单位客户另须经办人的有效身份证件、单位授权书和使用者信息",
  en = "the handler's document, a letter of authorisation and the users come on top",
  applies = is_organisation,
  check = function(case)
    if not case.handler.name then need "handler.name" end
    if not case.organisation.authorization then need "organisation.authorization" end
    if case.users.listed ~= "complete" then need "users.listed" end
    ask_document("handler", case.handler.document, personal)
  end,
}

-- Article 9, first paragraph: checked and written down ---------------------------------------------

-- Whose documents this registration rests on.
local rests_on = {
  customer = is_person,
  proxy = function(case) return case.proxy.given end,
  guardian = function(case) return is_person(case) and case.customer.minor and case.guardian.present end,
  organisation = is_organisation,
  handler = is_organisation,
}

-- Checked means: a chip whose signature holds and whose signer is not in doubt, or a pair of eyes that found
-- it genuine. A doubt is not a finding under article 11, but it is not a check either.
local function is_examined(whose)
  local examined = whose.document.examined
  if examined == "by_chip" then
    local signer = whose.chip.signer_trusted
    return signer ~= "no" and signer ~= "unknown"
  end
  return examined ~= "unexamined" and examined ~= "doubtful"
end

for _, who in ipairs { "customer", "proxy", "guardian", "organisation", "handler" } do
  rule("9.1/" .. who) {
    zh = "查验有效证件",
    en = "every document is examined",
    applies = function(case) return rests_on[who](case) and case[who].document.type ~= "none" end,
    check = function(case)
      if not is_examined(case[who]) then need(who .. ".document.examined") end
    end,
  }
end

-- Kind, name and number are asked by articles 6 to 8. An organisation is its own work unit.
rule "9.1/register" {
  zh = "如实登记工作单位、证件地址",
  en = "work unit and document address are written down",
  check = function(case)
    if is_organisation(case) then
      if not case.organisation.address then need "organisation.address" end
      return
    end
    if not case.customer.work_unit then need "customer.work_unit" end
    if addressed[case.customer.document.type] and not case.customer.address then need "customer.address" end
  end,
}

-- Only a fixed line is installed somewhere.
rule "9.1/install" {
  zh = "固定电话：如实登记安装地址",
  en = "for a fixed line, the address of the installation is written down",
  applies = function(case) return fixed[case.operation] end,
  check = function(case)
    if not case.install_address then need "install_address" end
  end,
}

-- Article 9, second paragraph: photographed on site ------------------------------------------------

rule "9.2" {
  zh = "现场采集客户的证件照片和人像照片",
  en = "the customer's document and face are photographed on site",
  applies = function(case) return is_person(case) and not case.proxy.given end,
  check = function(case)
    if not case.evidence.document_photo.customer then need "evidence.document_photo.customer" end
    if not case.evidence.portrait.customer then need "evidence.portrait.customer" end
  end,
}

-- The customer is not there, so there is no portrait of the customer.
rule "9.2/proxy" {
  zh = "委托代办：现场采集客户和受托人的证件照片，以及受托人的人像照片",
  en = "with a proxy: both documents, and the proxy's face",
  applies = function(case) return case.proxy.given end,
  check = function(case)
    local who = is_person(case) and "customer" or "organisation"
    local photo = case.evidence.document_photo
    if not photo[who] then need("evidence.document_photo." .. who) end
    if not photo.proxy then need "evidence.document_photo.proxy" end
    if not case.evidence.portrait.proxy then need "evidence.portrait.proxy" end
  end,
}

-- An organisation has no face. Its handler acts for it as a proxy does, so is photographed like one.
rule "9.2/organisation" {
  zh = "单位客户：现场采集单位和经办人的证件照片，以及经办人的人像照片",
  en = "for an organisation: its document, and the handler's document and face",
  applies = function(case) return is_organisation(case) and not case.proxy.given end,
  check = function(case)
    local photo = case.evidence.document_photo
    if not photo.organisation then need "evidence.document_photo.organisation" end
    if not photo.handler then need "evidence.document_photo.handler" end
    if not case.evidence.portrait.handler then need "evidence.portrait.handler" end
  end,
}

-- Article 11: refused and reported -----------------------------------------------------------------

-- "Promptly" is within the hour for a crime that may be going on, within the day otherwise.
local function refuse_and_report(reason)
  refuse(reason)
  report { to = "public_security", within = "1h" }
end

local findings = {
  forged = "document.forged", altered = "document.altered", borrowed = "document.borrowed",
}

-- Whoever shows a document shows it for the customer. Being present is enough, whether or not the
-- registration would have rested on it.
local shows = {
  customer = is_person,
  proxy = function(case) return case.proxy.given end,
  guardian = function(case) return case.guardian.present end,
  organisation = is_organisation,
  handler = is_organisation,
}

for _, who in ipairs { "customer", "proxy", "guardian", "organisation", "handler" } do
  rule(who == "customer" and "11" or "11/" .. who) {
    zh = "发现冒用、伪造、变造证件：不予办理并及时报告",
    en = "a forged, altered or borrowed document: refused and reported",
    applies = shows[who],
    check = function(case)
      local finding = findings[case[who].document.examined]
      if finding then refuse_and_report(finding) end
    end,
  }
end

-- A chip that answers, but whose data were not signed by the state, is an altered or a forged card,
-- whatever it looks like; a chip that does not answer is only unread, and a signer nobody knows is a doubt.
-- Public security says whether the identity is the holder's (article 10): "mismatch" is a borrowed or
-- invented one; "unknown" and "unavailable" leave it to the examination of article 9.
for _, who in ipairs { "customer", "proxy", "guardian", "handler" } do
  rule("11/" .. who .. "_chip") {
    zh = "芯片数据未通过校验，或者不是签发时所签：按变造、伪造处理",
    en = "a chip that does not verify, or whose data were not signed: refused and reported",
    applies = shows[who],
    check = function(case)
      if case[who].chip.authentic == "no" then return refuse_and_report "document.not_genuine" end
      if case[who].document.chip == "failed" then refuse_and_report "document.chip_failed" end
    end,
  }

  rule("11/" .. who .. "_verified") {
    zh = "公安机关核实不符：不予办理并及时报告",
    en = "an identity public security denies: refused and reported",
    applies = function(case) return shows[who](case) and case[who].document.number == "good" end,
    check = function(case)
      if case[who].verified == "mismatch" then refuse_and_report "document.not_of_holder" end
    end,
  }
end

rule "11/withheld" {
  zh = "拒绝提供有效证件或真实身份信息：不予办理并及时报告",
  en = "a document or information refused: refused and reported",
  check = function(case)
    local refuses = case.customer.refuses
    if refuses == "no" then return end
    refuse(refuses == "document" and "document.withheld" or "information.withheld")
    report { to = "regulator", within = "24h" }
  end,
}

-- Article 12: kept ---------------------------------------------------------------------------------

rule "12" {
  zh = "服务期间及终止服务后二年内留存身份信息和相关材料",
  en = "information and material are kept during the service and for two years after",
  check = function() oblige "retain" end,
}

-- Article 15: dealers ------------------------------------------------------------------------------

local function by_dealer(case) return case.channel.kind == "dealer" end

rule "15.1" {
  zh = "与代理商须有书面约定",
  en = "a dealer registers under a written contract in force",
  applies = by_dealer,
  check = function(case)
    if case.dealer.contract ~= "in_force" then refuse "dealer.no_contract" end
  end,
}

rule "15.1/able" {
  zh = "代理商不能满足登记和保护要求的，不得办理",
  en = "a dealer that cannot register and protect as required does not register",
  applies = by_dealer,
  check = function(case)
    if not case.dealer.able then refuse "dealer.not_able" end
  end,
}

rule "15.4" {
  zh = "代理商向客户表明代理商身份",
  en = "a dealer tells the customer that it is one",
  applies = by_dealer,
  check = function(case)
    if not case.channel.disclosed then need "channel.disclosed" end
  end,
}
