-- SPDX-License-Identifier: Apache-2.0
-- What rules may know, in Chinese and English. A fact is one of a few values and holds no personal data;
-- where a fact is derived from what was typed or read, this file says how. Here: who comes, and what they bring.
-- What the case itself is: case.lua. What rules may say: words.lua.

local ADULT = 18 -- Civil Code, article 17: completed years

-- comes: who may be the one at the counter for whom the number is registered, or who acts for them; aged:
-- whose age the rules ask about. The years are those of an example: whoever comes along is somebody else,
-- with another number.
local people = {
  { who = "customer", zh = "客户", en = "the customer", comes = true, aged = true, years = 51 },
  { who = "proxy", zh = "受托人", en = "the proxy", comes = true, aged = true, years = 35 },
  { who = "guardian", zh = "监护人", en = "the guardian", aged = true, years = 45 },
  { who = "handler", zh = "经办人", en = "the handler", comes = true, years = 40 },
}

local organisation = { who = "organisation", zh = "单位", en = "the organisation" }

-- What somebody brings is what they have in a plain case.
local plain = { person = "resident_id", organisation = "business_licence" }

-- The kinds of document somebody may bring: "none" was brought, or one that is in no list of ours.
local function types_for(whose)
  local types = { "none", "unlisted" }
  for _, kind in ipairs(documents) do
    if documents[kind][whose] then table.insert(types, kind) end
  end
  return types
end

local function written(name)
  return function(field)
    local text = field(name)
    return text ~= nil and text ~= ""
  end
end

local function told(name)
  return function(field) return field(name) == true end
end

-- Examples: fields that make a fact what is wanted, for whoever wants to see such a case -------------

-- Cases in which somebody comes: the fact that says so, and the fields that make it so.
local comes = {
  customer = { fact = "customer.kind", fields = { ["customer.kind"] = "person" } },
  proxy = { fact = "proxy.given", fields = { ["proxy.given"] = true } },
  guardian = { fact = "guardian.present", fields = { ["guardian.given"] = true, ["guardian.present"] = true } },
  handler = { fact = "customer.kind", fields = { ["customer.kind"] = "organisation" } },
  organisation = { fact = "customer.kind", fields = { ["customer.kind"] = "organisation" } },
}

-- A plain fact about somebody waits for them to come; a wanted one makes them come, unless it is settled
-- whether they do.
local function along(who, name, want, fields)
  local come = comes[who]
  if want(name) ~= nil and want(come.fact) ~= nil then return fields end
  for key, value in pairs(come.fields) do fields[key] = value end
  return fields
end

-- A yes is this field of this value; a no is its absence.
local function example_of(who, name, field, value)
  return function(wanted, want)
    if not wanted then return {} end
    return along(who, name, want, { [field] = value })
  end
end

-- The document that makes the wanted kind, or a plain one: nil for none.
local function example_type(wanted, whose)
  if wanted ~= "unlisted" then return wanted ~= "none" and (wanted or plain[whose]) or nil end
  for _, kind in ipairs(documents) do
    if not documents[kind][whose] then return kind end
  end
  return "unlisted"
end

-- Who comes ----------------------------------------------------------------------------------------

-- A word of a form we do not know is no person and no organisation: then it is asked again.
fact "customer.kind" {
  values = { "person", "organisation" }, source = "form", keeps = true,
  zh = "客户是个人还是单位", en = "whether the customer is a person or an organisation",
  from = function(field)
    local kind = field "customer.kind"
    if kind == "person" or kind == "organisation" then return kind end
    if kind ~= nil then return nil end
    if field "organisation.given" then return "organisation" end
    if field "customer.given" then return "person" end
    return nil
  end,
  example = function(value) return { ["customer.kind"] = value } end,
}

fact "proxy.given" {
  values = { true, false }, source = "form",
  zh = "是否委托他人代办", en = "whether somebody acts for the customer",
  from = told "proxy.given", plain = false,
  example = function(value) return { ["proxy.given"] = value } end,
}

-- An application that names no guardian tells that nobody came.
fact "guardian.present" {
  values = { true, false }, source = "form",
  zh = "监护人到场", en = "the guardian being present",
  from = told "guardian.present", plain = false,
  example = function(value, want)
    if value then return { ["guardian.given"] = true, ["guardian.present"] = true } end
    if want "guardian.present" == nil then return { ["guardian.given"] = false } end
    return { ["guardian.present"] = false }
  end,
}

-- Documents ----------------------------------------------------------------------------------------

