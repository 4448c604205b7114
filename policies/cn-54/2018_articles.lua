-- SPDX-License-Identifier: Apache-2.0
-- The register of the measures: each article, paragraph and item, what it says in a few words of ours,
-- the digest of its official text, and what sees to it.

register {
  regulation = "cn-54/2018", text = "at hand", checked = "2026-11-25",
  source = {
    zh = "2017年12月5日公布的文本，所用抄本缺少个别标点",
    en = "the text as published on 2017-12-05, from a copy that lacks some punctuation",
  },
}

article "1.1" {
  zh = "立法目的和依据", en = "why the measures were made, and on what legal basis",
  digest = "sha256:19d0bac4002ee534e35858b4b485a95e6c1c40ea42bfae48baa03e5f7fc1b024",
  not_automated = { zh = "说明目的，不设义务", en = "it states a purpose and asks nothing of anybody" },
}

article "2.1" {
  zh = "适用于自治区行政区域", en = "they hold within the region",
  digest = "sha256:4aae6bb9f55a3e481bd0d0e1c9bfdbd33f9cb89579cafac56c6bcd42f9163aff",
  process = "scope",
}

article "3.1" {
  zh = "登记：办理入网时提供证件并如实登记；无线上网卡属移动电话",
  en = "registration: documents shown and identities written down for a new line or number, data cards too",
  digest = "sha256:aa5fe87c3e64a54ffb31ec7c4da0f33efa9bd6fdd2448dff82b072424b089530",
  process = "registration",
}

article "3.2" {
  zh = "入网业务的范围", en = "which operations count",
  digest = "sha256:9435303e2799d72f51f6bd97d6666f8a916ffd6291e394bd0bcc1161bd078a12",
  rules = { "3" },
}

article "3.3" {
  zh = "用户分为单位和个人", en = "a customer is an organisation or a person",
  digest = "sha256:b5f9eca80a6c1c4cae4c80659cf003e61ffb7713d89a0fdcb19c12fef0c2429b",
  process = "registration",
}

article "3.4" {
  zh = "经营者须持有许可证", en = "an operator holds a licence",
  digest = "sha256:d96066043d402770575fe8d15bb5af3fcd20428636f4f502880ddf66846814d3",
  process = "operator",
}

article "4.1" {
  zh = "由自治区通信主管部门监督管理", en = "the region's telecommunications administration supervises",
  digest = "sha256:f6217904f8a7fc967ac84bb188a2b42502141ecb9f8f10a18f5917359f777826",
  not_automated = {
    zh = "监督管理是主管部门的职责，软件尚无其专用账户",
    en = "supervision is the regulator's own task; the software has no account for it yet",
  },
}

article "5.1" {
  zh = "依法登记并保护身份信息", en = "what is registered is protected",
  digest = "sha256:7c185e7dba3b8f417d7fde100d0b39b85c819e648b9e29136dbfe7fe2f1aacf3",
  process = "sealing",
}

article "6.1" {
  zh = "索取有效证件和真实身份信息", en = "a document and true identity information are asked for",
  digest = "sha256:8856daaffc217553689d46f51cec05f96cbdf05c6e64c0c28a40788018cd4575",
  rules = { "6.1" },
}

article "6.2" {
  zh = "委托代办：双方的证件和身份信息", en = "with a proxy: the documents and identities of both",
  digest = "sha256:ea9bdd67b4cbd03e98eb76f293bc68e78bbde985e4ad0ed4a0b37a4fb36f7b62",
  rules = { "6.2", "6.2/age" },
}

article "6.3" {
  zh = "未成年人：监护人到场，户口簿，监护人证件和身份信息",
  en = "a minor: the guardian present, the household register, the guardian's document and identity",
  digest = "sha256:3d8829a668e2e6a2cf3a518949fefb95fa6be14ece8de2762a4f2b642ccb7155",
  rules = { "6.3", "6.3/age", "6.3/register" },
}

