-- SPDX-License-Identifier: Apache-2.0
-- The register of the made-up revision, held to revision.txt beside this folder, which is made up too.

register {
  regulation = "cn-54/2027", text = "at hand", checked = "2026-12-01",
  source = {
    zh = "虚构的修订文本 revision.txt", en = "revision.txt, a text nobody has made",
  },
}

article "1.1" {
  zh = "立法目的和依据", en = "why the measures were made, and on what legal basis",
  digest = "sha256:8960dd8a99e0d6e52739568d904fe3a779e87ea98e8970f3f953e6fddd38f200",
  not_automated = { zh = "说明目的，不设义务", en = "it states a purpose and asks nothing of anybody" },
}

article "2.1" {
  zh = "适用于自治区行政区域", en = "they hold within the region",
  digest = "sha256:b483d5a4dc052ca2647dea269b134ceab4d0b32b20953c00c770e81573b7aed1",
  process = "scope",
}

article "3.1" {
  zh = "登记：办理入网时提供证件并如实登记；无线上网卡属移动电话",
  en = "registration: documents shown and identities written down for a new line or number, data cards too",
  digest = "sha256:bdc4009bbe5d80a089843288d6124c4930228c67b1a0923a2fde6227f8f18f22",
  process = "registration",
}

article "3.2" {
  zh = "入网业务的范围", en = "which operations count",
  digest = "sha256:337404f004a6601a6d2560edefa6847d91e9c78ca473d49623abf8e9f5eb10c8",
  rules = { "3" },
}

article "3.3" {
  zh = "用户分为单位和个人", en = "a customer is an organisation or a person",
  digest = "sha256:ffbc5f74f230eae53f2ce1b930c34ecbfd515cb91f6075b33cfe4850db387d76",
  process = "registration",
}

article "3.4" {
  zh = "经营者须持有许可证", en = "an operator holds a licence",
  digest = "sha256:827e174b7b2a967a4c1dccf3912683698472ec0c672a6f3673c04d6e25baf085",
  process = "operator",
}

article "4.1" {
  zh = "由自治区通信主管部门监督管理", en = "the region's telecommunications administration supervises",
  digest = "sha256:e165396642992091467fa41642a359d39bfe9c3b2e9cde89357ed248d4f9bdee",
  not_automated = {
    zh = "监督管理是主管部门的职责，软件尚无其专用账户",
    en = "supervision is the regulator's own task; the software has no account for it yet",
  },
}

article "5.1" {
  zh = "依法登记并保护身份信息", en = "what is registered is protected",
  digest = "sha256:6ff54cde99ea022ee7b89e243fc1cc3bf23686bfa6319340a20a7e5459ae742b",
  process = "sealing",
}

article "6.1" {
  zh = "索取有效证件和真实身份信息", en = "a document and true identity information are asked for",
  digest = "sha256:8a2e00d49575917b0c5fee257115688ba1d5d8a9599a10244f3d1643b272cf3e",
  rules = { "6.1" },
}

article "6.2" {
  zh = "委托代办：双方的证件和身份信息", en = "with a proxy: the documents and identities of both",
  digest = "sha256:cc4ba510e3a9445d9744476ada92bef09d9b932ea4c00c6443beed098cb7310d",
  rules = { "6.2", "6.2/age" },
}

article "6.3" {
  zh = "未成年人：监护人到场，户口簿，监护人证件和身份信息",
  en = "a minor: the guardian present, the household register, the guardian's document and identity",
  digest = "sha256:ee82ea2f9d73d4867d581a10321f01f94ef961f839d90cac15ecf8d65f702080",
  rules = { "6.3", "6.3/age", "6.3/register" },
}

article "6.4" {
  zh = "年满十六周岁、以自己的劳动收入为生的未成年人：监护人书面同意书",
  en = "a minor of sixteen or older who lives on their own income: the guardian's written consent",
  digest = "sha256:c602a3ffbe609e4b5f0a535b9ff46de2317243472e2888b952cd552f80dd9cc1",
  rules = { "6.4" },
}

