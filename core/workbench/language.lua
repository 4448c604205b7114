---@meta
-- SPDX-License-Identifier: Apache-2.0
-- The language of policies, for editors: what each kind of file declares and what rules may say.
-- docs/policies.md explains it. The vocabulary's own names are in vocabulary.lua beside this file.

---@class policy.texts
---@field zh string
---@field en string

-- documents.lua ------------------------------------------------------------------------------------

---@class policy.document : policy.texts
---@field number policy.number_format how its number is built
---@field person boolean a person may bring it
---@field organisation boolean an organisation may bring it
---@field machine? "none"|"sdt"|"emrtd"|"mrz" how a machine reads it: by its chip ("sdt", "emrtd"), by its print
---@field dated? boolean it carries a last valid day
---@field longest_days? integer valid for at most so many days
---@field terms? table<integer, integer|"long_term"> years it is valid, by the holder's age on its first valid day
---@field since? string none was issued before this day: "2018-09-01"

---A kind of document anybody may bring, accepted or not.
---@param type string
---@return fun(it: policy.document)
function document(type) end

-- vocabulary.lua -----------------------------------------------------------------------------------

---@class policy.fact : policy.texts
---@field values (boolean|integer|string)[] all it can be; integers from the smallest up
---@field source "form"|"card"|"evidence"|"service"|"registry" who is asked when it is not known
---@field service? string the service, when the source is one
---@field registry? string the registry, when the source is one
---@field of? "customer"|"proxy"|"guardian"|"handler"|"organisation" the person it is about
---@field keeps? true|(boolean|integer|string)[] answers that stay when the case is decided again
---@field from? fun(field: policy.field): boolean|integer|string|nil how it follows from the fields
---@field example? fun(value: boolean|integer|string, want: fun(name: string): any): table|nil the way back: made-up fields
---@field plain? boolean|integer|string what it is in a plain case

---A field of the application: a text, a boolean, a whole number, a date as days since 1970-01-01, or nil.
---@alias policy.field fun(name: string): any

---What a rule may know: one of a few values, free of personal data.
---@param name string
---@return fun(it: policy.fact)
function fact(name) end

---@class policy.word : policy.texts
---@field kind "need"|"refuse"|"report"|"oblige"

---What a rule may say.
---@param name string
---@return fun(it: policy.word)
function word(name) end

---The day of the case, as days since 1970-01-01; inside `from` only.
---@type integer
day = 0

---A day as days since 1970-01-01.
---@param text string "2026-01-31"
---@return integer
function date(text) end

---Completed years on the day of the case; inside `from` only.
---@param born integer
---@return integer
function age(born) end

---The day so many years before the day of the case; inside `from` only.
---@param years integer
---@return integer
function years_before(years) end

---@class policy.number
---@field verdict "ok"|"length"|"character"|"check_digit"|"date"|"region"|"category"|"retired"|"unsuitable"
---@field normal? string
---@field same? string equal for one holder across renewals
---@field birth? integer days since 1970-01-01
---@field sex? "male"|"female"
---@field region? string
---@field nationality? string
---@field warnings integer

---What a document number says; inside `from` only.
---@param format policy.number_format
---@param text string
---@return policy.number
function number(format, text) end

---@class policy.number_wish
---@field kind? "good"|"wrong"|"retired"|"unsuitable"
---@field birth? integer
---@field sex? "male"|"female"

---A made-up number that nobody has, or nil when the format has none; inside `example` only.
---@param format policy.number_format
---@param wish policy.number_wish
---@return string|nil
function number_example(format, wish) end

-- A regulation -------------------------------------------------------------------------------------

---@class policy.regulation
---@field id string "cn-54/2018", the file's own place
---@field region string the first digits of its region codes; "" is the nation
---@field title policy.texts
---@field from string its first day
---@field until? string the first day it is no longer in force; written ["until"]
---@field published? string
---@field pending? "decided"|"begun" which day of a case `from` is compared with
---@field repeals? string
---@field order? string

---The head of a regulation's file.
---@param it policy.regulation
function regulation(it) end

---@class policy.rule : policy.texts
---@field applies? fun(case: policy.case): boolean|nil whether the rule is about this case
---@field check fun(case: policy.case) says what is needed, refused, reported, obliged
---@field replaces? string a rule of a regulation earlier in the stack: "cn/2013#6"
---@field bites_from? string before this day it only warns

---One paragraph: "6.3", or "9.2/proxy" where it has several rules.
---@param paragraph string
---@return fun(it: policy.rule)
function rule(paragraph) end

