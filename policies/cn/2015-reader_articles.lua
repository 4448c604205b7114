-- SPDX-License-Identifier: Apache-2.0
-- The register of the campaign against unregistered cards, as far as it concerns registration. The official
-- text is not at hand here, so there are no digests: this says what is known of it and what sees to it.

register {
  regulation = "cn/2015-reader", text = "extract", checked = "2026-11-25",
  source = {
    zh = "2015年1月新闻通气会后各媒体刊载的方案文本",
    en = "the plan as printed by newspapers after the press meeting of January 2015",
  },
}

article "1.1" {
  zh = "实体渠道配备身份证识别设备，系统自动录入",
  en = "shops have card readers, and the system enters what the card says",
  rules = { "1/customer", "1/proxy", "1/handler" },
}

article "2.1" {
  zh = "联网核验用户身份信息",
  en = "identities are checked online",
  rules = { "2/customer", "2/proxy", "2/handler" },
  process = "verification",
}

article "3.1" {
  zh = "代理渠道标识、黑名单、老用户补登记",
  en = "marks and a deny list for dealers, catching up with earlier customers",
  not_automated = {
    zh = "由企业组织", en = "the operator organises it",
  },
}
