-- SPDX-License-Identifier: Apache-2.0
-- Articles 10, 11 and 19: what public security says, and what is refused and reported, with services
-- and recipients that are slow, silent, down or talking nonsense.

local function typed(s, finding, more)
  return with({
    operation = "mobile.open", number = "+8613989000001",
    customer = with(person {}, { kind = "person", work_unit = "无", document = { examined = finding } }),
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }, more or {})
end

scenario "public security confirms the identity" {
  article = "cn-54/2018#10.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  services = { ["public-security"] = { answer = "match", after = "900ms" } },
  run = function(s)
    expect(s:register(typed(s, "genuine")),
      { verdict = "accepted", checks = { "public-security customer match" } })
    expect(s:asked "public-security", 1)
    expect(s:now(), "2026-03-02T02:00:00.900Z")
  end,
}

scenario "an identity public security denies is refused, and reported within the hour" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  services = { ["public-security"] = "mismatch" },
  run = function(s)
    expect(s:register(typed(s, "genuine")), {
      status = 422, verdict = "refused", refuse = { "document.not_of_holder" }, report = { "public_security" },
    })
    expect(s:reports "public-security", {
      { to = "public_security", within_ms = 3600000, rule = "cn-54/2018#11/customer_verified" },
    })
  end,
}

scenario "a service that does not know leaves it to the examination" {
  article = "cn-54/2018#10.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  services = { ["public-security"] = "unknown" },
  run = function(s)
    expect(s:decide(typed(s, "genuine")), { verdict = "accepted" })
    expect(s:decide(typed(s, "doubtful")), { verdict = "incomplete", need = { "customer.document.examined" } })
  end,
}

scenario "a silent, a broken and a babbling service are unavailable, each in its time" {
  article = "cn-54/2018#10.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  services = { ["public-security"] = "silent" },
  run = function(s)
    local unavailable = { verdict = "accepted", checks = { "public-security customer unavailable" } }
    expect(s:decide(typed(s, "genuine")), unavailable)
    expect(s:now(), "2026-03-02T02:00:03.000Z") -- the deadline
    for _, answer in ipairs { "down", "perhaps" } do
      s:service("public-security", answer)
      expect(s:decide(typed(s, "genuine")), unavailable)
    end
    expect(s:now(), "2026-03-02T02:00:03.000Z")
  end,
}

scenario "an answer that comes after the deadline changes nothing" {
  article = "cn-54/2018#10.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  services = { ["public-security"] = { answer = "mismatch", after = "10s" } },
  run = function(s)
    local d = s:register(typed(s, "genuine"))
    expect(d, { verdict = "accepted", checks = { "public-security customer unavailable" } })
    s:wait "1m"
    expect(s:show(d.id), { status = 200, decision = { verdict = "accepted" } })
  end,
}

for finding, reason in pairs {
  forged = "document.forged", altered = "document.altered", borrowed = "document.borrowed",
} do
  scenario("a " .. finding .. " document is refused, recorded and reported at once") {
    article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
    run = function(s)
      local d = s:register(typed(s, finding))
      expect(d, { status = 422, verdict = "refused", refuse = { reason }, report = { "public_security" } })
      expect(s:show(d.id), { status = 200, decision = { verdict = "refused" } })
      expect(s:reports "public-security", {
        { to = "public_security", refusals = {
          { what = reason, rule = "cn/2013#10/customer" }, { what = reason, rule = "cn-54/2018#11" },
        } },
      })
    end,
  }
end

scenario "a chip that does not verify is a forged card, however it looks" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local card = s:read { card = person {}, chip = "no" }
    local d = s:register {
      operation = "mobile.open",
      customer = { kind = "person", work_unit = "无", document = { token = card.token, examined = "genuine" } },
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }
    expect(d, { verdict = "refused", refuse = { "document.chip_failed" } })
    expect(#s:reports "public-security", 1)
  end,
}

scenario "whoever will not show a document or say who they are is refused, and the regulator told" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    for what, reason in pairs { document = "document.withheld", information = "information.withheld" } do
      local d = s:register { operation = "mobile.open", customer = { kind = "person", refuses = what } }
      expect(d, { verdict = "refused", refuse = { reason }, report = { "regulator" } })
    end
    expect(s:reports "regulator", { { within_ms = 86400000 }, { within_ms = 86400000 } })
  end,
}

scenario "a recipient that is down for forty minutes still has the report within the hour" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    s:recipient("public-security", { down = "40m" })
    expect(s:register(typed(s, "forged")), { verdict = "refused" })
    s:wait "39m"
    expect(#s:reports "public-security", 0)
    s:wait "20m"
    local reports = s:reports "public-security"
    expect(reports, { { at = "2026-03-02T02:00:00.000Z" } })
    expect(reports[1].arrived < "2026-03-02T03:00:00.000Z", true)
  end,
}

scenario "a recipient that hangs does not lose a report" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    s:recipient("public-security", { silent = "5m" })
    expect(s:register(typed(s, "altered")), { verdict = "refused" })
    s:wait "10m"
    expect(#s:reports "public-security", 1)
  end,
}

scenario "a report says nothing of the person" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    s:register(typed(s, "forged"))
    local report = s:reports("public-security")[1]
    for _, member in ipairs { "customer", "name", "number", "document", "customer.name" } do
      expect(report[member] == nil, true)
    end
  end,
}

scenario "a forged document's case keeps its pictures for the authorities" {
  article = "cn-54/2018#19.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local case = typed(s, "forged")
    local d = s:register(case)
    s:wait "30d"
    expect(s:show(d.id, "案件移送"), { status = 200, masked = false })
    expect(s:look(case.evidence[1].id, "案件移送"), { status = 200 })
  end,
}
