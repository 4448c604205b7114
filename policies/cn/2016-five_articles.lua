-- SPDX-License-Identifier: Apache-2.0
-- The register of item 4 of the notice. The official
-- text is not at hand here, so there are no digests: this says what is known of it and what sees to it.

register {
  regulation = "cn/2016-five", text = "extract", checked = "2026-11-25",
  source = {
    zh = "2016年9月23日六部门通告的公开抄本",
    en = "public copies of the notice of 2016-09-23",
  },
}

article "4.1" {
  zh = "实名全覆盖；同一用户达到五张的不得开办新卡",
  en = "all numbers registered; five of an operator are the limit",
  rules = { "4" },
}
