/* SPDX-License-Identifier: Apache-2.0 */
/* The target of a request (RFC 9112, 3.2): split, checked, and its query decoded once. */
#include "http/refusal.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte at *i, decoded if it is "%41"; *i moves behind it. -1: a percent sign of its own. */
static int take_byte(struct smg_str text, size_t *i)
{
    int high, low;

    if (text.at[*i] != '%')
        return (unsigned char)text.at[(*i)++];
    if (text.len - *i < 3)
        return -1;
    high = hex_digit(text.at[*i + 1]);
    low = hex_digit(text.at[*i + 2]);
    *i += 3;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Visible ASCII as sent, and no NUL behind a percent sign. */
static bool is_well_encoded(struct smg_str text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~' || text.at[i] == '#')
            return false;
    for (i = 0; i < text.len;)
        if (take_byte(text, &i) <= 0)
            return false;
    return true;
}

/* No segment that means "here" or "up", and no encoded byte that would be a separator or a control
 * character to whoever decodes later. */
static bool is_plain_path(struct smg_str path)
{
    size_t i = 0, start, dots = 0, length = 0;

    while (i < path.len) {
        int byte;

        start = i;
        byte = take_byte(path, &i);
        if (i - start > 1 && (byte < ' ' || byte == 0x7F || byte == '/'))
            return false;
        if (byte == '\\')
            return false;
        if (byte == '/') {
            if (length > 0 && length <= 2 && dots == length)
                return false;
            dots = length = 0;
        } else {
            length++;
            dots += byte == '.';
        }
    }
    return length == 0 || length > 2 || dots != length;
}

/* Behind "http://host" of the form proxies are sent; false when it is neither that nor a path. */
static bool skip_authority(struct smg_str *text)
{
    static const char *const schemes[] = { "http://", "https://" };
    size_t i;

    if (text->len > 0 && text->at[0] == '/')
        return true;
    for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t skip = strlen(schemes[i]);

        if (text->len <= skip || strncasecmp(text->at, schemes[i], skip) != 0)
            continue;
        while (skip < text->len && strchr("/?", text->at[skip]) == NULL)
            skip++;
        text->at += skip;
        text->len -= skip;
        return true;
    }
    return false;
}

bool target_read(struct smg_str text, struct target *out)
{
    const char *mark;

    if (!skip_authority(&text))
        return false;
    mark = text.len == 0 ? NULL : memchr(text.at, '?', text.len);
    out->path = text;
    out->query = (struct smg_str){ NULL, 0 };
    if (mark != NULL) {
        out->path.len = (size_t)(mark - text.at);
        out->query = (struct smg_str){ mark + 1, text.len - out->path.len - 1 };
    }
    if (out->path.len == 0)
        out->path = SMG_STR("/");
    return is_well_encoded(out->path) && is_well_encoded(out->query) && is_plain_path(out->path);
}

static void decode_part(struct smg_str part, struct buf *out)
{
    size_t i = 0;

    while (i < part.len) {
        bool is_plus = part.at[i] == '+';
        int byte = take_byte(part, &i);

        buf_byte(out, is_plus ? ' ' : (unsigned char)byte);
    }
    buf_byte(out, 0);
}

void target_decode(struct smg_str query, struct buf *out)
{
    while (query.len > 0) {
        const char *end = memchr(query.at, '&', query.len);
        size_t len = end == NULL ? query.len : (size_t)(end - query.at);
        const char *equals = memchr(query.at, '=', len);
        size_t name = equals == NULL ? len : (size_t)(equals - query.at);
        size_t value = equals == NULL ? len : name + 1;

        if (len > 0) {
            decode_part((struct smg_str){ query.at, name }, out);
            decode_part((struct smg_str){ query.at + value, len - value }, out);
        }
        query.at += end == NULL ? len : len + 1;
        query.len -= end == NULL ? len : len + 1;
    }
}
