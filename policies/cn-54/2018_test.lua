-- SPDX-License-Identifier: Apache-2.0
-- Each paragraph shown to hold and shown to bite. All people, numbers and places are made up.

local TODAY = "2026-01-01"
local UNTOLD = "\u{FFFD}" -- marks a field that is left out

-- Every service and register answers well, unless a test says otherwise.
local good_answers = {
  ["customer.verified"] = "match", ["proxy.verified"] = "match",
  ["guardian.verified"] = "match", ["handler.verified"] = "match",
  ["dealer.contract"] = "in_force", ["dealer.able"] = true,
}

local function run(fields, more)
  return apply(fields, with({ on = TODAY, answers = good_answers }, more or {}))
end

-- A copy of a case with some fields changed or left out.
local function but(fields, changes)
  local changed = with(fields, changes)
  for name, value in pairs(changes) do
    assert(value ~= UNTOLD or fields[name] ~= nil, "not there to be left out: " .. name)
    if value == UNTOLD then changed[name] = nil end
  end
  return changed
end

local function id(paragraph) return "cn-54/2018#" .. paragraph end

local function expect_accepted(d)
  local nothing = { need = {}, refuse = {}, report = {}, ask = {} }
  expect(d, with(nothing, { verdict = "accepted", oblige = { "retain" }, rules = { id "12" } }))
end

local function list(one_or_more) return type(one_or_more) == "table" and one_or_more or { one_or_more } end

-- Exactly this is still needed, because of exactly these paragraphs.
local function expect_incomplete(d, needs, paragraphs)
  local rules = { id "12" }
  for _, paragraph in ipairs(list(paragraphs)) do table.insert(rules, id(paragraph)) end
  expect(d, { verdict = "incomplete", need = list(needs), refuse = {}, report = {}, rules = rules })
end

-- A test in a line: what happens, the case, and what comes of it.
local function accepts(title, case, more)
  test(title, function() expect_accepted(run(case, more)) end)
end

local function asks(title, case, needs, paragraphs, more)
  test(title, function() expect_incomplete(run(case, more), needs, paragraphs) end)
end

local function refuses(title, case, reason, paragraph, more)
  local reports = { ["15.1"] = {}, ["15.1/able"] = {}, ["3"] = {}, ["11/withheld"] = { "regulator", "24h" } }
  local told = reports[paragraph] or { "public_security", "1h" }
  test(title, function()
    expect(run(case, more), {
      verdict = "refused", refuse = { reason }, need = {}, rules = { id "12", id(paragraph) },
      report = { told[1] }, within = told[1] and { table.concat(told, " ") } or {},
    })
  end)
end

-- The cases everything else varies ----------------------------------------------------------------

-- At the operator's own counter: a resident card from the reader, both pictures.
local adult = {
  ["operation"] = "mobile.open", ["region"] = "540102", ["channel.kind"] = "operator",
  ["customer.kind"] = "person", ["customer.given"] = true,
  ["customer.name"] = "测试人甲", ["customer.work_unit"] = "无", ["customer.address"] = "示例路1号",
  ["customer.birth"] = "1990-01-01", ["customer.sex"] = "male", ["customer.chip.verified"] = "yes",
  ["customer.document.type"] = "resident_id", ["customer.document.number"] = "540102199001010011",
  ["customer.document.origin"] = "chip",
  ["customer.document.valid_from"] = "2016-03-01", ["customer.document.valid_to"] = "2036-03-01",
  ["evidence.document_photo.customer"] = true, ["evidence.portrait.customer"] = true,
}

-- The same card, typed and looked at by the clerk.
local typed = but(adult, {
  ["customer.chip.verified"] = UNTOLD, ["customer.address"] = UNTOLD, ["customer.document.origin"] = "typed",
  ["customer.document.examined"] = "genuine", ["customer.document.address"] = "示例路1号",
})

-- A passport's number tells no age, so the birthday does.
local function by_passport(case, who, born)
  local changed = with(case, { [who .. ".document.type"] = "passport", [who .. ".document.number"] = "L898902C" })
  changed[who .. ".birth"] = born
  return changed
end

local function foreigner(born) return by_passport(but(typed, { ["customer.sex"] = UNTOLD }), "customer", born) end

