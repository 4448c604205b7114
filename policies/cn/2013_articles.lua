-- SPDX-License-Identifier: Apache-2.0
-- The register of the national measures. The official
-- text is not at hand here, so there are no digests: this says what is known of it and what sees to it.

register {
  regulation = "cn/2013", text = "not at hand", checked = "2026-11-25",
  source = {
    zh = "工业和信息化部令第25号的公开抄本，未与官方文本逐字核对",
    en = "public copies of order 25, not compared word by word with the official text",
  },
}

article "1.1" {
  zh = "立法目的和依据",
  en = "why the measures were made, and on what legal basis",
  not_automated = {
    zh = "说明目的，不设义务", en = "it states a purpose and asks nothing of anybody",
  },
}

article "2.1" {
  zh = "适用于全国",
  en = "they hold in the whole country",
  process = "scope",
}

article "3.1" {
  zh = "登记和入网业务的范围",
  en = "what registration is, and which operations count",
  rules = { "3" },
}

article "4.1" {
  zh = "电信管理机构监督管理",
  en = "the regulators supervise",
  not_automated = {
    zh = "属主管部门职责", en = "the regulators do this",
  },
}

article "5.1" {
  zh = "依法登记和保护",
  en = "registration and protection are the operator's duty",
  process = "sealing",
}

article "6.1" {
  zh = "出示有效证件、提供真实身份信息",
  en = "a document is shown and the identity told",
  rules = { "6.1" },
}

article "6.2" {
  zh = "委托他人办理",
  en = "a proxy shows both documents and tells both identities",
  rules = { "6.2" },
}

article "7.1" {
  zh = "个人的有效证件",
  en = "the documents of persons",
  rules = { "7", "7.5/foreigner", "7.5/hk_macau" },
}

article "8.1" {
  zh = "单位的有效证件，经办人证件和授权书",
  en = "the documents of organisations, the handler's document, the authorisation",
  rules = { "8.1", "8.2" },
}

article "9.1" {
  zh = "查验证件并如实登记",
  en = "documents are examined and what they say is written down",
  rules = { "9.1/customer", "9.1/proxy", "9.1/organisation", "9.1/handler", "9.1/address" },
}

article "9.2" {
  zh = "复印件注明企业名称、目的和日期",
  en = "copies are marked with operator, purpose and date",
  not_automated = {
    zh = "纸质复印件由营业厅标注", en = "paper copies are marked at the counter",
  },
}

article "10.1" {
  zh = "拒绝出示、冒用、伪造、变造：不得办理",
  en = "a document refused, borrowed, forged or altered: no service",
  rules = {
    "10/customer", "10/proxy", "10/organisation", "10/handler",
    "10/customer_chip", "10/proxy_chip", "10/handler_chip", "10/withheld",
  },
}

article "11.1" {
  zh = "留存期限",
  en = "how long records are kept",
  rules = { "11" },
  process = "retention",
}

article "12.1" {
  zh = "保密，不得泄露、篡改、出售",
  en = "secrecy: no leak, change or sale",
  process = "access",
}

article "13.1" {
  zh = "泄露时立即补救，严重的报告",
  en = "leaks are remedied at once and serious ones reported",
  not_automated = {
    zh = "事件处置由人员完成", en = "people handle incidents",
  },
}

article "14.1" {
  zh = "对代理人的监督管理",
  en = "dealers are supervised, and only able ones register",
  rules = { "14" },
}

article "15.1" {
  zh = "自查和培训",
  en = "self-inspection and training",
  not_automated = {
    zh = "由企业组织", en = "the operator organises it",
  },
}

article "16.1" {
  zh = "监督检查",
  en = "inspections by the regulator",
  process = "audit",
}

article "17.1" {
  zh = "罚则",
  en = "penalties",
  not_automated = {
    zh = "由主管部门处罚", en = "the regulators impose them",
  },
}

article "18.1" {
  zh = "其余条款：法律责任、老用户补登记、施行日期（次序未核对）",
  en = "the rest: liability, earlier customers, the first day (order not confirmed)",
  not_automated = {
    zh = "由人员和主管部门完成", en = "people and regulators see to it",
  },
}
