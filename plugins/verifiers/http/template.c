/* SPDX-License-Identifier: Apache-2.0 */
/* Templates are read as they are filled: a question is a page of text at most. */
#include "template.h"

#include <openssl/evp.h>

/* A place: what stands between its braces. */
struct place {
    struct smg_str whole, names, form;
    bool optional;
};

struct filling {
    struct bytes *out;
    size_t most;
    enum template_escape escape;
};

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

static size_t name_length(const char *at)
{
    size_t len = 0;

    while (*at >= 'a' && *at <= 'z' && is_name_byte(at[len]))
        len++;
    return len;
}

/* The place that begins at this brace; false: none does. */
static bool read_place(const char *brace, struct place *out)
{
    const char *at = brace + 1;
    size_t len;

    *out = (struct place){ .names = { at, 0 } };
    for (;;) {
        len = name_length(at);
        if (len == 0)
            return false;
        at += len;
        if (*at != '|')
            break;
        at++;
    }
    out->names.len = (size_t)(at - out->names.at);
    if (*at == ':') {
        out->form = (struct smg_str){ at + 1, name_length(at + 1) };
        at += 1 + out->form.len;
    }
    out->optional = *at == '?';
    at += out->optional;
    out->whole = (struct smg_str){ brace, (size_t)(at - brace) + 1 };
    return *at == '}';
}

/* Cuts the first of the names off. */
static struct smg_str next_name(struct smg_str *names)
{
    const char *bar = memchr(names->at, '|', names->len);
    struct smg_str name = { names->at, bar == NULL ? names->len : (size_t)(bar - names->at) };
    size_t used = name.len + (bar != NULL);

    *names = (struct smg_str){ names->at + used, names->len - used };
    return name;
}

bool template_names(const char *text, struct smg_str name)
{
    const char *brace = strchr(text, '{');
    struct place place;

    for (; brace != NULL; brace = strchr(brace + 1, '{')) {
        if (!read_place(brace, &place))
            continue;
        while (place.names.len > 0) {
            struct smg_str one = next_name(&place.names);

            if (one.len == name.len && memcmp(one.at, name.at, name.len) == 0)
                return true;
        }
    }
    return false;
}

static bool put(struct filling *filling, const char *at, size_t len)
{
    return bytes_add(filling->out, at, len, filling->most);
}

/* One byte of a value, so that it cannot end the value. */
static bool put_escaped(struct filling *filling, unsigned char c)
{
    static const struct {
        unsigned char byte;
        const char *text;
    } entities[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&apos;" }
    };
    char text[8] = { (char)c };
    int len = 1;

    switch (filling->escape) {
    case TEMPLATE_AS_IS:
        break;
    case TEMPLATE_JSON:
        if (c == '"' || c == '\\')
            len = snprintf(text, sizeof text, "\\%c", c);
        else if (c < 0x20)
            len = snprintf(text, sizeof text, "\\u%04x", c);
        break;
    case TEMPLATE_FORM:
        if (!(is_name_byte((char)c) || c == '*'))
            len = snprintf(text, sizeof text, "%%%02X", c);
        break;
    case TEMPLATE_XML:
        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
            if (c == entities[i].byte)
                return put(filling, entities[i].text, strlen(entities[i].text));
        if (c < 0x20) /* no character of XML 1.0, or one that a reader would turn into a blank */
            text[0] = ' ';
        break;
    }
    return put(filling, text, (size_t)len);
}

static bool put_text(struct filling *filling, struct smg_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!put_escaped(filling, (unsigned char)text.at[i]))
            return false;
    return true;
}

static bool put_hex(struct filling *filling, struct smg_str bytes)
{
    char two[3];

    for (size_t i = 0; i < bytes.len; i++) {
        snprintf(two, sizeof two, "%02x", (unsigned char)bytes.at[i]);
        if (!put(filling, two, 2))
            return false;
    }
    return true;
}

/* Base64 goes straight to its place: pictures are large. Only a form has to escape it. */
static bool put_base64(struct filling *filling, struct smg_str bytes)
{
    size_t from = filling->out->len, len = (bytes.len + 2) / 3 * 4;
    struct bytes copy = { 0 };
    bool good;

    if (bytes.len > filling->most || !bytes_reserve(filling->out, len + 1, filling->most))
        return false;
    EVP_EncodeBlock((unsigned char *)filling->out->at + from, (const unsigned char *)bytes.at,
                    (int)bytes.len);
    if (filling->escape != TEMPLATE_FORM) {
        filling->out->len += len;
        return true;
    }
    good = bytes_add(&copy, filling->out->at + from, len, filling->most) &&
           put_text(filling, bytes_view(&copy));
    bytes_fini(&copy);
    return good;
}

static bool put_value(struct filling *filling, const struct smg_value *value, struct smg_str form)
{
    bool digits = form.len == 6 && memcmp(form.at, "digits", 6) == 0;
    bool hex = form.len == 3 && memcmp(form.at, "hex", 3) == 0;
    char text[32];
    int len;

    switch (value->type) {
    case SMG_BOOL:
        len = snprintf(text, sizeof text, "%s", value->boolean ? "true" : "false");
        break;
    case SMG_INT:
        len = snprintf(text, sizeof text, "%lld", (long long)value->integer);
        break;
    case SMG_DATE:
        len = snprintf(text, sizeof text, digits ? "%04d%02d%02d" : "%04d-%02d-%02d",
                       value->date.year, value->date.month, value->date.day);
        break;
    case SMG_BYTES:
        return hex ? put_hex(filling, value->str) : put_base64(filling, value->str);
    default:
        return put_text(filling, value->str);
    }
    return put(filling, text, (size_t)len);
}

int template_fill(const char *text, enum template_escape escape, template_value_fn value, void *ctx,
                  struct bytes *out, size_t most, struct smg_err *err)
{
    struct filling filling = { .out = out, .most = most, .escape = escape };
    struct smg_value found;
    struct place place;
    bool good = true;

    while (good && *text != '\0') {
        size_t plain = strcspn(text, "{");

        if (plain == 0 && !read_place(text, &place))
            plain = 1;
        if (plain > 0) {
            good = put(&filling, text, plain);
            text += plain;
            continue;
        }
        text += place.whole.len;
        for (bool known = false; place.names.len > 0 && !known;) {
            known = value(ctx, next_name(&place.names), &found);
            if (known)
                good = put_value(&filling, &found, place.form);
            else if (place.names.len == 0 && !place.optional)
                return smg_fail(err, SMG_E_INVALID, "nothing is known to fill %.*s with",
                                (int)place.whole.len, place.whole.at);
        }
    }
    if (!good)
        return smg_fail(err, SMG_E_INVALID, "the text is too long once it is filled");
    return SMG_OK;
}
