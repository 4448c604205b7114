/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabulary and the application fit together: no rule waits for a fact that nobody can tell.
 */
#include "application_fixture.h"

#include "policy/set.h"

#define ID "01890000-0000-7000-8000-000000000001"

static const char *const people[] = { "customer", "proxy", "guardian", "handler" };

/* All that an application can say of a person; of their document, all but the token. */
#define DOCUMENT                                                                                   \
    "'document':{'type':'permanent_residence','number':'931586198001010028','address':'a','"       \
    "issuer':'i',"                                                                                 \
    "'valid_from':'2020-01-01','valid_to':'2030-01-01','long_term':false,'examined':'genuine'}"
#define PERSON                                                                                     \
    "'name':'甲乙','birth':'1980-01-01','sex':'female','nationality':'CHN','address':'a',"       \
    "'work_unit':'w','present':true,'relation':'r','phone':'p','refuses':'document','declines_"    \
    "face':true," DOCUMENT

static const char full[] =
    "{'operation':'mobile.open','number':'+8613989000001','data':true,'region':'540102',"
    "'channel':{'kind':'dealer','outlet':'o','dealer':'D-1','staff':'s','disclosed':true},"
    "'customer':{'kind':'person'," PERSON "},'proxy':{'kind':'person'," PERSON "},"
    "'guardian':{'kind':'person'," PERSON "},'handler':{'kind':'person'," PERSON "},"
    "'household_register':{'number':'1','shown':true,'lists_customer':false},"
    "'organisation':{'name':'n','address':'a','refuses':'no','authorization':{'evidence':'" ID "'},"
    "'document':{'type':'uscc','number':'91350100M000100Y43','address':'a','issuer':'i',"
    "'valid_from':'2020-01-01','valid_to':'2030-01-01','long_term':false,'examined':'forged'}},"
    "'users':[{'kind':'person'," PERSON "}],'install_address':'a',"
    "'evidence':["
    "{'id':'" ID "','kind':'document_photo','of':'customer'},"
    "{'id':'" ID "','kind':'portrait','of':'customer'},"
    "{'id':'" ID "','kind':'document_photo','of':'proxy'},"
    "{'id':'" ID "','kind':'portrait','of':'proxy'},"
    "{'id':'" ID "','kind':'document_photo','of':'guardian'},"
    "{'id':'" ID "','kind':'portrait','of':'guardian'},"
    "{'id':'" ID "','kind':'document_photo','of':'handler'},"
    "{'id':'" ID "','kind':'portrait','of':'handler'},"
    "{'id':'" ID "','kind':'document_photo','of':'organisation'}],"
    "'extra':{}}";

/* What a reader answers (section 4 of the plugin header) and a rule may ask for. */
static const struct {
    const char *name, *text;
} from_cards[] = { { "name_latin", "yes" },
                   { "chip.verified", "yes" },
                   { "chip.authentic", "yes" },
                   { "chip.signer_trusted", "yes" },
                   { "document.origin", "chip" } };

static struct smg_fields *full_fields(void)
{
    struct reading reading;
    struct smg_fields *fields;
    size_t i, j;

    read_body(&reading, full);
    if (!reading.good)
        fail_msg("%s", reading.problems.json.at);
    fields = reading.application.fields;
    for (i = 0; i < reading.application.evidence_count; i++)
        assert_true(evidence_field(fields, &reading.application.evidence[i]));
    reading.application.fields = NULL;
    end_reading(&reading);
    for (i = 0; i < sizeof people / sizeof *people; i++)
        for (j = 0; j < sizeof from_cards / sizeof *from_cards; j++) {
            char name[64];

            snprintf(name, sizeof name, "%s.%s", people[i], from_cards[j].name);
            assert_true(fields_set_text(fields, name, str_of(from_cards[j].text)));
        }
    return fields;
}

static void find_facts(const struct smg_fields *fields, struct buf *out)
{
    static struct decision decision;
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(policies, &err);

    assert_non_null(policy);
    policy_decide(policy, fields, "540102", date_of(NOW), DATE_NONE, NULL, 0, &decision);
    assert_false(decision.broken);
    buf_byte(out, '\n');
    policy_facts(policy, out);
    policy_free(policy);
}

