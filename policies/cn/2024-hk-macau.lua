-- SPDX-License-Identifier: Apache-2.0
-- Permanent residents of Hong Kong and Macau who are not Chinese may hold a mainland travel permit (number
-- HA or MA and seven digits), which is a document from this day on.

regulation {
  id = "cn/2024-hk-macau", region = "", published = "2024-07-01", from = "2024-07-10",
  title = {
    zh = "关于便利港澳永久性居民中的非中国籍人员来往内地的公告",
    en = "Announcement of Travel Permits for Permanent Residents of Hong Kong and Macau Who Are Not Chinese",
  },
  order = "中华人民共和国出入境管理局公告",
}

local function is_entry(case) return case.operation ~= "mobile.replace" end -- cn/2013#3

local shows = {
  customer = function(case) return case.customer.kind == "person" end,
  proxy = function(case) return case.proxy.given end,
  handler = function(case) return case.customer.kind == "organisation" end,
}

rule "1" {
  replaces = "cn/2013#7.5/hk_macau",
  zh = "港澳居民来往内地通行证（非中国籍）在有效期内可证明身份",
  en = "a valid permit of this kind proves its holder's identity",
  applies = is_entry,
  check = function(case)
    for _, who in ipairs { "customer", "proxy", "handler" } do
      if shows[who](case) and case[who].document.edition == "hk_macau_2024" then
        if case[who].document.validity ~= "valid" then need(who .. ".document.validity") end
      end
    end
  end,
}
