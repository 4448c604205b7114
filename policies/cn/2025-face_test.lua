-- SPDX-License-Identifier: Apache-2.0
-- Comparing faces is not the only way. All people are made up.

local BOTH = { "cn/2019-face", "cn/2025-face" }
local ENTRIES = { "fixed.install", "fixed.relocate", "fixed.transfer", "mobile.open", "mobile.transfer" }

local function id(who) return "cn/2025-face#10/" .. who end

local function expect_nothing(d)
  expect(d, { verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = {}, rules = {} })
end

local function expect_asks(d, needs, who)
  expect(d, {
    verdict = "incomplete", need = needs, refuse = {}, report = {}, ask = {}, oblige = {}, rules = { id(who) },
  })
end

-- The one who is there. Nothing is known of the others, so a rule about them would ask.
local function there(who, said)
  local case = {
    operation = "mobile.open", ["proxy.given"] = who == "proxy",
    ["customer.kind"] = who == "handler" and "organisation" or "person",
    ["evidence.portrait." .. who] = true, [who .. ".declines_face"] = false,
  }
  for name, value in pairs(said) do case[who .. "." .. name] = value end
  return case
end

local willing = { face = "match" }
local declining = { declines_face = true, verified = "match", ["document.examined"] = "genuine" }

for _, who in ipairs { "customer", "proxy", "handler" } do
  for _, operation in ipairs(ENTRIES) do
    test("either way serves: " .. who .. ", " .. operation, function()
      expect_nothing(decide(with(there(who, willing), { operation = operation })))
      expect_nothing(decide(with(there(who, declining), { operation = operation })))
      expect_asks(decide(with(there(who, { face = "unknown" }), { operation = operation })), { who .. ".face" }, who)
    end)
  end

  test("whoever is willing is compared as before: " .. who, function()
    expect_asks(decide(with(there(who, { face = "mismatch" }), { ["evidence.portrait." .. who] = false })),
      { "evidence.portrait." .. who }, who)
    expect_asks(decide(there(who, { face = "unavailable" })), { who .. ".face" }, who)
    expect(decide(there(who, { face = "mismatch" })), {
      verdict = "refused", need = {}, refuse = { "face.mismatch" }, report = {}, ask = {}, rules = { id(who) },
    })
    expect(decide(there(who, {})), { verdict = "incomplete", need = {}, ask = { who .. ".face" }, rules = {} })
  end)

  test("whoever declines is checked by public security and by eye: " .. who, function()
    for _, said in ipairs { "mismatch", "unknown", "unavailable" } do
      expect_asks(decide(with(there(who, declining), { [who .. ".verified"] = said })), { who .. ".verified" }, who)
    end
    for _, seen in ipairs { "unexamined", "doubtful", "forged" } do
      expect_asks(decide(with(there(who, declining), { [who .. ".document.examined"] = seen })),
        { who .. ".document.examined" }, who)
    end
    expect_asks(decide(with(there(who, declining), {
      [who .. ".verified"] = "unavailable", [who .. ".document.examined"] = "unexamined",
    })), { who .. ".document.examined", who .. ".verified" }, who)
  end)

  test("a face that was declined is not asked for: " .. who, function()
    expect_nothing(decide(with(there(who, declining), {
      ["evidence.portrait." .. who] = false, [who .. ".face"] = "mismatch",
    })))
  end)

  test("a replacement card is no entry: " .. who, function()
    expect_nothing(decide(with(there(who, { face = "mismatch" }), { operation = "mobile.replace" })))
  end)

  test("before 2025-06-01 there is no other way: " .. who, function()
    local both = with(there(who, declining), { [who .. ".face"] = "unavailable" })
    expect(decide(both, { on = "2025-05-31", stack = BOTH }),
      { verdict = "incomplete", need = { who .. ".face" }, rules = { "cn/2019-face#1/" .. who } })
    expect_nothing(decide(both, { on = "2025-06-01", stack = BOTH }))
  end)
end

test("an organisation may send a proxy, who is compared instead of the handler", function()
  expect_nothing(decide(with(there("proxy", willing), { ["customer.kind"] = "organisation" })))
end)

test("the first day is 2025-06-01, everywhere", function()
  for _, region in ipairs { "420106", "540102" } do
    expect_nothing(decide(there("customer", declining), { on = "2025-06-01", region = region }))
    expect(decide(there("customer", declining), { on = "2025-05-31", region = region }),
      { verdict = "refused", refuse = { "regulation.none_in_force" }, rules = {} })
  end
end)

test("what the form says of declining is heard", function()
  local form = {
    operation = "mobile.open", ["customer.kind"] = "person", ["customer.declines_face"] = true,
    ["customer.document.examined"] = "genuine",
  }
  expect_nothing(apply(form, { answers = { ["customer.verified"] = "match" } }))
  expect(apply(with(form, { ["customer.declines_face"] = false })), { need = { "evidence.portrait.customer" } })
end)
