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
    }
    head->after_cr = byte == '\r';
}

void head_watch(struct head *head, struct smg_str bytes)
{
    size_t i;

    for (i = 0; i < bytes.len && !head->whole; i++)
        watch_byte(head, (unsigned char)bytes.at[i]);
    head->bytes += i;
}
