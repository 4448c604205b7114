-- SPDX-License-Identifier: Apache-2.0
-- Article 15: dealers register under a written contract in force, protect what they register, and say
-- that they are dealers.

local function at_dealer(s, more)
  local card = s:read { card = person {} }
  return with({
    operation = "mobile.open", number = "+8613989000001",
    channel = { outlet = "LS-001", disclosed = true },
    customer = { kind = "person", work_unit = "无", document = { token = card.token } },
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }, more or {})
end

local staff = { ["S-9"] = { dealer = "D-17" } }

scenario "a dealer with a contract in force registers" {
  article = "cn-54/2018#15.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  dealers = { ["D-17"] = { from = "2026-01-01", to = "2026-12-31" } }, staff = staff, counter = "S-9",
  run = function(s)
    expect(s:register(at_dealer(s)), { status = 201, verdict = "accepted" })
  end,
}

scenario "a contract ends at midnight, and so does registering, until it is renewed" {
  article = "cn-54/2018#15.1", at = "2026-12-31 23:59:58", policies = { "cn/2013", "cn-54/2018" },
  dealers = { ["D-17"] = { from = "2026-01-01", to = "2026-12-31" } }, staff = staff, counter = "S-9",
  run = function(s)
    expect(s:decide(at_dealer(s)), { verdict = "accepted" })
    s:wait "2s"
    expect(s:register(at_dealer(s)), { verdict = "refused", refuse = { "dealer.no_contract" } })
    s:dealer("D-17", { from = "2027-01-01", to = "2027-12-31" })
    expect(s:register(at_dealer(s)), { verdict = "accepted" })
  end,
}

scenario "before its contract begins a dealer does not register" {
  article = "cn-54/2018#15.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  dealers = { ["D-17"] = { from = "2026-03-03", to = "2026-12-31" } }, staff = staff, counter = "S-9",
  run = function(s)
    expect(s:decide(at_dealer(s)), { verdict = "refused", refuse = { "dealer.no_contract" } })
    s:wait "1d"
    expect(s:decide(at_dealer(s)), { verdict = "accepted" })
  end,
}

scenario "a dealer without any contract, or that nobody knows, does not register" {
  article = "cn-54/2018#15.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  dealers = { ["D-18"] = {} }, counter = "S-9",
  staff = { ["S-9"] = { dealer = "D-17" }, ["S-8"] = { dealer = "D-18" } },
  run = function(s)
    expect(s:register(at_dealer(s)), { verdict = "refused", refuse = { "dealer.no_contract", "dealer.not_able" } })
    s:counter "S-8"
    expect(s:register(at_dealer(s)), { verdict = "refused", refuse = { "dealer.no_contract" } })
  end,
}

scenario "a dealer that cannot protect the data loses the commission to register" {
  article = "cn-54/2018#15.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  dealers = { ["D-17"] = { from = "2026-01-01", to = "2026-12-31" } }, staff = staff, counter = "S-9",
  run = function(s)
    expect(s:register(at_dealer(s)), { verdict = "accepted" })
    s:dealer("D-17", { from = "2026-01-01", to = "2026-12-31", able = false })
    expect(s:register(at_dealer(s)), { verdict = "refused", refuse = { "dealer.not_able" } })
  end,
}

scenario "what a dealer registers is the operator's at the same moment" {
  article = "cn-54/2018#15.3", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  dealers = { ["D-17"] = { from = "2026-01-01", to = "2026-12-31" } },
  staff = { ["S-1"] = {}, ["S-9"] = { dealer = "D-17" } }, counter = "S-9",
  run = function(s)
    local d = s:register(at_dealer(s))
    s:counter "S-1"
    expect(s:show(d.id), { status = 200, application = { channel = { dealer = "D-17", kind = "dealer" } } })
  end,
}

scenario "a dealer's staff cannot register as the operator, nor as another dealer" {
  article = "cn-54/2018#15.3", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  dealers = { ["D-17"] = {} }, staff = staff, counter = "S-9",
  run = function(s)
    expect(s:register(at_dealer(s, { channel = { kind = "own" } })),
      { verdict = "refused", refuse = { "dealer.no_contract" } })
    expect(s:register(at_dealer(s, { channel = { dealer = "D-18" } })),
      { status = 400, problems = { "not_your_dealer" } })
  end,
}

scenario "a dealer tells the customer that it is one" {
  article = "cn-54/2018#15.4", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  dealers = { ["D-17"] = { from = "2026-01-01", to = "2026-12-31" } }, staff = staff, counter = "S-9",
  run = function(s)
    expect(s:decide(at_dealer(s, { channel = { disclosed = false } })),
      { verdict = "incomplete", need = { "channel.disclosed" } })
  end,
}
