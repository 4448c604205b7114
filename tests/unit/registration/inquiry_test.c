/* SPDX-License-Identifier: Apache-2.0 */
/* What a service is shown of a person: its fields, and of pictures those it looks at, each of them
 * written down before it leaves. */
#include "registration/inquiry.h"

#include "fresh_keys.h"
#include "memory_storage.h"

#define NOW INT64_C(1795500000000)

/* The service: it keeps what it was shown, and says what the test wants. */
static struct room {
    struct fresh_keys keys;
    struct loop *loop;
    struct library *storage_library, *service_library;
    struct instance *storage, *service;
    struct memory_storage *memory;
    struct audit *audit;
    struct desk desk;
    struct application application;
    struct store_read rows;
    struct smg_str ids[2];

    const struct smg_host *host;
    const char *wants; /* names with blanks around them */
    const char *says;
    unsigned asked;
    size_t written; /* disclosures in the audit log when it was asked */
    char shown[512];
    struct check check;
} room;

static size_t count_disclosures(void)
{
    size_t count = 0, i;

    pthread_mutex_lock(&room.memory->lock);
    for (i = 0; i < room.memory->rows.count; i++) {
        const struct memory_row *row = &room.memory->rows.at[i];

        count += row->space == SMG_SPACE_AUDIT &&
                 memmem(row->value, row->value_len, "disclosure.evidence", 19) != NULL &&
                 memmem(row->value, row->value_len, "faces", 5) != NULL;
    }
    pthread_mutex_unlock(&room.memory->lock);
    return count;
}

static int service_open(const struct smg_host *host, const void *config, void **self,
                        struct smg_err *err)
{
    (void)config, (void)err;
    room.host = host;
    *self = &room;
    return SMG_OK;
}

static void service_close(void *self)
{
    (void)self;
}

static void service_verify(void *self, struct smg_op *op, const struct smg_fields *subject)
{
    static const char *const names[] = { "name",
                                         "portrait",
                                         "portrait.format",
                                         "document.portrait",
                                         "document.portrait.format",
                                         "document.photo",
                                         "document.photo.format",
                                         "chip.text" };
    struct smg_value value;
    size_t i, len = 0;

    (void)self;
    room.asked++;
    room.written = count_disclosures();
    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (room.host->get(room.host, subject, names[i], &value))
            len += (size_t)snprintf(room.shown + len, sizeof room.shown - len, "%s=%.*s ", names[i],
                                    (int)value.str.len, value.str.at);
    if (room.says == NULL) {
        smg_failed(room.host, op, SMG_E_IO, "away");
        return;
    }
    smg_answer_text(room.host, op, "verdict", str_of(room.says));
    smg_answer_text(room.host, op, "receipt", SMG_STR("R-1"));
    smg_done(room.host, op);
}

static void service_cancel(void *self, struct smg_op *op)
{
    (void)self;
    smg_failed(room.host, op, SMG_E_CANCELLED, "asked to stop");
}

static bool service_wants(void *self, const char *field)
{
    char padded[64];

    (void)self;
    snprintf(padded, sizeof padded, " %s ", field);
    return strstr(room.wants, padded) != NULL;
}

static const struct smg_verifier_ops service_ops = { .size = sizeof service_ops,
                                                     .verify = service_verify,
                                                     .cancel = service_cancel,
                                                     .wants = service_wants };

static const struct smg_plugin service_plugin = { SMG_ABI,
                                                  .kind = SMG_VERIFIER,
                                                  .name = "shown",
                                                  .version = "1",
                                                  .summary = "a service, for tests",
                                                  .config_size = 1,
                                                  .options = memory_options,
                                                  .open = service_open,
                                                  .close = service_close,
                                                  .verifier = &service_ops };

static struct instance *open_line(struct loop *loop, const struct smg_plugin *plugin,
                                  const char *name, struct library **library)
{
    struct config_instance config = { .name = name };
    struct config_errors errors = { 0 };
    struct instance *instance;
    struct smg_err err = { 0 };

    assert_int_equal(library_of(plugin, library, &err), SMG_OK);
    instance = instance_open(loop, *library, &config, &errors, &err);
    if (instance == NULL || instance_start(instance, &err) != SMG_OK)
        fail_msg("%s", err.text);
    config_errors_fini(&errors);
    return instance;
}

