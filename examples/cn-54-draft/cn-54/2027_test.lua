-- SPDX-License-Identifier: Apache-2.0
-- What the draft changes: articles 6 and 7, and the days around its first. That nothing else changes is
-- not for tests: `shiming policy diff` lists every case that is decided differently. All people and
-- numbers are made up.

local BOTH = { "cn-54/2018", "cn-54/2027" }
local answers = { ["customer.verified"] = "match", ["guardian.verified"] = "match" }

local function run(fields, more) return apply(fields, with({ answers = answers }, more or {})) end

-- The field set to nil is left out.
local function without(fields, name)
  local changed = with(fields, {})
  changed[name] = nil
  return changed
end

local adult = {
  ["operation"] = "mobile.open", ["region"] = "540102", ["channel.kind"] = "operator",
  ["customer.kind"] = "person", ["customer.given"] = true, ["customer.name"] = "测试人甲",
  ["customer.work_unit"] = "无", ["customer.address"] = "示例路1号", ["customer.birth"] = "1990-01-01",
  ["customer.document.type"] = "resident_id", ["customer.document.number"] = "540102199001010011",
  ["customer.document.valid_to"] = "2036-03-01", ["customer.document.examined"] = "genuine",
  ["evidence.document_photo.customer"] = true, ["evidence.portrait.customer"] = true,
}

-- Sixteen on 2027-01-01, and eighteen two years later. A passport's number tells no birthday.
local sixteen = with(adult, {
  ["customer.document.type"] = "passport", ["customer.document.number"] = "L898902C",
  ["customer.birth"] = "2011-01-01",
})
local earning = with(sixteen, { ["extra.own_income"] = true, ["evidence.consent.guardian"] = true })

local function expect_accepted(d, id)
  expect(d, {
    verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = { "retain" },
    rules = { (id or "cn-54/2027") .. "#12" },
  })
end

local function expect_guardian(d)
  expect(d, {
    verdict = "incomplete", need = { "guardian.present", "household_register.shown" }, refuse = {}, report = {},
    rules = { "cn-54/2027#12", "cn-54/2027#6.3", "cn-54/2027#6.3/register" },
  })
end

local function expect_not_accepted(d, id)
  expect(d, {
    verdict = "incomplete", need = { "customer.document.accepted" }, refuse = {}, report = {},
    rules = { id .. "#12", id .. "#7" },
  })
end

-- Article 6 ---------------------------------------------------------------------------------------

test("an adult is as before", function() expect_accepted(run(adult)) end)

test("sixteen, on own income, with the guardian's written consent: nobody has to come along", function()
  expect_accepted(run(earning))
end)

test("without the written consent it is asked for", function()
  expect(run(without(earning, "evidence.consent.guardian")), {
    verdict = "incomplete", need = { "evidence.consent.guardian" }, refuse = {}, report = {},
    rules = { "cn-54/2027#12", "cn-54/2027#6.4" },
  })
end)

test("sixteen without income of their own comes with the guardian", function()
  expect_guardian(run(with(sixteen, { ["evidence.consent.guardian"] = true })))
  expect_guardian(run(with(earning, { ["extra.own_income"] = false })))
end)

test("fifteen comes with the guardian, whatever they earn", function()
  expect_guardian(run(with(earning, { ["customer.birth"] = "2011-01-02" })))
  expect_accepted(run(with(earning, { ["customer.birth"] = "2011-01-02" }), { on = "2027-01-02" }))
end)

test("of two birthdays the later decides", function()
  local two = with(earning, {
    ["customer.document.type"] = "resident_id", ["customer.document.number"] = "540102201101010010",
    ["customer.birth"] = "2011-01-02",
  })
  expect_need(run(two), "guardian.present")
end)

test("eighteen needs no consent", function()
  expect_accepted(run(without(earning, "evidence.consent.guardian"), { on = "2029-01-01" }))
  expect_need(run(without(earning, "evidence.consent.guardian"), { on = "2028-12-31" }), "evidence.consent.guardian")
end)

test("when nobody knows the age, it is asked for", function()
  expect_need(run(without(earning, "customer.birth")), "customer.minor")
end)

local guarded = with(sixteen, {
  ["guardian.given"] = true, ["guardian.present"] = true, ["guardian.name"] = "测试人丙",
  ["guardian.document.type"] = "resident_id", ["guardian.document.number"] = "540102198808080040",
  ["guardian.document.examined"] = "genuine", ["guardian.document.long_term"] = true,
  ["household_register.given"] = true,
})

test("a guardian who comes is examined and of age", function()
  expect_accepted(run(guarded))
  expect(run(without(guarded, "guardian.document.examined")), {
    need = { "guardian.document.examined" }, rules = { "cn-54/2027#12", "cn-54/2027#9.1/guardian" },
  })
  expect(run(with(guarded, {
    ["guardian.document.type"] = "passport", ["guardian.document.number"] = "L898902C",
    ["guardian.birth"] = "2009-01-02",
  })), { need = { "guardian.of_age" }, rules = { "cn-54/2027#12", "cn-54/2027#6.3/age" } })
end)

test("a guardian beside a minor on their own income changes nothing", function()
  expect_accepted(run(with(earning, { ["guardian.given"] = true, ["guardian.present"] = true })))
end)

-- Article 7 ---------------------------------------------------------------------------------------

local temporary = with(adult, {
  ["customer.document.type"] = "temporary_resident_id",
  ["customer.document.valid_from"] = "2026-12-01", ["customer.document.valid_to"] = "2027-02-28",
})
local passport = with(adult, {
  ["customer.document.type"] = "prc_passport", ["customer.document.number"] = "E12345678",
})

test("a temporary resident card is no longer on the list", function()
  expect_not_accepted(run(temporary), "cn-54/2027")
end)

test("a passport of the People's Republic is, and prints no address", function()
  expect_accepted(run(without(passport, "customer.address")))
end)

-- The days of the change --------------------------------------------------------------------------

local function expect_none(d)
  expect(d, { verdict = "refused", refuse = { "regulation.none_in_force" }, need = {}, rules = {} })
end

test("on its own the draft decides nothing before its first day", function()
  expect_none(run(adult, { on = "2026-12-31" }))
end)

test("nor outside the region", function()
  for _, region in ipairs { "510100", "630100" } do
    expect_none(run(adult, { region = region }))
  end
end)

for title, days in pairs {
  ["decided on the last day of the old rules"] = { on = "2026-12-31", id = "cn-54/2018" },
  ["begun before midnight and decided after it"] = { on = "2027-01-01", begun = "2026-12-31", id = "cn-54/2018" },
  ["begun and decided on the first day"] = { on = "2027-01-01", begun = "2027-01-01", id = "cn-54/2027" },
} do
  local when = { on = days.on, begun = days.begun, stack = BOTH }

  test(title .. ": " .. days.id, function()
    expect_accepted(run(adult, when), days.id)
    if days.id == "cn-54/2018" then
      expect_accepted(run(temporary, when), days.id)
      expect_not_accepted(run(passport, when), days.id)
      expect_need(run(earning, when), "guardian.present")
    else
      expect_not_accepted(run(temporary, when), days.id)
      expect_accepted(run(passport, when), days.id)
      expect_accepted(run(earning, when), days.id)
    end
  end)
end
