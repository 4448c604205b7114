-- SPDX-License-Identifier: Apache-2.0
-- The register of the announcement. The official
-- text is not at hand here, so there are no digests: this says what is known of it and what sees to it.

register {
  regulation = "cn/2024-hk-macau", text = "not at hand", checked = "2026-11-25",
  source = {
    zh = "国家移民管理局2024年7月1日公告",
    en = "the announcement of 2024-07-01",
  },
}

article "1.1" {
  zh = "向非中国籍港澳永久性居民签发通行证",
  en = "travel permits for permanent residents who are not Chinese",
  rules = { "1" },
}
