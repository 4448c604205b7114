-- SPDX-License-Identifier: Apache-2.0
-- What the software does for the law beside its rules, and where: verbs of the program, calls of its
-- API, sources and tests. The registers of articles (ID_articles.lua) name these.

process "scope" {
  zh = "按地区和日期选用规定", en = "the regulation in force is chosen by region and day",
  where = { "shiming policy list", "core/policy/evaluate.c", "tests/unit/policy/decide_test.c" },
}

process "registration" {
  zh = "在运营者网关上登记", en = "the registration, taken in the operator's own gateway",
  where = { "POST /v1/registrations", "tests/e2e/api.py" },
}

process "operator" {
  zh = "配置中的运营者名称和许可证号", en = "the operator and its licence number, in the configuration",
  where = { "shiming check", "core/config/config.c", "tests/unit/config/config_test.c" },
}

process "sealing" {
  zh = "加密保存：任何记录、照片不以明文落盘", en = "nothing is stored unsealed, neither records nor pictures",
  where = { "core/crypto/seal.c", "core/registration/record.c", "tests/fault/leak.py" },
}

process "verification" {
  zh = "联网核实身份", en = "identities are verified with public security",
  where = { "core/registration/services.c", "tests/unit/registration/settle_test.c" },
}

process "retention" {
  zh = "终止服务时起算留存期限", en = "the end of a service starts the time its record is kept",
  where = { "POST /v1/registrations/{id}/termination", "core/registration/record.c" },
}

process "access" {
  zh = "最小权限、掩码显示、说明用途并先记录后查看",
  en = "least privilege, masked fields, and clear text only for a purpose that is recorded first",
  where = { "GET /v1/registrations/{id}", "core/registration/access.c", "tests/unit/registration/show_test.c" },
}

process "audit" {
  zh = "防篡改的审计日志", en = "the tamper-evident log",
  where = { "shiming audit verify", "GET /v1/audit/checkpoint", "tests/unit/audit/verify_test.c" },
}
