/* SPDX-License-Identifier: Apache-2.0 */
/* JSON by the library's tree; forms and XML by a walk over the bytes. */
#include "reply.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

struct reply {
    enum reply_form form;
    struct smg_str body;
    cJSON *tree;
};

/* ---- JSON ---- */

/* The library frees without wiping, and an answer may name a person. */
static void wipe_tree(cJSON *node)
{
    for (; node != NULL; node = node->next) {
        wipe_tree(node->child);
        if (node->valuestring != NULL)
            explicit_bzero(node->valuestring, strlen(node->valuestring));
    }
}

/* A name that is there twice is there for nobody: two readers would read two things. */
static const cJSON *only_member(const cJSON *node, const char *name)
{
    const cJSON *child, *found = NULL;

    cJSON_ArrayForEach(child, node)
    {
        if (child->string == NULL || strcmp(child->string, name) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = child;
    }
    return found;
}

/* The member a pointer's next part names; ~1 is '/', ~0 is '~'. */
static const cJSON *step_in(const cJSON *node, const char *part, size_t len)
{
    char name[128];
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        if (used == sizeof name - 1)
            return NULL;
        name[used++] = part[i];
        if (part[i] == '~' && i + 1 < len && (part[i + 1] == '0' || part[i + 1] == '1'))
            name[used - 1] = part[++i] == '0' ? '~' : '/';
    }
    name[used] = '\0';
    if (cJSON_IsArray(node))
        return used > 0 && used < 6 && strspn(name, "0123456789") == used
                   ? cJSON_GetArrayItem(node, atoi(name))
                   : NULL;
    return only_member(node, name);
}

static bool json_text(const cJSON *node, const char *pointer, char *out, size_t room)
{
    const char *text = NULL;
    char number[32];

    while (node != NULL && *pointer == '/') {
        size_t len = strcspn(pointer + 1, "/");

        node = step_in(node, pointer + 1, len);
        pointer += 1 + len;
    }
    if (cJSON_IsString(node))
        text = node->valuestring;
    else if (cJSON_IsBool(node))
        text = cJSON_IsTrue(node) ? "true" : "false";
    else if (cJSON_IsNumber(node))
        text = snprintf(number, sizeof number, "%.15g", node->valuedouble) < 0 ? NULL : number;
    if (text == NULL || *pointer != '\0' || strlen(text) >= room)
        return false;
    memcpy(out, text, strlen(text) + 1);
    return true;
}

/* ---- forms ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(struct smg_str text, char *out, size_t room)
{
    size_t used = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i] == '+' ? ' ' : text.at[i];

        if (c == '%') {
            int high = text.len - i > 2 ? hex_digit(text.at[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_digit(text.at[i + 2]);

            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0' || used + 1 >= room)
            return false;
        out[used++] = c;
    }
    out[used] = '\0';
    return true;
}

static bool form_text(struct smg_str body, const char *name, char *out, size_t room)
{
    const char *at = body.at, *end = body.at + body.len;
    size_t len = strlen(name);
    bool found = false;

    while (at < end) {
        const char *stop = at;

        while (stop < end && *stop != '&' && *stop != '\n' && *stop != '\r')
            stop++;
        if ((size_t)(stop - at) > len && at[len] == '=' && memcmp(at, name, len) == 0) {
            if (found ||
                !decode((struct smg_str){ at + len + 1, (size_t)(stop - at) - len - 1 }, out, room))
                return false;
            found = true;
        }
        at = stop + (stop < end);
    }
    return found;
}

/* ---- XML ---- */

static const char blanks[] = " \t\r\n";

/* Just after the tag that begins at this '<'; NULL: it does not end, or is none. */
static const char *skip_tag(const char *at, const char *end)
{
    char quote = '\0';

    if (at + 1 < end && at[1] == '!')
        return NULL;
    for (at++; at < end; at++) {
        if (quote != '\0')
            quote = *at == quote ? '\0' : quote;
        else if (*at == '"' || *at == '\'')
            quote = *at;
        else if (*at == '>')
            return at + 1;
        else if (*at == '<')
            return NULL;
    }
    return NULL;
}

