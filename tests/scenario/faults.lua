-- SPDX-License-Identifier: Apache-2.0
-- Article 14: whatever happens to the storage or the gateway, nothing acknowledged is lost, nothing is
-- stored twice, and nobody is told what is not so.

local function adult(s, more)
  return with({
    operation = "mobile.open", number = "+8613989000001",
    customer = with(person {}, { kind = "person", work_unit = "无", document = { examined = "genuine" } }),
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }, more or {})
end

local function count(s)
  return #s:search({ number = "+8613989000001" }).registrations
end

scenario "a full storage refuses at once, keeps what it has, and recovers" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local case = adult(s)
    s:storage { fault = "full" }
    expect(s:register(case), { status = 507, problems = { "storage_full" } })
    expect(count(s), 0)
    s:storage "well"
    expect(s:register(case), { status = 201, verdict = "accepted" })
    expect(s:audit().findings, 0)
  end,
}

scenario "a connection cut before the commit heals without the counter noticing" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local case = adult(s)
    s:storage { fault = "cut", times = 1 }
    expect(s:register(case), { status = 201, verdict = "accepted" })
    expect(count(s), 1)
    expect(s:audit().findings, 0)
  end,
}

scenario "a connection cut after the commit is looked up, and nothing is stored twice" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local case = adult(s)
    s:storage { fault = "cut_after", times = 1 }
    expect(s:register(case), { status = 201, verdict = "accepted" })
    expect(count(s), 1)
    expect(s:audit().findings, 0)
  end,
}

scenario "a storage that stays away is answered within its patience, and asked again under the same key" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local case = adult(s)
    local sent = s:send(case, { key = "form-18" })
    expect(s:answer(sent), { status = 201 }) -- it was well until here
    s:storage { fault = "down", lasts = "10m" }
    expect(s:picture(), { status = 503 })
    expect(s:now() < "2026-03-02T02:00:10.000Z", true)
    s:wait "10m"
    expect(s:register(case, { key = "form-18" }), { status = 201, repeated = true })
    expect(count(s), 1)
  end,
}

scenario "a storage that is slower than patience leaves the outcome unknown, and the key finds it" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local case = adult(s)
    s:storage { fault = "slow", takes = "20s", times = 1 }
    expect(s:register(case, { key = "form-19" }), { status = 503, problems = { "unknown" } })
    s:wait "30s"
    expect(s:register(case, { key = "form-19" }), { status = 201, repeated = true })
    expect(count(s), 1)
  end,
}

scenario "a crash between commit and answer: the clerk repeats, and gets the first answer" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  services = { ["public-security"] = { answer = "match", after = "1s" } },
  run = function(s)
    local case = adult(s)
    s:storage { fault = "slow", takes = "2s", times = 1 }
    local sent = s:send(case, { key = "form-20" })
    s:wait "2s" -- public security has answered, the commit is under way
    s:crash()
    expect(s:answer(sent) == nil, true)
    local again = s:register(case, { key = "form-20" })
    expect(again, { status = 201, verdict = "accepted", repeated = true })
    expect(count(s), 1)
    expect(s:audit().findings, 0)
  end,
}

scenario "a crash before the service answered leaves nothing behind" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  services = { ["public-security"] = { answer = "match", after = "2s" } },
  run = function(s)
    local case = adult(s)
    local sent = s:send(case, { key = "form-21" })
    s:wait "1s"
    expect(s:is_answered(sent), false)
    s:crash()
    expect(count(s), 0)
    expect(s:register(case, { key = "form-21" }), { status = 201, repeated = false })
  end,
}

scenario "a report that waits survives a crash and arrives once" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    s:recipient("public-security", { down = "10m" })
    local d = s:register(adult(s, { customer = { document = { examined = "forged" } } }))
    s:crash()
    expect(#s:reports "public-security", 0)
    s:wait "15m"
    expect(s:reports "public-security", { { registration = d.id } })
    s:restart()
    s:wait "1h"
    expect(#s:reports "public-security", 1)
  end,
}

scenario "a restart in order changes nothing for cards, keys and records" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local card = s:read { card = person {} }
    local case = adult(s)
    expect(s:register(case, { key = "form-22" }), { status = 201 })
    s:restart()
    expect(s:register(case, { key = "form-22" }), { status = 201, repeated = true })
    expect(s:register(case, { key = "form-23" }), { status = 400, problems = { "evidence_taken" } })
    local by_card = {
      operation = "mobile.open", number = "+8613989000002",
      customer = { kind = "person", work_unit = "无", document = { token = card.token } },
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }
    expect(s:register(by_card), { status = 201, verdict = "accepted" })
  end,
}

scenario "one key belongs to one form" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:register(adult(s), { key = "form-24" }), { status = 201 })
    expect(s:register(adult(s), { key = "form-24" }), { status = 422, problems = { "idempotency_key_reused" } })
  end,
}
