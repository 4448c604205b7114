/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the lines of an official text: what each line begins says what it is. */
#include "workbench/lawtext.h"

#include "base/sha256.h"
#include "policy/set.h"

#include <stdio.h>
#include <stdlib.h>

enum { MISTAKES_SHOWN = 20 };

struct reading {
    struct law_text *out;
    const char *file;
    struct buf *problems;
    size_t *starts; /* where each unit's words begin; pointers only when all are there */
    int line;
    int article, inserted; /* 0: before the first; inserted: the 1 of 第六条之一 */
    int paragraph, item;
    bool closed; /* a heading ended the article: only another may follow */
    int mistakes;
};

SMG_PRINTF(2, 3)
static void mistake(struct reading *reading, const char *fmt, ...)
{
    char text[160];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    set_problem(reading->problems, reading->file, reading->line, "%s", text);
    reading->mistakes++;
}

static bool take(struct smg_str *text, const char *prefix)
{
    if (!str_starts(*text, prefix))
        return false;
    text->at += strlen(prefix);
    text->len -= strlen(prefix);
    return true;
}

/* The length of the white space, or of a mark nobody sees, at the front of a text; 0: none. */
static size_t blank(struct smg_str text)
{
    static const char *const marks[] = { "　",     "\u00a0", "\ufeff", "\u200b", "\u2002",
                                         "\u2003", "\u2009", "\u2028", "\u202f" };
    size_t i;

    if (text.len > 0 && strchr(" \t\r\n\v\f", text.at[0]) != NULL && text.at[0] != '\0')
        return 1;
    for (i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (str_starts(text, marks[i]))
            return strlen(marks[i]);
    if (str_starts(text, "[bookmark:")) {
        const char *end = memchr(text.at, ']', text.len < 64 ? text.len : 64);

        return end == NULL ? 0 : (size_t)(end - text.at) + 1;
    }
    return 0;
}

static struct smg_str trimmed(struct smg_str text)
{
    size_t len;

    while ((len = blank(text)) > 0) {
        text.at += len;
        text.len -= len;
    }
    return text;
}

/* U+FF01 to U+FF5E, three bytes each, are the printable ASCII characters in full width. */
static char narrow(struct smg_str text)
{
    unsigned char second, third;

    if (text.len < 3 || (unsigned char)text.at[0] != 0xef)
        return '\0';
    second = (unsigned char)text.at[1];
    third = (unsigned char)text.at[2];
    if (second == 0xbc && third >= 0x81)
        return (char)(third - 0x80 + 0x20);
    if (second == 0xbd && third <= 0x9e)
        return (char)(third - 0x80 + 0x60);
    return '\0';
}

/* The text without its white space. */
static void put_words(struct smg_str text, struct buf *out)
{
    while (text.len > 0) {
        size_t len = blank(text);

        if (len == 0)
            buf_byte(out, (unsigned char)text.at[0]);
        len = len > 0 ? len : 1;
        text.at += len;
        text.len -= len;
    }
}

/* The length of the punctuation at the front of a text; 0: none. */
static size_t punctuation(struct smg_str text)
{
    static const char *const marks[] = {
        "。", "、", "“", "”",  "‘",  "’",  "《", "》", "〈", "〉",
        "—",  "…",  "·", "〔", "〕", "【", "】", "「", "」", "﹒"
    };
    char ascii = narrow(text);
    size_t i;

    if (ascii == '\0' && text.len > 0)
        ascii = text.at[0];
    if (ascii != '\0' && strchr(",;:!?()[]\"'", ascii) != NULL)
        return text.at[0] == ascii ? 1 : 3;
    for (i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (str_starts(text, marks[i]))
            return strlen(marks[i]);
    return 0;
}

static void normalise(struct smg_str text, struct buf *out)
{
    while (text.len > 0) {
        size_t len = blank(text);
        char ascii = narrow(text);

        if (len == 0)
            len = punctuation(text);
        if (len == 0) {
            len = ascii == '\0' ? 1 : 3;
            buf_byte(out, (unsigned char)(ascii == '\0' ? text.at[0] : ascii));
        }
        text.at += len;
        text.len -= len;
    }
}

bool law_digest(struct smg_str text, char out[72])
{
    unsigned char digest[SHA256_BYTES];
    struct buf normal = { 0 };
    struct sha256 hash;
    bool digested;
    size_t i;

    normalise(text, &normal);
    sha256_init(&hash);
    sha256_put(&hash, buf_view(&normal));
    sha256_end(&hash, digest);
    snprintf(out, 72, "sha256:");
    for (i = 0; i < SHA256_BYTES; i++)
        snprintf(out + 7 + 2 * i, 3, "%02x", digest[i]);
    digested = !normal.failed;
    buf_fini(&normal);
    return digested;
}

static const char *const digits[] = { "一", "二", "三", "四", "五", "六", "七", "八", "九" };

static const struct {
    const char *sign;
    int worth;
} places[] = { { "千", 1000 }, { "百", 100 }, { "十", 10 } };

static int take_digit(struct smg_str *text)
{
    int i;

    for (i = 0; i < 9; i++)
        if (take(text, digits[i]))
            return i + 1;
    return 0;
}

/* Thousands, hundreds and tens, each at most once and in this order; 零 stands for a place left
 * out, and 十 alone for one ten at the very front. */
int law_take_number(struct smg_str *text)
{
    struct smg_str rest = *text;
    int sum = 0, below = 10000;
    bool skipped = false;

    for (;;) {
        bool ten = sum == 0 && str_starts(rest, "十");
        int digit, i;

        if (sum > 0 && take(&rest, "零"))
            skipped = true;
        digit = take_digit(&rest);
        if (digit == 0 && !ten)
            break;
        for (i = 0; i < 3 && !take(&rest, places[i].sign); i++)
            ;
        if (i == 3) { /* ones */
            if (below > 10 && below < 10000 && !skipped)
                return 0;
            sum += digit;
            skipped = false;
            break;
        }
        if (places[i].worth >= below || (places[i].worth * 10 < below && sum > 0 && !skipped))
            return 0;
        sum += (ten ? 1 : digit) * places[i].worth;
        below = places[i].worth;
        skipped = false;
    }
    if (sum > 0 && !skipped)
        *text = rest;
    return skipped ? 0 : sum;
}

void law_put_number(int number, struct buf *out)
{
    bool begun = false, skipped = false;
    int i;

    for (i = 0; i < 3; i++) {
        int digit = number / places[i].worth % 10;

        skipped = skipped || (begun && digit == 0);
        if (digit == 0)
            continue;
        buf_text(out, skipped ? "零" : "");
        if (digit > 1 || begun || places[i].worth > 10)
            buf_text(out, digits[digit - 1]);
        buf_text(out, places[i].sign);
        begun = true;
        skipped = false;
    }
    if (number % 10 > 0)
        buf_printf(out, "%s%s", skipped ? "零" : "", digits[number % 10 - 1]);
}

/* 第…条, 第…条之一; true when the line is one. Whatever follows must be parted from it by a space:
 * a paragraph may begin with the name of another article. */
static bool take_article(struct smg_str *line, int *article, int *inserted)
{
    struct smg_str rest = *line;

    *inserted = 0;
    if (!take(&rest, "第"))
        return false;
    *article = law_take_number(&rest);
    if (*article == 0 || !take(&rest, "条"))
        return false;
    if (take(&rest, "之"))
        *inserted = law_take_number(&rest);
    if (rest.len > 0 && blank(rest) == 0)
        return false;
    *line = trimmed(rest);
    return true;
}

static bool is_heading(struct smg_str line)
{
    static const char *const parts[] = { "编", "分编", "章", "节" };
    size_t i;

    if (!take(&line, "第") || law_take_number(&line) == 0)
        return false;
    for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct smg_str rest = line;

        if (take(&rest, parts[i]) && (rest.len == 0 || blank(rest) > 0))
            return true;
    }
    return false;
}

static int take_item(struct smg_str *line)
{
    struct smg_str rest = *line;
    int item;

    if (!take(&rest, "（") && !take(&rest, "("))
        return 0;
    item = law_take_number(&rest);
    if (item == 0 || (!take(&rest, "）") && !take(&rest, ")")))
        return 0;
    *line = trimmed(rest);
    return item;
}

/* "1.", also in full width: a part of an item, which is digested with it. */
static bool is_part_of_item(const struct reading *reading, struct smg_str line)
{
    size_t found = 0;

    while (reading->item > 0 && line.len > 0) {
        char ascii = narrow(line);
        size_t len = 3;

        if (ascii == '\0') {
            ascii = line.at[0];
            len = 1;
        }
        if (ascii < '0' || ascii > '9')
            return found > 0 && (ascii == '.' || str_starts(line, "、"));
        found++;
        line.at += len;
        line.len -= len;
    }
    return false;
}

static void add_unit(struct reading *reading, struct smg_str words)
{
    struct law_text *out = reading->out;
    struct law_unit *unit;
    char inserted[16] = "", item[16] = "";

    if (out->count == LAW_UNITS) {
        mistake(reading, "has more than %d paragraphs and items", LAW_UNITS);
        reading->mistakes = MISTAKES_SHOWN;
        return;
    }
    unit = &out->units[out->count];
    if (reading->inserted > 0)
        snprintf(inserted, sizeof inserted, "-%d", reading->inserted);
    if (reading->item > 0)
        snprintf(item, sizeof item, "/%d", reading->item);
    snprintf(unit->number, sizeof unit->number, "%d%s.%d%s", reading->article, inserted,
             reading->paragraph, item);
    unit->line = reading->line;
    reading->starts[out->count++] = out->words.len;
    put_words(words, &out->words);
}

static void begin_article(struct reading *reading, int article, int inserted)
{
    bool next = inserted == 0 ? article == reading->article + 1
                              : article == reading->article && inserted == reading->inserted + 1;

    if (!next)
        mistake(reading, "article %d does not follow article %d: is the text whole?", article,
                reading->article);
    reading->article = article;
    reading->inserted = inserted;
    reading->paragraph = reading->item = 0;
    reading->closed = false;
    reading->out->articles++;
}

static void read_line(struct reading *reading, struct smg_str line)
{
    int article, inserted, item;
    bool begins;

    while (take(&line, "#")) /* a heading in Markdown */
        ;
    line = trimmed(line);
    begins = take_article(&line, &article, &inserted);
    if (begins)
        begin_article(reading, article, inserted);
    else if (is_heading(line))
        reading->closed = true;
    if (line.len == 0 || reading->article == 0 || reading->closed)
        return;
    if (!begins && is_part_of_item(reading, line)) {
        put_words(line, &reading->out->words);
        return;
    }
    item = begins ? 0 : take_item(&line);
    if (item > 0 && item != reading->item + 1)
        mistake(reading, "item %d does not follow item %d: is the text whole?", item,
                reading->item);
    if (item > 0 && reading->paragraph == 0)
        mistake(reading, "item %d stands before the first paragraph of its article", item);
    if (item == 0)
        reading->paragraph++;
    reading->item = item;
    add_unit(reading, line);
}

static bool is_sound(struct reading *reading, struct smg_str text)
{
    if (text.len > LAW_TEXT_BYTES)
        set_problem(reading->problems, reading->file, 0, "is larger than %d bytes", LAW_TEXT_BYTES);
    else if (!str_is_utf8(text))
        set_problem(reading->problems, reading->file, 0, "is not UTF-8 text");
    else
        return true;
    return false;
}

static void read_lines(struct reading *reading, struct smg_str text)
{
    while (text.len > 0 && reading->mistakes < MISTAKES_SHOWN) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.at);

        reading->line++;
        read_line(reading, (struct smg_str){ text.at, len });
        text.at += len + (end != NULL);
        text.len -= len + (end != NULL);
    }
}

