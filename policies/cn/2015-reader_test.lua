-- SPDX-License-Identifier: Apache-2.0
-- Resident cards come from a reader and are checked online. All people and numbers are made up.

local MATCH = { ["customer.verified"] = "match", ["proxy.verified"] = "match", ["handler.verified"] = "match" }

local function run(case, more) return apply(case, with({ on = "2026-01-01", answers = MATCH }, more or {})) end

local function expect_nothing(d)
  expect(d, { verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = {}, rules = {} })
end

local function expect_asks(d, needed, paragraph)
  expect(d, {
    verdict = "incomplete", need = { needed }, refuse = {}, report = {}, ask = {}, oblige = {},
    rules = { "cn/2015-reader#" .. paragraph },
  })
end

local function card(who, number)
  return {
    [who .. ".document.type"] = "resident_id", [who .. ".document.number"] = number,
    [who .. ".document.origin"] = "chip",
  }
end

local adult = with({ ["operation"] = "mobile.open", ["customer.kind"] = "person" },
  card("customer", "540102199001010011"))
local proxied = with(with(adult, card("proxy", "540102198506120035")), { ["proxy.given"] = true })
local company = with({ ["operation"] = "mobile.open", ["customer.kind"] = "organisation" },
  card("handler", "540102199103030128"))
local whose = { customer = adult, proxy = proxied, handler = company }

for who, case in pairs(whose) do
  local origin, kind, number = who .. ".document.origin", who .. ".document.type", who .. ".document.number"
  local answer, reader, check = who .. ".verified", "1/" .. who, "2/" .. who

  test("a card from the reader that is checked passes: " .. who, function() expect_nothing(run(case)) end)
  test("a typed card does not: " .. who, function()
    expect_asks(run(with(case, { [origin] = "typed" })), origin, reader)
  end)
  test("nor does one whose print was scanned: " .. who, function()
    expect_asks(run(with(case, { [origin] = "mrz" })), origin, reader)
  end)
  test("other documents may be typed, and nobody is asked about them: " .. who, function()
    expect_nothing(run(with(case, { [origin] = "typed", [kind] = "passport", [number] = "L898902C" }),
      { answers = with(MATCH, { [answer] = "mismatch" }) }))
  end)
  test("an identity that is another's is refused: " .. who, function()
    expect(run(case, { answers = with(MATCH, { [answer] = "mismatch" }) }), {
      verdict = "refused", need = {}, refuse = { "document.not_of_holder" }, report = {}, ask = {},
      rules = { "cn/2015-reader#" .. check },
    })
  end)
  for _, said in ipairs { "unknown", "unavailable" } do
    test("a check that found nothing is made again: " .. who .. ", " .. said, function()
      expect_asks(run(case, { answers = with(MATCH, { [answer] = said }) }), answer, check)
    end)
  end
  test("public security is asked: " .. who, function()
    local told = with(MATCH, {})
    told[answer] = nil
    expect(apply(case, { answers = told }), { verdict = "incomplete", ask = { answer }, need = {}, rules = {} })
  end)
  test("but not about a number that is wrong: " .. who, function()
    expect_nothing(run(with(case, { [number] = "540102199001010012" }),
      { answers = with(MATCH, { [answer] = "mismatch" }) }))
  end)
  for _, operation in ipairs { "fixed.install", "fixed.relocate", "fixed.transfer", "mobile.transfer" } do
    test("all entries alike: " .. who .. ", " .. operation, function()
      expect_asks(run(with(case, { operation = operation, [origin] = "typed" })), origin, reader)
    end)
  end
  test("a replacement card is none: " .. who, function()
    expect_nothing(run(with(case, { operation = "mobile.replace", [origin] = "typed" }),
      { answers = with(MATCH, { [answer] = "mismatch" }) }))
  end)
end

test("whoever does not come or act shows no card", function()
  local idle = with(with(adult, card("proxy", "540102198506120035")), card("handler", "540102199103030128"))
  expect_nothing(run(with(idle, { ["proxy.document.origin"] = "typed", ["handler.document.origin"] = "typed" })))
  expect_nothing(run(with(with(company, card("customer", "540102199001010011")),
    { ["customer.document.origin"] = "typed" })))
end)

test("the first day is 2015-09-01, everywhere", function()
  local typed = with(adult, { ["customer.document.origin"] = "typed" })
  for _, region in ipairs { "110105", "540102" } do
    expect_asks(run(typed, { on = "2015-09-01", region = region }), "customer.document.origin", "1/customer")
    expect(run(typed, { on = "2015-08-31", region = region }),
      { verdict = "refused", refuse = { "regulation.none_in_force" }, rules = {} })
  end
end)

test("on the day before, the measures of 2013 decide alone", function()
  local stack = { "cn/2013", "cn/2015-reader" }
  local typed = with(adult, {
    ["customer.document.origin"] = "typed", ["customer.document.examined"] = "genuine",
    ["customer.document.valid_to"] = "2030-01-01", ["customer.name"] = "测试人甲", ["customer.address"] = "示例路1号",
  })
  expect(run(typed, { on = "2015-08-31", stack = stack }),
    { verdict = "accepted", need = {}, rules = { "cn/2013#11" } })
  expect(run(typed, { on = "2015-09-01", stack = stack }), {
    verdict = "incomplete", need = { "customer.document.origin" },
    rules = { "cn/2013#11", "cn/2015-reader#1/customer" },
  })
end)