article "7.1" {
  zh = "个人的有效证件，任选其一", en = "a person shows one of these documents",
  digest = "sha256:cdb7672f6c1de9b73b316678b8c4c634af52a9c5928e2e2405f820fbc0f96d78",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "7.1/1" {
  zh = "居民身份证、居住证、临时身份证、户口簿",
  en = "resident card, residence permit, temporary resident card, household register",
  digest = "sha256:49f63340cbb88604c8e3d91e46f7494218d98b28e7c3634a1027e3c8a36dfa03",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "7.1/2" {
  zh = "港澳、台湾居民通行证及其他旅行证件",
  en = "permits of Hong Kong, Macau and Taiwan residents, other travel documents",
  digest = "sha256:f2bad4fa2280b5d74d2abdb0a76c0f5c16485bddbbb6557bd1ab85229fa61792",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "7.1/3" {
  zh = "外国人护照", en = "a foreigner's passport",
  digest = "sha256:18bfb6173cee24caa6d4f3679db406ad4ccb4137b8fd287c3af133c530187d30",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "7.1/4" {
  zh = "法律和国家规定的其他身份证件", en = "other identity documents under law",
  digest = "sha256:2df492fcf73fe7f8d1b4691224c9d171a1d2cb1f69d22ee766394e7347932256",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "8.1" {
  zh = "单位的有效证件，任选其一", en = "an organisation shows one of these documents",
  digest = "sha256:9af2507fd03dd738f4c7a5f6abe8102a2d495eee36ffabf2a695cd1e58e52cb4",
  rules = { "8.1" },
}

article "8.1/1" {
  zh = "统一社会信用代码证", en = "the certificate of the unified social credit code",
  digest = "sha256:6ad45672e1967ba9354bb6057c96bea1884908a64eab2064115eb60de3858d8b",
  rules = { "8.1" },
}

article "8.1/2" {
  zh = "营业执照", en = "the business licence",
  digest = "sha256:24f8b0135eb70ea18e82851d29de5e48ac893458c925fee0244c20dc0d22416a",
  rules = { "8.1" },
}

article "8.1/3" {
  zh = "事业单位法人证书、社会团体登记证书", en = "the certificate of an institution or of an association",
  digest = "sha256:71d92be2c2a90e668a09ee84d65534d4d78fbd207bc0ec54096181eb4b2babbe",
  rules = { "8.1" },
}

article "8.1/4" {
  zh = "法律和国家规定的其他证明", en = "other documents under law",
  digest = "sha256:e8e59834167cf5950a71e941b7425760b9bc314b07e4c7338b6aa06b8201fb58",
  rules = { "8.1" },
}

article "8.2" {
  zh = "另须经办人证件、授权书和使用者信息",
  en = "and the handler's document, an authorisation, and who will use the numbers",
  digest = "sha256:961e59c67095a54a23856d0425d5b9c9b933ed7a16ad2b1752d85adeae6adbc8",
  rules = { "8.2" },
}

article "9.1" {
  zh = "查验证件，登记类别、姓名、号码、单位、地址",
  en = "documents are examined; kind, name, number, work unit and addresses are written down",
  digest = "sha256:ae10b011588b39e607f280ba2825f4c83d92bd6a12b405c35c6504f52f9d1500",
  rules = {
    "9.1/customer", "9.1/proxy", "9.1/guardian", "9.1/organisation", "9.1/handler", "9.1/register",
    "9.1/install",
  },
}

article "9.2" {
  zh = "现场采集证件照片和人像照片；代办采集受托人人像",
  en = "document and face are photographed on site; with a proxy, the proxy's face",
  digest = "sha256:aa38339427e9ca2a61768a6a1f2082645fa0128c70a9336de98cd524bf4c2d16",
  rules = { "9.2", "9.2/proxy", "9.2/organisation" },
}

article "10.1" {
  zh = "公安机关无偿支持核实", en = "public security verifies identities free of charge",
  digest = "sha256:722c59b1cd8dee76eb0fe7bb97624c2a883267de78ec06c6c69931b3f6056487",
  process = "verification",
}

article "11.1" {
  zh = "冒用、伪造、变造或拒绝提供：不予办理并及时报告",
  en = "a borrowed, forged or altered document, or a refusal to show one: refused and reported promptly",
  digest = "sha256:c153ad26e6e6eb76dda96a7e35c9d2d2461df5c204330488029a5a3d1670ed99",
  rules = {
    "11", "11/proxy", "11/guardian", "11/organisation", "11/handler", "11/customer_chip", "11/proxy_chip",
    "11/guardian_chip", "11/handler_chip", "11/customer_verified", "11/proxy_verified",
    "11/guardian_verified", "11/handler_verified", "11/withheld",
  },
}

article "12.1" {
  zh = "服务期间及终止后两年留存；期满按规定处理",
  en = "kept during the service and two years after; then dealt with as the state provides",
  digest = "sha256:8f8aec8efc1fc7bfe8c142ac541cf18f436fffeea31c29e4e6f4f195d97d0fce",
  rules = { "12" },
  process = "retention",
  not_automated = {
    zh = "期满后的销毁由运营者执行",
    en = "what is due after that is destroyed by the operator",
  },
}

article "13.1" {
  zh = "建立保密管理制度", en = "a system of confidentiality is set up",
  digest = "sha256:86b4ce61a09fe9c8ca2de2693c9974f5127d8a4a901c411190e7fca807c8be40",
  not_automated = { zh = "制度由运营者自行制定", en = "the system of rules is for the operator to write" },
}

article "13.2" {
  zh = "严格保密，不得泄露、篡改、出售或挪用",
  en = "strict confidentiality: no leak, change, sale or other use",
  digest = "sha256:089a35f5c28f0c947ffea7757ac776a94599c89b861a34347eefa1720e946d3e",
  process = "access",
}

article "14.1" {
  zh = "采取技术措施；发生泄露等立即补救，严重的立即报告",
  en = "technical measures; a leak or loss is remedied at once, and reported when serious",
  digest = "sha256:8ad93dc0f9f327796d0ad74e861712ce95e0f913158dbfc8ce632f46e10a551a",
  process = "sealing",
  not_automated = {
    zh = "事件的补救和上报由运营者执行",
    en = "remedying and reporting an incident is done by the operator",
  },
}

article "15.1" {
  zh = "与代理商书面约定；不能满足要求的解除委托",
  en = "a written contract with each dealer; one that cannot comply is dismissed",
  digest = "sha256:90b0ff72262642e91abf81b0f7508349407eff9617b5285cdce250b761ec85b2",
  rules = { "15.1", "15.1/able" },
  not_automated = {
    zh = "是否解除委托由运营者决定并记入代理商名册",
    en = "whether to dismiss a dealer is decided by the operator, who enters it in the register of dealers",
  },
}

article "15.2" {
  zh = "代理商信用评价；不良记录报备", en = "dealers are rated; a bad record is filed with the regulator",
  digest = "sha256:148e19dc07af42d61065529555b0effa9f6d0a6299b5d7fab94bbf1b11752ea2",
  not_automated = { zh = "信用评价和报备由运营者执行", en = "rating and filing are done by the operator" },
}

article "15.3" {
  zh = "监督代理商；登记信息和资料及时交运营者",
  en = "dealers are supervised, and hand over what they registered in time",
  digest = "sha256:84d488be3c1c240be558fd1dd163f991104cdbeff404d535b886ec1e49fc8537",
  process = "registration",
  not_automated = {
    zh = "代理商直接在运营者网关上登记；对其监督由运营者执行",
    en = "dealers register in the operator's gateway, so it has the data at once; supervision is its own task",
  },
}

article "15.4" {
  zh = "代理商表明身份，按规定办理", en = "a dealer says that it is one, and keeps to the measures",
  digest = "sha256:7108e1e4dfd0b83cdea0cdb657f88347626a2c9d375fa6c21db3a5b4fc798d30",
  rules = { "15.4" },
}

article "16.1" {
  zh = "自查并消除隐患；培训工作人员和代理商",
  en = "self-inspection, hazards removed; staff and dealers trained",
  digest = "sha256:cbcbf198f50cac69195b9b135b6f120b56ad3c01ffe49d16b92d1cf2acc4cc73",
  process = "audit",
  not_automated = {
    zh = "软件核验日志；其余自查和培训由运营者执行",
    en = "the software verifies its log; other inspection and training are done by the operator",
  },
}

article "17.1" {
  zh = "主管部门实施监督检查", en = "the regulator inspects",
  digest = "sha256:0c287fe812c3d95fcb588428d709bdabc34a5bad178142dc2086852878ae802b",
  not_automated = { zh = "检查由主管部门实施", en = "inspections are the regulator's own act" },
}

article "17.2" {
  zh = "检查时提供材料、记录，不得妨碍经营或收费",
  en = "material is provided, the inspection recorded, business not hindered, no fee taken",
  digest = "sha256:52799232db2f576a5bc4b237586eb31752030f702105cd05435303ab1a715bb4",
  not_automated = { zh = "运营者与主管部门之间的事务", en = "a matter between operator and regulator" },
}

article "17.3" {
  zh = "定期通报代理商不良信用记录", en = "bad records of dealers are made known to operators",
  digest = "sha256:6848853d5c3662fe1ab2833928676e1381595ca2532ebba85c409bbd0be35720",
  not_automated = {
    zh = "通报由主管部门发出，运营者据此更新代理商名册",
    en = "the regulator makes them known; the operator then changes its register of dealers",
  },
}

article "17.4" {
  zh = "检查人员保密", en = "inspectors keep what they learn to themselves",
  digest = "sha256:82e53975c64f11d52838ac04a07aa1624daa720bd77d283fc77aea1cdf8c2624",
  not_automated = { zh = "约束检查人员", en = "it binds the inspectors" },
}

article "18.1" {
  zh = "经营者和代理商的责任：责令改正、警告、1万至3万元罚款",
  en = "operators and dealers: an order to correct, a warning, a fine of 10,000 to 30,000 yuan",
  digest = "sha256:42eda2f4290316ae9f64c3fae6d2ed70be8898579af4df05c8a766b03f1228b5",
  not_automated = { zh = "处罚由主管部门决定", en = "penalties are decided by the regulator" },
}

article "18.2" {
  zh = "工作人员的责任：责令改正、警告、2千元以下罚款",
  en = "staff: an order to correct, a warning, a fine of up to 2,000 yuan",
  digest = "sha256:f7b3b822101d05e9358e3b63b0521dfa8ad154d0579036c30c897b06f0e6afb1",
  not_automated = { zh = "处罚由主管部门决定", en = "penalties are decided by the regulator" },
}

article "18.3" {
  zh = "法律、行政法规另有处罚的从其规定", en = "where other laws set penalties, those apply",
  digest = "sha256:0d99e5c5a96ab445f629758f8850963678632d75504fd89bbf80b7f1272fb2a1",
  not_automated = { zh = "处罚由主管部门决定", en = "penalties are decided by the regulator" },
}

article "19.1" {
  zh = "用户使用冒用、伪造、变造证件的，由有关部门处理",
  en = "customers who use such documents are dealt with by the competent departments",
  digest = "sha256:6e30c89b83cd62066f7d56b97fbcea400a0d68336df1dd9a24877043ce98a10e",
  not_automated = {
    zh = "处理由有关部门决定；网关按第十一条报告",
    en = "the departments decide; the gateway reports to them under article 11",
  },
}

article "20.1" {
  zh = "主管部门工作人员的责任", en = "the liability of the regulator's staff",
  digest = "sha256:e392893ec52994976f8266a9e36ad0e806586d61e182d0bb87dfc9ba17cff42f",
  not_automated = { zh = "约束主管部门", en = "it binds the regulator" },
}

article "21.1" {
  zh = "2018年1月1日施行，废止2011年的办法", en = "in force from 2018-01-01, in place of the measures of 2011",
  digest = "sha256:8fa3759bc20d3f6e9777e28ef432de547b196ff04f954475357bf194141fc2fd",
  process = "scope",
}