static bool digest_units(const struct reading *reading)
{
    struct law_text *out = reading->out;
    size_t i;

    for (i = 0; i < out->count; i++) {
        struct law_unit *unit = &out->units[i];
        size_t end = i + 1 < out->count ? reading->starts[i + 1] : out->words.len;

        unit->text = str_bytes(out->words.at + reading->starts[i], end - reading->starts[i]);
        if (!law_digest(unit->text, unit->digest))
            return false;
    }
    return !out->words.failed;
}

bool law_text_read(struct smg_str text, const char *file, struct law_text *out,
                   struct buf *problems)
{
    struct reading reading = { .out = out,
                               .file = file,
                               .problems = problems,
                               .starts = calloc(LAW_UNITS, sizeof *reading.starts) };
    size_t before = problems->len;

    *out = (struct law_text){ .units = calloc(LAW_UNITS, sizeof *out->units) };
    if (out->units == NULL || reading.starts == NULL) {
        set_problem(problems, file, 0, "out of memory");
    } else if (is_sound(&reading, text)) {
        read_lines(&reading, text);
        if (problems->len == before && out->count == 0)
            set_problem(problems, file, 0,
                        "has no article: a line that begins with 第一条 and a space");
        else if (!digest_units(&reading))
            set_problem(problems, file, 0, "out of memory");
    }
    free(reading.starts);
    if (problems->len == before && !problems->failed)
        return true;
    law_text_fini(out);
    return false;
}

void law_text_fini(struct law_text *law)
{
    free(law->units);
    buf_fini(&law->words);
    *law = (struct law_text){ 0 };
}
