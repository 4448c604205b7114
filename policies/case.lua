-- SPDX-License-Identifier: Apache-2.0
-- What rules may know of the case itself: what is done, where and through whom. Who comes and what they bring:
-- vocabulary.lua.

local function is_written(text) return text ~= nil and text ~= "" end

-- What is done -------------------------------------------------------------------------------------

local operations = {
  "fixed.install", "fixed.relocate", "fixed.transfer",
  "mobile.open", "mobile.replace", "mobile.transfer", "unknown",
}

fact "operation" {
  values = operations,
  source = "form", keeps = true, plain = "mobile.open",
  zh = "办理的业务", en = "the operation",
  from = function(field)
    local asked = field "operation"
    if asked == nil then return nil end
    for _, operation in ipairs(operations) do
      if asked == operation then return operation end
    end
    return "unknown"
  end,
  example = function(value) return { operation = value } end,
}

fact "install_address" {
  values = { true, false }, source = "form",
  zh = "固定电话的安装地址", en = "the address where the line is installed",
  from = function(field) return is_written(field "install_address") end,
  example = function(wanted, want)
    local fields, operation = wanted and { install_address = "示例路1号" } or {}, want "operation"
    if want "install_address" ~= nil then return fields end
    fields.operation = operation ~= nil and string.sub(operation, 1, 6) == "fixed." and operation or "fixed.install"
    return fields
  end,
}

-- What this operator's registrations say: mobile numbers opened by or transferred to the holder of the
-- document, whose service has not ended.
fact "customer.numbers_held" {
  values = { 0, 4, 5 }, source = "registry", registry = "numbers.held", of = "customer",
  zh = "客户在本企业已有的移动电话号码数", en = "how many mobile numbers of this operator the customer has",
}

-- Whoever stands at the counter refuses for the customer.
fact "customer.refuses" {
  values = { "no", "document", "information" }, source = "form",
  zh = "客户是否拒绝提供证件或身份信息", en = "whether the customer refuses a document or information",
  from = function(field)
    for _, who in ipairs { "customer", "proxy", "guardian", "organisation", "handler" } do
      local said = field(who .. ".refuses")
      if said == "information" then return said end
      if said ~= nil and said ~= "" and said ~= "no" then return "document" end
    end
    return "no"
  end,
  example = function(value) return value == "no" and {} or { ["customer.refuses"] = value } end,
}

-- Channels and dealers -----------------------------------------------------------------------------

-- The gateway knows its own staff from a dealer's, so what is not a dealer's is the operator's own.
fact "channel.kind" {
  values = { "own", "dealer" }, source = "form", keeps = true,
  zh = "办理渠道", en = "the channel",
  from = function(field)
    if field "channel.kind" == "dealer" then return "dealer" end
    return is_written(field "channel.dealer") and "dealer" or "own"
  end,
  example = function(value)
    if value == "own" then return { ["channel.kind"] = "own" } end
    return { ["channel.kind"] = "dealer", ["channel.dealer"] = "D-1" }
  end,
}

fact "channel.disclosed" {
  values = { true, false }, source = "form",
  zh = "已向客户表明代理商身份", en = "the dealer having told the customer that it is one",
  from = function(field) return field "channel.disclosed" == true end,
  -- A disclosure brings a dealer, unless it is settled whether one deals.
  example = function(wanted, want)
    if not wanted then return {} end
    if want "channel.disclosed" ~= nil and want "channel.kind" ~= nil then return { ["channel.disclosed"] = true } end
    return { ["channel.kind"] = "dealer", ["channel.dealer"] = "D-1", ["channel.disclosed"] = true }
  end,
}

fact "dealer.contract" {
  values = { "in_force", "expired", "not_yet", "none" },
  source = "registry", registry = "dealer.contract",
  zh = "与代理商的书面约定", en = "the written contract with the dealer",
}

fact "dealer.able" {
  values = { true, false }, source = "registry", registry = "dealer.able",
  zh = "代理商能否满足登记和保护要求", en = "whether the dealer can register and protect as required",
}
