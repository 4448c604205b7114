-- SPDX-License-Identifier: Apache-2.0
-- Article 6: who shows what.

local function mobile(customer, more)
  return with({ operation = "mobile.open", number = "+8613989000001", customer = customer }, more or {})
end

-- What a clerk types off a document that was looked at and found genuine.
local function typed(somebody, more)
  return with(with(somebody, { document = { examined = "genuine" } }), more or {})
end

local adult = typed(person {}, { kind = "person", work_unit = "无" })
local child = typed(person { birth = "2015-05-20", name = "测试童" }, { kind = "person", work_unit = "无" })
local mother = person { birth = "1988-08-08", sex = "female", name = "测试人丙" }
local neighbour = person { birth = "1985-06-12", name = "测试人乙" }

scenario "without a document or a name the customer is asked for both" {
  article = "cn-54/2018#6.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register(mobile({ kind = "person", work_unit = "无", birth = "1990-01-01" },
      { evidence = s:photos { document = { "customer" }, face = { "customer" } } }))
    expect(d, {
      status = 422, verdict = "incomplete", need = { "customer.document.type", "customer.name" },
      rules = { "cn/2013#6.1", "cn/2013#11", "cn-54/2018#6.1", "cn-54/2018#12" },
    })
  end,
}

scenario "the clerk completes the form and sends it again under the same key" {
  article = "cn-54/2018#6.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local first = s:register(mobile(adult), { key = "form-17" })
    expect(first, {
      verdict = "incomplete", need = { "evidence.document_photo.customer", "evidence.portrait.customer" },
    })
    s:wait "3m"
    local second = s:register(mobile(adult, {
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }), { key = "form-17" })
    expect(second, { status = 201, verdict = "accepted", repeated = false })
  end,
}

scenario "a proxy brings both documents and both identities" {
  article = "cn-54/2018#6.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local photos = s:photos { document = { "customer", "proxy" }, face = { "proxy" } }
    expect(s:decide(mobile(adult, { proxy = { name = "测试人乙", birth = "1985-06-12" }, evidence = photos })),
      { verdict = "incomplete", need = { "proxy.document.type" } })
    expect(s:register(mobile(adult, { proxy = typed(neighbour), evidence = photos })),
      { status = 201, verdict = "accepted" })
  end,
}

scenario "a proxy who is under age cannot act for others" {
  article = "cn-54/2018#6.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local young = typed(person { birth = "2008-03-03" }) -- eighteen tomorrow
    local case = mobile(adult, {
      proxy = young, evidence = s:photos { document = { "customer", "proxy" }, face = { "proxy" } },
    })
    expect(s:decide(case), { verdict = "incomplete", need = { "proxy.of_age" } })
    s:wait_until "2026-03-03 00:00"
    expect(s:decide(case), { verdict = "accepted" })
  end,
}

scenario "a minor alone is asked for the guardian and the household register" {
  article = "cn-54/2018#6.3", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register(mobile(child, {
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }))
    expect(d, {
      verdict = "incomplete", need = { "guardian.present", "household_register.shown" },
      rules = { "cn/2013#11", "cn-54/2018#6.3", "cn-54/2018#6.3/register", "cn-54/2018#12" },
    })
  end,
}

scenario "a minor with the guardian, her document and the family's register is registered" {
  article = "cn-54/2018#6.3", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  services = { ["public-security"] = "match" },
  run = function(s)
    local card = s:read { card = mother }
    local d = s:register(mobile(child, {
      guardian = { present = true, relation = "mother", document = { token = card.token } },
      household_register = { number = "054123456" },
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }))
    expect(d, {
      status = 201, verdict = "accepted",
      checks = { "public-security customer match", "public-security guardian match" },
    })
  end,
}

scenario "somebody comes of age at midnight and needs no guardian any more" {
  article = "cn-54/2018#6.3", at = "2026-03-02 23:59:55", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local eve = typed(person { birth = "2008-03-03" }, { kind = "person", work_unit = "无" })
    local case = mobile(eve, { evidence = s:photos { document = { "customer" }, face = { "customer" } } })
    expect(s:decide(case), { verdict = "incomplete", on = "2026-03-02" })
    s:wait "5s"
    expect(s:register(case), { verdict = "accepted", on = "2026-03-03" })
  end,
}