/* A stored picture with these bytes, linked to the case. */
static void add_picture(size_t i, const char *kind, const char *bytes)
{
    struct evidence_link *link = &room.application.evidence[i];
    struct image_info info = { .type = i == 0 ? "image/png" : "image/jpeg",
                               .width = 16,
                               .height = 16 };
    struct unit *unit = unit_new();
    uint8_t sha256[32];
    struct smg_err err = { 0 };

    assert_int_equal(evidence_put(room.keys.sealer, str_of(bytes), &info, "S-9", NOW, unit,
                                  &link->id, sha256, &err),
                     SMG_OK);
    assert_int_equal(store_apply_wait(room.desk.store, unit, &err), SMG_OK);
    unit_free(unit);
    snprintf(link->kind, sizeof link->kind, "%s", kind);
    snprintf(link->of, sizeof link->of, "customer");
    room.ids[i] = id_view(&link->id);
    room.application.evidence_count = i + 1;
}

static void set_card_portrait(void)
{
    struct smg_value wlt = { .type = SMG_BYTES, .str = SMG_STR("WLF") };
    struct smg_fields *fields = room.application.fields;

    assert_true(fields_set(fields, SMG_STR("customer.portrait"), &wlt));
    assert_true(fields_set(fields, SMG_STR("customer.chip.text"), &wlt));
    assert_true(fields_set_text(fields, "customer.portrait.format", SMG_STR("wlt")));
}

/* wants: the pictures the service looks at. */
static void open_room(const char *wants, const char *says)
{
    struct smg_err err = { 0 };
    struct store_stage stage;

    room = (struct room){ .wants = wants, .says = says };
    fresh_keys_make(&room.keys);
    room.loop = loop_new("inquiry", &err);
    room.storage = open_line(NULL, &memory_plugin, "storage", &room.storage_library);
    room.memory = instance_self(room.storage);
    room.audit = audit_new(room.keys.keyring, "test", &err);
    assert_int_equal(audit_attach(room.audit, room.storage, &err), SMG_OK);
    stage = audit_stage(room.audit);
    room.desk.store =
        store_new(room.storage, &stage, &(struct store_options){ .readers = 1 }, &err);
    room.desk.loop = room.loop;
    room.desk.sealer = room.keys.sealer;
    room.desk.services = services_new(room.loop);
    room.service = open_line(room.loop, &service_plugin, "faces", &room.service_library);
    assert_true(services_add(room.desk.services, room.service, 0));
    room.application.fields = fields_new();
    assert_true(fields_set_text(room.application.fields, "customer.name", SMG_STR("A")));
    assert_true(fields_set_text(room.application.fields, "proxy.name", SMG_STR("B")));
    set_card_portrait();
    add_picture(0, "portrait", "LIVE");
    add_picture(1, "document_photo", "PHOTO");
    room.rows = (struct store_read){ .space = SMG_SPACE_KEY, .keys = room.ids, .key_count = 2 };
    assert_int_equal(store_read_wait(room.desk.store, &room.rows, &err), SMG_OK);
}

static int close_room(void **state)
{
    (void)state;
    store_read_fini(&room.rows);
    store_free(room.desk.store);
    services_free(room.desk.services);
    instance_free(room.service);
    audit_free(room.audit);
    instance_free(room.storage);
    library_free(room.service_library);
    library_free(room.storage_library);
    loop_free(room.loop);
    application_fini(&room.application);
    fresh_keys_remove(&room.keys);
    return 0;
}

static void on_checked(void *ctx, const struct check *check)
{
    (void)ctx;
    room.check = *check;
    loop_stop(room.loop);
}

static void ask(const char *service, const char *of)
{
    struct smg_err err = { 0 };

    inquiry_ask(&room.desk,
                &(struct inquiry){ .service = service,
                                   .of = of,
                                   .staff = "S-9",
                                   .application = &room.application,
                                   .keys = &room.rows },
                on_checked, NULL);
    assert_int_equal(loop_run(room.loop, &err), SMG_OK);
    assert_string_equal(room.check.service, service);
    assert_string_equal(room.check.of, of);
}

