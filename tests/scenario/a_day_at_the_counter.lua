-- SPDX-License-Identifier: Apache-2.0
-- Midnight, 31 December 2026: the made-up revision cn-54/2027 comes into force. It takes the temporary
-- resident card off the list of article 7 and puts the Chinese passport on it; a case that began before
-- midnight is decided by the rules the customer was told.

local nation, before, after = "cn/2013", "cn-54/2018", "cn-54/2027"
local policies = { from = "../../examples/cn-54-draft", nation, before, after }

-- What the clerk typed off a document and found genuine; the pictures were taken when they were taken.
local function typed(document, evidence)
  return {
    operation = "mobile.open", number = "+8613989000001",
    customer = {
      kind = "person", name = "测试人甲", birth = "1990-01-01", work_unit = "无",
      document = with({ examined = "genuine", address = "示例路1号" }, document),
    },
    evidence = evidence,
  }
end

local both = { document = { "customer" }, face = { "customer" } }
local temporary = {
  type = "temporary_resident_id", number = person {}.document.number,
  valid_from = "2026-12-01", valid_to = "2027-03-01",
}
local passport = { type = "prc_passport", number = "E12345678", valid_to = "2030-01-01" }

scenario "a day at the counter, across the midnight of a rule change" {
  article = "cn-54/2018#21.1", at = "2026-12-31 23:40", policies = policies,
  services = { ["public-security"] = { answer = "match", after = "1s" } },
  dealers = { ["D-17"] = { from = "2026-01-01", to = "2026-12-31" } },
  staff = { ["S-1"] = {}, ["S-9"] = { dealer = "D-17" } }, counter = "S-1",
  run = function(s)
    -- The last customers of the old year: the old list holds.
    expect(s:register(typed(temporary, s:photos(both))),
      { verdict = "accepted", policies = { nation, before }, on = "2026-12-31" })
    expect(s:decide(typed(passport, s:photos(both))),
      { verdict = "incomplete", need = { "customer.document.accepted" }, policies = { nation, before } })

    -- Two customers are photographed before midnight; their forms are still being filled in.
    s:wait_until "2026-12-31 23:56"
    local pending = typed(temporary, s:photos(both))
    local late = typed(temporary, s:photos(both))

    -- One is sent two seconds before midnight; public security answers in the new year.
    s:wait_until "2026-12-31 23:59:58"
    s:service("public-security", { answer = "match", after = "2500ms" })
    local sent = s:send(typed(temporary, s:photos(both)))
    s:wait "1s"
    expect(s:is_answered(sent), false)
    expect(s:answer(sent), { verdict = "accepted", policies = { nation, before }, on = "2026-12-31" })
    expect(s:today(), "2027-01-01")

    -- A card is withdrawn in the turn of the year and read again.
    expect(s:read { fault = "withdrawn", after = "500ms" }, { error = "card_unreadable" })
    local card = s:read { card = person {}, after = "1s" }
    expect(s:register {
      operation = "mobile.open", number = "+8613989000002",
      customer = { kind = "person", work_unit = "无", document = { token = card.token } },
      evidence = s:photos(both),
    }, { verdict = "accepted", policies = { nation, after }, on = "2027-01-01", begun = "2027-01-01" })

    -- The pending case is decided by the rules it began under; a new one by the new ones.
    s:wait_until "2027-01-01 00:05"
    expect(s:register(pending),
      { verdict = "accepted", policies = { nation, before }, on = "2027-01-01", begun = "2026-12-31" })
    expect(s:decide(typed(temporary, s:photos(both))),
      { verdict = "incomplete", need = { "customer.document.accepted" }, policies = { nation, after } })
    expect(s:register(typed(passport, s:photos(both))), { verdict = "accepted", policies = { nation, after } })

    -- A picture from before midnight carries a case no further than a card would: a quarter of an hour.
    s:wait_until "2027-01-01 00:20"
    expect(s:register(late), { verdict = "incomplete", policies = { nation, after }, begun = "2027-01-01" })

    -- The dealer's contract ended with the year.
    s:counter "S-9"
    expect(s:register(with(typed(passport, s:photos(both)), { channel = { disclosed = true } })),
      { verdict = "refused", refuse = { "dealer.no_contract" } })

    -- Whatever happened, the log is whole.
    expect(s:audit().findings, 0)
  end,
}

scenario "the new rules reach a counter that never stopped, by a reload, and only from their day" {
  article = "cn-54/2018#21.1", at = "2026-12-20 10:00", policies = { nation, before },
  run = function(s)
    s:policies(policies)
    expect(s:decide(typed(passport, s:photos(both))), { verdict = "incomplete", policies = { nation, before } })
    s:wait_until "2027-01-01 00:00"
    expect(s:decide(typed(passport, s:photos(both))), { verdict = "accepted", policies = { nation, after } })
  end,
}

scenario "from midnight a minor of sixteen on their own income brings a written consent in the guardian's place" {
  article = "cn-54/2027#6.4", at = "2026-12-31 23:59", policies = policies,
  run = function(s)
    local young = with(person { birth = "2010-06-01" },
      { kind = "person", work_unit = "示例工厂", document = { examined = "genuine" } })
    local function case()
      return { operation = "mobile.open", customer = young, extra = { own_income = true }, evidence = s:photos(both) }
    end
    expect(s:decide(case()), { verdict = "incomplete", need = { "guardian.present", "household_register.shown" } })
    s:wait "1m"
    local new = case()
    expect(s:decide(new), { verdict = "incomplete", need = { "evidence.consent.guardian" } })
    table.insert(new.evidence, { kind = "consent", of = "guardian", id = s:picture().id })
    expect(s:register(new), { status = 201, verdict = "accepted" })
  end,
}