/* Is it `<name` or, with a slash, `</name`? */
static bool is_tag(const char *at, const char *after, const char *name, bool closing)
{
    size_t len = strlen(name), from = closing ? 2 : 1;
    char stop;

    if ((size_t)(after - at) < from + len + 1 || (closing && at[1] != '/') ||
        memcmp(at + from, name, len) != 0)
        return false;
    stop = at[from + len];
    return stop == '>' || (stop != '\0' && strchr(blanks, stop) != NULL);
}

static bool xml_decode(struct smg_str text, char *out, size_t room)
{
    static const struct {
        const char *entity;
        char byte;
    } entities[] = {
        { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }
    };
    size_t used = 0, i = 0, j;

    while (text.len > 0 && strchr(blanks, text.at[text.len - 1]) != NULL)
        text.len--;
    while (i < text.len && strchr(blanks, text.at[i]) != NULL)
        i++;
    while (i < text.len) {
        if (used + 1 >= room || text.at[i] == '\0')
            return false;
        if (text.at[i] != '&') {
            out[used++] = text.at[i++];
            continue;
        }
        for (j = 0; j < 5; j++)
            if (text.len - i >= strlen(entities[j].entity) &&
                memcmp(text.at + i, entities[j].entity, strlen(entities[j].entity)) == 0)
                break;
        if (j == 5)
            return false;
        out[used++] = entities[j].byte;
        i += strlen(entities[j].entity);
    }
    out[used] = '\0';
    return true;
}

/* name NULL: only whether these are elements. */
static bool xml_text(struct smg_str body, const char *name, char *out, size_t room)
{
    const char *at = body.at, *end = body.at + body.len, *after, *text;
    bool found = false, any = false;

    while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        after = skip_tag(at, end);
        if (after == NULL)
            return false;
        any = true;
        if (name != NULL && is_tag(at, after, name, false)) {
            text = after;
            at = memchr(text, '<', (size_t)(end - text));
            after = at == NULL ? NULL : skip_tag(at, end);
            if (found || after == NULL || !is_tag(at, after, name, true) ||
                !xml_decode((struct smg_str){ text, (size_t)(at - text) }, out, room))
                return false;
            found = true;
        }
        at = after;
    }
    return name == NULL ? any : found;
}

/* ---- a reply ---- */

struct reply *reply_open(enum reply_form form, struct smg_str body)
{
    struct reply *reply = calloc(1, sizeof *reply);
    bool good = reply != NULL && body.len > 0;

    if (reply != NULL)
        *reply = (struct reply){ .form = form, .body = body };
    if (good && form == REPLY_JSON) {
        const char *end = NULL;

        reply->tree = cJSON_ParseWithLengthOpts(body.at, body.len, &end, 0);
        while (reply->tree != NULL && end < body.at + body.len && *end != '\0' &&
               strchr(blanks, *end) != NULL)
            end++;
        good = reply->tree != NULL && end == body.at + body.len;
    } else if (good && form == REPLY_XML) {
        good = xml_text(body, NULL, NULL, 0);
    }
    if (!good) {
        reply_close(reply);
        return NULL;
    }
    return reply;
}

void reply_close(struct reply *reply)
{
    if (reply == NULL)
        return;
    wipe_tree(reply->tree);
    cJSON_Delete(reply->tree);
    free(reply);
}

bool reply_text(const struct reply *reply, const char *place, char *out, size_t room)
{
    switch (reply->form) {
    case REPLY_JSON:
        return json_text(reply->tree, place, out, room);
    case REPLY_FORM:
        return form_text(reply->body, place, out, room);
    case REPLY_XML:
        return xml_text(reply->body, place, out, room);
    }
    return false;
}
