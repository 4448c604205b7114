/* SPDX-License-Identifier: Apache-2.0 */
/* Texts by digest, and for each set the list of its texts. */
#include "release/archive.h"

#include "base/sha256.h"

enum {
    KEY_BYTES = 96,   /* "text/sha256:" and 64 digits */
    SHARED_TEXTS = 5, /* at most: documents and the vocabulary's come before the stack */
    TEXTS = SHARED_TEXTS + DECISION_POLICIES
};

static void text_key(struct smg_str text, char out[KEY_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    struct sha256 hash;
    size_t i;

    sha256_init(&hash);
    sha256_put(&hash, text);
    sha256_end(&hash, digest);
    snprintf(out, KEY_BYTES, "text/sha256:");
    for (i = 0; i < SHA256_BYTES; i++)
        snprintf(out + strlen(out), 3, "%02x", digest[i]);
}

static void put_short(struct buf *out, const char *text)
{
    buf_byte(out, (unsigned char)strlen(text));
    buf_text(out, text);
}

int archive_put(struct unit *unit, const struct policy_set *set, int64_t at_ms, struct smg_err *err)
{
    char keys[TEXTS][KEY_BYTES], set_key[KEY_BYTES];
    struct policy_text text;
    struct buf row = { 0 };
    size_t i, j;
    int status = SMG_OK;

    buf_u64(&row, (uint64_t)at_ms);
    for (i = 0; (text = policy_set_text(set, i)).name != NULL; i++) {
        text_key(text.text, keys[i]);
        put_short(&row, text.name);
        put_short(&row, keys[i]);
        for (j = 0; strcmp(keys[j], keys[i]) != 0; j++)
            ;
        if (j == i) /* a unit names a key once, and two texts may be the same */
            unit_put(unit, SMG_SPACE_POLICY, str_of(keys[i]), text.text);
    }
    snprintf(set_key, sizeof set_key, "set/%s", policy_set_hash(set));
    unit_put_new(unit, SMG_SPACE_POLICY, str_of(set_key), buf_view(&row));
    if (row.failed)
        status = smg_fail(err, SMG_E_MEMORY, "archive: out of memory");
    buf_fini(&row);
    return status;
}

int archive_keep(struct store *store, const struct policy_set *set, int64_t at_ms,
                 struct smg_err *err)
{
    struct unit *unit = unit_new();
    int status = archive_put(unit, set, at_ms, err);

    if (status == SMG_OK)
        status = store_apply_wait(store, unit, err);
    unit_free(unit);
    return status == SMG_E_EXISTS ? SMG_OK : status;
}

static int get(struct store *store, const struct smg_str *keys, size_t count,
               struct store_read *read, struct smg_err *err)
{
    *read = (struct store_read){ .space = SMG_SPACE_POLICY, .keys = keys, .key_count = count };
    return store_read_wait(store, read, err);
}

/* What a set's row lists. */
struct listed {
    size_t count, shared;                  /* shared: the texts before the stack */
    char names[TEXTS][64], ids[TEXTS][64]; /* ids: the names without ".lua" */
    char keys[TEXTS][KEY_BYTES];
};

static bool take_short(struct smg_str *view, char *out, size_t room)
{
    struct smg_str text;
    uint8_t len = 0;

    if (!take_u8(view, &len) || len >= room || !take_bytes(view, len, &text))
        return false;
    snprintf(out, room, "%.*s", (int)text.len, text.at);
    return strlen(out) == text.len;
}

static bool read_list(struct smg_str row, struct listed *listed)
{
    uint64_t at_ms;

    if (!take_u64(&row, &at_ms))
        return false;
    listed->shared = 0;
    for (listed->count = 0; row.len > 0; listed->count++) {
        char *name = listed->names[listed->count], *id = listed->ids[listed->count];
        size_t len;

        if (listed->count == TEXTS || !take_short(&row, name, sizeof listed->names[0]) ||
            !take_short(&row, listed->keys[listed->count], KEY_BYTES))
            return false;
        len = strlen(name);
        if (len < 4)
            return false;
        memcpy(id, name, len - 4);
        id[len - 4] = '\0';
        listed->shared += listed->shared == listed->count && strchr(name, '/') == NULL;
    }
    return listed->count > listed->shared;
}

/* The texts a set's row lists, each held against its digest. They stay in `read`. */
static int read_texts(struct store *store, const struct listed *listed, struct store_read *read,
                      struct policy_text texts[TEXTS], struct smg_err *err)
{
    struct smg_str keys[TEXTS];
    char right[KEY_BYTES];
    size_t i;

    for (i = 0; i < listed->count; i++)
        keys[i] = str_of(listed->keys[i]);
    if (get(store, keys, listed->count, read, err) != SMG_OK)
        return err->code;
    for (i = 0; i < listed->count; i++) {
        texts[i] = (struct policy_text){ listed->names[i], store_read_value(read, keys[i]) };
        text_key(texts[i].text, right);
        if (texts[i].text.at == NULL || strcmp(right, listed->keys[i]) != 0)
            return smg_fail(err, SMG_E_DENIED, "archive: the text of %s is %s", listed->names[i],
                            texts[i].text.at == NULL ? "missing" : "not the one it was");
    }
    return SMG_OK;
}

static int build(const struct listed *listed, const struct policy_text *texts, const char *hash,
                 struct policy_set **set, struct smg_err *err)
{
    const char *stack[TEXTS];
    struct buf problems = { 0 };
    size_t i;

    for (i = listed->shared; i < listed->count; i++)
        stack[i - listed->shared] = listed->ids[i];
    *set = policy_set_from(texts, listed->count, stack, listed->count - listed->shared, &problems);
    if (*set == NULL) {
        smg_fail(err, SMG_E_DENIED, "archive: the set %.80s does not load: %.150s", hash,
                 problems.at == NULL ? "" : problems.at);
    } else if (strcmp(policy_set_hash(*set), hash) != 0) {
        policy_set_free(*set);
        *set = NULL;
        smg_fail(err, SMG_E_DENIED, "archive: the set %.80s lists other texts than it was made of",
                 hash);
    }
    buf_fini(&problems);
    return *set == NULL ? err->code : SMG_OK;
}

int archive_load(struct store *store, const char *hash, struct policy_set **set,
                 struct smg_err *err)
{
    struct store_read list = { 0 }, read = { 0 };
    struct policy_text texts[TEXTS];
    struct listed listed;
    char key[KEY_BYTES];
    struct smg_str set_key, row;
    int status;

    *set = NULL;
    snprintf(key, sizeof key, "set/%s", hash);
    set_key = str_of(key);
    status = get(store, &set_key, 1, &list, err);
    row = store_read_value(&list, set_key);
    if (status == SMG_OK && row.at == NULL)
        status = smg_fail(err, SMG_E_NOT_FOUND, "archive: there is no set %.80s", hash);
    else if (status == SMG_OK && !read_list(row, &listed))
        status = smg_fail(err, SMG_E_DENIED, "archive: the row of set %.80s is not whole", hash);
    if (status == SMG_OK)
        status = read_texts(store, &listed, &read, texts, err);
    if (status == SMG_OK)
        status = build(&listed, texts, hash, set, err);
    store_read_fini(&list);
    store_read_fini(&read);
    return status;
}
