-- SPDX-License-Identifier: Apache-2.0
-- Article 11: a report arrives, however long its recipient is away, and nobody else waits for it.

local function forged(s, n)
  return s:register {
    operation = "mobile.open", number = "+86139890" .. tostring(10000 + n),
    customer = with(person {}, { kind = "person", work_unit = "无", document = { examined = "forged" } }),
    evidence = s:photos { document = { "customer" }, face = { "customer" } },
  }
end

scenario "public security is away for a week: every report arrives, once and in order, and nobody else's waits" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    local ids = {}
    s:recipient("public-security", { down = "168h" })
    for day = 1, 7 do
      for n = 1, 3 do
        local d = forged(s, day * 10 + n)
        expect(d, { verdict = "refused", report = { "public_security" } })
        ids[#ids + 1] = d.id
      end
      local refuses = s:register { operation = "mobile.open", customer = { kind = "person", refuses = "document" } }
      expect(refuses, { report = { "regulator" } })
      expect(#s:reports "regulator", day)
      s:wait "23h"
    end
    expect(#s:reports "public-security", 0)
    s:wait "8h"
    local reports = s:reports "public-security"
    expect(#reports, #ids)
    for i, id in ipairs(ids) do expect(reports[i].registration, id) end
    -- It was back at ten; the longest pause is a minute.
    expect(reports[#reports].arrived < "2026-03-09T02:02:00.000Z", true)
    s:wait "24h"
    expect(#s:reports "public-security", #ids)
  end,
}

scenario "a recipient that is away for a day, and a gateway that crashes meanwhile" {
  article = "cn-54/2018#11.1", at = "2026-03-02 10:00", policies = { "cn/2013", "cn-54/2018" },
  run = function(s)
    s:recipient("public-security", { down = "24h" })
    local first = forged(s, 1).id
    s:wait "10h"
    s:crash()
    local second = forged(s, 2).id
    s:wait "15h"
    expect(s:reports "public-security", { { registration = first }, { registration = second } })
  end,
}
