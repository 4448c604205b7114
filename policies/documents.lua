-- SPDX-License-Identifier: Apache-2.0
-- Every kind of document a customer may put on the counter, accepted or not. Which of them prove an
-- identity is said by each regulation; here stands what they are called, how their numbers are built, how
-- a machine reads them, and how long they are good for. machine: "sdt", the chip of second-generation
-- cards; "emrtd", the chip of ICAO 9303 behind a machine readable zone; "mrz", such a zone alone. terms:
-- years by the holder's age on the first valid day.

-- People: citizens ---------------------------------------------------------------------------------

-- Law on Resident Identity Cards, article 5.
document "resident_id" {
  zh = "居民身份证", en = "resident identity card",
  number = "gb11643", person = true, organisation = false, machine = "sdt", dated = true,
  terms = { [0] = 5, [16] = 10, [26] = 20, [46] = "long_term" },
}

-- Valid for three months, the longest of which have 92 days; it has no chip.
document "temporary_resident_id" {
  zh = "临时居民身份证", en = "temporary resident identity card",
  number = "gb11643", person = true, organisation = false, dated = true, longest_days = 92,
}

-- For citizens living away from where they are registered. It shows their resident number; its validity
-- is endorsed year by year (Interim Regulation on Residence Permits, article 10).
document "residence_permit" {
  zh = "居住证", en = "residence permit",
  number = "gb11643", person = true, organisation = false, dated = true,
}

document "household_register" {
  zh = "户口簿", en = "household register",
  number = "household", person = true, organisation = false,
}

-- Passport Law, article 7.
document "prc_passport" {
  zh = "中华人民共和国护照", en = "passport of the People's Republic of China",
  number = "passport_cn", person = true, organisation = false, machine = "emrtd", dated = true,
  terms = { [0] = 5, [16] = 10 },
}

-- The same booklet in the hands of a citizen who has settled abroad and has no resident card.
document "overseas_passport" {
  zh = "定居国外中国公民的护照", en = "passport of a Chinese citizen settled abroad",
  number = "passport_cn", person = true, organisation = false, machine = "emrtd", dated = true,
  terms = { [0] = 5, [16] = 10 },
}

document "hk_macau_exit_permit" {
  zh = "往来港澳通行证", en = "mainland resident's permit to visit Hong Kong and Macau",
  number = "hk_macau_exit_permit", person = true, organisation = false, machine = "emrtd", dated = true,
  terms = { [0] = 5, [16] = 10 },
}

document "driver_licence" {
  zh = "机动车驾驶证", en = "driving licence",
  number = "gb11643", person = true, organisation = false, dated = true,
}

document "social_security_card" {
  zh = "社会保障卡", en = "social security card",
  number = "gb11643", person = true, organisation = false,
}

-- Numbers of military and police cards have no public form.
document "military_id" {
  zh = "军人身份证件", en = "military identity document",
  number = "free", person = true, organisation = false, dated = true,
}

document "police_id" {
  zh = "人民武装警察身份证件", en = "armed police identity document",
  number = "free", person = true, organisation = false, dated = true,
}

-- People: Hong Kong, Macau, Taiwan -----------------------------------------------------------------

document "hk_macau_permit" {
  zh = "港澳居民来往内地通行证", en = "mainland travel permit for Hong Kong and Macau residents",
  number = "hk_macau_permit", person = true, organisation = false, machine = "emrtd", dated = true,
  terms = { [0] = 5, [18] = 10 },
}

document "taiwan_permit" {
  zh = "台湾居民来往大陆通行证", en = "mainland travel permit for Taiwan residents",
  number = "taiwan_permit", person = true, organisation = false, machine = "emrtd", dated = true,
  terms = { [0] = 5 },
}

-- State Council Office, document 81 of 2018.
document "hmt_residence_permit" {
  zh = "港澳台居民居住证", en = "residence permit for Hong Kong, Macau and Taiwan residents",
  number = "gb11643_hmt", person = true, organisation = false, machine = "sdt", dated = true,
  terms = { [0] = 5 },
  since = "2018-09-01",
}

-- What the two regions and Taiwan issue proves an identity elsewhere; here the permit does.
document "hk_macau_passport" {
  zh = "香港、澳门特别行政区护照", en = "passport of Hong Kong or Macau",
  number = "passport_hk_macau", person = true, organisation = false, machine = "emrtd", dated = true,
}

document "taiwan_passport" {
  zh = "台湾居民护照", en = "Taiwan passport",
  number = "passport_taiwan", person = true, organisation = false, machine = "emrtd", dated = true,
}

document "hk_identity_card" {
  zh = "香港居民身份证", en = "Hong Kong identity card",
  number = "free", person = true, organisation = false,
}

document "macau_identity_card" {
  zh = "澳门居民身份证", en = "Macau identity card",
  number = "free", person = true, organisation = false,
}

document "taiwan_identity_card" {
  zh = "台湾身份证", en = "Taiwan identity card",
  number = "free", person = true, organisation = false,
}

-- People: travellers and foreigners ----------------------------------------------------------------

-- What embassies and border offices issue in place of a passport or permit.
document "travel_document" {
  zh = "其他有效旅行证件", en = "other travel document",
  number = "free", person = true, organisation = false, machine = "mrz", dated = true,
}

document "passport" {
  zh = "外国公民护照", en = "foreign passport",
  number = "passport", person = true, organisation = false, machine = "emrtd", dated = true,
}

document "permanent_residence" {
  zh = "外国人永久居留身份证", en = "foreigner's permanent residence card",
  number = "foreigner", person = true, organisation = false, machine = "sdt", dated = true,
  terms = { [0] = 5, [18] = 10 },
}

-- Organisations ------------------------------------------------------------------------------------

-- State Council, document 33 of 2015.
document "uscc" {
  zh = "统一社会信用代码证书", en = "certificate of the unified social credit code",
  number = "uscc", person = false, organisation = true, since = "2015-10-01",
}

document "business_licence" {
  zh = "营业执照", en = "business licence",
  number = "licence15", person = false, organisation = true,
}

document "institution_certificate" {
  zh = "行政、事业单位法人证书", en = "certificate of a public institution",
  number = "institution", person = false, organisation = true, dated = true,
}

document "association_certificate" {
  zh = "社会团体法人登记证书", en = "registration certificate of an association",
  number = "association", person = false, organisation = true, dated = true,
}

document "private_institution_certificate" {
  zh = "民办非企业单位登记证书", en = "registration certificate of a private non-enterprise unit",
  number = "association", person = false, organisation = true, dated = true,
}

document "foundation_certificate" {
  zh = "基金会法人登记证书", en = "registration certificate of a foundation",
  number = "association", person = false, organisation = true, dated = true,
}

document "religious_venue_certificate" {
  zh = "宗教活动场所登记证", en = "registration certificate of a religious venue",
  number = "free", person = false, organisation = true,
}

document "law_firm_licence" {
  zh = "律师事务所执业许可证", en = "practice licence of a law firm",
  number = "free", person = false, organisation = true,
}

document "organisation_code" {
  zh = "组织机构代码证", en = "organisation code certificate",
  number = "gb11714", person = false, organisation = true, dated = true,
}
