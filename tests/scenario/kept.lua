-- SPDX-License-Identifier: Apache-2.0
-- Articles 5, 12, 13 and 14: registering and protecting are one path; what is kept, for how long, and
-- who saw it.

local function adult(s, more)
  return with({
    operation = "mobile.open", number = "+8613989000001",
    customer = with(person {}, { kind = "person", work_unit = "无", document = { examined = "genuine" } }),
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }, more or {})
end

local function actions(s)
  local list = {}
  for _, event in ipairs(s:audit()) do table.insert(list, event.action) end
  return list
end

scenario "every registration is in the audit log, and the log is whole" {
  article = "cn-54/2018#5.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    s:register(adult(s))
    s:register(adult(s, { customer = { document = { examined = "forged" } } }))
    local said = {}
    for _, action in ipairs(actions(s)) do said[action] = (said[action] or 0) + 1 end
    expect(said, { ["registration.accepted"] = 1, ["registration.refused"] = 1, ["report.delivered"] = 1 })
    expect(s:audit().findings, 0)
  end,
}

scenario "information is kept during the service and for two years after it ended" {
  article = "cn-54/2018#12.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register(adult(s))
    expect(d, { verdict = "accepted", oblige = { "retain" } })
    s:wait "1000d"
    expect(s:show(d.id), { status = 200 })
    expect(s:terminate(d.id, { at = "2028-11-20T04:00:00Z" }), { status = 200, retain_until = "2030-11-20" })
    s:wait_until "2030-11-20 23:59"
    expect(s:show(d.id), { status = 200, retain_until = "2030-11-20" })
  end,
}

scenario "a service ends once, and not in the future" {
  article = "cn-54/2018#12.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register(adult(s))
    expect(s:terminate(d.id, { at = "2026-03-03T00:00:00Z" }), { status = 400, problems = { "in_the_future" } })
    expect(s:terminate(d.id), { status = 200, retain_until = "2028-03-02" })
    expect(s:terminate(d.id), { status = 409 })
  end,
}

scenario "the counter sees masked fields; in clear only with a purpose, which is in the log" {
  article = "cn-54/2018#13.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register(adult(s))
    expect(s:show(d.id), { masked = true })
    s:wait "5m"
    local clear = s:show(d.id, "客户申请更正")
    expect(clear, { masked = false, application = { customer = { name = "测试人甲" } } })
    local log = s:audit()
    expect(log[#log], { action = "disclosure.registration", actor = "S-1", purpose = "客户申请更正",
                        at = "2026-03-02T02:05:00.000Z" })
    expect(log.findings, 0)
  end,
}

scenario "a disclosure that cannot be written down is not made" {
  article = "cn-54/2018#13.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register(adult(s))
    s:storage { fault = "full" }
    local refused = s:show(d.id, "客户申请更正")
    expect(refused, { status = 507, problems = { "storage_full" } })
    expect(refused.application == nil, true)
    expect(s:show(d.id), { status = 200, masked = true })
    s:storage "well"
    expect(s:show(d.id, "客户申请更正"), { status = 200, masked = false })
  end,
}

scenario "a picture is shown with a purpose, and that is in the log" {
  article = "cn-54/2018#13.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local case = adult(s)
    s:register(case)
    expect(s:look(case.evidence[2].id, "监督检查"), { status = 200 })
    local log = s:audit()
    expect(log[#log], { action = "disclosure.evidence", purpose = "监督检查" })
  end,
}

scenario "self-inspection finds a record that vanished" {
  article = "cn-54/2018#16.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local first, second = s:register(adult(s)), s:register(adult(s))
    expect(s:audit().findings, 0)
    s:lose(second.id)
    expect(s:audit().findings, 1)
    expect(s:show(first.id), { status = 200 })
    expect(s:show(second.id), { status = 404 })
  end,
}
