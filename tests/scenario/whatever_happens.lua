-- SPDX-License-Identifier: Apache-2.0
-- What holds in every case: runs with choices made at random from the seed, each of them a whole little
-- story. When one fails, `shiming simulate --shrink` makes its choices as small as they can be.

local both = { document = { "customer" }, face = { "customer" } }

local function typed(s, finding)
  return {
    operation = "mobile.open", number = "+8613989000001",
    customer = with(person {}, { kind = "person", work_unit = "无", document = { examined = finding } }),
    evidence = s:photos(both),
  }
end

local bad = { forged = true, altered = true, borrowed = true }

scenario "nobody with a finding, or denied by public security, is ever accepted; each is reported" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" }, runs = 60,
  services = { ["public-security"] = "match" },
  run = function(s)
    local finding = any("genuine", "unexamined", "doubtful", "forged", "altered", "borrowed")
    local answer = any("match", "unknown", "mismatch", "silent", "down", "nonsense")
    s:service("public-security", { answer = answer, after = any("0s", "1s", "5s") })
    if maybe() then s:recipient("public-security", { down = "30m" }) end
    local d = s:register(typed(s, finding))
    if bad[finding] then expect(d, { verdict = "refused" }) end
    if d.verdict == "accepted" then expect(finding, "genuine") end
    s:wait "1h"
    local told = #s:reports "public-security"
    expect(told > 0, d.verdict == "refused")
    expect(s:audit().findings, 0)
  end,
}

scenario "no order of faults stores a form twice, or loses one that was acknowledged" {
  article = "cn-54/2018#14.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" }, runs = 40,
  services = { ["public-security"] = { answer = "match", after = "1s" } },
  run = function(s)
    local forms = {}
    for i = 1, between(1, 3) do
      local form = { case = typed(s, any("genuine", "forged")), key = "form-" .. i }
      form.case.number = "+861398900000" .. i
      form.case.evidence = s:photos(both)
      table.insert(forms, form)
    end
    for _ = 1, between(0, 5) do
      local form = forms[between(1, #forms)]
      local act = any("register", "wait", "fault", "send", "crash", "restart")
      if act == "register" then
        local d = s:register(form.case, { key = form.key })
        if d.verdict then form.acknowledged = true end
      elseif act == "send" then
        s:send(form.case, { key = form.key })
      elseif act == "wait" then
        s:wait(any("1s", "2s", "20s", "10m"))
      elseif act == "fault" then
        s:storage {
          fault = any("well", "full", "cut", "cut_after", "slow", "down"), lasts = any("1m", "2s"),
          takes = any("2s", "15s"), times = any(1, 2, 5),
        }
      elseif act == "crash" then
        s:crash()
      else
        s:restart()
      end
    end
    s:storage "well"
    s:wait "2m"
    for _, form in ipairs(forms) do
      local d = s:register(form.case, { key = form.key })
      expect(d.verdict ~= nil, true)
      if form.acknowledged then expect(d, { repeated = true }) end
      expect(#s:search({ number = form.case.number }).registrations, 1)
    end
    expect(s:audit().findings, 0)
  end,
}

scenario "a minor is never registered without a guardian who is of age" {
  article = "cn-54/2018#6.3", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" }, runs = 60,
  run = function(s)
    local child = any("2015-05-20", "2008-03-02", "2008-03-03", "1990-01-01")
    local guardian = any("1988-08-08", "2008-03-03", "2008-03-02")
    local case = typed(s, "genuine")
    case.customer = with(person { birth = child },
      { kind = "person", work_unit = "无", document = { examined = "genuine" } })
    if maybe() then
      case.guardian = with(person { birth = guardian, name = "测试人丙" },
        { present = maybe(), document = { examined = "genuine" } })
      case.household_register = { number = "054123456", shown = maybe() }
    end
    local d = s:register(case)
    if child == "2008-03-03" or child == "2015-05-20" then
      local guarded = case.guardian and case.guardian.present and guardian ~= "2008-03-03"
        and case.household_register.shown
      expect(d.verdict, guarded and "accepted" or "incomplete")
    else
      expect(d.verdict, "accepted")
    end
  end,
}
