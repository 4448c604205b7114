-- SPDX-License-Identifier: Apache-2.0
-- Each paragraph shown to hold and shown to bite. All people, numbers and places are made up.

local TODAY = "2026-01-01"
local UNTOLD = "\u{FFFD}" -- marks a field that is left out
local ENTRIES = { "fixed.install", "fixed.relocate", "fixed.transfer", "mobile.open", "mobile.transfer" }

local function run(fields, more)
  return apply(fields, with({ on = TODAY, region = "510104", answers = { ["dealer.able"] = true } }, more or {}))
end

local function but(fields, changes)
  local changed = with(fields, changes)
  for name, value in pairs(changes) do
    assert(value ~= UNTOLD or fields[name] ~= nil, "not there to be left out: " .. name)
    if value == UNTOLD then changed[name] = nil end
  end
  return changed
end

local function id(paragraph) return "cn/2013#" .. paragraph end

local function accepts(title, case, more)
  test(title, function()
    expect(run(case, more), {
      verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = { "retain" },
      rules = { id "11" },
    })
  end)
end

-- Exactly this is still needed, because of exactly this paragraph.
local function asks(title, case, needed, paragraph, more)
  test(title, function()
    expect(run(case, more), {
      verdict = "incomplete", need = { needed }, refuse = {}, report = {}, ask = {}, oblige = { "retain" },
      rules = { id "11", id(paragraph) },
    })
  end)
end

local function refuses(title, case, reason, paragraph, more)
  test(title, function()
    expect(run(case, more), {
      verdict = "refused", need = {}, refuse = { reason }, report = {}, ask = {}, oblige = { "retain" },
      rules = { id "11", id(paragraph) },
    })
  end)
end

-- The cases everything else varies ----------------------------------------------------------------

local adult = {
  ["operation"] = "mobile.open", ["customer.kind"] = "person", ["customer.name"] = "测试人甲",
  ["customer.birth"] = "1990-01-01", ["customer.document.type"] = "resident_id",
  ["customer.document.number"] = "540102199001010011", ["customer.document.valid_to"] = "2036-03-01",
  ["customer.document.examined"] = "genuine", ["customer.document.address"] = "示例路1号",
}

local proxied = with(adult, {
  ["proxy.given"] = true, ["proxy.name"] = "测试人乙", ["proxy.document.type"] = "resident_id",
  ["proxy.document.number"] = "540102198506120035", ["proxy.document.valid_to"] = "2030-01-01",
  ["proxy.document.examined"] = "genuine",
})

local company = {
  ["operation"] = "mobile.open", ["customer.kind"] = "organisation", ["organisation.name"] = "示例贸易有限公司",
  ["organisation.address"] = "示例路2号", ["organisation.document.type"] = "business_licence",
  ["organisation.document.number"] = "91540100MA6T1A2341", ["organisation.document.examined"] = "genuine",
  ["handler.name"] = "测试人丁", ["handler.document.type"] = "resident_id",
  ["handler.document.number"] = "540102199103030128", ["handler.document.valid_to"] = "2031-01-01",
  ["handler.document.examined"] = "genuine", ["evidence.authorization.organisation"] = true,
}

-- A case in which each one's document counts.
local whose = { customer = adult, proxy = proxied, organisation = company, handler = company }

accepts("an adult with an examined document is accepted", adult)
accepts("so is one with a proxy", proxied)
accepts("so is an organisation", company)
accepts("a child needs no guardian here; regions ask for one",
  but(adult, { ["customer.birth"] = "2015-05-20", ["customer.document.number"] = "540102201505200011" }))

-- When and where ----------------------------------------------------------------------------------

accepts("on the first day, 2013-09-01, in Beijing", adult, { on = "2013-09-01", region = "110105" })
test("on the day before, nothing is in force", function()
  expect(run(adult, { on = "2013-08-31" }),
    { verdict = "refused", refuse = { "regulation.none_in_force" }, rules = {} })
end)
for _, region in ipairs { "110105", "540102", "650104", "820000" } do
  accepts("the nation is everywhere: " .. region, adult, { region = region })
end

-- Article 3 ---------------------------------------------------------------------------------------

for _, operation in ipairs(ENTRIES) do
  accepts(operation .. " is registered", but(adult, { operation = operation }))
  asks(operation .. " needs a name", but(adult, { operation = operation, ["customer.name"] = UNTOLD }),
    "customer.name", "6.1")