---This must still be provided.
---@param what policy.need
function need(what) end

---The registration ends here.
---@param reason policy.refusal
function refuse(reason) end

---Somebody must be told, whatever else happens.
---@param it { to: policy.recipient, within: string? } within: "30m", "24h", "3d"
function report(it) end

---What follows from the registration: oblige "retain", oblige { "notify", within = "24h" }.
---@param what policy.obligation|{ [1]: policy.obligation, within: string? }
function oblige(what) end

-- processes.lua and the register of articles -------------------------------------------------------

---@class policy.process : policy.texts
---@field where string[] verbs "shiming …", calls "GET /…", files of core/ or tests/

---What the software does for the law beside its rules.
---@param name string
---@return fun(it: policy.process)
function process(name) end

---@class policy.register
---@field regulation string
---@field text "at hand"|"not at hand"|"extract" whether the official text was, and whether it is the whole law
---@field checked string the day somebody last held the register to it
---@field source policy.texts where the text was taken from

---The head of a register.
---@param it policy.register
function register(it) end

---@class policy.article : policy.texts
---@field digest? string of the official text: "sha256:…"
---@field rules? string[] rules of this regulation that carry it out
---@field process? string a process of processes.lua
---@field not_automated? policy.texts why it, or the rest of it, is left to people

---An article's paragraph, "6.3", or an item of one, "7.1/2".
---@param number string
---@return fun(it: policy.article)
function article(number) end

-- Properties ---------------------------------------------------------------------------------------

---@class policy.never
---@field zh? string
---@field when fun(case: policy.case, decision: policy.decided): boolean what must never be

---@class policy.always
---@field zh? string
---@field when? fun(case: policy.case, decision: policy.decided): boolean in which cases
---@field holds fun(case: policy.case, decision: policy.decided): boolean what must be so in them

---The decision as properties ask it: decision.needs["guardian.present"] is true or false.
---@class policy.decided
---@field verdict "accepted"|"incomplete"|"refused"
---@field needs table<policy.need, boolean>
---@field refuses table<policy.refusal, boolean>
---@field reports table<policy.recipient, boolean>
---@field obliges table<policy.obligation, boolean>
---@field warns table<string, boolean>
---@field rules table<string, boolean>

---What must never come of a case; its name is a sentence.
---@param name string
---@return fun(it: policy.never)
function never(name) end

---What must always come of a case; its name is a sentence.
---@param name string
---@return fun(it: policy.always)
function always(name) end

-- Tests --------------------------------------------------------------------------------------------

---@class policy.decision
---@field verdict "accepted"|"incomplete"|"refused"
---@field need policy.need[]
---@field refuse policy.refusal[]
---@field report policy.recipient[]
---@field oblige policy.obligation[]
---@field warn string[]
---@field ask string[]
---@field rules string[]

---@class policy.expected
---@field verdict? "accepted"|"incomplete"|"refused"
---@field need? policy.need[]
---@field refuse? policy.refusal[]
---@field report? policy.recipient[]
---@field oblige? policy.obligation[]
---@field warn? string[]
---@field ask? string[]
---@field rules? string[]

---@class policy.options
---@field on? string the day of the case
---@field begun? string the day it began
---@field region? string six digits
---@field stack? string[] the regulations in force together
---@field answers? table<string, boolean|integer|string> what services and registries say

---A test; its name is a sentence.
---@param name string
---@param run fun()
function test(name, run) end

---Decide over facts, as nested tables or under dotted names.
---@param facts table
---@param options? policy.options
---@return policy.decision
function decide(facts, options) end

---Decide over fields, from which the facts are derived.
---@param fields table<string, boolean|integer|string>
---@param options? policy.options
---@return policy.decision
function apply(fields, options) end

---A deep copy of a, with b laid over it.
---@param a table
---@param b table
---@return table
function with(a, b) end

---Every key named must be equal; lists in any order.
---@param decision policy.decision
---@param expected policy.expected
function expect(decision, expected) end

---@param decision policy.decision
---@param what policy.need
function expect_need(decision, what) end

---@param decision policy.decision
---@param reason policy.refusal
function expect_refuse(decision, reason) end

---@param decision policy.decision
---@param what string
function expect_warn(decision, what) end

---No effect says this.
---@param decision policy.decision
---@param what string
function expect_no(decision, what) end

---@param decision policy.decision
---@param id string "cn-54/2018#6.3"
function expect_rule(decision, id) end

---@param decision policy.decision
---@param id string
function expect_no_rule(decision, id) end
