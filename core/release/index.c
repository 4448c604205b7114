/* SPDX-License-Identifier: Apache-2.0 */
/* The index as text, both ways. What is read is written again and compared, so that there is one
 * text for one index, and nothing in it that nobody looks at. */
#include "release/index.h"

#include "base/sha256.h"
#include "policy/set.h"

static const char FIRST_LINE[] = "shiming-policies 1";

void index_digest(struct smg_str text, char out[DIGEST_TEXT_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    struct sha256 hash;
    size_t i;

    sha256_init(&hash);
    sha256_put(&hash, text);
    sha256_end(&hash, digest);
    snprintf(out, DIGEST_TEXT_BYTES, "sha256:");
    for (i = 0; i < SHA256_BYTES; i++)
        snprintf(out + strlen(out), 3, "%02x", digest[i]);
}

void index_write(const struct release_index *index, struct buf *out)
{
    size_t i;

    buf_printf(out, "%s\nsequence %llu\nsigned_at ", FIRST_LINE,
               (unsigned long long)index->sequence);
    time_write(index->signed_at_ms, out);
    if (!date_is_none(index->valid_until)) {
        buf_text(out, "\nvalid_until ");
        date_write(index->valid_until, out);
    }
    for (i = 0; i < index->stack_count; i++)
        buf_printf(out, "\nstack %s", index->stack[i]);
    buf_printf(out, "\nset %s", index->set);
    for (i = 0; i < index->file_count; i++)
        buf_printf(out, "\nfile %s %s", index->files[i].digest, index->files[i].name);
    buf_printf(out, "\nkey %s\n", index->key);
}

const struct index_file *index_find(const struct release_index *index, const char *name)
{
    size_t i;

    for (i = 0; i < index->file_count; i++)
        if (strcmp(index->files[i].name, name) == 0)
            return &index->files[i];
    return NULL;
}

/* A text that is read line by line. */
struct lines {
    struct smg_str rest;
    int line;   /* the last one that was taken */
    bool taken; /* it is the one that is looked at; else the next */
};

/* The value of the next line when it begins with this word. */
static bool take(struct lines *lines, const char *word, struct smg_str *value)
{
    const char *end = lines->rest.len == 0 ? NULL : memchr(lines->rest.at, '\n', lines->rest.len);
    size_t skip = strlen(word);
    struct smg_str line;

    lines->taken = false;
    if (end == NULL)
        return false;
    line = str_bytes(lines->rest.at, (size_t)(end - lines->rest.at));
    if (!str_starts(line, word))
        return false;
    *value = str_bytes(line.at + skip, line.len - skip);
    lines->rest = str_bytes(end + 1, lines->rest.len - line.len - 1);
    lines->line++;
    lines->taken = true;
    return true;
}

static bool copy(struct smg_str text, char *out, size_t room)
{
    if (text.len == 0 || text.len >= room || memchr(text.at, '\0', text.len) != NULL)
        return false;
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return true;
}

static bool take_stack(struct lines *lines, struct release_index *out)
{
    struct smg_str id;

    while (take(lines, "stack ", &id)) {
        if (out->stack_count == DECISION_POLICIES || !folder_id_is_valid(id) ||
            !copy(id, out->stack[out->stack_count], sizeof out->stack[0]))
            return false;
        out->stack_count++;
    }
    return out->stack_count > 0;
}

/* "cn-54/2018_test.lua": a valid id with its ending cannot lead out of the folder. */
static bool is_file_name(struct smg_str name)
{
    static const char end[] = ".lua";
    size_t len = sizeof end - 1;

    return name.len > len && name.len < INDEX_NAME_BYTES &&
           memcmp(name.at + name.len - len, end, len) == 0 &&
           folder_id_is_valid((struct smg_str){ name.at, name.len - len });
}

static bool take_files(struct lines *lines, struct release_index *out)
{
    const size_t digest = DIGEST_TEXT_BYTES - 1;
    struct smg_str line;

    while (take(lines, "file ", &line)) {
        struct index_file *file = &out->files[out->file_count];
        struct smg_str name;

        if (out->file_count == INDEX_FILES || line.len < digest + 2 || line.at[digest] != ' ')
            return false;
        name = str_bytes(line.at + digest + 1, line.len - digest - 1);
        if (!is_file_name(name) || !copy(name, file->name, sizeof file->name) ||
            !copy(str_bytes(line.at, digest), file->digest, sizeof file->digest) ||
            index_find(out, file->name) != NULL)
            return false;
        out->file_count++;
    }
    return out->file_count > 0;
}

static bool take_signature(struct lines *lines, struct release_index *out)
{
    struct buf bytes = { 0 };
    struct smg_str hex;
    bool good = take(lines, "signature ", &hex) && lines->rest.len == 0 &&
                hex.len <= 2 * sizeof out->signature && buf_unhex(&bytes, hex) && bytes.len > 0;

    if (good) {
        memcpy(out->signature, bytes.at, bytes.len);
        out->signature_len = bytes.len;
    }
    buf_fini(&bytes);
    return good;
}

/* Everything; `expected` says what the line should have been where it ended. */
static bool take_all(struct lines *lines, struct release_index *out, const char **expected)
{
    struct smg_str value;
    int64_t number;

    *expected = FIRST_LINE;
    if (!take(lines, FIRST_LINE, &value) || value.len != 0)
        return false;
    *expected = "sequence NUMBER, from 1";
    if (!take(lines, "sequence ", &value) || !str_to_int(value, &number) || number < 1)
        return false;
    out->sequence = (uint64_t)number;
    *expected = "signed_at TIME";
    if (!take(lines, "signed_at ", &value) || !time_parse(value, &out->signed_at_ms))
        return false;
    *expected = "valid_until DAY";
    if (take(lines, "valid_until ", &value) && !date_parse(value, &out->valid_until))
        return false;
    *expected = "stack REGULATION";
    if (!take_stack(lines, out))
        return false;
    *expected = "set sha256:DIGITS";
    if (!take(lines, "set ", &value) || !copy(value, out->set, sizeof out->set))
        return false;
    *expected = "file sha256:DIGITS NAME";
    if (!take_files(lines, out))
        return false;
    *expected = "key ID";
    return take(lines, "key ", &value) && copy(value, out->key, sizeof out->key);
}

bool index_read(struct smg_str text, struct release_index *out, size_t *signed_len,
                struct buf *problems)
{
    struct lines lines = { .rest = text };
    struct buf again = { 0 };
    const char *expected;
    bool good;

    *out = (struct release_index){ .valid_until = DATE_NONE };
    if (!take_all(&lines, out, &expected)) {
        set_problem(problems, INDEX_NAME, lines.line + !lines.taken, "expected \"%s\"", expected);
        return false;
    }
    *signed_len = text.len - lines.rest.len;
    if (!take_signature(&lines, out)) {
        set_problem(problems, INDEX_NAME, lines.line + !lines.taken,
                    "expected \"signature HEX\" as the last line");
        return false;
    }
    index_write(out, &again);
    good = str_eq(buf_view(&again), str_bytes(text.at, *signed_len));
    if (!good)
        set_problem(problems, INDEX_NAME, 0, "is not written as shiming policy sign writes it");
    buf_fini(&again);
    return good;
}
