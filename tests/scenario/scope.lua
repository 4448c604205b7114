-- SPDX-License-Identifier: Apache-2.0
-- Articles 1 to 3 and 21: where, when and for what a registration is needed.

-- An adult at the operator's own counter, with a card from the reader and both pictures.
local function adult(s, more)
  local card = s:read { card = person {} }
  return with({
    operation = "mobile.open", number = "+8613989000001",
    customer = { kind = "person", work_unit = "无", document = { token = card.token } },
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }, more or {})
end

scenario "in every county of the region the measures decide" {
  article = "cn-54/2018#2.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    for _, region in ipairs { "540000", "540102", "540581", "542521" } do
      local d = s:register(adult(s, { region = region }))
      expect(d, { verdict = "accepted", policies = { "cn/2013", "cn-54/2018" } })
    end
  end,
}

scenario "outside the region only the nation's rules decide" {
  article = "cn-54/2018#2.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:register(adult(s, { region = "510100" })), { verdict = "accepted", policies = { "cn/2013" } })
  end,
}

scenario "mobile telephones: opened, replaced and transferred with a registration" {
  article = "cn-54/2018#3.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    for _, operation in ipairs { "mobile.open", "mobile.replace", "mobile.transfer" } do
      expect(s:register(adult(s, { operation = operation })), { status = 201, verdict = "accepted" })
    end
  end,
}

scenario "a wireless data card is a mobile telephone" {
  article = "cn-54/2018#3.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:register(adult(s, { data = true })), { status = 201, verdict = "accepted" })
    expect(s:decide { operation = "mobile.open", data = true, customer = { kind = "person" } },
      { verdict = "incomplete" })
  end,
}

scenario "a form that names neither person nor organisation is asked which" {
  article = "cn-54/2018#3.3", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:decide { operation = "mobile.open" }, { verdict = "incomplete", need = { "customer.kind" } })
    expect(s:decide { operation = "mobile.open", customer = { kind = "company" } },
      { verdict = "incomplete", need = { "customer.kind" } })
  end,
}

scenario "fixed telephones: installed, moved and transferred with a registration" {
  article = "cn-54/2018#3.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    for _, operation in ipairs { "fixed.install", "fixed.relocate", "fixed.transfer" } do
      local d = s:register(adult(s, { operation = operation, install_address = "示例路3号" }))
      expect(d, { status = 201, verdict = "accepted" })
    end
  end,
}

scenario "an operation nobody named opens no door" {
  article = "cn-54/2018#3.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:register(adult(s, { operation = "mobile.resell" })),
      { verdict = "refused", refuse = { "operation.unknown" },
        rules = { "cn/2013#3", "cn/2013#11", "cn-54/2018#3", "cn-54/2018#12" } })
  end,
}

scenario "the measures begin with the year 2018, not a second earlier" {
  article = "cn-54/2018#21.1", at = "2017-12-31 23:59:50", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local before = s:register(adult(s))
    expect(before, { verdict = "accepted", policies = { "cn/2013" }, on = "2017-12-31" })
    s:wait_until "2018-01-01 00:00:00"
    local after = s:register(adult(s))
    expect(after, { verdict = "accepted", policies = { "cn/2013", "cn-54/2018" }, on = "2018-01-01" })
  end,
}

scenario "before any rule was in force nothing is accepted" {
  article = "cn/2013#18.1", at = "2013-08-31 23:59:59", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:decide { operation = "mobile.open", customer = { kind = "person" } },
      { verdict = "refused", refuse = { "regulation.none_in_force" }, policies = {} })
  end,
}
