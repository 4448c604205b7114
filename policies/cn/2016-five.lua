-- SPDX-License-Identifier: Apache-2.0
-- The notice of six departments against telecom fraud, item 4: whoever has five numbers of an operator gets
-- no further one from it.

regulation {
  id = "cn/2016-five", region = "", published = "2016-09-23", from = "2016-09-23",
  title = {
    zh = "关于防范和打击电信网络诈骗犯罪的通告（电话卡数量）",
    en = "Notice on Preventing and Combating Telecom Fraud: Number of Telephone Cards",
  },
  order = "最高人民法院、最高人民检察院、公安部、工业和信息化部、中国人民银行、中国银行业监督管理委员会通告",
}

-- Sources differ on what counts. Here: every mobile number of this operator, whatever its brand, that was
-- opened by or transferred to the person, main or secondary, until its service ends. Taking over a number is
-- getting one, so a transfer is held to the limit like an opening. An organisation's numbers have no such
-- limit; each of its users is registered instead.
local gains = { ["mobile.open"] = true, ["mobile.transfer"] = true }

rule "4" {
  zh = "同一用户在本企业已有五个号码的，不得为其开办新的电话卡",
  en = "no sixth mobile number for a person who has five of this operator",
  applies = function(case) return gains[case.operation] and case.customer.kind == "person" end,
  check = function(case)
    if case.customer.numbers_held >= 5 then refuse "numbers.too_many" end
  end,
}