-- The fields of one person, or of an organisation, by what they are; put together once, not in every case.
local function names_of(who)
  return {
    name = who .. ".name", name_latin = who .. ".name_latin", birth = who .. ".birth", sex = who .. ".sex",
    chip = who .. ".chip.verified", authentic = who .. ".chip.authentic",
    signer_trusted = who .. ".chip.signer_trusted", type = who .. ".document.type", number = who .. ".document.number",
    valid_from = who .. ".document.valid_from", valid_to = who .. ".document.valid_to",
    long_term = who .. ".document.long_term", origin = who .. ".document.origin",
    examined = who .. ".document.examined",
  }
end

local function kind_of(field, its)
  return documents[field(its.type) or "none"]
end

local function number_of(field, its)
  local kind, text = kind_of(field, its), field(its.number)
  if kind == nil or text == nil or text == "" then return nil end
  return number(kind.number, text)
end

-- A number tells birth and sex. When the card or the form tells another story, something is wrong.
local function contradicts(field, its, said)
  local born, sex = field(its.birth), field(its.sex)
  if said.birth ~= nil and born ~= nil and born ~= said.birth then return true end
  return said.sex ~= nil and (sex == "male" or sex == "female") and sex ~= said.sex
end

local function judge_number(field, its)
  local said = number_of(field, its)
  if said == nil then return "missing" end
  if said.verdict == "retired" or said.verdict == "unsuitable" then return said.verdict end
  if said.verdict ~= "ok" then return "wrong" end
  if contradicts(field, its, said) then return "contradicted" end
  return "good"
end

-- The day of birth, told or by the number; of two that differ the later: a doubt must not turn a child
-- into an adult. nil: nobody knows.
local function born_of(field, its)
  local said, born = number_of(field, its), field(its.birth)
  local told_by_number = said ~= nil and said.birth or nil
  if born == nil then return told_by_number end
  if told_by_number ~= nil and told_by_number > born then return told_by_number end
  return born
end

-- A resident number of 15 digits is of the last century. A typed number that is wrong in itself is sent
-- back before any rule sees it, so a wrong one was read from a card.
local function example_number(its, kind, wanted, years)
  local fields, number_kind = { [its.type] = kind and kind.type }, wanted
  if kind == nil or wanted == "missing" then return fields end
  if wanted == "contradicted" then fields[its.sex], number_kind = "female", "good" end
  if wanted == "wrong" then fields[its.origin] = "chip" end
  fields[its.number] = number_example(kind.number, {
    kind = number_kind, sex = "male", birth = wanted == "retired" and date "1980-01-01" or years_before(years),
  })
  return fields
end

-- Units that had not changed to the unified code could use these certificates to the end of 2020 (State
-- Council, document 33 of 2015).
local function is_over(field, its)
  return field(its.type) == "organisation_code" and day > date "2020-12-31"
end

-- How many years a document is good for, by the holder's age on its first valid day, with a month of grace;
-- the most there are when the age is not known. nil: without end, or nobody says.
local function years_of(kind, first, born)
  local years
  for _, term in ipairs(kind.terms) do
    if born == nil then
      years = math.max(years or 0, term.years or 0)
    elseif term.age * 365 <= first - born + 30 then
      years = term.years
    end
  end
  return years
end

-- Of some kinds it is said how long they are good for: they are without end only where that is said.
local function may_be_endless(kind)
  local endless = true
  for _, term in ipairs(kind.terms) do endless = term.years == nil end
  return endless
end

local function judge_validity(field, its)
  local kind = kind_of(field, its)
  local first, last = field(its.valid_from), field(its.valid_to)
  if kind == nil then return nil end
  if first ~= nil and day < first then return "not_yet" end
  if kind.since ~= nil and day < date(kind.since) then return "not_yet" end
  if is_over(field, its) then return "expired" end
  if first ~= nil and kind.longest_days ~= nil and day > first + kind.longest_days then return "expired" end
  local years = first ~= nil and years_of(kind, first, born_of(field, its))
  if years and first < years_before(years) then return "expired" end
  if last ~= nil then return day > last and "expired" or "valid" end
  if not kind.dated or field(its.long_term) == true and may_be_endless(kind) then return "valid" end
  return nil
end

local function example_validity(its, kind, wanted)
  local fields = { [its.type] = kind and kind.type }
  if kind == nil then return fields end
  if wanted == "not_yet" then fields[its.valid_from] = day + 1 end
  if wanted == "expired" then fields[its.valid_to] = day - 1 end
  if wanted == "valid" and kind.dated then fields[its.valid_to] = day + math.min(kind.longest_days or 365, 365) end
  return fields
end