/* The value of a fact among "\nname=value\n" lines; { NULL, 0 }: nobody told it. */
static struct smg_str fact_in(const struct buf *facts, const char *name)
{
    char wanted[160];
    const char *at;

    snprintf(wanted, sizeof wanted, "\n%s=", name);
    at = strstr(facts->at, wanted);
    if (at == NULL)
        return (struct smg_str){ NULL, 0 };
    at += strlen(wanted);
    return str_bytes(at, strcspn(at, "\n"));
}

static void test_every_fact_of_a_form_card_or_picture_can_be_told(void **state)
{
    struct smg_fields *fields = full_fields(), *nothing = fields_new();
    struct buf told = { 0 }, untold = { 0 };
    size_t i, seen = 0;

    (void)state;
    find_facts(fields, &told);
    find_facts(nothing, &untold);
    for (i = 0; i < policies->fact_count; i++) {
        const struct fact *fact = &policies->facts[i];

        if (fact->ask != NULL)
            continue; /* a service's or a registry's to tell */
        seen++;
        if (str_eq(fact_in(&told, fact->name), fact_in(&untold, fact->name)))
            fail_msg("%s:%d: %s is the same whatever an application says", fact->file, fact->line,
                     fact->name);
    }
    assert_true(seen > 40);
    fields_free(fields);
    fields_free(nothing);
    buf_fini(&told);
    buf_fini(&untold);
}

static char *read_vocabulary(void)
{
    FILE *file = fopen(SOURCE_DIR "/policies/vocabulary.lua", "r");
    struct buf text = { 0 };
    char line[512];

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        buf_text(&text, line);
    fclose(file);
    assert_false(text.failed);
    return text.at;
}

static bool is_field(const struct smg_fields *fields, const char *who, struct smg_str rest)
{
    char name[128];

    snprintf(name, sizeof name, "%s%.*s", who, (int)rest.len, rest.at);
    return fields_get(fields, str_of(name)) != NULL;
}

/* An example wants facts by name; some are declared for some people only. */
static bool is_fact(bool of_people, struct smg_str rest)
{
    char name[128];

    snprintf(name, sizeof name, "%s%.*s", of_people ? people[0] : "", (int)rest.len, rest.at);
    return set_fact(policies, str_of(name)) != NULL;
}

/* Each literal that stands behind `mark`: can a field have this name, or end in it? */
static size_t check_literals(const char *text, const char *mark, bool of_people,
                             const struct smg_fields *fields)
{
    size_t seen = 0;
    const char *at;

    for (at = strstr(text, mark); at != NULL; at = strstr(at, mark)) {
        const char *line = at;
        struct smg_str name;
        size_t i;

        at += strlen(mark);
        name = str_bytes(at, strcspn(at, "\""));
        while (line > text && line[-1] != '\n')
            line--;
        while (*line == ' ')
            line++;
        if (strncmp(line, "fact(", 5) == 0 || strncmp(line, "word(", 5) == 0)
            continue; /* the name of a fact, not of a field */
        seen++;
        if (is_fact(of_people, name))
            continue;
        for (i = 0; of_people && i < sizeof people / sizeof *people; i++)
            if (!is_field(fields, people[i], name))
                fail_msg("vocabulary.lua reads %s%.*s, which nobody can say", people[i],
                         (int)name.len, name.at);
        if (!of_people && !is_field(fields, "", name))
            fail_msg("vocabulary.lua reads %.*s, which nobody can say", (int)name.len, name.at);
    }
    return seen;
}

static void test_every_field_the_vocabulary_reads_can_be_said(void **state)
{
    struct smg_fields *fields = full_fields();
    char *text = read_vocabulary();

    (void)state;
    assert_true(check_literals(text, "who .. \"", true, fields) >= 11);
    assert_true(check_literals(text, "field \"", false, fields) +
                    check_literals(text, "field(\"", false, fields) >=
                8);
    assert_true(check_literals(text, "written \"", false, fields) +
                    check_literals(text, "written(\"", false, fields) >=
                5);
    assert_true(check_literals(text, "told \"", false, fields) +
                    check_literals(text, "told(\"", false, fields) >=
                3);
    free(text);
    fields_free(fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fact_of_a_form_card_or_picture_can_be_told),
        cmocka_unit_test(test_every_field_the_vocabulary_reads_can_be_said),
    };

    return cmocka_run_group_tests(tests, make_context, remove_context);
}