local proxy = {
  ["proxy.given"] = true, ["proxy.name"] = "测试人乙", ["proxy.document.type"] = "resident_id",
  ["proxy.document.number"] = "540102198506120035", ["proxy.document.examined"] = "genuine",
  ["proxy.document.valid_to"] = "2030-01-01",
  ["evidence.document_photo.proxy"] = true, ["evidence.portrait.proxy"] = true,
}
local proxied = but(with(adult, proxy), { ["evidence.portrait.customer"] = UNTOLD })

local minor = but(adult, {
  ["customer.birth"] = "2015-05-20", ["customer.document.number"] = "540102201505200011",
  ["customer.document.valid_from"] = "2023-01-01", ["customer.document.valid_to"] = "2028-01-01",
})

local guarded = but(minor, {
  ["guardian.given"] = true, ["guardian.present"] = true, ["guardian.name"] = "测试人丙",
  ["guardian.document.type"] = "resident_id", ["guardian.document.number"] = "540102198808080040",
  ["guardian.document.examined"] = "genuine", ["guardian.document.long_term"] = true,
  ["household_register.given"] = true, ["household_register.number"] = "054123456",
})

local company = {
  ["operation"] = "mobile.open", ["region"] = "540102", ["channel.kind"] = "operator",
  ["customer.kind"] = "organisation", ["organisation.given"] = true,
  ["organisation.name"] = "示例贸易有限公司", ["organisation.address"] = "示例路2号",
  ["organisation.document.type"] = "business_licence",
  ["organisation.document.number"] = "91540100MA6T1A2341", ["organisation.document.examined"] = "genuine",
  ["handler.given"] = true, ["handler.name"] = "测试人丁", ["handler.document.type"] = "resident_id",
  ["handler.document.number"] = "540102199103030128", ["handler.document.examined"] = "genuine",
  ["handler.document.valid_to"] = "2031-01-01",
  ["users.count"] = 2,
  ["users.1.name"] = "测试人戊", ["users.1.document.type"] = "resident_id",
  ["users.1.document.number"] = "540102199001010011",
  ["users.2.name"] = "测试人己", ["users.2.document.type"] = "passport", ["users.2.document.number"] = "L898902C",
  ["evidence.authorization.organisation"] = true, ["evidence.document_photo.organisation"] = true,
  ["evidence.document_photo.handler"] = true, ["evidence.portrait.handler"] = true,
}

local at_dealer = { ["channel.kind"] = "dealer", ["channel.dealer"] = "D-17", ["channel.disclosed"] = true }
local dealt = with(adult, at_dealer)

-- A case in which each one's document counts.
local whose = { customer = typed, proxy = proxied, guardian = guarded, handler = company, organisation = company }

accepts("an adult with a card from the reader and both pictures is accepted", adult)
accepts("an adult with a typed document the clerk examined is accepted", typed)
accepts("a foreigner with a passport is accepted", foreigner "1990-01-01")
accepts("a proxy with everything is accepted", proxied)
accepts("a minor with guardian and register is accepted", guarded)
accepts("an organisation with everything is accepted", company)
accepts("a dealer with everything is accepted", dealt)

-- Articles 2 and 21: where and when ---------------------------------------------------------------

accepts("on the first day, 2018-01-01, the measures decide", adult, { on = "2018-01-01" })

for title, more in pairs { ["on 2017-12-31"] = { on = "2017-12-31" }, ["in Sichuan"] = { region = "510100" } } do
  test("nothing is in force, so nothing is accepted: " .. title, function()
    expect(run(adult, more), { verdict = "refused", refuse = { "regulation.none_in_force" }, need = {}, rules = {} })
  end)
end

for _, region in ipairs { "540000", "540102", "542521", "540581" } do
  accepts("the region is covered at " .. region, adult, { region = region })
end

-- Article 3: operations ---------------------------------------------------------------------------

for _, operation in ipairs { "mobile.open", "mobile.replace", "mobile.transfer" } do
  accepts(operation .. " is registered, and installed nowhere", but(adult, { operation = operation }))
end

for _, operation in ipairs { "fixed.install", "fixed.relocate", "fixed.transfer" } do
  local case = but(adult, { operation = operation, install_address = "示例路3号" })
  accepts(operation .. " is registered with its address", case)
  asks(operation .. " needs the address of the installation",
    but(case, { install_address = UNTOLD }), "install_address", "9.1/install")
