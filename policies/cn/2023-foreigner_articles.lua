-- SPDX-License-Identifier: Apache-2.0
-- The register of the announcement. The official
-- text is not at hand here, so there are no digests: this says what is known of it and what sees to it.

register {
  regulation = "cn/2023-foreigner", text = "not at hand", checked = "2026-11-25",
  source = {
    zh = "国家移民管理局2023年9月15日新闻发布会",
    en = "the press meeting of the National Immigration Administration on 2023-09-15",
  },
}

article "1.1" {
  zh = "新版证件启用；原证件继续有效",
  en = "the new card is in use, the old one stays good",
  rules = { "1" },
}
