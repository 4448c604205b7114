-- SPDX-License-Identifier: Apache-2.0
-- The register of the measures on face recognition, as far as they concern a registration. The official
-- text is not at hand here, so there are no digests: this says what is known of it and what sees to it.

register {
  regulation = "cn/2025-face", text = "extract", checked = "2026-11-25",
  source = {
    zh = "国家互联网信息办公室、公安部令第19号的公开抄本",
    en = "public copies of order 19",
  },
}

article "4.1" {
  zh = "特定目的、影响最小、严格保护",
  en = "for a purpose, with the least effect, well protected",
  process = "sealing",
}

article "10.1" {
  zh = "不得作为唯一验证方式，提供其他合理方式",
  en = "not the only way; others are offered",
  rules = { "10/customer", "10/proxy", "10/handler" },
}

article "15.1" {
  zh = "人脸信息达到十万人的备案",
  en = "filing when 100,000 faces are kept",
  not_automated = {
    zh = "由企业办理备案", en = "the operator files it",
  },
}
