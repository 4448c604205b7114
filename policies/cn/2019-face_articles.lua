-- SPDX-License-Identifier: Apache-2.0
-- The register of the notice on comparing faces. The official
-- text is not at hand here, so there are no digests: this says what is known of it and what sees to it.

register {
  regulation = "cn/2019-face", text = "extract", checked = "2026-11-25",
  source = {
    zh = "工业和信息化部2019年9月发布的说明",
    en = "what the ministry published in September 2019",
  },
}

article "1.1" {
  zh = "人像比对一致后方可办理入网手续",
  en = "registered only when the faces match",
  rules = { "1/customer", "1/proxy", "1/handler" },
}

article "2.1" {
  zh = "协议条款禁止二次转售",
  en = "contracts forbid resale",
  not_automated = {
    zh = "由企业的服务协议约定", en = "the operator's contracts say it",
  },
}

article "3.1" {
  zh = "向用户提供名下号码查询",
  en = "customers may ask which numbers are theirs",
  not_automated = {
    zh = "由企业查询系统提供", en = "the operator's own service answers",
  },
}
