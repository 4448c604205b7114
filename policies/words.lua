-- SPDX-License-Identifier: Apache-2.0
-- What rules may say, in Chinese and English, beside needing a fact.

word "guardian.of_age" { kind = "need", zh = "监护人须为成年人", en = "a guardian who is of age" }
word "proxy.of_age" { kind = "need", zh = "受托人须为成年人", en = "a proxy who is of age" }

-- A refusal tells what article 32 of the 2022 law against telecom fraud asks for: the reason, what lifts
-- it, which papers that takes, and where to object.
local function refusal(name)
  return function(it)
    word(name) {
      kind = "refuse",
      zh = it.zh .. "。解除办法和所需材料：" .. it.lift_zh .. "。有异议的，可向本企业客服申请复核，或者向12300申诉",
      en = it.en .. ". To lift it: " .. it.lift_en .. ". To object: this operator's customer service, then 12300",
    }
  end
end

refusal "regulation.none_in_force" {
  zh = "该地区在该日没有有效的登记规定", en = "no regulation is in force for this region on this day",
  lift_zh = "由本企业核对办理地区和日期", lift_en = "the operator checks the region and the day",
}
refusal "operation.unknown" {
  zh = "不属于规定的入网业务", en = "not an operation the law knows",
  lift_zh = "选择规定的入网业务重新办理", lift_en = "choose an operation the law knows",
}
refusal "document.forged" {
  zh = "证件系伪造", en = "the document is forged",
  lift_zh = "本人的有效证件原件", lift_en = "the holder's own valid document, the original",
}
refusal "document.altered" {
  zh = "证件系变造", en = "the document was altered",
  lift_zh = "本人的有效证件原件；证件损坏的，先向发证机关换领",
  lift_en = "the holder's own valid document; a damaged one is replaced by its issuer first",
}
refusal "document.borrowed" {
  zh = "冒用他人证件", en = "the document is somebody else's",
  lift_zh = "由证件持有人本人办理，或者出示本人的有效证件",
  lift_en = "its holder comes, or the person present brings a document of their own",
}
refusal "document.chip_failed" {
  zh = "证件芯片数据未通过校验", en = "the data on the document's chip did not verify",
  lift_zh = "持证件到发证机关核验，凭换领的证件办理", lift_en = "the issuer examines the card; come with its replacement",
}
refusal "document.not_genuine" {
  zh = "证件芯片上的数据不是签发时所签，证件不真实",
  en = "the data on the document's chip are not those that were signed: the document is not genuine",
  lift_zh = "持证件到发证机关核验，凭换领的证件办理", lift_en = "the issuer examines the document; come with its replacement",
}
refusal "document.not_of_holder" {
  zh = "公安机关核实：证件与身份不符", en = "public security says the document and the person differ",
  lift_zh = "持居民身份证、户口簿到户籍地派出所更正后重新办理",
  lift_en = "have the police station of the household register correct it, with identity card and register",
}
refusal "document.withheld" {
  zh = "拒绝提供有效证件", en = "a document is refused",
  lift_zh = "出示有效证件", lift_en = "show a valid document",
}
refusal "information.withheld" {
  zh = "拒绝提供真实身份信息", en = "identity information is refused",
  lift_zh = "提供证件上的真实身份信息", lift_en = "tell what the document says",
}
refusal "face.mismatch" {
  zh = "人像比对不一致", en = "the face is not the one on the document",
  lift_zh = "由证件持有人本人到场重新比对；容貌变化较大的，先换领证件",
  lift_en = "the holder of the document comes; whoever has changed much has the document renewed first",
}
refusal "numbers.too_many" {
  zh = "在本企业已有五个移动电话号码", en = "five mobile numbers of this operator are held already",
  lift_zh = "持有效证件到营业厅注销或者过户不用的号码；名下有不知情号码的，当场提出异议",
  lift_en = "end or transfer numbers with a valid document; numbers one does not know of are disputed on the spot",
}
refusal "dealer.no_contract" {
  zh = "与代理商没有生效的书面约定", en = "no written contract with the dealer is in force",
  lift_zh = "到本企业营业厅或者其他代理点办理，材料不变", lift_en = "go to the operator or another dealer with the same papers",
}
refusal "dealer.not_able" {
  zh = "代理商不能满足登记和保护要求", en = "the dealer cannot register and protect as required",
  lift_zh = "到本企业营业厅或者其他代理点办理，材料不变", lift_en = "go to the operator or another dealer with the same papers",
}

word "public_security" { kind = "report", zh = "公安机关", en = "public security" }
word "regulator" { kind = "report", zh = "通信主管部门", en = "the telecommunications regulator" }

word "retain" {
  kind = "oblige", zh = "服务期间及终止后二年内留存", en = "keep during the service and for two years after it ends",
}
word "explain_refusal" {
  kind = "oblige",
  zh = "不予办理的，告知原因、解除办法、需要提交的材料和申诉渠道",
  en = "whoever is refused is told why, what lifts it, which papers that takes and where to object",
}