-- Two kinds of card have a second form, which the number tells: whether and since when that form is a
-- document is said by the regulations.
local editions = {
  foreigner_2023 = { type = "permanent_residence", number = "931586198001010028", birth = "1980-01-01" },
  hk_macau_2024 = { type = "hk_macau_permit", number = "HA1234567" },
}

local function judge_edition(field, its)
  local kind = field(its.type)
  if kind ~= "permanent_residence" and kind ~= "hk_macau_permit" then return "other" end
  local said = number_of(field, its)
  if said == nil or said.verdict ~= "ok" then return "other" end
  if kind == "permanent_residence" then return #said.normal == 18 and "foreigner_2023" or "other" end
  return said.normal:sub(2, 2) == "A" and "hk_macau_2024" or "other"
end

-- What the clerk saw; a word we do not know is a doubt. Where the clerk says nothing, a chip whose signature
-- holds is an examination as well: whether it is enough, and who must have signed, the regulations say.
local seen = { "unexamined", "genuine", "doubtful", "forged", "altered", "borrowed" }
local examined = { person = { "by_chip", table.unpack(seen) }, organisation = seen }

local function judge_examined(field, its)
  local said = field(its.examined)
  if said == nil then return field(its.chip) == "yes" and "by_chip" or "unexamined" end
  for _, value in ipairs(seen) do
    if said == value then return said end
  end
  return "doubtful"
end

local function declare_document(it, whose)
  local who, its = it.who, names_of(it.who)
  local validity = who .. ".document.validity"
  local function example_kind(want, else_type)
    return documents[example_type(want(its.type) or else_type, whose) or "none"]
  end

  fact(its.type) {
    values = types_for(whose), source = "form", plain = plain[whose],
    zh = it.zh .. "的有效证件", en = it.en .. "'s document",
    from = function(field)
      local brought = field(its.type)
      if brought == nil or brought == "" then return "none" end
      local kind = documents[brought]
      return kind ~= nil and kind[whose] and brought or "unlisted"
    end,
    example = function(wanted, want)
      return along(who, its.type, want, { [its.type] = example_type(wanted, whose) })
    end,
  }

  fact(its.number) {
    values = { "missing", "good", "wrong", "retired", "unsuitable", "contradicted" }, source = "form",
    plain = "good",
    zh = it.zh .. "的证件号码（须与证件一致且有效）",
    en = it.en .. "'s document number, right and of this document",
    from = function(field) return judge_number(field, its) end,
    example = function(wanted, want)
      -- Only a person's card has a number that is retired, or a holder of another sex.
      local person = whose == "person"
      local of_person = not person and (wanted == "retired" or wanted == "contradicted")
      local years = person and it.aged and want(who .. ".minor") and it.years // 3 or it.years or 30
      local fields = example_number(its, example_kind(want, of_person and "unlisted" or nil), wanted, years)
      if of_person then fields[its.origin] = "chip" end
      return along(who, its.number, want, fields)
    end,
  }

  fact(validity) {
    values = { "valid", "expired", "not_yet" }, source = "form",
    zh = it.zh .. "证件的有效期（办理当日须有效）",
    en = it.en .. "'s document being valid on the day (its last valid day, or long-term)",
    from = function(field) return judge_validity(field, its) end,
    example = function(wanted, want)
      return along(who, validity, want, example_validity(its, example_kind(want), wanted))
    end,
  }

  fact(its.examined) {
    values = examined[whose], source = "form", keeps = { "forged", "altered", "borrowed" }, plain = "genuine",
    zh = "查验" .. it.zh .. "证件的结果", en = "what examining " .. it.en .. "'s document showed",
    from = function(field) return judge_examined(field, its) end,
    example = function(wanted, want)
      local chip = whose == "person" and want(who .. ".document.chip")
      if wanted == "by_chip" then
        return along(who, its.examined, want, { [its.chip] = "yes", [its.origin] = "chip" })
      end
      if wanted == "unexamined" and chip ~= "verified" then return {} end
      return along(who, its.examined, want, { [its.examined] = wanted })
    end,
  }

  word(who .. ".document.accepted") {
    kind = "need",
    zh = it.zh .. "须出示法定有效证件之一", en = it.en .. " must bring one of the documents the law lists",
  }
end

