/* SPDX-License-Identifier: Apache-2.0 */
/* A policy set as a container: its texts, its names, and what other rooms may ask of it. */
#include "policy/set.h"

#include <stdlib.h>

const char *const source_names[] = { "form", "card", "evidence", "service", "registry", NULL };

struct kept {
    struct kept *next;
    size_t len;
    char text[];
};

const char *set_keep(struct policy_set *set, struct smg_str text)
{
    struct kept *kept = malloc(sizeof *kept + text.len + 1);

    if (kept == NULL)
        return NULL;
    if (text.len > 0)
        memcpy(kept->text, text.at, text.len);
    kept->text[text.len] = '\0';
    kept->len = text.len;
    kept->next = set->kept;
    set->kept = kept;
    return kept->text;
}

void *set_grow(void *at, size_t count, size_t size)
{
    char *grown;

    if (count % 16 != 0)
        return at;
    grown = realloc(at, (count + 16) * size);
    if (grown != NULL)
        memset(grown + count * size, 0, 16 * size);
    return grown;
}

static bool holds_line(const struct buf *problems, const char *line, size_t len)
{
    const char *at = problems->len == 0 ? NULL : problems->at;

    while (at != NULL) {
        at = memmem(at, problems->len - (size_t)(at - problems->at), line, len);
        if (at == NULL)
            return false;
        if (at == problems->at || at[-1] == '\n')
            return true;
        at++;
    }
    return false;
}

void set_problem(struct buf *problems, const char *file, int line, const char *fmt, ...)
{
    char text[400], whole[520];
    va_list args;
    int len;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (line > 0)
        len = snprintf(whole, sizeof whole, "%s:%d: %s\n", file, line, text);
    else
        len = snprintf(whole, sizeof whole, "%s: %s\n", file, text);
    if (len > 0 && !holds_line(problems, whole, (size_t)len))
        buf_put(problems, whole, (size_t)len);
}

struct policy_set *policy_set_share(struct policy_set *set)
{
    atomic_fetch_add(&set->owners, 1);
    return set;
}

void policy_set_free(struct policy_set *set)
{
    size_t i;

    if (set == NULL || atomic_fetch_sub(&set->owners, 1) > 1)
        return;
    for (i = 0; i < set->file_count; i++) {
        free(set->files[i].name);
        buf_fini(&set->files[i].text);
    }
    for (i = 0; i < set->fact_count; i++)
        free(set->facts[i].values);
    while (set->kept != NULL) {
        struct kept *kept = set->kept;

        set->kept = kept->next;
        free(kept);
    }
    free(set->files);
    free(set->documents);
    free(set->facts);
    free(set->words);
    free(set->regulations);
    free(set->rules);
    free(set);
}

size_t policy_set_count(const struct policy_set *set)
{
    return set->regulation_count;
}

const struct policy_info *policy_set_info(const struct policy_set *set, size_t i)
{
    return i < set->regulation_count ? &set->regulations[i].info : NULL;
}

struct policy_text policy_set_text(const struct policy_set *set, size_t i)
{
    size_t at;

    for (at = 0; at < set->file_count; at++)
        if (!set->files[at].absent && i-- == 0)
            return (struct policy_text){ set->files[at].name, buf_view(&set->files[at].text) };
    return (struct policy_text){ NULL, { NULL, 0 } };
}

struct policy_text set_regulation(const struct policy_set *set, size_t regulation)
{
    const struct file *file = &set->files[FILE_REGULATIONS + regulation];

    return (struct policy_text){ file->name, buf_view(&file->text) };
}

const char *policy_set_hash(const struct policy_set *set)
{
    return set->hash;
}

size_t policy_document_count(const struct policy_set *set)
{
    return set->document_count;
}

const struct document_info *policy_document(const struct policy_set *set, size_t i)
{
    return i < set->document_count ? &set->documents[i].info : NULL;
}

const struct document_info *policy_document_find(const struct policy_set *set, struct smg_str type)
{
    size_t i;

    for (i = 0; i < set->document_count; i++)
        if (str_is(type, set->documents[i].info.type))
            return &set->documents[i].info;
    return NULL;
}

const struct fact *set_fact(const struct policy_set *set, struct smg_str name)
{
    size_t i;

    for (i = 0; i < set->fact_count; i++)
        if (str_is(name, set->facts[i].name))
            return &set->facts[i];
    return NULL;
}

const struct word *set_word(const struct policy_set *set, struct smg_str name)
{
    size_t i;

    for (i = 0; i < set->word_count; i++)
        if (str_is(name, set->words[i].name))
            return &set->words[i];
    return NULL;
}

int set_rule(const struct policy_set *set, struct smg_str id)
{
    size_t i;

    for (i = 0; i < set->rule_count; i++)
        if (str_is(id, set->rules[i].id))
            return (int)i;
    return RULE_NONE;
}

const char *set_near_fact(const struct policy_set *set, struct smg_str name)
{
    const char *names[SET_FACTS];
    size_t i;

    for (i = 0; i < set->fact_count; i++)
        names[i] = set->facts[i].name;
    return str_nearest(name, names, i);
}

const char *set_near_word(const struct policy_set *set, struct smg_str name, enum effect_kind kind)
{
    const char *names[SET_WORDS + SET_FACTS];
    size_t i, count = 0;

    for (i = 0; i < set->word_count; i++)
        if (set->words[i].kind == kind)
            names[count++] = set->words[i].name;
    for (i = 0; kind == EFFECT_NEED && i < set->fact_count; i++)
        names[count++] = set->facts[i].name;
    return str_nearest(name, names, count);
}

bool set_name_is_valid(struct smg_str name)
{
    size_t i, segment = 0;

    if (name.len == 0 || name.len > NAME_BYTES)
        return false;
    for (i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (c == '.' && segment > 0) {
            segment = 0;
            continue;
        }
        if (!((c >= 'a' && c <= 'z') || (segment > 0 && ((c >= '0' && c <= '9') || c == '_'))) ||
            segment == SEGMENT_BYTES)
            return false;
        segment++;
    }
    return segment > 0;
}

bool set_paragraph_is_valid(struct smg_str name)
{
    size_t i, part = 0;

    if (name.len == 0 || name.len > NAME_BYTES)
        return false;
    for (i = 0; i < name.len && name.at[i] != '/'; i++) {
        bool digit = name.at[i] >= '0' && name.at[i] <= '9';

        if (!digit && (part == 0 || (name.at[i] != '.' && name.at[i] != '-')))
            return false;
        part = digit ? part + 1 : 0;
    }
    if (part == 0 || i == name.len)
        return part > 0;
    return set_name_is_valid((struct smg_str){ name.at + i + 1, name.len - i - 1 });
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = { "?", "accepted", "incomplete", "refused" };

    return names[verdict >= VERDICT_ACCEPTED && verdict <= VERDICT_REFUSED ? (int)verdict : 0];
}
