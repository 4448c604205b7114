-- SPDX-License-Identifier: Apache-2.0
-- The law against telecom and network fraud, as far as it binds the single registration. The other articles
-- on telephone cards bind the operator: risk sharing (10), checking suspicious customers again (11), cards
-- for things (12), the network identity service (33).

regulation {
  id = "cn/2022-fraud", region = "", published = "2022-09-02", from = "2022-12-01",
  title = {
    zh = "中华人民共和国反电信网络诈骗法",
    en = "Law of the People's Republic of China against Telecom and Network Fraud",
  },
  order = "主席令第119号",
}

local gains = { ["mobile.open"] = true, ["mobile.transfer"] = true } -- cn/2016-five#4

-- The law gives the limit of the notice its force, so a refusal names the law.
rule "10.1" {
  replaces = "cn/2016-five#4",
  zh = "开立电话卡不得超出国家有关规定限制的数量",
  en = "no more telephone cards than the national limit: five of an operator",
  applies = function(case) return gains[case.operation] and case.customer.kind == "person" end,
  check = function(case)
    if case.customer.numbers_held >= 5 then refuse "numbers.too_many" end
  end,
}

-- The texts of all refusals in the vocabulary say these four things.
rule "32" {
  zh = "采取限制措施的，告知原因、救济渠道和需要提交的资料",
  en = "whoever is refused is told the reason, the remedy, the papers needed and where to object",
  check = function() oblige "explain_refusal" end,
}