for _, it in ipairs(people) do
  local who, its = it.who, names_of(it.who)
  local named, latin_named = written(its.name), written(its.name_latin)

  declare_document(it, "person")

  fact(who .. ".document.chip") {
    values = { "unread", "verified", "failed" }, source = "card", keeps = { "failed" },
    zh = it.zh .. "证件芯片的校验结果", en = "whether the chip of " .. it.en .. "'s document verified",
    from = function(field)
      local said, authentic = field(its.chip), field(its.authentic)
      if said == "yes" then return "verified" end
      -- Where only the signer is in doubt, nothing is known to be wrong with the data.
      return said == "no" and (authentic == nil or authentic == "no") and "failed" or "unread"
    end,
    example = function(wanted, want)
      if wanted == "unread" then return {} end
      local said = wanted == "verified" and "yes" or "no"
      return along(who, who .. ".document.chip", want, { [its.chip] = said, [its.origin] = "chip" })
    end,
  }

  -- What readers of passports and permits add: a reader of identity cards leaves both to its module.
  local function declare_chip(name, zh, en, keeps)
    fact(name) {
      values = { "untold", "yes", "no", "unknown" }, source = "card", keeps = keeps, zh = zh, en = en,
      from = function(field)
        local said = field(name)
        if said == nil then return "untold" end
        return (said == "yes" or said == "no") and said or "unknown"
      end,
      example = function(wanted, want)
        if wanted == "untold" then return {} end
        return along(who, name, want, { [name] = wanted, [its.origin] = "chip" })
      end,
    }
  end

  declare_chip(its.authentic, it.zh .. "证件芯片上的数据是否为签发时所签",
    "whether the data on the chip of " .. it.en .. "'s document are those that were signed", { "no" })
  declare_chip(its.signer_trusted, it.zh .. "证件芯片的签发者是否为签发国所信任",
    "whether who signed the chip of " .. it.en .. "'s document is a signer of the state that issued it")

  fact(who .. ".verified") {
    values = { "match", "mismatch", "unknown", "unavailable" }, keeps = { "mismatch" },
    source = "service", service = "public-security", of = who,
    zh = "公安机关对" .. it.zh .. "身份的核实结果", en = "what public security says of " .. it.en .. "'s identity",
  }

  -- A foreigner's document may show the name in Latin letters only.
  fact(who .. ".name") {
    values = { true, false }, source = "form",
    zh = it.zh .. "姓名", en = it.en .. "'s name",
    from = function(field) return named(field) or latin_named(field) end,
    example = example_of(who, who .. ".name", its.name, "示例"),
  }

  if it.aged then
    fact(who .. ".minor") {
      values = { true, false }, source = "form", keeps = true, plain = false,
      zh = it.zh .. "的出生日期（是否未成年）", en = it.en .. "'s date of birth (whether under age)",
      from = function(field)
        local born = born_of(field, its)
        if born == nil then return nil end
        return age(born) < ADULT
      end,
      example = function(wanted, want)
        local years = wanted and it.years // 3 or it.years
        local fields = along(who, who .. ".minor", want, { [its.birth] = years_before(years) })
        if not wanted or who ~= "customer" or want "guardian.present" ~= nil then return fields end
        return along("guardian", "guardian.present", want, fields)
      end,
    }
  end
end

for _, it in ipairs(people) do
  if it.comes then
    local who, its = it.who, names_of(it.who)

    fact(who .. ".document.origin") {
      values = { "typed", "mrz", "chip" }, source = "card", plain = "chip",
      zh = "用读卡器读取" .. it.zh .. "的证件", en = "reading " .. it.en .. "'s document with a card reader",
      from = function(field)
        local origin = field(its.origin)
        return (origin == "chip" or origin == "mrz") and origin or "typed"
      end,
      example = function(wanted, want)
        if wanted == "mrz" then return along(who, its.origin, want, { [its.origin] = "mrz" }) end
        local kind = documents[want(its.type) or plain.person] -- plainly read where there is a chip to read
        if wanted ~= "chip" or want(its.origin) == nil and not (kind and kind.chip) then return {} end
        return along(who, its.origin, want, { [its.origin] = "chip" })
      end,
    }

    fact(who .. ".document.edition") {
      values = { "other", "foreigner_2023", "hk_macau_2024" }, source = "form",
      zh = it.zh .. "证件的式样", en = "the form of " .. it.en .. "'s document",
      from = function(field) return judge_edition(field, its) end,
      example = function(wanted, want)
        local card = editions[wanted]
        if card == nil then return {} end
        return along(who, who .. ".document.edition", want, {
          [its.type] = card.type, [its.number] = card.number, [its.birth] = card.birth and date(card.birth),
        })
      end,
    }

    fact(who .. ".declines_face") {
      values = { true, false }, source = "form",
      zh = it.zh .. "是否不同意人像比对", en = "whether " .. it.en .. " declines the comparison of faces",
      from = told(who .. ".declines_face"), plain = false,
      example = example_of(who, who .. ".declines_face", who .. ".declines_face", true),
    }

    fact(who .. ".face") {
      values = { "match", "mismatch", "unknown", "unavailable" },
      source = "service", service = "face-comparison", of = who,
      zh = it.zh .. "的人像比对结果", en = "whether " .. it.en .. "'s face is the one on the document",
    }
  end