static void test_a_service_that_looks_at_no_picture_is_shown_none(void **state)
{
    (void)state;
    open_room("", "match");
    ask("faces", "customer");
    assert_string_equal(room.shown, "name=A ");
    assert_int_equal(count_disclosures(), 0);
    assert_string_equal(room.check.result, "match");
    assert_string_equal(room.check.receipt, "R-1");
}

static void test_pictures_are_shown_to_who_looks_at_them_and_written_down_before(void **state)
{
    (void)state;
    open_room(" portrait document.portrait  document.photo ", "match");
    ask("faces", "customer");
    assert_string_equal(room.shown, "name=A portrait=LIVE portrait.format=png "
                                    "document.portrait=WLF document.portrait.format=wlt "
                                    "document.photo=PHOTO document.photo.format=jpeg ");
    assert_int_equal(room.written, 2);
}

static void test_only_what_is_looked_at_is_opened(void **state)
{
    (void)state;
    open_room(" document.photo ", "match");
    ask("faces", "customer");
    assert_string_equal(room.shown, "name=A document.photo=PHOTO document.photo.format=jpeg ");
    assert_int_equal(room.written, 1);
}

static void test_a_picture_is_of_one_person_and_shown_for_no_other(void **state)
{
    (void)state;
    open_room(" portrait document.photo ", "match");
    ask("faces", "proxy");
    assert_string_equal(room.shown, "name=B ");
    assert_int_equal(room.written, 0);
}

static void test_nothing_leaves_when_it_cannot_be_written_down(void **state)
{
    (void)state;
    open_room(" portrait ", "match");
    room.memory->apply_code = SMG_E_FULL;
    ask("faces", "customer");
    assert_string_equal(room.check.result, "unavailable");
    assert_int_equal(room.asked, 0);
}

static void test_nothing_leaves_when_a_picture_is_damaged(void **state)
{
    size_t i;

    (void)state;
    open_room(" portrait document.photo ", "match");
    for (i = 0; i < room.memory->rows.count; i++)
        if (room.memory->rows.at[i].space == SMG_SPACE_EVIDENCE)
            room.memory->rows.at[i].value[room.memory->rows.at[i].value_len - 1] ^= 1;
    ask("faces", "customer");
    assert_string_equal(room.check.result, "unavailable");
    assert_int_equal(room.asked, 0);
}

static void test_how_services_are_is_counted(void **state)
{
    static const char *const says[] = { "match", "mismatch", "unknown", "nonsense", NULL };
    struct service_status status;
    uint64_t all = 0;
    size_t i;

    (void)state;
    open_room("", "match");
    for (i = 0; i < 5; i++) {
        room.says = says[i];
        ask("faces", "customer");
        assert_string_equal(room.check.result, i < 3 ? says[i] : "unavailable");
    }
    ask("nobody", "customer");
    assert_string_equal(room.check.result, "unavailable");
    assert_int_equal(services_count(room.desk.services), 1);
    services_status(room.desk.services, 0, &status);
    assert_string_equal(status.name, "faces");
    for (i = 0; i < SERVICES_RESULTS; i++)
        all += status.results[i];
    assert_int_equal(all, 5);
    assert_int_equal(status.results[3], 2);
    assert_int_equal(status.waiting, 0);
    assert_true(status.within[SERVICES_BOUNDS - 1] <= 5);
    assert_true(status.in_service);
    room.host->state(room.host, SMG_OUT_OF_SERVICE, "resting");
    services_status(room.desk.services, 0, &status);
    assert_false(status.in_service);
    assert_string_equal(status.why, "resting");
}

int main(void)
{
#define IN_ROOM(test) cmocka_unit_test_teardown(test, close_room)
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_a_service_that_looks_at_no_picture_is_shown_none),
        IN_ROOM(test_pictures_are_shown_to_who_looks_at_them_and_written_down_before),
        IN_ROOM(test_only_what_is_looked_at_is_opened),
        IN_ROOM(test_a_picture_is_of_one_person_and_shown_for_no_other),
        IN_ROOM(test_nothing_leaves_when_it_cannot_be_written_down),
        IN_ROOM(test_nothing_leaves_when_a_picture_is_damaged),
        IN_ROOM(test_how_services_are_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
