-- SPDX-License-Identifier: Apache-2.0
-- Article 9: documents are checked and written down, documents and faces photographed on site; and the
-- readers that do it, with everything that goes wrong at a counter.

local function case(s, customer, more)
  return with({
    operation = "mobile.open", number = "+8613989000001",
    customer = with({ kind = "person", work_unit = "无" }, customer),
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }, more or {})
end

scenario "a chip whose signature holds is a check in itself" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local card = s:read { card = person {} }
    expect(s:register(case(s, { document = { token = card.token } })), { verdict = "accepted" })
  end,
}

scenario "a typed document nobody looked at, or with a doubt, is not checked" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local unseen = case(s, person {})
    expect(s:decide(unseen), { verdict = "incomplete", need = { "customer.document.examined" } })
    for _, finding in ipairs { "unexamined", "doubtful", "looks fine" } do
      local d = s:decide(with(unseen, { customer = { document = { examined = finding } } }))
      expect(d, { verdict = "incomplete", need = { "customer.document.examined" } })
    end
  end,
}

scenario "work unit, address and the place of a fixed line are written down" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register {
      operation = "fixed.install",
      customer = {
        kind = "person", name = "测试人甲",
        document = { type = "resident_id", number = person {}.document.number, valid_to = "2030-01-01",
                     examined = "genuine" },
      },
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }
    expect(d, {
      verdict = "incomplete", need = { "customer.address", "customer.work_unit", "install_address" },
    })
  end,
}

scenario "what was registered is what is found, masked for the counter" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local card = s:read { card = person {} }
    local d = s:register(case(s, { document = { token = card.token } }))
    local found = s:search { number = "+8613989000001" }
    expect(found.registrations[1], { masked = true, application = { operation = "mobile.open" } })
    expect(found.registrations[1].application.customer.document.number == person {}.document.number, false)
    expect(s:show(d.id).application.customer.document.type, "resident_id")
    expect(s:search({ identity = person {}.document.number }).registrations, { { id = d.id } })
  end,
}

scenario "without pictures of document and face nothing is registered" {
  article = "cn-54/2018#9.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local card = s:read { card = person {} }
    local bare = {
      operation = "mobile.open", number = "+8613989000001",
      customer = { kind = "person", work_unit = "无", document = { token = card.token } },
    }
    expect(s:register(bare), {
      verdict = "incomplete", need = { "evidence.document_photo.customer", "evidence.portrait.customer" },
    })
    local half = with(bare, { evidence = s:photos { document = { "customer" } } })
    expect(s:register(half), { verdict = "incomplete", need = { "evidence.portrait.customer" } })
  end,
}

scenario "a picture serves one registration only" {
  article = "cn-54/2018#9.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local customer = with(person {}, { document = { examined = "genuine" } })
    local first = case(s, customer)
    expect(s:register(first), { verdict = "accepted" })
    expect(s:register(first), { status = 400, problems = { "evidence_taken" } })
  end,
}

scenario "a file that is no picture is refused when it is uploaded" {
  article = "cn-54/2018#9.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:picture "not a picture", { status = 415, problems = { "not_a_picture" } })
  end,
}

scenario "for an organisation its document and its handler are photographed" {
  article = "cn-54/2018#9.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register {
      operation = "mobile.open",
      organisation = {
        name = "示例贸易有限公司", address = "示例路2号", authorization = { evidence = s:picture().id },
        document = { type = "uscc", number = "91540100MA6T1A2341", examined = "genuine" },
      },
      handler = with(person {}, { document = { examined = "genuine" } }),
      users = { { name = "测试人戊", document = { type = "resident_id", number = person {}.document.number } } },
    }
    expect(d, {
      verdict = "incomplete",
      need = { "evidence.document_photo.handler", "evidence.document_photo.organisation",
               "evidence.portrait.handler" },
    })
  end,
}

-- Readers -----------------------------------------------------------------------------------------

scenario "the card is withdrawn while it is read, and read again" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:read { fault = "withdrawn", after = "400ms" }, { error = "card_unreadable" })
    local card = s:read { card = person {}, after = "1s" }
    expect(s:register(case(s, { document = { token = card.token } })), { verdict = "accepted" })
    expect(s:now(), "2026-03-02T02:00:01.400Z")
  end,
}

scenario "every fault of a reader is told apart" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local said = { no_card = "no_card", unplugged = "reader_gone", silent = "reader_timeout",
                   garbage = "reader_nonsense" }
    for fault, error_word in pairs(said) do
      expect(s:read { fault = fault, after = "15s" }, { error = error_word })
    end
  end,
}

scenario "what a reader answers is checked like a stranger's words" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:read { card = { ["Name!"] = "x" } }, { error = "reader_nonsense" })
    expect(s:read { card = { name = "\xff\xfe" } }, { error = "reader_nonsense" })
  end,
}

scenario "a card read a quarter of an hour ago is read again" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local card = s:read { card = person {} }
    s:wait "14m"
    expect(s:decide(case(s, { document = { token = card.token } })), { verdict = "accepted" })
    s:wait "61s"
    expect(s:decide(case(s, { document = { token = card.token } })),
      { status = 400, problems = { "token_expired" } })
  end,
}

scenario "a card is good for the staff member it was read for, and its fields cannot be retyped" {
  article = "cn-54/2018#9.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  staff = { ["S-1"] = {}, ["S-2"] = {} }, counter = "S-1",
  run = function(s)
    local card = s:read { card = person {} }
    local retyped = case(s, { name = "测试人乙", document = { token = card.token } })
    expect(s:decide(retyped), { status = 400, problems = { "contradicts_card" } })
    s:counter "S-2"
    expect(s:decide(case(s, { document = { token = card.token } })),
      { status = 400, problems = { "token_of_other_staff" } })
  end,
}
