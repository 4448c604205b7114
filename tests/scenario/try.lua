scenario "an adult with a card and both pictures is registered" {
  article = "cn-54/2018#6.1", at = "2026-03-02 10:00",
  policies = { "cn-54/2018" },
  services = { ["public-security"] = { answer = "match", after = "2s" } },
  run = function(s)
    local card = s:read { card = person { birth = "1990-01-01" } }
    expect(card, { status = 201 })
    local d = s:register {
      operation = "mobile.open", number = "+8613989000001",
      customer = { kind = "person", work_unit = "无", document = { token = card.token } },
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }
    expect(d, { status = 201, verdict = "accepted", need = {}, checks = { "public-security customer match" } })
    expect(s:now(), "2026-03-02T02:00:02.000Z")
    s:terminate(d.id)
    local a = s:audit()
    expect(a.findings, 0)
    s:wait "700d"
  end,
}
