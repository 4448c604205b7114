/* SPDX-License-Identifier: Apache-2.0 */
/* A byte at a time through a request's head (RFC 9112, 2.2 and 5). */
#include "http/head.h"

static void end_line(struct head *head)
{
    if (!head->after_cr)
        head->crooked = true;
    if (!head->in_line)
        head->whole = true;
    else
        head->lines++;
    head->in_line = false;
    head->coding = 0;
}

/* Is it the header that says so? A value of another kind is refused later. */
static void watch_name(struct head *head, unsigned char byte)
{
    static const char name[] = "transfer-encoding:";
    int lower = byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;

    if (head->coding < sizeof name - 1 && lower == name[head->coding])
        head->coding++;
    else
        head->coding = sizeof name;
    head->chunked = head->chunked || head->coding == sizeof name - 1;
}

static void watch_byte(struct head *head, unsigned char byte)
{
    bool is_space = byte == ' ' || byte == '\t';

    if (byte == '\n') {
        end_line(head);
    } else if (head->after_cr) {
        head->crooked = true; /* a carriage return of its own */
        head->in_line = true;
    } else if (byte != '\r') {
        if ((byte < ' ' && byte != '\t') || byte == 0x7F || (is_space && !head->in_line))
            head->crooked = true;
        head->in_line = true;
        watch_name(head, byte);
    }
    head->after_cr = byte == '\r';
}

size_t head_watch(struct head *head, struct smg_str bytes)
{
    size_t i;

    for (i = 0; i < bytes.len && !head->whole; i++)
        watch_byte(head, (unsigned char)bytes.at[i]);
    head->bytes += i;
    return i;
}

static void end_size(struct chunks *chunks)
{
    chunks->in_chunk = chunks->size > 0;
    chunks->ended = chunks->in_line && chunks->size == 0;
    chunks->in_line = chunks->after_size = false;
}

static void watch_size(struct chunks *chunks, unsigned char byte)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = byte == '\0' ? NULL : strchr(digits, byte);
    unsigned digit = at == NULL ? 0 : (unsigned)(at - digits);

    if (byte == '\n') {
        end_size(chunks);
        return;
    }
    if (byte == '\r')
        return;
    if (at == NULL || chunks->after_size)
        chunks->crooked = chunks->crooked || byte != ' ' || !chunks->in_line;
    else if (chunks->size > UINT64_MAX >> 4)
        chunks->size = UINT64_MAX; /* too large, but a size */
    else
        chunks->size = chunks->size << 4 | (digit > 15 ? digit - 6 : digit);
    chunks->after_size = at == NULL;
    chunks->in_line = true;
}

void chunks_watch(struct chunks *chunks, struct smg_str bytes)
{
    while (bytes.len > 0 && !chunks->crooked && !chunks->ended) {
        size_t part = 1;

        if (!chunks->in_chunk) {
            watch_size(chunks, (unsigned char)*bytes.at);
        } else {
            part = chunks->size < bytes.len ? (size_t)chunks->size : bytes.len;
            chunks->size -= part;
            chunks->in_chunk = chunks->size > 0;
        }
        bytes.at += part;
        bytes.len -= part;
    }
}
