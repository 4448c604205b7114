-- SPDX-License-Identifier: Apache-2.0
-- The register of the law against telecom fraud, as far as it concerns telephone cards. The official
-- text is not at hand here, so there are no digests: this says what is known of it and what sees to it.

register {
  regulation = "cn/2022-fraud", text = "extract", checked = "2026-11-25",
  source = {
    zh = "法律文本的公开抄本",
    en = "public copies of the law",
  },
}

article "9.1" {
  zh = "电话用户真实身份登记",
  en = "real identities are registered",
  process = "registration",
}

article "10.1" {
  zh = "开卡数量限制",
  en = "a limit on telephone cards",
  rules = { "10.1" },
}

article "10.2" {
  zh = "异常办卡加强核查或者拒绝",
  en = "unusual requests are looked at harder, or refused",
  not_automated = {
    zh = "由企业风险系统识别", en = "the operator's risk system finds them",
  },
}

article "11.1" {
  zh = "涉诈异常用户重新核验",
  en = "suspicious customers are checked again",
  not_automated = {
    zh = "由企业按风险等级组织", en = "the operator does it by level of risk",
  },
}

article "12.1" {
  zh = "物联网卡",
  en = "cards for things",
  not_automated = {
    zh = "物联网卡不在本网关办理", en = "such cards are not sold through this gateway",
  },
}

article "31.1" {
  zh = "不得买卖、出租、出借电话卡",
  en = "cards are not sold, rented or lent",
  not_automated = {
    zh = "发现后由公安机关认定", en = "public security finds out",
  },
}

article "32.1" {
  zh = "限制措施的告知、救济和解除",
  en = "restrictions are explained, can be objected to, and are lifted",
  rules = { "32" },
}

article "33.1" {
  zh = "国家网络身份认证公共服务",
  en = "the national network identity service",
  not_automated = {
    zh = "可以作为核验服务插件接入", en = "it may be attached as a verifier",
  },
}