end

for _, operation in ipairs { "mobile.resell", "mobile", "MOBILE.OPEN", "unknown" } do
  refuses("an operation nobody named is refused: " .. operation, but(adult, { operation = operation }),
    "operation.unknown", "3")
end

test("without an operation the clerk is asked for it", function()
  expect(run(but(adult, { operation = UNTOLD })), { verdict = "incomplete", need = { "operation" } })
end)

test("whether person or organisation is asked when nobody said, or said something else", function()
  expect_need(run(but(adult, { ["customer.kind"] = UNTOLD, ["customer.given"] = UNTOLD })), "customer.kind")
  expect_need(run(but(adult, { ["customer.kind"] = "company" })), "customer.kind")
end)

accepts("a form that names an organisation is an organisation's", but(company, { ["customer.kind"] = UNTOLD }))
accepts("a form that names a person is a person's", but(adult, { ["customer.kind"] = UNTOLD }))

-- Article 6.1: the customer -----------------------------------------------------------------------

asks("without a document a person is asked for one",
  but(adult, { ["customer.document.type"] = UNTOLD }), "customer.document.type", "6.1")
asks("without a name a person is asked for it", but(adult, { ["customer.name"] = UNTOLD }), "customer.name", "6.1")
asks("an empty name is none", but(adult, { ["customer.name"] = "" }), "customer.name", "6.1")
accepts("a name in Latin letters is a name",
  but(adult, { ["customer.name"] = UNTOLD, ["customer.name_latin"] = "TEST PERSON" }))
asks("without a document an organisation is asked for one",
  but(company, { ["organisation.document.type"] = UNTOLD }), "organisation.document.type", "6.1")
asks("without a name an organisation is asked for it",
  but(company, { ["organisation.name"] = UNTOLD }), "organisation.name", "6.1")

test("everything missing is asked for at once", function()
  expect(run { ["operation"] = "fixed.install", ["customer.kind"] = "person" }, {
    verdict = "incomplete",
    need = {
      "customer.document.type", "customer.minor", "customer.name", "customer.work_unit",
      "evidence.document_photo.customer", "evidence.portrait.customer", "install_address",
    },
  })
end)

-- Articles 6.2, 6.3 and 8.2: whoever comes along -------------------------------------------------

for who, at in pairs { proxy = { proxied, "6.2" }, guardian = { guarded, "6.3" }, handler = { company, "8.2" } } do
  local case, paragraph, document = at[1], at[2], who .. ".document."
  local late = with(case, { [document .. "valid_to"] = "2025-12-31" })
  asks("a document is asked for: " .. who, but(with(case, { [who .. ".birth"] = "1985-06-12" }),
    { [document .. "type"] = UNTOLD }), document .. "type", paragraph)
  asks("the name is asked for: " .. who, but(case, { [who .. ".name"] = UNTOLD }), who .. ".name", paragraph)
  asks("the document must be on the list of persons: " .. who,
    but(case, { [document .. "type"] = "driver_licence" }), document .. "accepted", paragraph)
  asks("the document must be valid on the day: " .. who, late, document .. "validity", paragraph)
end

for _, number in ipairs { UNTOLD, "540102198506120036" } do
  asks("a proxy's number is there and right: " .. number, but(with(proxied, { ["proxy.birth"] = "1985-06-12" }),
    { ["proxy.document.number"] = number }), "proxy.document.number", "6.2")
end
asks("the customer's document is still needed when a proxy comes",
  but(proxied, { ["customer.document.type"] = UNTOLD }), "customer.document.type", "6.1")

asks("a proxy of seventeen is not enough", by_passport(proxied, "proxy", "2008-01-02"), "proxy.of_age", "6.2/age")
accepts("a proxy of eighteen is", by_passport(proxied, "proxy", "2008-01-01"))
asks("a proxy whose age nobody knows is asked for it", by_passport(proxied, "proxy"), "proxy.minor", "6.2/age")

-- Article 6.3: minors -----------------------------------------------------------------------------

local function asks_for_guardian(title, case, more)
  asks(title, case, { "guardian.present", "household_register.shown" }, { "6.3", "6.3/register" }, more)
