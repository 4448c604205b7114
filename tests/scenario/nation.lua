-- SPDX-License-Identifier: Apache-2.0
-- The national rules and what came after them, each from its day on, with the region's on top.

local all = {
  "cn/2013", "cn/2015-reader", "cn/2016-five", "cn/2019-face", "cn/2022-fraud", "cn/2023-foreigner",
  "cn/2024-hk-macau", "cn/2025-face", "cn-54/2018",
}
local answers = { ["public-security"] = "match", ["face-comparison"] = "match" }

local function by_card(s, more)
  local card = s:read { card = person {} }
  return with({
    operation = "mobile.open", number = "+8613989000001",
    customer = { kind = "person", work_unit = "无", document = { token = card.token } },
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }, more or {})
end

scenario "with everything in force an adult with a card is registered, and told why nothing was refused" {
  article = "cn/2022-fraud#32", at = "2026-03-02 10:00", policies = all, services = answers,
  run = function(s)
    local d = s:register(by_card(s))
    expect(d, {
      status = 201, verdict = "accepted", oblige = { "retain", "explain_refusal" },
      checks = { "public-security customer match", "face-comparison customer match" },
    })
  end,
}

scenario "from September 2015 a resident card is read, not typed" {
  article = "cn/2015-reader#1", at = "2015-08-31 23:59", policies = { "cn/2013", "cn/2015-reader" },
  services = answers,
  run = function(s)
    local typed = {
      operation = "mobile.open", number = "+8613989000001",
      customer = {
        kind = "person", name = "测试人甲", birth = "1990-01-01", work_unit = "无",
        document = { type = "resident_id", number = person {}.document.number, address = "示例路1号",
                     valid_from = "2010-01-01", valid_to = "2030-01-01", examined = "genuine" },
      },
    }
    expect(s:decide(typed), { verdict = "accepted", policies = { "cn/2013" } })
    s:wait "1m"
    expect(s:decide(typed), { verdict = "incomplete", need = { "customer.document.origin" } })
  end,
}

scenario "from September 2015 no answer from public security is no check: it is made again" {
  article = "cn/2015-reader#2", at = "2026-03-02 10:00", policies = all,
  services = { ["public-security"] = "down", ["face-comparison"] = "match" },
  run = function(s)
    local case = by_card(s)
    expect(s:register(case, { key = "form-1" }), { verdict = "incomplete", need = { "customer.verified" } })
    s:wait "5m"
    s:service("public-security", "match")
    expect(s:register(case, { key = "form-1" }), { status = 201, verdict = "accepted" })
  end,
}

scenario "nobody gets a sixth number of one operator, until one has ended" {
  article = "cn/2016-five#4", at = "2026-03-02 10:00", policies = all, services = answers,
  run = function(s)
    local first
    for i = 1, 5 do
      local d = s:register(by_card(s, { number = "+861398900000" .. i }))
      expect(d, { status = 201, verdict = "accepted" })
      first = first or d.id
    end
    expect(s:register(by_card(s, { number = "+8613989000006" })),
      { status = 422, verdict = "refused", refuse = { "numbers.too_many" } })
    expect(s:terminate(first), { status = 200 })
    expect(s:register(by_card(s, { number = "+8613989000006" })), { status = 201, verdict = "accepted" })
  end,
}

scenario "from December 2019 a face that is not the document's is refused" {
  article = "cn/2019-face#1", at = "2019-11-30 23:59:59", policies = { "cn/2013", "cn/2019-face" },
  services = { ["public-security"] = "match", ["face-comparison"] = "mismatch" },
  run = function(s)
    expect(s:decide(by_card(s)), { verdict = "accepted" })
    s:wait "1s"
    expect(s:register(by_card(s)), { verdict = "refused", refuse = { "face.mismatch" } })
    s:service("face-comparison", "silent")
    expect(s:register(by_card(s)), { verdict = "incomplete", need = { "customer.face" } })
  end,
}

scenario "from June 2025 whoever declines the comparison of faces is checked the other way" {
  article = "cn/2025-face#10", at = "2025-05-31 10:00", policies = all,
  services = { ["public-security"] = "match", ["face-comparison"] = "down" },
  run = function(s)
    local case = by_card(s)
    case.customer.declines_face = true
    case.customer.document.examined = "genuine"
    expect(s:decide(case), { verdict = "incomplete", need = { "customer.face" } })
    s:wait "1d"
    case.customer.document.token = s:read({ card = person {} }).token
    expect(s:register(case), { status = 201, verdict = "accepted" })
  end,
}

scenario "the region's list of documents takes the nation's place at its first midnight" {
  article = "cn-54/2018#7.1", at = "2017-12-31 23:59:59", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:decide(by_card(s)), { verdict = "accepted", rules = { "cn/2013#11" } })
    s:wait "1s"
    expect(s:decide(by_card(s)), { verdict = "accepted", rules = { "cn/2013#11", "cn-54/2018#12" } })
  end,
}
