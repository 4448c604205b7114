/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of policy texts: what goes in comes out whole, each text once, and nothing that was
 * altered is taken for law. */
#include "release/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "memory_storage.h"

enum { FIRST_MS = 1000, LATER_MS = 2000 };

/* An instance without the rest of the plugin room. */
struct instance {
    struct memory_storage *memory;
};

const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self)
{
    *self = instance->memory;
    return &memory_ops;
}

struct room {
    struct instance storage;
    struct store *store;
};

static const char documents[] = "document \"resident_id\" { zh = \"居民身份证\", en = \"card\",\n"
                                "  number = \"gb11643\", person = true, organisation = false }\n";
static const char vocabulary[] =
    "fact \"minor\" { values = { true, false }, source = \"form\", zh = \"未成年\", en = \"minor\" "
    "}\n"
    "word \"guardian\" { kind = \"need\", zh = \"监护人\", en = \"a guardian\" }\n";
static const char national[] =
    "regulation { id = \"n/1\", region = \"\", from = \"2013-09-01\",\n"
    "  title = { zh = \"规定\", en = \"provisions\" }, order = \"25\" }\n"
    "rule \"6\" { zh = \"未成年\", en = \"minors\", check = function(case)\n"
    "  if case.minor then need \"guardian\" end\nend }\n";
static const char regional[] =
    "regulation { id = \"r/1\", region = \"54\", from = \"2018-01-01\",\n"
    "  title = { zh = \"办法\", en = \"measures\" }, order = \"144\" }\n"
    "rule \"9\" { zh = \"未成年\", en = \"minors\", check = function(case)\n"
    "  if case.minor then need \"guardian\" end\nend }\n";