end

asks_for_guardian("a minor alone is asked for the guardian and the register", minor)
asks_for_guardian("so is one of whom it is said that nobody came", but(minor, { ["guardian.present"] = false }))
asks("a guardian who is named but not there does not count",
  but(guarded, { ["guardian.present"] = false }), "guardian.present", "6.3")

test("not known is not absent, but asked for all the same", function()
  local told = { customer = { kind = "person", minor = true }, operation = "mobile.open" }
  expect_rule(decide(told, { on = TODAY }), id "6.3")
  expect_need(decide(told, { on = TODAY }), "guardian.present")
  expect_need(decide(with(told, { guardian = { present = false } }), { on = TODAY }), "guardian.present")
  expect_no(decide(with(told, { guardian = { present = true } }), { on = TODAY }), "guardian.present")
end)

asks("a guardian without papers is asked for everything at once", but(minor, { ["guardian.present"] = true }),
  { "guardian.document.type", "guardian.minor", "guardian.name", "household_register.shown" },
  { "6.3", "6.3/age", "6.3/register" })

asks("a guardian who is a minor is none", by_passport(guarded, "guardian", "2008-01-02"), "guardian.of_age", "6.3/age")
accepts("a guardian of eighteen is one", by_passport(guarded, "guardian", "2008-01-01"))

asks("the household register is asked for",
  but(guarded, { ["household_register.given"] = UNTOLD }), "household_register.shown", "6.3/register")
asks("a register that is named but not shown does not count, whomever it lists",
  but(guarded, { ["household_register.shown"] = false, ["household_register.lists_customer"] = false }),
  "household_register.shown", "6.3/register")
asks("the register of another family does not serve",
  but(guarded, { ["household_register.lists_customer"] = false }), "household_register.lists_customer", "6.3/register")

local by_register = but(guarded, {
  ["household_register.given"] = UNTOLD, ["customer.document.valid_to"] = UNTOLD, ["customer.chip.verified"] = UNTOLD,
  ["customer.document.type"] = "household_register", ["customer.document.examined"] = "genuine",
})

accepts("the register that is the minor's own document serves as both", by_register)
asks("but not when it does not list the minor",
  with(by_register, { ["household_register.lists_customer"] = false }),
  "household_register.lists_customer", "6.3/register")

accepts("the eighteenth birthday is an adult's", foreigner "2008-01-01", { on = "2026-01-01" })
asks_for_guardian("the day before is a minor's", foreigner "2008-01-01", { on = "2025-12-31" })
asks_for_guardian("born on 29 February: a minor on 28 February", foreigner "2008-02-29", { on = "2026-02-28" })
accepts("and of age on 1 March of a common year", foreigner "2008-02-29", { on = "2026-03-01" })
asks_for_guardian("somebody born tomorrow is no adult", foreigner "2026-01-02")
asks_for_guardian("the number tells the age when nothing else does", but(minor, { ["customer.birth"] = UNTOLD }))
accepts("so it does for adults", but(adult, { ["customer.birth"] = UNTOLD }))
asks("when nothing tells the age, it is asked for", foreigner(nil), "customer.minor",
  { "6.3", "6.3/age", "6.3/register", "9.1/guardian" })

test("of two birthdays the later decides whether a guardian is needed", function()
  expect_need(run(but(minor, { ["customer.birth"] = "1990-01-01" })), "guardian.present")
  expect_need(run(but(adult, { ["customer.birth"] = "2015-05-20" })), "guardian.present")
end)

accepts("a guardian at an adult's side changes nothing",
  but(adult, { ["guardian.present"] = true, ["guardian.document.type"] = "resident_id" }))
accepts("an organisation is never a minor", but(company, { ["customer.birth"] = "2015-05-20" }))

-- Article 7: the documents of a person ------------------------------------------------------------

local bare = but(typed, {
  ["customer.document.type"] = UNTOLD, ["customer.document.number"] = UNTOLD, ["customer.sex"] = UNTOLD,
  ["customer.document.valid_from"] = UNTOLD, ["customer.document.valid_to"] = UNTOLD,
})

