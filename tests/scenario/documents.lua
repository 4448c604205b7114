-- SPDX-License-Identifier: Apache-2.0
-- Articles 7 and 8: which documents prove who somebody is, item by item.

-- A person with a document that was typed and looked at.
local function with_document(s, document, more)
  return with({
    operation = "mobile.open", number = "+8613989000001",
    customer = with({
      kind = "person", name = "测试人甲", birth = "1990-01-01", work_unit = "无",
      document = with({ examined = "genuine", address = "示例路1号" }, document),
    }, more or {}),
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }, {})
end

local function accepts(article, title, documents)
  scenario(title) {
    article = "cn-54/2018#" .. article, at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
    run = function(s)
      for _, document in ipairs(documents) do
        expect(s:register(with_document(s, document)), { status = 201, verdict = "accepted" })
      end
    end,
  }
end

local number = person {}.document.number

accepts("7.1/1", "a resident card, a temporary one, a residence permit and a household register each serve", {
  { type = "resident_id", number = number, valid_to = "2030-01-01" },
  { type = "temporary_resident_id", number = number, valid_from = "2026-02-01", valid_to = "2026-05-01" },
  { type = "residence_permit", number = number, valid_to = "2026-12-31" },
  { type = "household_register", number = number },
})

accepts("7.1/2", "permits of Hong Kong, Macau and Taiwan residents serve, and travel documents in a passport's place", {
  { type = "hk_macau_permit", number = "H1234567801", valid_to = "2030-01-01" },
  { type = "taiwan_permit", number = "12345678", valid_to = "2030-01-01" },
  { type = "travel_document", number = "T0001234", valid_to = "2027-01-01" },
})

accepts("7.1/3", "a foreigner's passport serves", {
  { type = "passport", number = "L898902C", valid_to = "2030-01-01" },
})

accepts("7.1/4", "what other laws make a document serves: an overseas passport", {
  { type = "overseas_passport", number = "E12345678", valid_to = "2030-01-01" },
})

scenario "what other laws make a document serves: residence permits of their holders" {
  article = "cn-54/2018#7.1/4", at = "2026-03-02 10:00",
  policies = { "cn/2013", "cn/2023-foreigner", "cn-54/2018" },
  run = function(s)
    local hong_kong = { type = "hmt_residence_permit", number = "810000199408230021", valid_to = "2028-12-31" }
    local foreign = { type = "permanent_residence", number = "931586198001010028", valid_to = "2033-12-31" }
    expect(s:register(with_document(s, hong_kong, { birth = "1994-08-23" })), { verdict = "accepted" })
    expect(s:register(with_document(s, foreign, { birth = "1980-01-01" })), { verdict = "accepted" })
  end,
}

scenario "a driving licence is no document of article 7" {
  article = "cn-54/2018#7.1/4", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register(with_document(s, { type = "driver_licence", number = number }))
    expect(d, { verdict = "incomplete", need = { "customer.document.accepted" } })
  end,
}

scenario "one document of the list is enough, and there must be one" {
  article = "cn-54/2018#7.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:decide(with_document(s, { type = "passport", number = "L898902C", valid_to = "2030-01-01" })),
      { verdict = "accepted" })
    local none = s:decide {
      operation = "mobile.open", customer = { kind = "person", name = "测试人甲", birth = "1990-01-01", work_unit = "无" },
      evidence = s:photos { document = { "customer" }, face = { "customer" } },
    }
    expect(none, { verdict = "incomplete", need = { "customer.document.type" } })
  end,
}

scenario "a card expires at midnight" {
  article = "cn-54/2018#7.1/1", at = "2026-03-02 23:59", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local case = with_document(s, { type = "resident_id", number = number, valid_to = "2026-03-02" })
    expect(s:decide(case), { verdict = "accepted" })
    s:wait "1m"
    expect(s:decide(case), { verdict = "incomplete", need = { "customer.document.validity" } })
  end,
}

scenario "a slip of the hand in a number is said at once, before any rule" {
  article = "cn-54/2018#7.1/1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register(with_document(s, { type = "resident_id", number = "540102199001010012" }))
    expect(d, { status = 400, problems = { "check_digit" } })
  end,
}

-- An organisation with its handler, a letter of authorisation and a list of users.
local function company(s, kind, code)
  return {
    operation = "mobile.open", number = "+8613989000002",
    organisation = {
      name = "示例贸易有限公司", address = "示例路2号",
      document = { type = kind, number = code, examined = "genuine", valid_to = "2030-01-01" },
      authorization = { evidence = s:picture().id },
    },
    handler = with(person { birth = "1991-03-03", sex = "female", name = "测试人丁" },
      { document = { examined = "genuine" } }),
    users = { { name = "测试人戊", document = { type = "resident_id", number = number } } },
    evidence = s:photos { document = { "organisation", "handler" }, face = { "handler" } },
  }
end

local function serves(article, title, kinds)
  scenario(title) {
    article = "cn-54/2018#" .. article, at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
    run = function(s)
      for kind, code in pairs(kinds) do
        expect(s:register(company(s, kind, code)), { status = 201, verdict = "accepted" })
      end
    end,
  }
end

serves("8.1/1", "an organisation registers with its unified social credit code",
  { uscc = "91540100MA6T1A2341" })
serves("8.1/2", "an organisation registers with its business licence",
  { business_licence = "91540100MA6T1A2341" })
serves("8.1/3", "institutions and associations register with their certificates",
  { institution_certificate = "12540000433200016R", association_certificate = "515400005000000153" })
serves("8.1/4", "foundations and law firms register with the certificates their own laws give them",
  { foundation_certificate = "53540000MJB0000185", law_firm_licence = "31540000MD0000016Q" })

scenario "a person's document does not prove an organisation" {
  article = "cn-54/2018#8.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    expect(s:register(company(s, "resident_id", number)),
      { verdict = "incomplete", need = { "organisation.document.accepted" } })
  end,
}

scenario "an organisation without letter, users or handler's document is asked for all three" {
  article = "cn-54/2018#8.2", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local d = s:register {
      operation = "mobile.open", number = "+8613989000002",
      organisation = {
        name = "示例贸易有限公司", address = "示例路2号",
        document = { type = "business_licence", number = "91540100MA6T1A2341", examined = "genuine",
                     valid_to = "2030-01-01" },
      },
      handler = { name = "测试人丁", birth = "1991-03-03" },
      evidence = s:photos { document = { "organisation", "handler" }, face = { "handler" } },
    }
    expect(d, {
      verdict = "incomplete",
      need = { "handler.document.type", "organisation.authorization", "users.listed" },
    })
  end,
}
