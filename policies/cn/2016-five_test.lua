-- SPDX-License-Identifier: Apache-2.0
-- At most five mobile numbers a person and operator.

local function held(count, changes)
  return with({ operation = "mobile.open", customer = { kind = "person", numbers_held = count } }, changes or {})
end

local function expect_nothing(d)
  expect(d, { verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = {}, rules = {} })
end

local function expect_refused(d)
  expect(d, {
    verdict = "refused", need = {}, refuse = { "numbers.too_many" }, report = {}, ask = {}, oblige = {},
    rules = { "cn/2016-five#4" },
  })
end

for _, operation in ipairs { "mobile.open", "mobile.transfer" } do
  test("a fifth number is given, a sixth is not: " .. operation, function()
    for _, count in ipairs { 0, 1, 4 } do expect_nothing(decide(held(count, { operation = operation }))) end
    for _, count in ipairs { 5, 6, 40 } do expect_refused(decide(held(count, { operation = operation }))) end
  end)
end

for _, operation in ipairs { "mobile.replace", "fixed.install", "fixed.relocate", "fixed.transfer", "unknown" } do
  test("nothing is gained, so nothing is counted: " .. operation, function()
    expect_nothing(decide { operation = operation, customer = { kind = "person" } })
  end)
end

test("an organisation's numbers are not counted", function()
  expect_nothing(decide { operation = "mobile.open", customer = { kind = "organisation" } })
end)

test("the gateway is asked how many there are", function()
  expect(decide { operation = "mobile.open", customer = { kind = "person" } },
    { verdict = "incomplete", need = {}, ask = { "customer.numbers_held" }, rules = {} })
end)

test("the first day is 2016-09-23, everywhere", function()
  for _, region in ipairs { "310101", "540102" } do
    expect_refused(decide(held(5), { on = "2016-09-23", region = region }))
    expect(decide(held(5), { on = "2016-09-22", region = region }),
      { verdict = "refused", refuse = { "regulation.none_in_force" }, rules = {} })
  end
end)