local function bring(base, who, kind, document)
  local case = but(base, { [who .. ".document.type"] = kind })
  if base == bare and document.born then case["customer.birth"] = document.born end
  for _, name in ipairs { "number", "valid_from", "valid_to" } do
    case[who .. ".document." .. name] = document[name]
  end
  if who ~= "organisation" then case[who .. ".birth"] = document.born or "1990-01-01" end
  return case
end

-- What each kind of document looks like on the form; addressed: it prints one.
local personal = {
  resident_id = { number = "540102199001010011", valid_to = "2030-01-01", addressed = true },
  residence_permit = { number = "540102199001010011", valid_to = "2026-06-30", addressed = true },
  temporary_resident_id = {
    number = "540102199001010011", valid_from = "2025-12-01", valid_to = "2026-02-28", addressed = true,
  },
  household_register = { number = "540102199001010011", addressed = true },
  hk_macau_permit = { number = "H1234567801", valid_to = "2030-01-01" },
  taiwan_permit = { number = "12345678", valid_to = "2030-01-01" },
  travel_document = { number = "T0001234", valid_to = "2027-01-01" },
  passport = { number = "L898902C", valid_to = "2030-01-01" },
  hmt_residence_permit = {
    number = "810000199408230021", valid_to = "2028-12-31", born = "1994-08-23", addressed = true,
  },
  permanent_residence = { number = "931586198001010028", valid_to = "2033-12-31", born = "1980-01-01" },
  overseas_passport = { number = "E12345678", valid_to = "2030-01-01" },
}

for kind, document in pairs(personal) do
  local case = bring(bare, "customer", kind, document)
  local no_address = but(case, { ["customer.document.address"] = UNTOLD })

  accepts("a person may bring: " .. kind, case)
  accepts("a proxy may bring: " .. kind, bring(proxied, "proxy", kind, document))
  if document.valid_to then
    asks("its last valid day must be known: " .. kind,
      but(case, { ["customer.document.valid_to"] = UNTOLD }), "customer.document.validity", "7")
  end
  if document.addressed then
    asks("its address is written down: " .. kind, no_address, "customer.address", "9.1/register")
  else
    accepts("it has no address to write down: " .. kind, no_address)
  end
end

for kind, document in pairs {
  prc_passport = { number = "E12345678", valid_to = "2030-01-01" },
  hk_macau_exit_permit = { number = "C12345678", valid_to = "2030-01-01" },
  driver_licence = { number = "540102199001010011", valid_to = "2030-01-01" },
  social_security_card = { number = "540102199001010011" },
  military_id = { number = "军字第0000001号", valid_to = "2030-01-01" },
  police_id = { number = "武字第0000001号", valid_to = "2030-01-01" },
  hk_identity_card = { number = "A1234563" },
  macau_identity_card = { number = "12345678" },
  taiwan_identity_card = { number = "A123456789" },
  business_licence = { number = "91540100MA6T1A2341" },
  library_card = { number = "1" },
} do
  asks("a person may not bring: " .. kind, bring(bare, "customer", kind, document), "customer.document.accepted", "7")
end

local ends_today = but(adult, { ["customer.document.valid_to"] = TODAY })
local begins_today = but(adult, { ["customer.document.valid_from"] = TODAY })
accepts("the last valid day is valid", ends_today)
asks("the day after is not", ends_today, "customer.document.validity", "7", { on = "2026-01-02" })
accepts("the first valid day is valid", begins_today)
asks("the day before is not", begins_today, "customer.document.validity", "7", { on = "2025-12-31" })
accepts("a long-term document stays valid",
  but(adult, { ["customer.document.valid_to"] = UNTOLD, ["customer.document.long_term"] = true }))
asks("a last day counts even where long-term was ticked",
  but(adult, { ["customer.document.valid_to"] = "2025-12-31", ["customer.document.long_term"] = true }),
  "customer.document.validity", "7")

local temporary = with(bring(bare, "customer", "temporary_resident_id", personal.temporary_resident_id),
  { ["customer.document.valid_from"] = "2025-10-01", ["customer.document.valid_to"] = "2026-12-31" })
local hmt = bring(bare, "customer", "hmt_residence_permit", personal.hmt_residence_permit)

