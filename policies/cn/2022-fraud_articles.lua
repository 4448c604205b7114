-- SPDX-License-Identifier: Apache-2.0
-- The register of the law against telecom fraud, as far as it concerns telephone cards.

register {
  regulation = "cn/2022-fraud", text = "extract", checked = "2026-11-25",
  source = {
    zh = "法律全文的公开抄本（LawRefBook/Laws），未与官方文本逐字核对",
    en = "a public copy of the whole law (LawRefBook/Laws), not compared word by word with the official text",
  },
}

article "9.1" {
  zh = "落实电话用户真实身份登记",
  en = "real identities are registered",
  digest = "sha256:718a0e20fa98dcce2aa990b5eb54128daf29303d9f82ff398f4fd86708742432",
  process = "registration",
}

article "9.2" {
  zh = "对代理商的管理责任，写入协议",
  en = "the operator answers for its dealers, and its contracts say so",
  digest = "sha256:042a88b7d22ed06df6cb962bd964044ecb6ffbee7c26b49d1d109efab90406a0",
  not_automated = {
    zh = "由企业的代理协议约定", en = "the operator's contracts say it",
  },
}

article "10.1" {
  zh = "开卡数量不超过国家限制",
  en = "no more cards than the national limit",
  digest = "sha256:69b3bf7afb1b85dcf2a2faae4ee09920e2933a5f171cc9b40e53c7b0dc739900",
  rules = { "10.1" },
}

article "10.2" {
  zh = "异常办卡加强核查或者拒绝",
  en = "unusual requests are looked at harder, or refused",
  digest = "sha256:ecb94926d014bbd19940f6dc5d9aeb695207b9fab896412ea791f9e346351f47",
  not_automated = {
    zh = "由企业风险系统识别", en = "the operator's risk system finds them",
  },
}

article "10.3" {
  zh = "开卡数量核验机制，查询名下电话卡",
  en = "cards are counted centrally, and customers may ask which are theirs",
  digest = "sha256:ba28658bda30cf6bb5ba794772481934d09e8dca511d435797e5dad0276daf1c",
  not_automated = {
    zh = "由国务院电信主管部门组织", en = "the ministry organises it",
  },
}

article "11.1" {
  zh = "涉诈异常用户重新核验",
  en = "suspicious customers are checked again",
  digest = "sha256:cff9e9fd91ef52899e7e12d698c79e18dc2984009d435f09acf9920201230cfd",
  not_automated = {
    zh = "由企业按风险等级组织", en = "the operator does it by level of risk",
  },
}

article "12.1" {
  zh = "物联网卡：风险评估、登记、限定用途",
  en = "cards for things: risk assessed, registered, bound to a use",
  digest = "sha256:9bf1ca002fe9794f8d71e27d3dabd9d620ddbc634d0e7e3d4f07549000cb185a",
  not_automated = {
    zh = "物联网卡不在本网关办理", en = "such cards are not sold through this gateway",
  },
}

article "12.2" {
  zh = "物联网卡随设备转售：核验登记用户",
  en = "cards for things sold on in devices: their users are checked and registered",
  digest = "sha256:accbfa206a087fd1b19af500346684cc80dd10dfa1f811be06a78ae43b61c665",
  not_automated = {
    zh = "物联网卡不在本网关办理", en = "such cards are not sold through this gateway",
  },
}

article "12.3" {
  zh = "物联网卡使用监测",
  en = "the use of cards for things is watched",
  digest = "sha256:81e8feb8e684b629139a0953fe23e3a587a9fcd047534cfa538ee328539f5f65",
  not_automated = {
    zh = "物联网卡不在本网关办理", en = "such cards are not sold through this gateway",
  },
}

article "31.1" {
  zh = "不得买卖、出租、出借电话卡，不得提供实名核验帮助",
  en = "cards are not sold, rented or lent, nor help given to pass a check",
  digest = "sha256:917336c708ae694a0a889197cca9863a9afe308d2680882e3ba3203197d9911d",
  not_automated = {
    zh = "发现后由公安机关认定", en = "public security finds out",
  },
}

article "31.2" {
  zh = "对相关人员限制入网等措施，可以申诉",
  en = "punished persons may be barred; they may object",
  digest = "sha256:376defd813e31b3fcba1c1ccdccd8747b617a1a7ab259cb5ed92cd396dafc1ff",
  not_automated = {
    zh = "名单由主管部门提供", en = "the departments keep the list",
  },
}

article "32.3" {
  zh = "限制措施：告知原因、救济渠道和资料，可以申诉",
  en = "whoever is restricted is told the reason, the remedy and the papers, and may object",
  digest = "sha256:a5f5d732a1a81cf3d11f0782912b04470b4aae8eecc162263ec8ec9201de5b8c",
  rules = { "32" },
}

article "33.1" {
  zh = "国家网络身份认证公共服务",
  en = "the national network identity service",
  digest = "sha256:a41e328292259d686b7b5d947767a6b6c283e2ab09c60baaab1d8d5ed0200f92",
  not_automated = {
    zh = "可以作为核验服务插件接入", en = "it may be attached as a verifier",
  },
}
