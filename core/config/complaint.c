/* SPDX-License-Identifier: Apache-2.0 */
/* Complaints: where in the file, which key, what is wrong. */
#include "config/tree.h"

enum { ENOUGH = 100, QUOTED_BYTES = 44 };

/* A control character (C0, DEL or C1) at the text's start: its length, or 0. Such a character could
 * drive the terminal the complaint is read on. */
static size_t control_length(const char *text)
{
    unsigned char byte = (unsigned char)text[0];

    if (byte < 0x20 || byte == 0x7F)
        return 1;
    return byte == 0xC2 && (unsigned char)text[1] < 0xA0 ? 2 : 0;
}

struct shown tree_show(const char *text)
{
    struct shown shown = { "" };
    size_t i, len = strlen(text), put = 0;
    bool cut = len > QUOTED_BYTES;

    if (cut) {
        len = QUOTED_BYTES;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--; /* not inside a character */
    }
    for (i = 0; i < len; i++) {
        size_t control = control_length(text + i);

        shown.text[put] = '?';
        if (control == 0)
            shown.text[put] = text[i];
        else
            i += control - 1;
        put++;
    }
    if (cut)
        memcpy(shown.text + put, "...", 4);
    return shown;
}

static void put_printable(struct buf *out, const char *text)
{
    while (*text != '\0') {
        size_t control = control_length(text);

        buf_byte(out, control == 0 ? (unsigned char)*text : '?');
        text += control < 2 ? 1 : 2;
    }
}

static void write_path(struct buf *out, const struct config_node *node)
{
    if (node->parent == NULL)
        return;
    write_path(out, node->parent);
    if (node->key != NULL)
        buf_printf(out, "%s%s", node->parent->parent == NULL ? "" : ".", tree_show(node->key).text);
    else
        buf_printf(out, "[%zu]", node->index);
}

static void write_complaint(struct config_errors *errors, const struct config_node *node,
                            unsigned line, unsigned column, const char *fmt, va_list args)
{
    struct buf *out = &errors->text;
    char message[512];

    if (node != NULL && node->refused)
        return;
    errors->count++;
    if (errors->count > ENOUGH)
        return;
    if (node != NULL) {
        put_printable(out, tree_file(node->tree));
        buf_printf(out, ":%u:%u: ", line, column);
        write_path(out, node);
        if (node->parent != NULL)
            buf_text(out, ": ");
    }
    if (vsnprintf(message, sizeof message, fmt, args) >= 0)
        put_printable(out, message);
    buf_byte(out, '\n');
    if (errors->count == ENOUGH)
        buf_text(out, "more mistakes follow; correct these first\n");
}

void config_complain(struct config_errors *errors, const struct config_node *where, const char *fmt,
                     ...)
{
    va_list args;

    va_start(args, fmt);
    write_complaint(errors, where, where == NULL ? 0 : where->line,
                    where == NULL ? 0 : where->column, fmt, args);
    va_end(args);
}

void tree_complain_key(struct config_errors *errors, const struct config_node *where,
                       const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    write_complaint(errors, where, where->key_line, where->key_column, fmt, args);
    va_end(args);
}

void config_errors_fini(struct config_errors *errors)
{
    buf_fini(&errors->text);
    errors->count = 0;
}