end

refuses("an operation nobody named is refused", but(adult, { operation = "mobile.resell" }), "operation.unknown", "3")

-- Nothing of it is asked, refused or kept again.
local replaced = but(with(proxied, company), { operation = "mobile.replace" })
for title, changes in pairs {
  ["a replacement card is not registered again"] = {},
  ["whoever shows nothing"] = { ["customer.kind"] = "person", ["customer.document.type"] = UNTOLD },
  ["whoever tells no address"] = { ["customer.kind"] = "person", ["customer.document.address"] = UNTOLD },
  ["whoever has a forged document"] = { ["customer.kind"] = "person", ["customer.document.examined"] = "forged" },
  ["whoever sends a proxy with one"] = { ["proxy.document.examined"] = "forged", ["proxy.name"] = UNTOLD },
  ["an organisation"] = { ["organisation.document.examined"] = "altered", ["organisation.name"] = UNTOLD },
  ["whoever refuses"] = { ["customer.refuses"] = "document" },
  ["at a dealer"] = { ["channel.kind"] = "dealer" },
} do
  test("a replacement card: " .. title, function()
    expect(run(but(replaced, changes), { answers = { ["dealer.able"] = false } }), {
      verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = {}, rules = {},
    })
  end)
end

-- Article 6 ---------------------------------------------------------------------------------------

asks("a person's document is asked for, and none is examined",
  but(adult, { ["customer.document.type"] = UNTOLD, ["customer.document.examined"] = UNTOLD }),
  "customer.document.type", "6.1")
asks("an organisation's name is asked for", but(company, { ["organisation.name"] = UNTOLD }),
  "organisation.name", "6.1")
asks("an organisation's document is asked for", but(company, { ["organisation.document.type"] = UNTOLD }),
  "organisation.document.type", "6.1")
asks("a proxy's name is asked for", but(proxied, { ["proxy.name"] = UNTOLD }), "proxy.name", "6.2")
asks("a proxy's document is asked for", but(proxied, { ["proxy.document.type"] = UNTOLD }),
  "proxy.document.type", "6.2")
asks("a proxy's document must be on the list", but(proxied, { ["proxy.document.type"] = "driver_licence" }),
  "proxy.document.accepted", "6.2")
asks("a proxy's number must be right", but(proxied, { ["proxy.document.number"] = "540102198506120036" }),
  "proxy.document.number", "6.2")
asks("a proxy's document must be valid", but(proxied, { ["proxy.document.valid_to"] = "2025-12-31" }),
  "proxy.document.validity", "6.2")

-- Article 7 ---------------------------------------------------------------------------------------

local personal = {
  resident_id = { number = "540102199001010011", addressed = true },
  temporary_resident_id = { number = "540102199001010011", valid_from = "2025-12-01", addressed = true },
  household_register = { number = "540102199001010011", addressed = true },
  military_id = { number = "军字第0000001号" },
  police_id = { number = "武字第0000001号" },
  hk_macau_permit = { number = "H1234567801" },
  taiwan_permit = { number = "12345678" },
  travel_document = { number = "T0001234" },
  passport = { number = "L898902C" },
  hmt_residence_permit = { number = "810000199408230021", birth = "1994-08-23", addressed = true },
  permanent_residence = { number = "KAZ110090123105", birth = "1990-12-31" },
  overseas_passport = { number = "E12345678" },
}

local function bring(who, kind, document)
  local case = but(whose[who], { [who .. ".document.type"] = kind, [who .. ".document.valid_to"] = "2026-02-28" })
  for _, name in ipairs { "number", "valid_from" } do case[who .. ".document." .. name] = document[name] end
  case[who .. ".birth"] = document.birth or case[who .. ".birth"]
  return case
end

for kind, document in pairs(personal) do
  local no_address = but(bring("customer", kind, document), { ["customer.document.address"] = UNTOLD })

  for _, who in ipairs { "customer", "proxy", "handler" } do
    accepts("the " .. who .. " may bring: " .. kind, bring(who, kind, document))
  end
  if document.addressed then
    asks("its address is written down: " .. kind, no_address, "customer.address", "9.1/address")
  else
    accepts("it prints no address: " .. kind, no_address)
  end
end

for _, kind in ipairs { "residence_permit", "prc_passport", "driver_licence", "library_card" } do
  asks("a person may not bring: " .. kind, bring("customer", kind, { number = "540102199001010011" }),
    "customer.document.accepted", "7")