article "7.1" {
  zh = "个人的有效证件，任选其一", en = "a person shows one of these documents",
  digest = "sha256:992bd035095b95a8b0ef07ac70dcbaf825e67e56cab72a632c2d28bb1f39a4fd",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "7.1/1" {
  zh = "居民身份证、居住证、普通护照、户口簿",
  en = "resident card, residence permit, ordinary passport, household register",
  digest = "sha256:0b536d857ea3d5ac376a221cc9356f1877834e44b0c0a8960a4a8551897856c1",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "7.1/2" {
  zh = "港澳、台湾居民通行证及其他旅行证件",
  en = "permits of Hong Kong, Macau and Taiwan residents, other travel documents",
  digest = "sha256:571b9de830c08a925e5395d4a034d813e6fef2a4f0ac331dc30fc3b8fb396897",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "7.1/3" {
  zh = "外国人护照", en = "a foreigner's passport",
  digest = "sha256:302107ec3ceacf4327357a2521becc5ee994249595220733d0711ea0ba68a175",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "7.1/4" {
  zh = "法律和国家规定的其他身份证件", en = "other identity documents under law",
  digest = "sha256:b7187cd3f35d5953a9b58a45762ae74d2e9ae21df0ab53574787358aa6a28081",
  rules = { "7", "6.2", "6.3", "8.2" },
}

article "8.1" {
  zh = "单位的有效证件，任选其一", en = "an organisation shows one of these documents",
  digest = "sha256:fed0b8faeb10f8cd1a45a56da37b1f45a527284711dc16510163908b86933a8b",
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
  digest = "sha256:686de0515f565089de1928adf251b7ef105e2f3a6274513f771899c93a3abb86",
  rules = { "8.1" },
}

article "8.1/4" {
  zh = "法律和国家规定的其他证明", en = "other documents under law",
  digest = "sha256:cdf6f6e1d85ae7e6397d0cc6714f66e458566273487ba548f595d8f2ffc3ceeb",
  rules = { "8.1" },
}

article "8.2" {
  zh = "另须经办人证件、授权书和使用者信息",
  en = "and the handler's document, an authorisation, and who will use the numbers",
  digest = "sha256:205ce68d59229116cfa00c42f57d33a6f33d54f8978506bbf5a7b57ca34ae06a",
  rules = { "8.2" },
}

article "9.1" {
  zh = "查验证件，登记类别、姓名、号码、单位、地址",
  en = "documents are examined; kind, name, number, work unit and addresses are written down",
  digest = "sha256:ea7f437b63510412396212fec1c1eebe2d4ec8084e9435d23e98062c283e1e7d",
  rules = {
    "9.1/customer", "9.1/proxy", "9.1/guardian", "9.1/organisation", "9.1/handler", "9.1/register",
    "9.1/install",
  },
}

article "9.2" {
  zh = "现场采集证件照片和人像照片；代办采集受托人人像",
  en = "document and face are photographed on site; with a proxy, the proxy's face",
  digest = "sha256:0f9d82a074a5881b48446358693579a3eaffffcb9729e054155942395f73b7c4",
  rules = { "9.2", "9.2/proxy", "9.2/organisation" },
}

article "10.1" {
  zh = "公安机关无偿支持核实", en = "public security verifies identities free of charge",
  digest = "sha256:8ce99d72501236949860f729fc66bf38d8d510447bb561221e67788c5d45d5d7",
  process = "verification",
}

article "11.1" {
  zh = "冒用、伪造、变造或拒绝提供：不予办理并及时报告",
  en = "a borrowed, forged or altered document, or a refusal to show one: refused and reported promptly",
  digest = "sha256:6eeb994dcdb8566aa5e13138529d2d89f898743dfd05b31e339f1fbe6126808f",
  rules = {
    "11", "11/proxy", "11/guardian", "11/organisation", "11/handler", "11/customer_chip", "11/proxy_chip",
    "11/guardian_chip", "11/handler_chip", "11/customer_verified", "11/proxy_verified",
    "11/guardian_verified", "11/handler_verified", "11/withheld",
  },
}

article "12.1" {
  zh = "服务期间及终止后两年留存；期满按规定处理",
  en = "kept during the service and two years after; then dealt with as the state provides",
  digest = "sha256:3aa77868af28b9ed78d60d037702d85da62d30cfe5b79dc27a9fa272c99890c7",
  rules = { "12" },
  process = "retention",
  not_automated = {
    zh = "期满后的销毁由运营者执行",
    en = "what is due after that is destroyed by the operator",
  },
}

article "13.1" {
  zh = "建立保密管理制度", en = "a system of confidentiality is set up",
  digest = "sha256:a4e06539ad1e42834b44d75ddd051e0e06c91efbc83d7c158a07f58de53b3cee",
  not_automated = { zh = "制度由运营者自行制定", en = "the system of rules is for the operator to write" },
}

article "13.2" {
  zh = "严格保密，不得泄露、篡改、出售或挪用",
  en = "strict confidentiality: no leak, change, sale or other use",
  digest = "sha256:637ec5f9f01afeb8b1746d715c5e6f40d0117d85c6b2baead845aa97220a8141",
  process = "access",
}

article "14.1" {
  zh = "采取技术措施；发生泄露等立即补救，严重的立即报告",
  en = "technical measures; a leak or loss is remedied at once, and reported when serious",
  digest = "sha256:ce020631acb3480aebfe3670142269efa22ead22b00523931c0d990f76933a8a",
  process = "sealing",
  not_automated = {
    zh = "事件的补救和上报由运营者执行",
    en = "remedying and reporting an incident is done by the operator",
  },
}

article "15.1" {
  zh = "与代理商书面约定；不能满足要求的解除委托",
  en = "a written contract with each dealer; one that cannot comply is dismissed",
  digest = "sha256:a90928143db00cb892f21eb0a0bee7b16a6b33f33d9a053682e6aa65e62a7bf5",
  rules = { "15.1", "15.1/able" },
  not_automated = {
    zh = "是否解除委托由运营者决定并记入代理商名册",
    en = "whether to dismiss a dealer is decided by the operator, who enters it in the register of dealers",
  },
}

article "15.2" {
  zh = "代理商信用评价；不良记录报备", en = "dealers are rated; a bad record is filed with the regulator",
  digest = "sha256:1ffcee7d5467eb75c28350b9c3245bf0c89ed008694b267e9d1ecd8bb9185a81",
  not_automated = { zh = "信用评价和报备由运营者执行", en = "rating and filing are done by the operator" },
}

article "15.3" {
  zh = "监督代理商；登记信息和资料及时交运营者",
  en = "dealers are supervised, and hand over what they registered in time",
  digest = "sha256:c7523c627684e6ca13c1b4c131f499b9d283f63016c0b77d698f11dde9c9d240",
  process = "registration",
  not_automated = {
    zh = "代理商直接在运营者网关上登记；对其监督由运营者执行",
    en = "dealers register in the operator's gateway, so it has the data at once; supervision is its own task",
  },
}

article "15.4" {
  zh = "代理商表明身份，按规定办理", en = "a dealer says that it is one, and keeps to the measures",
  digest = "sha256:c3e1d03f899b2060e17571b8d959e403ef407e350a4a9238cd15c6c2a2001264",
  rules = { "15.4" },
}

article "16.1" {
  zh = "自查并消除隐患；培训工作人员和代理商",
  en = "self-inspection, hazards removed; staff and dealers trained",
  digest = "sha256:ff8e83329fcc7d25a10ec07e2849188fc75d45950ee49fe401a7ef0898901ad8",
  process = "audit",
  not_automated = {
    zh = "软件核验日志；其余自查和培训由运营者执行",
    en = "the software verifies its log; other inspection and training are done by the operator",
  },
}

article "17.1" {
  zh = "主管部门实施监督检查", en = "the regulator inspects",
  digest = "sha256:efde89dee4485cb0617abd1a727aa6775776763b97621ed181450bfe4faa4afc",
  not_automated = { zh = "检查由主管部门实施", en = "inspections are the regulator's own act" },
}

article "17.2" {
  zh = "检查时提供材料、记录，不得妨碍经营或收费",
  en = "material is provided, the inspection recorded, business not hindered, no fee taken",
  digest = "sha256:3a2cb949ebcf33a719b7e867edff6912e1b9b6a6bfadb3bda96bfb6cb0944092",
  not_automated = { zh = "运营者与主管部门之间的事务", en = "a matter between operator and regulator" },
}

article "17.3" {
  zh = "定期通报代理商不良信用记录", en = "bad records of dealers are made known to operators",
  digest = "sha256:1b02d02e04e00e140eb7578e653819e72eca0ac383a140b05447e975911e91c1",
  not_automated = {
    zh = "通报由主管部门发出，运营者据此更新代理商名册",
    en = "the regulator makes them known; the operator then changes its register of dealers",
  },
}

article "17.4" {
  zh = "检查人员保密", en = "inspectors keep what they learn to themselves",
  digest = "sha256:75c2e458d363ddfbafece09c4889c5b8fbe124a3b48b0b135b9a1074d118da63",
  not_automated = { zh = "约束检查人员", en = "it binds the inspectors" },
}

article "18.1" {
  zh = "经营者和代理商的责任：责令改正、警告、1万至3万元罚款",
  en = "operators and dealers: an order to correct, a warning, a fine of 10,000 to 30,000 yuan",
  digest = "sha256:cd42f740d454952b8bd9b87a0d4612406cbeb1f06a42fb303f8027be1403439f",
  not_automated = { zh = "处罚由主管部门决定", en = "penalties are decided by the regulator" },
}

article "18.2" {
  zh = "工作人员的责任：责令改正、警告、2千元以下罚款",
  en = "staff: an order to correct, a warning, a fine of up to 2,000 yuan",
  digest = "sha256:baa3c8fa8daa0b477132cf303d9460d1581491393a66cd7477d92f10a3cf948c",
  not_automated = { zh = "处罚由主管部门决定", en = "penalties are decided by the regulator" },
}

article "18.3" {
  zh = "法律、行政法规另有处罚的从其规定", en = "where other laws set penalties, those apply",
  digest = "sha256:61f9d9dd7bd88a5f11e40bb7248f79e4ce42f465ba4ee738b7eed756c27697d8",
  not_automated = { zh = "处罚由主管部门决定", en = "penalties are decided by the regulator" },
}

article "19.1" {
  zh = "用户使用冒用、伪造、变造证件的，由有关部门处理",
  en = "customers who use such documents are dealt with by the competent departments",
  digest = "sha256:f93a714b88b27edda61957a6d1a6eb1978353b5468928ba7ac618b189d66aae3",
  not_automated = {
    zh = "处理由有关部门决定；网关按第十一条报告",
    en = "the departments decide; the gateway reports to them under article 11",
  },
}

article "20.1" {
  zh = "主管部门工作人员的责任", en = "the liability of the regulator's staff",
  digest = "sha256:9e755799bc0c136e1b6fb805c3fa13b74991d628aac5fd38787ce31cff605b61",
  not_automated = { zh = "约束主管部门", en = "it binds the regulator" },
}

article "21.1" {
  zh = "2027年1月1日施行，废止2018年的办法", en = "in force from 2027-01-01, in place of the measures of 2018",
  digest = "sha256:bf78b44f906fe73e737fe82c35b3e97cb13f5578b222be2247dca37933298e8c",
  process = "scope",
}
