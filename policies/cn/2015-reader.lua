-- SPDX-License-Identifier: Apache-2.0
-- The campaign against "black" telephone cards: from September 2015 every shop reads resident cards with a
-- reader, the system enters what the card says, and the identity is checked online. A shop without a
-- reader opens nothing on a resident card.

regulation {
  id = "cn/2015-reader", region = "", published = "2015-01-05", from = "2015-09-01",
  title = {
    zh = "电话“黑卡”治理专项行动：身份证识别设备与联网核验",
    en = "Campaign against Unregistered Telephone Cards: Card Readers and Online Checks",
  },
  order = "工业和信息化部、公安部、工商总局《电话“黑卡”治理专项行动工作方案》",
}

local function is_entry(case) return case.operation ~= "mobile.replace" end -- cn/2013#3

-- Whose resident card is shown. The plan speaks of the customer's own; whoever acts for the customer shows
-- a card for the same purpose, so it is read as well.
local shows_card = {
  customer = function(case)
    return is_entry(case) and case.customer.kind == "person" and case.customer.document.type == "resident_id"
  end,
  proxy = function(case)
    return is_entry(case) and case.proxy.given and case.proxy.document.type == "resident_id"
  end,
  handler = function(case)
    return is_entry(case) and case.customer.kind == "organisation" and case.handler.document.type == "resident_id"
  end,
}

-- A check that could not be made, or that found nobody, is not a check: it is made again later. Only an
-- answer that the identity is another's ends the registration.
for _, who in ipairs { "customer", "proxy", "handler" } do
  rule("1/" .. who) {
    zh = "使用身份证识别设备核验居民身份证，由系统自动录入",
    en = "a resident card is read by a reader, not typed",
    applies = shows_card[who],
    check = function(case)
      if case[who].document.origin ~= "chip" then need(who .. ".document.origin") end
    end,
  }

  rule("2/" .. who) {
    zh = "联网核验身份信息",
    en = "the identity on a resident card is checked online",
    applies = function(case) return shows_card[who](case) and case[who].document.number == "good" end,
    check = function(case)
      local verified = case[who].verified
      if verified == "mismatch" then return refuse "document.not_of_holder" end
      if verified ~= "match" then need(who .. ".verified") end
    end,
  }
end
