-- SPDX-License-Identifier: Apache-2.0
-- The new permanent residence card of foreigners ("five-star card", 18 digits) is a document from this day
-- on. Cards of the form before it stay good until they end.

regulation {
  id = "cn/2023-foreigner", region = "", published = "2023-09-15", from = "2023-12-01",
  title = {
    zh = "关于启用新版外国人永久居留身份证的公告",
    en = "Announcement of the New Permanent Residence Card of Foreigners",
  },
  order = "国家移民管理局公告",
}

local function is_entry(case) return case.operation ~= "mobile.replace" end -- cn/2013#3

local shows = {
  customer = function(case) return case.customer.kind == "person" end,
  proxy = function(case) return case.proxy.given end,
  handler = function(case) return case.customer.kind == "organisation" end,
}

rule "1" {
  replaces = "cn/2013#7.5/foreigner",
  zh = "新版外国人永久居留身份证在有效期内可单独证明身份",
  en = "a valid new card proves its holder's identity by itself",
  applies = is_entry,
  check = function(case)
    for _, who in ipairs { "customer", "proxy", "handler" } do
      if shows[who](case) and case[who].document.edition == "foreigner_2023" then
        if case[who].document.validity ~= "valid" then need(who .. ".document.validity") end
      end
    end
  end,
}