accepts("a temporary card is good for three months", temporary, { on = "2026-01-01" })
asks("and no longer, whatever is written on it", temporary, "customer.document.validity", "7", { on = "2026-01-02" })
accepts("residence permits for Hong Kong, Macau and Taiwan began on 2018-09-01", hmt, { on = "2018-09-01" })
asks("there was none the day before", hmt, "customer.document.validity", "7", { on = "2018-08-31" })

local bare_number = but(typed, { ["customer.birth"] = UNTOLD, ["customer.sex"] = UNTOLD })
local function numbered(number) return but(typed, { ["customer.document.number"] = number }) end

asks("fifteen digits are retired: another document is needed", numbered "540102900101001",
  "customer.document.accepted", "7")
asks("a wrong check digit is asked again, and nobody else is asked about it", numbered "540102199001010012",
  "customer.document.number", "7", { answers = { ["customer.verified"] = "mismatch" } })
asks("the number of another kind of document is asked again", numbered "931586198001010028",
  "customer.document.number", "7")
asks("without a number it is asked for", numbered(UNTOLD), "customer.document.number", "7")
asks("an empty number is none", numbered "", "customer.document.number", "7")
asks("a birthday the number does not know is asked again",
  but(adult, { ["customer.birth"] = "1990-01-02" }), "customer.document.number", "7")
asks("a sex the number does not know is asked again",
  but(adult, { ["customer.sex"] = "female" }), "customer.document.number", "7")
accepts("a sex nobody told contradicts nothing", but(adult, { ["customer.sex"] = "unknown" }))
accepts("a small x in a number is no mistake",
  with(bare_number, { ["customer.document.number"] = "11010519491231002x" }))
accepts("a number from a county of long ago is no mistake",
  with(bare_number, { ["customer.document.number"] = "542321196206150024" }))

-- Article 8: organisations ------------------------------------------------------------------------

local function organised(kind, document) return bring(company, "organisation", kind, document) end

for kind, document in pairs {
  uscc = { number = "91540100MA6T1A2341" },
  business_licence = { number = "540100100000015" },
  institution_certificate = { number = "12540000433200016R", valid_to = "2028-01-01" },
  association_certificate = { number = "515400005000000153", valid_to = "2028-01-01" },
  private_institution_certificate = { number = "515400005000000153", valid_to = "2028-01-01" },
  foundation_certificate = { number = "53540000MJB0000185", valid_to = "2028-01-01" },
  religious_venue_certificate = { number = "藏宗场证字第0001号" },
  law_firm_licence = { number = "31540000MD0000016Q" },
} do
  accepts("an organisation may bring: " .. kind, organised(kind, document))
  if document.valid_to then
    asks("its last valid day must be known: " .. kind, organised(kind, { number = document.number }),
      "organisation.document.validity", "8.1")
  end
end

for kind, document in pairs { resident_id = personal.resident_id, tax_receipt = { number = "1" } } do
  asks("an organisation may not bring: " .. kind, organised(kind, document), "organisation.document.accepted", "8.1")
end

local old_code = organised("organisation_code", { number = "D2143569-X", valid_to = "2029-01-01" })
accepts("the old organisation code serves to the end of 2020", old_code, { on = "2020-12-31" })
asks("and not in 2021", old_code, "organisation.document.validity", "8.1", { on = "2021-01-01" })
asks("a social credit code with a slip is asked again",
  organised("business_licence", { number = "91540100MA6T1A2342" }), "organisation.document.number", "8.1")
asks("the code of an institution stands on no business licence",
  organised("business_licence", { number = "12540000433200016R" }), "organisation.document.number", "8.1")
asks("an expired certificate is none",
  organised("institution_certificate", { number = "12540000433200016R", valid_to = "2025-12-31" }),
  "organisation.document.validity", "8.1")

asks("the letter of authorisation is asked for",
  but(company, { ["evidence.authorization.organisation"] = UNTOLD }), "organisation.authorization", "8.2")

