-- SPDX-License-Identifier: Apache-2.0
-- The person at the counter is the one on the document.

local function expect_nothing(d)
  expect(d, { verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = {}, rules = {} })
end

local function expect_asks(d, needed, who)
  expect(d, {
    verdict = "incomplete", need = { needed }, refuse = {}, report = {}, ask = {}, oblige = {},
    rules = { "cn/2019-face#1/" .. who },
  })
end

local ENTRIES = { "fixed.install", "fixed.relocate", "fixed.transfer", "mobile.open", "mobile.transfer" }

-- The one who is there, and no portrait of anybody else.
local function case_of(who, face, portrait)
  return {
    operation = "mobile.open", ["proxy.given"] = who == "proxy",
    ["customer.kind"] = who == "handler" and "organisation" or "person",
    ["evidence.portrait.customer"] = who == "customer" and portrait ~= false,
    ["evidence.portrait.proxy"] = who == "proxy" and portrait ~= false,
    ["evidence.portrait.handler"] = who == "handler" and portrait ~= false,
    [who .. ".face"] = face,
  }
end

for _, who in ipairs { "customer", "proxy", "handler" } do
  for _, operation in ipairs(ENTRIES) do
    test("faces match: " .. who .. ", " .. operation, function()
      expect_nothing(decide(with(case_of(who, "match"), { operation = operation })))
      expect_asks(decide(with(case_of(who, "match", false), { operation = operation })),
        "evidence.portrait." .. who, who)
    end)
  end
  test("another face is refused: " .. who, function()
    expect(decide(case_of(who, "mismatch")), {
      verdict = "refused", need = {}, refuse = { "face.mismatch" }, report = {}, ask = {},
      rules = { "cn/2019-face#1/" .. who },
    })
  end)
  test("without a portrait nothing was compared, whatever is said: " .. who, function()
    expect_asks(decide(case_of(who, "mismatch", false)), "evidence.portrait." .. who, who)
  end)
  for _, said in ipairs { "unknown", "unavailable" } do
    test("what was not compared is compared again: " .. who .. ", " .. said, function()
      expect_asks(decide(case_of(who, said)), who .. ".face", who)
    end)
  end
  test("the service is asked once there is a portrait: " .. who, function()
    expect(decide(case_of(who, nil)), { verdict = "incomplete", need = {}, ask = { who .. ".face" }, rules = {} })
  end)
  test("a replacement card is no entry: " .. who, function()
    expect_nothing(decide(with(case_of(who, "mismatch"), { operation = "mobile.replace" })))
  end)
end

test("an organisation may send a proxy, who is compared instead of the handler", function()
  expect_nothing(decide(with(case_of("proxy", "match"), { ["customer.kind"] = "organisation" })))
end)

test("the first day is 2019-12-01, everywhere", function()
  for _, region in ipairs { "440106", "540102" } do
    expect_asks(decide(case_of("customer", "unknown"), { on = "2019-12-01", region = region }),
      "customer.face", "customer")
    expect(decide(case_of("customer", "unknown"), { on = "2019-11-30", region = region }),
      { verdict = "refused", refuse = { "regulation.none_in_force" }, rules = {} })
  end
end)
