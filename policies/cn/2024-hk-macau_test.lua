-- SPDX-License-Identifier: Apache-2.0
-- From which day on this card is a document. All people and numbers are made up.

local BOTH = { "cn/2013", "cn/2024-hk-macau" }
local ENTRIES = { "fixed.install", "fixed.relocate", "fixed.transfer", "mobile.open", "mobile.transfer" }

local function expect_nothing(d)
  expect(d, { verdict = "accepted", need = {}, refuse = {}, report = {}, ask = {}, oblige = {}, rules = {} })
end

-- The one whose card it is; nobody else shows anything.
local function shown_by(who, validity, operation)
  return {
    operation = operation or "mobile.open",
    ["proxy.given"] = who == "proxy", ["customer.kind"] = who == "handler" and "organisation" or "person",
    ["customer.document.edition"] = "other", ["proxy.document.edition"] = "other",
    ["handler.document.edition"] = "other", [who .. ".document.edition"] = "hk_macau_2024",
    [who .. ".document.validity"] = validity,
  }
end

for _, who in ipairs { "customer", "proxy", "handler" } do
  for _, operation in ipairs(ENTRIES) do
    test("the permit HA or MA serves the " .. who .. " while it is valid: " .. operation, function()
      expect_nothing(decide(shown_by(who, "valid", operation)))
      for _, validity in ipairs { "expired", "not_yet" } do
        expect(decide(shown_by(who, validity, operation)), {
          verdict = "incomplete", need = { who .. ".document.validity" }, refuse = {}, report = {}, ask = {},
          oblige = {}, rules = { "cn/2024-hk-macau#1" },
        })
      end
    end)
  end
  test("a replacement card is no entry: " .. who, function()
    expect_nothing(decide(shown_by(who, "expired", "mobile.replace")))
  end)
  test("other cards of the " .. who .. " are none of its business", function()
    for _, edition in ipairs { "other", "foreigner_2023", "hk_macau_2024" } do
      if edition ~= "hk_macau_2024" then
        expect_nothing(decide(with(shown_by(who, "expired"), { [who .. ".document.edition"] = edition })))
      end
    end
  end)
end

test("whoever does not act shows nothing", function()
  local idle = {
    operation = "mobile.open", ["proxy.given"] = false, ["customer.kind"] = "organisation",
    ["customer.document.edition"] = "hk_macau_2024", ["customer.document.validity"] = "expired",
    ["proxy.document.edition"] = "hk_macau_2024", ["proxy.document.validity"] = "expired",
    ["handler.document.edition"] = "other",
  }
  expect_nothing(decide(idle))
  expect_nothing(decide(with(idle, {
    ["customer.kind"] = "person", ["customer.document.edition"] = "other",
    ["handler.document.edition"] = "hk_macau_2024", ["handler.document.validity"] = "expired",
  })))
end)

local holder = {
  ["operation"] = "mobile.open", ["customer.kind"] = "person", ["customer.name"] = "测试人甲",
  ["customer.document.type"] = "hk_macau_permit", ["customer.document.examined"] = "genuine",
  ["customer.document.valid_to"] = "2033-12-31",
}
local old = with(holder, { ["customer.document.number"] = "H1234567801", ["customer.birth"] = "1980-01-01" })
local new = with(holder, { ["customer.document.number"] = "HA1234567", ["customer.birth"] = "1980-01-01" })

local function expect_kept(d)
  expect(d, { verdict = "accepted", need = {}, refuse = {}, oblige = { "retain" }, rules = { "cn/2013#11" } })
end

test("it becomes a document on 2024-07-10, and not the day before", function()
  for _, region in ipairs { "310115", "540102" } do
    expect_kept(apply(new, { on = "2024-07-10", region = region, stack = BOTH }))
    expect(apply(new, { on = "2024-07-09", region = region, stack = BOTH }), {
      verdict = "incomplete", need = { "customer.document.accepted" }, refuse = {},
      rules = { "cn/2013#11", "cn/2013#7.5/hk_macau" },
    })
  end
end)

test("the form before it stays good beside it", function()
  for _, on in ipairs { "2024-07-09", "2024-07-10" } do expect_kept(apply(old, { on = on, stack = BOTH })) end
end)

test("on its own the announcement begins on 2024-07-10", function()
  expect_nothing(apply(old, { on = "2024-07-10" }))
  expect(apply(old, { on = "2024-07-09" }),
    { verdict = "refused", refuse = { "regulation.none_in_force" }, rules = {} })
end)