for title, changes in pairs {
  ["are counted, and there are none"] = { ["users.count"] = 0 },
  ["are not mentioned"] = { ["users.count"] = UNTOLD },
  ["are fewer than counted"] = { ["users.count"] = 3 },
  ["include one without a name"] = { ["users.2.name"] = UNTOLD },
  ["include one without a document"] = { ["users.2.document.type"] = UNTOLD },
  ["include one without a number"] = { ["users.1.document.number"] = UNTOLD },
  ["include one with a wrong number"] = { ["users.1.document.number"] = "540102199001010012" },
  ["include one who is no person"] = { ["users.1.document.type"] = "uscc" },
} do
  asks("users are asked for when they " .. title, but(company, changes), "users.listed", "8.2")
end

-- Article 9.1: checked and written down -----------------------------------------------------------

for who, case in pairs(whose) do
  for _, said in ipairs { UNTOLD, "unexamined", "doubtful", "hm" } do
    asks("not checked: the document of the " .. who .. ", examined " .. said,
      but(case, { [who .. ".document.examined"] = said }), who .. ".document.examined", "9.1/" .. who)
  end
end

asks("a clerk's doubt outweighs the chip",
  but(adult, { ["customer.document.examined"] = "doubtful" }), "customer.document.examined", "9.1/customer")
asks("the work unit is written down, or that there is none",
  but(adult, { ["customer.work_unit"] = UNTOLD }), "customer.work_unit", "9.1/register")
asks("the address a card tells is written down",
  but(adult, { ["customer.address"] = UNTOLD }), "customer.address", "9.1/register")
asks("the address of an organisation is written down",
  but(company, { ["organisation.address"] = UNTOLD }), "organisation.address", "9.1/register")
accepts("the address may be told with the organisation's document",
  but(company, { ["organisation.address"] = UNTOLD, ["organisation.document.address"] = "示例路2号" }))

-- Article 9.2: photographed on site ---------------------------------------------------------------

-- What is not listed here is not asked for: the absent customer's portrait, the guardian's pictures.
for paragraph, group in pairs {
  ["9.2"] = { case = adult, "document_photo.customer", "portrait.customer" },
  ["9.2/proxy"] = { case = proxied, "document_photo.customer", "document_photo.proxy", "portrait.proxy" },
  ["9.2/organisation"] = {
    case = company, "document_photo.organisation", "document_photo.handler", "portrait.handler",
  },
} do
  for _, picture in ipairs(group) do
    local name = "evidence." .. picture
    asks(paragraph .. " asks for " .. picture, but(group.case, { [name] = UNTOLD }), name, paragraph)
  end
end

asks("a minor is photographed like anybody",
  but(guarded, { ["evidence.portrait.customer"] = UNTOLD }), "evidence.portrait.customer", "9.2")

local sent = but(with(company, proxy), {
  ["evidence.document_photo.handler"] = UNTOLD, ["evidence.portrait.handler"] = UNTOLD,
})
accepts("an organisation may send a proxy, who is photographed instead of the handler", sent)
asks("then too the organisation's document is photographed",
  but(sent, { ["evidence.document_photo.organisation"] = UNTOLD }),
  "evidence.document_photo.organisation", "9.2/proxy")

-- Article 11: refused and reported ----------------------------------------------------------------

for _, said in ipairs { "forged", "altered", "borrowed" } do
  for who, case in pairs(whose) do
    refuses("refused and reported: " .. said .. ", shown by the " .. who,
      but(case, { [who .. ".document.examined"] = said }), "document." .. said,
      who == "customer" and "11" or "11/" .. who)
  end
end

test("a refusal outweighs what is missing, and both are said", function()
  local d = run { ["customer.kind"] = "person", ["customer.document.examined"] = "forged" }
  expect(d, { verdict = "refused", refuse = { "document.forged" }, report = { "public_security" } })
  expect_need(d, "operation")
end)

refuses("a forged document at an adult's side is refused too",
  but(adult, { ["guardian.present"] = true, ["guardian.document.examined"] = "forged" }),
  "document.forged", "11/guardian")
for who, case in pairs { organisation = adult, customer = company } do
  accepts("a document that nobody shows is no finding: " .. who,
    but(case, { [who .. ".document.examined"] = "forged", [who .. ".chip.verified"] = "no" }))
end