end

asks("fifteen digits are retired", but(adult, { ["customer.document.number"] = "540102900101001" }),
  "customer.document.accepted", "7")
asks("a wrong number is asked again", but(adult, { ["customer.document.number"] = "540102199001010012" }),
  "customer.document.number", "7")
-- How long a document is good for, whatever last day was typed. The adult was born on 1990-01-01.
local function issued(kind, first, more)
  return with(adult, with({ ["customer.document.type"] = kind, ["customer.document.valid_from"] = first }, more or {}))
end
local passport = { ["customer.document.number"] = "E12345678" }
local child = { ["customer.birth"] = "2012-05-20", ["customer.document.number"] = "54010220120520001X" }
local elder = { ["customer.birth"] = "1970-05-20", ["customer.document.number"] = "540102197005200016" }
local endless = { ["customer.document.valid_to"] = UNTOLD, ["customer.document.long_term"] = true }

for title, case in pairs {
  ["twenty years from the age of twenty-six"] = issued("resident_id", "2016-01-15"),
  ["five before"] = issued("resident_id", "2021-01-02", child),
  ["a birthday within the month counts"] = issued("resident_id", "2015-12-10"),
  ["ten years of a passport"] = issued("overseas_passport", "2016-01-02", passport),
} do
  accepts("still good: " .. title, case)
end
for title, case in pairs {
  ["ten years from sixteen"] = issued("resident_id", "2015-11-01"),
  ["five years of a child's card"] = issued("resident_id", "2020-12-31", child),
  ["ten years of a passport"] = issued("overseas_passport", "2015-12-31", passport),
  ["five of a residence permit"] = issued("hmt_residence_permit", "2020-12-31", {
    ["customer.document.number"] = "810000199001010019" }),
} do
  asks("good no longer: " .. title, case, "customer.document.validity", "7")
end
accepts("a resident card may be without end", but(with(adult, elder), endless))
accepts("whenever it was issued", but(issued("resident_id", "2017-01-01", elder), endless))
asks("a passport may not", but(issued("overseas_passport", "2024-01-01", passport), endless),
  "customer.document.validity", "7")

accepts("the last valid day is valid", but(adult, { ["customer.document.valid_to"] = TODAY }))
asks("the day after is not", but(adult, { ["customer.document.valid_to"] = "2025-12-31" }),
  "customer.document.validity", "7")

-- Item 5, before the rules that introduce these cards and replace this paragraph.
local star = { number = "931586198001010028", birth = "1980-01-01" }
for _, who in ipairs { "customer", "proxy", "handler" } do
  asks("the new permanent residence card of the " .. who, bring(who, "permanent_residence", star),
    who .. ".document.accepted", "7.5/foreigner")
  asks("the permit HA of the " .. who, bring(who, "hk_macau_permit", { number = "HA1234567" }),
    who .. ".document.accepted", "7.5/hk_macau")
end
accepts("an organisation's customer fields say nothing",
  with(company, { ["customer.document.type"] = "permanent_residence", ["customer.document.number"] = star.number }))
accepts("nor do those of a proxy who is not there",
  with(adult, { ["proxy.document.type"] = "hk_macau_permit", ["proxy.document.number"] = "MA1234567" }))

-- Article 8 ---------------------------------------------------------------------------------------

for kind, number in pairs {
  business_licence = "540100100000015",
  institution_certificate = "12540000433200016R",
  association_certificate = "515400005000000153",
  uscc = "91540100MA6T1A2341",
  private_institution_certificate = "515400005000000153",
  foundation_certificate = "53540000MJB0000185",
  religious_venue_certificate = "藏宗场证字第0001号",
  law_firm_licence = "31540000MD0000016Q",
} do
  accepts("an organisation may bring: " .. kind, with(company, {
    ["organisation.document.type"] = kind, ["organisation.document.number"] = number,
    ["organisation.document.valid_to"] = "2028-01-01",
  }))
end

local old_code = with(company, {
  ["organisation.document.type"] = "organisation_code", ["organisation.document.number"] = "D2143569-X",
  ["organisation.document.valid_to"] = "2029-01-01",
})
local new_code = with(company, { ["organisation.document.type"] = "uscc" })

