-- SPDX-License-Identifier: Apache-2.0
-- The limit on numbers, and what a refusal tells.

local BOTH = { "cn/2016-five", "cn/2022-fraud" }

local function held(count, changes)
  return with({ operation = "mobile.open", customer = { kind = "person", numbers_held = count } }, changes or {})
end

local function expect_told(d)
  expect(d, {
    verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = { "explain_refusal" },
    rules = { "cn/2022-fraud#32" },
  })
end

local function expect_refused(d)
  expect(d, {
    verdict = "refused", need = {}, refuse = { "numbers.too_many" }, report = {}, ask = {},
    oblige = { "explain_refusal" }, rules = { "cn/2022-fraud#10.1", "cn/2022-fraud#32" },
  })
end

for _, operation in ipairs { "mobile.open", "mobile.transfer" } do
  test("a fifth number is given, a sixth is not: " .. operation, function()
    for _, count in ipairs { 0, 4 } do expect_told(decide(held(count, { operation = operation }))) end
    for _, count in ipairs { 5, 9 } do expect_refused(decide(held(count, { operation = operation }))) end
  end)
end

test("nothing is counted where nothing is gained", function()
  for _, operation in ipairs { "mobile.replace", "fixed.install", "fixed.relocate", "fixed.transfer" } do
    expect_told(decide { operation = operation, customer = { kind = "person" } })
  end
  expect_told(decide { operation = "mobile.open", customer = { kind = "organisation" } })
end)

test("the law takes the place of the notice from 2022-12-01", function()
  expect(decide(held(5), { on = "2022-11-30", stack = BOTH }),
    { verdict = "refused", refuse = { "numbers.too_many" }, oblige = {}, rules = { "cn/2016-five#4" } })
  expect_refused(decide(held(5), { on = "2022-12-01", stack = BOTH }))
end)

test("the first day is 2022-12-01, everywhere", function()
  for _, region in ipairs { "500103", "540102" } do
    expect_told(decide(held(4), { on = "2022-12-01", region = region }))
    expect(decide(held(4), { on = "2022-11-30", region = region }),
      { verdict = "refused", refuse = { "regulation.none_in_force" }, rules = {} })
  end
end)