for who, case in pairs { customer = adult, proxy = proxied, guardian = guarded, handler = company } do
  local answer, examined, signer = who .. ".verified", who .. ".document.examined", who .. ".chip.signer_trusted"
  local read = but(with(case, { [examined] = "genuine" }), { [who .. ".chip.verified"] = "yes", [examined] = UNTOLD })

  accepts("a chip whose signature holds is an examination: " .. who, read)
  accepts("with a trusted signer too: " .. who, with(read, { [signer] = "yes" }))
  asks("a chip that does not verify for its signer alone is no finding: " .. who, with(read, {
    [who .. ".chip.verified"] = "no", [who .. ".chip.authentic"] = "yes", [signer] = "no" }), examined, "9.1/" .. who)
  for _, said in ipairs { "no", "unknown", "hm" } do
    local doubted = with(read, { [signer] = said })
    asks("but not with one in doubt: " .. who .. ", " .. said, doubted, examined, "9.1/" .. who)
    accepts("which is nothing to an examined document: " .. who, with(doubted, { [examined] = "genuine" }))
  end
  refuses("a chip that does not verify is refused and reported: " .. who,
    but(case, { [who .. ".chip.verified"] = "no", [examined] = "genuine" }),
    "document.chip_failed", "11/" .. who .. "_chip")
  refuses("data that were not signed are refused and reported: " .. who,
    but(case, { [who .. ".chip.authentic"] = "no" }), "document.not_genuine", "11/" .. who .. "_chip")
  refuses("an identity public security denies is refused and reported: " .. who, case,
    "document.not_of_holder", "11/" .. who .. "_verified", { answers = { [answer] = "mismatch" } })
  test("public security is asked about: " .. who, function()
    expect(apply(case, { on = TODAY, answers = but(good_answers, { [answer] = UNTOLD }) }), { ask = { answer } })
  end)
end

for _, said in ipairs { "unknown", "unavailable" } do
  local more = { answers = { ["customer.verified"] = said } }
  accepts("an examined document is enough when public security is " .. said, typed, more)
  asks("without an examination it is not, when public security is " .. said,
    but(typed, { ["customer.document.examined"] = UNTOLD }), "customer.document.examined", "9.1/customer", more)
end

refuses("refusing a document is refused and reported",
  but(adult, { ["customer.refuses"] = "document" }), "document.withheld", "11/withheld")
refuses("refusing information is refused and reported",
  but(adult, { ["customer.refuses"] = "information" }), "information.withheld", "11/withheld")
for who, case in pairs { proxy = proxied, guardian = guarded, organisation = company, handler = company } do
  refuses("who refuses for the customer refuses, whatever the word: " .. who,
    but(case, { [who .. ".refuses"] = "everything" }), "document.withheld", "11/withheld")
end
accepts("not refusing is not refusing", but(adult, { ["customer.refuses"] = "no" }))

-- Article 15: dealers -----------------------------------------------------------------------------

for _, contract in ipairs { "none", "expired", "not_yet" } do
  refuses("a dealer does not register when its contract is: " .. contract, dealt,
    "dealer.no_contract", "15.1", { answers = { ["dealer.contract"] = contract } })
end
refuses("a dealer that cannot protect the data does not register", dealt,
  "dealer.not_able", "15.1/able", { answers = { ["dealer.able"] = false } })

test("both questions about a dealer are asked at once", function()
  local d = apply(dealt, { on = TODAY, answers = { ["customer.verified"] = "match" } })
  expect(d, { ask = { "dealer.able", "dealer.contract" } })
end)

asks("a dealer says that it is one", but(dealt, { ["channel.disclosed"] = false }), "channel.disclosed", "15.4")
asks("naming a dealer makes it the dealer's, whatever the kind says",
  but(dealt, { ["channel.kind"] = "operator", ["channel.disclosed"] = UNTOLD }), "channel.disclosed", "15.4")

test("the operator's own counter answers no question about dealers", function()
  for _, case in ipairs { adult, but(adult, { ["channel.kind"] = UNTOLD }) } do
    expect_accepted(apply(case, { on = TODAY, answers = { ["customer.verified"] = "match" } }))
  end
end)
asks_for_guardian("a dealer's minor needs a guardian as anybody's does", with(minor, at_dealer))
asks_for_guardian("a minor with a proxy needs the guardian all the same",
  with(proxied, { ["customer.birth"] = "2015-05-20", ["customer.document.number"] = "540102201505200011",
    ["customer.document.valid_from"] = "2023-01-01" }))