end

declare_document(organisation, "organisation")

-- The customer -----------------------------------------------------------------------------------

-- Somebody without one says so: "无" is written down too.
fact "customer.work_unit" {
  values = { true, false }, source = "form",
  zh = "客户的工作单位（没有的填“无”）", en = "the customer's work unit (or that there is none)",
  from = written "customer.work_unit",
  example = example_of("customer", "customer.work_unit", "customer.work_unit", "无"),
}

-- As on the document: a card tells it with its holder, a form with the document.
fact "customer.address" {
  values = { true, false }, source = "form",
  zh = "客户的证件地址", en = "the address on the customer's document",
  from = function(field)
    return written "customer.document.address"(field) or written "customer.address"(field)
  end,
  example = example_of("customer", "customer.address", "customer.address", "示例路2号"),
}

-- Who comes along ----------------------------------------------------------------------------------

-- Brought for the guardianship, or already on the counter as the customer's own document.
fact "household_register.shown" {
  values = { true, false }, source = "form",
  zh = "未成年人家庭户口簿", en = "the household register of the minor's family",
  from = function(field)
    local shown = field "household_register.shown"
    if shown ~= nil then return shown end
    return field "household_register.given" == true or field "customer.document.type" == "household_register"
  end,
  example = function(wanted, want)
    local name, fields = "household_register.shown", { ["household_register.given"] = true }
    if not wanted then return { ["household_register.shown"] = false } end
    return want(name) == nil and along("guardian", name, want, fields) or fields
  end,
}

-- Taken to be the family's unless the clerk finds otherwise.
fact "household_register.lists_customer" {
  values = { true, false }, source = "form",
  zh = "户口簿上有该未成年人", en = "the household register listing the minor",
  from = function(field) return field "household_register.lists_customer" ~= false end,
  example = function(value) return value and {} or { ["household_register.lists_customer"] = false } end,
}

-- Organisations ------------------------------------------------------------------------------------

fact "organisation.name" {
  values = { true, false }, source = "form",
  zh = "单位名称", en = "the organisation's name",
  from = written "organisation.name",
  example = example_of("organisation", "organisation.name", "organisation.name", "示例公司"),
}

fact "organisation.address" {
  values = { true, false }, source = "form",
  zh = "单位的证件地址", en = "the address on the organisation's document",
  from = function(field)
    return written "organisation.document.address"(field) or written "organisation.address"(field)
  end,
  example = example_of("organisation", "organisation.address", "organisation.address", "示例路3号"),
}

fact "organisation.authorization" {
  values = { true, false }, source = "evidence",
  zh = "单位授权书", en = "the organisation's letter of authorisation",
  from = told "evidence.authorization.organisation",
  example = example_of("organisation", "organisation.authorization", "evidence.authorization.organisation", true),
}

-- Each user of the organisation's numbers is a person with a name and a document of their own.
fact "users.listed" {
  values = { "none", "incomplete", "complete" }, source = "form", plain = "complete",
  zh = "使用者信息", en = "who will use the numbers",
  from = function(field)
    local count = field "users.count" or 0
    for i = 1, count do
      local its = names_of("users." .. i)
      local kind = kind_of(field, its)
      if kind == nil or not kind.person or not written(its.name)(field)
        or judge_number(field, its) ~= "good" then
        return "incomplete"
      end
    end
    return count > 0 and "complete" or "none"
  end,
  example = function(wanted, want)
    if wanted == "none" then return {} end
    local its, kind = names_of "users.1", documents[plain.person]
    local fields = wanted == "complete" and example_number(its, kind, "good", 25) or {}
    fields["users.count"], fields[its.name] = 1, "示例"
    return along("organisation", "users.listed", want, fields)
  end,
}

-- Evidence taken on site ---------------------------------------------------------------------------

local function declare_picture(kind, who, zh, en)
  local name = "evidence." .. kind .. "." .. who

  fact(name) {
    values = { true, false }, source = "evidence", zh = zh, en = en,
    from = told(name), example = example_of(who, name, name, true),
  }
end

for _, it in ipairs(people) do
  if it.comes then
    declare_picture("document_photo", it.who, it.zh .. "证件照片", "a photo of " .. it.en .. "'s document")
    declare_picture("portrait", it.who, it.zh .. "人像照片（现场采集）", "a portrait of " .. it.en .. ", taken on site")
  end
end
declare_picture("document_photo", "organisation", "单位证件照片", "a photo of the organisation's document")