accepts("the old organisation code served to the end of 2020", old_code, { on = "2020-12-31" })
asks("and not in 2021", old_code, "organisation.document.validity", "8.1", { on = "2021-01-01" })
accepts("the unified code began on 2015-10-01", new_code, { on = "2015-10-01" })
asks("there was none the day before", new_code, "organisation.document.validity", "8.1", { on = "2015-09-30" })
asks("an organisation may not bring a resident card", with(company, { ["organisation.document.type"] = "resident_id" }),
  "organisation.document.accepted", "8.1")
asks("a code with a slip is asked again", with(company, { ["organisation.document.number"] = "91540100MA6T1A2342" }),
  "organisation.document.number", "8.1")

asks("the handler's name is asked for", but(company, { ["handler.name"] = UNTOLD }), "handler.name", "8.2")
asks("the handler's document is asked for", but(company, { ["handler.document.type"] = UNTOLD }),
  "handler.document.type", "8.2")
asks("the handler's document must be on the list of persons",
  but(company, { ["handler.document.type"] = "driver_licence" }), "handler.document.accepted", "8.2")
asks("the letter of authorisation is asked for", but(company, { ["evidence.authorization.organisation"] = UNTOLD }),
  "organisation.authorization", "8.2")

-- Article 9 ---------------------------------------------------------------------------------------

for who, case in pairs(whose) do
  for _, said in ipairs { UNTOLD, "unexamined", "doubtful" } do
    asks("not examined: the document of the " .. who .. ", " .. said,
      but(case, { [who .. ".document.examined"] = said }), who .. ".document.examined", "9.1/" .. who)
  end
end
for who, case in pairs { customer = adult, proxy = proxied, handler = company } do
  local examined, signer = who .. ".document.examined", who .. ".chip.signer_trusted"
  local read = but(case, { [who .. ".chip.verified"] = "yes", [examined] = UNTOLD })

  accepts("a chip whose signature holds is an examination: " .. who, read)
  accepts("with a trusted signer too: " .. who, with(read, { [signer] = "yes" }))
  for _, said in ipairs { "no", "unknown" } do
    local doubted = with(read, { [signer] = said })
    asks("but not with one in doubt: " .. who .. ", " .. said, doubted, examined, "9.1/" .. who)
    accepts("which is nothing to an examined document: " .. who, with(doubted, { [examined] = "genuine" }))
  end
end
asks("an organisation's address is written down", but(company, { ["organisation.address"] = UNTOLD }),
  "organisation.address", "9.1/address")

-- Article 10 --------------------------------------------------------------------------------------

for who, case in pairs(whose) do
  for _, said in ipairs { "forged", "altered", "borrowed" } do
    refuses("refused: " .. said .. ", shown by the " .. who, but(case, { [who .. ".document.examined"] = said }),
      "document." .. said, "10/" .. who)
  end
  if who ~= "organisation" then
    refuses("a chip that does not verify is refused: " .. who, but(case, { [who .. ".chip.verified"] = "no" }),
      "document.chip_failed", "10/" .. who .. "_chip")
    accepts("one that does is not: " .. who, but(case, { [who .. ".chip.verified"] = "yes" }))
    for _, verified in ipairs { UNTOLD, "no" } do
      refuses("data that were not signed are refused: " .. who .. ", " .. verified,
        with(case, { [who .. ".chip.authentic"] = "no", [who .. ".chip.verified"] = verified }),
        "document.not_genuine", "10/" .. who .. "_chip")
    end
  end
end
refuses("refusing a document", but(adult, { ["customer.refuses"] = "document" }), "document.withheld", "10/withheld")
refuses("refusing information", but(adult, { ["customer.refuses"] = "information" }),
  "information.withheld", "10/withheld")
accepts("the findings on somebody who is not there count for nothing",
  with(adult, { ["proxy.document.examined"] = "forged", ["handler.document.examined"] = "forged",
    ["organisation.document.examined"] = "forged", ["handler.chip.verified"] = "no" }))

-- Article 14 --------------------------------------------------------------------------------------

local dealt = with(adult, { ["channel.kind"] = "dealer", ["channel.dealer"] = "D-17" })
accepts("a dealer that can protect the data registers", dealt)
refuses("one that cannot does not", dealt, "dealer.not_able", "14", { answers = { ["dealer.able"] = false } })
accepts("nobody asks about dealers at the operator's own counter", adult, { answers = { ["dealer.able"] = false } })