static void room_open(struct room *room)
{
    struct smg_err err = { 0 };
    void *self = NULL;

    assert_int_equal(memory_open(NULL, NULL, &self, &err), SMG_OK);
    room->storage.memory = self;
    room->store = store_new(&room->storage, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(room->store);
}

static void room_close(struct room *room)
{
    store_free(room->store);
    memory_close(room->storage.memory);
}

/* Sets of one vocabulary: of the national regulation, or with the regional one on top. */
static struct policy_set *make_set(size_t count)
{
    static const char *const stack[] = { "n/1", "r/1" };
    const struct policy_text texts[] = {
        { "documents.lua", str_of(documents) },
        { "vocabulary.lua", str_of(vocabulary) },
        { "n/1.lua", str_of(national) },
        { "r/1.lua", str_of(regional) },
    };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_from(texts, 4, stack, count, &problems);

    if (set == NULL)
        fail_msg("%s", problems.at);
    return set;
}

static void keep(struct room *room, const struct policy_set *set, int64_t at_ms)
{
    struct smg_err err = { 0 };

    assert_int_equal(archive_keep(room->store, set, at_ms, &err), SMG_OK);
}

/* A row of the archive: of a set, or the first text. */
static struct memory_row *set_row(struct room *room, const struct policy_set *set)
{
    char key[96];

    snprintf(key, sizeof key, "set/%s", policy_set_hash(set));
    return memory_find(&room->storage.memory->rows, SMG_SPACE_POLICY, str_of(key));
}

static struct memory_row *text_row(struct room *room)
{
    struct memory_rows *rows = &room->storage.memory->rows;

    return &rows->at[memory_seek(rows, SMG_SPACE_POLICY, SMG_STR("text/"))];
}

static void refused(struct room *room, const char *hash, int code, const char *why)
{
    struct policy_set *set = NULL;
    struct smg_err err = { 0 };

    assert_int_equal(archive_load(room->store, hash, &set, &err), code);
    assert_null(set);
    assert_non_null(strstr(err.text, why));
}

static void test_a_set_comes_back_as_it_was(void **state)
{
    struct room room;
    struct policy_set *set = make_set(2), *again = NULL;
    struct smg_err err = { 0 };
    size_t i;

    (void)state;
    room_open(&room);
    keep(&room, set, FIRST_MS);
    assert_int_equal(archive_load(room.store, policy_set_hash(set), &again, &err), SMG_OK);
    assert_string_equal(policy_set_hash(again), policy_set_hash(set));
    assert_int_equal(policy_set_count(again), 2);
    assert_string_equal(policy_set_info(again, 0)->id, "n/1");
    assert_string_equal(policy_set_info(again, 1)->id, "r/1");
    for (i = 0; policy_set_text(set, i).name != NULL; i++) {
        assert_string_equal(policy_set_text(again, i).name, policy_set_text(set, i).name);
        assert_true(str_eq(policy_set_text(again, i).text, policy_set_text(set, i).text));
    }
    policy_set_free(again);
    policy_set_free(set);
    room_close(&room);
}

static void test_a_text_of_two_sets_lies_there_once(void **state)
{
    struct room room;
    struct policy_set *one = make_set(1), *two = make_set(2);

    (void)state;
    room_open(&room);
    keep(&room, one, FIRST_MS);
    assert_int_equal(room.storage.memory->rows.count, 3 + 1);
    keep(&room, two, LATER_MS);
    assert_int_equal(room.storage.memory->rows.count, 4 + 2);
    policy_set_free(one);
    policy_set_free(two);
    room_close(&room);
}

static void test_a_set_kept_again_stays_first_active_when_it_was(void **state)
{
    struct room room;
    struct policy_set *set = make_set(1);
    struct smg_str row;
    uint64_t at_ms = 0;

    (void)state;
    room_open(&room);
    keep(&room, set, FIRST_MS);
    keep(&room, set, LATER_MS);
    row = (struct smg_str){ set_row(&room, set)->value, set_row(&room, set)->value_len };
    assert_true(take_u64(&row, &at_ms));
    assert_int_equal(at_ms, FIRST_MS);
    policy_set_free(set);
    room_close(&room);
}

static void test_an_altered_text_is_refused_by_its_digest(void **state)
{
    struct room room;
    struct policy_set *set = make_set(1);

    (void)state;
    room_open(&room);
    keep(&room, set, FIRST_MS);
    text_row(&room)->value[0] ^= 1;
    refused(&room, policy_set_hash(set), SMG_E_DENIED, "not the one it was");
    policy_set_free(set);
    room_close(&room);
}

static void test_a_missing_text_and_a_missing_set_are_said(void **state)
{
    struct room room;
    struct policy_set *set = make_set(1);
    struct memory_rows *rows;

    (void)state;
    room_open(&room);
    refused(&room, policy_set_hash(set), SMG_E_NOT_FOUND, "there is no set sha256:");
    keep(&room, set, FIRST_MS);
    rows = &room.storage.memory->rows;
    memory_erase(rows, memory_seek(rows, SMG_SPACE_POLICY, SMG_STR("text/")));
    refused(&room, policy_set_hash(set), SMG_E_DENIED, "missing");
    policy_set_free(set);
    room_close(&room);
}

/* The list is not sealed: its own digest is what the loaded set says of itself. */
static void test_a_list_of_other_texts_is_not_the_set(void **state)
{
    struct room room;
    struct policy_set *one = make_set(1), *two = make_set(2);
    struct memory_row *row;

    (void)state;
    room_open(&room);
    keep(&room, one, FIRST_MS);
    keep(&room, two, FIRST_MS);
    row = set_row(&room, two);
    row->value_len = set_row(&room, one)->value_len;
    memcpy(row->value, set_row(&room, one)->value, row->value_len);
    refused(&room, policy_set_hash(two), SMG_E_DENIED, "other texts");
    row->value_len -= 1;
    refused(&room, policy_set_hash(two), SMG_E_DENIED, "not whole");
    policy_set_free(one);
    policy_set_free(two);
    room_close(&room);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_set_comes_back_as_it_was),
        cmocka_unit_test(test_a_text_of_two_sets_lies_there_once),
        cmocka_unit_test(test_a_set_kept_again_stays_first_active_when_it_was),
        cmocka_unit_test(test_an_altered_text_is_refused_by_its_digest),
        cmocka_unit_test(test_a_missing_text_and_a_missing_set_are_said),
        cmocka_unit_test(test_a_list_of_other_texts_is_not_the_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
