/* SPDX-License-Identifier: Apache-2.0 */
/* Words, numbers, texts and signs, as Lua 5.4 reads them. */
#include "policy/syntax_parts.h"

static int peek(const struct parser *parser, size_t ahead)
{
    size_t at = parser->at + ahead;

    return at < parser->text.len ? (unsigned char)parser->text.at[at] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A line's end is one or both of its bytes, in any order. */
static bool skip_line_end(struct parser *parser)
{
    int first = peek(parser, 0), second = peek(parser, 1);

    if (first != '\n' && first != '\r')
        return false;
    parser->at += (second == '\n' || second == '\r') && second != first ? 2 : 1;
    parser->line++;
    return true;
}

/* The number of = in [==[, or -1. */
static int long_bracket(const struct parser *parser, char bracket)
{
    size_t i = 1;

    if (peek(parser, 0) != bracket)
        return -1;
    while (peek(parser, i) == '=')
        i++;
    return peek(parser, i) == bracket ? (int)i - 1 : -1;
}

static void skip_long(struct parser *parser, int level)
{
    int line = parser->line;

    parser->at += (size_t)level + 2;
    for (;;) {
        int c = peek(parser, 0);

        if (c <= 0) {
            parser_fail(parser, line, "a long text or comment does not end");
            return;
        }
        if (c == ']' && long_bracket(parser, ']') == level) {
            parser->at += (size_t)level + 2;
            return;
        }
        if (!skip_line_end(parser))
            parser->at++;
    }
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static void skip_blanks(struct parser *parser)
{
    for (;;) {
        int c = peek(parser, 0), level;

        if (is_blank(c)) {
            parser->at++;
        } else if (skip_line_end(parser)) {
            continue;
        } else if (c == '-' && peek(parser, 1) == '-') {
            parser->at += 2;
            level = long_bracket(parser, '[');
            if (level >= 0) {
                skip_long(parser, level);
                continue;
            }
            while (peek(parser, 0) > 0 && peek(parser, 0) != '\n' && peek(parser, 0) != '\r')
                parser->at++;
        } else {
            return;
        }
    }
}

static size_t count_digits(struct smg_str *rest, bool hex)
{
    size_t count = 0;

    while (rest->len > 0 && (hex ? is_hex(rest->at[0]) : is_digit(rest->at[0]))) {
        rest->at++;
        rest->len--;
        count++;
    }
    return count;
}

static bool skip_one(struct smg_str *rest, const char *of)
{
    if (rest->len == 0 || strchr(of, rest->at[0]) == NULL)
        return false;
    rest->at++;
    rest->len--;
    return true;
}

static bool is_number(struct smg_str rest)
{
    bool hex = rest.len > 1 && rest.at[0] == '0' && (rest.at[1] | 0x20) == 'x';
    size_t digits;

    if (hex)
        rest = (struct smg_str){ rest.at + 2, rest.len - 2 };
    digits = count_digits(&rest, hex);
    if (skip_one(&rest, "."))
        digits += count_digits(&rest, hex);
    if (digits == 0)
        return false;
    if (skip_one(&rest, hex ? "pP" : "eE")) {
        skip_one(&rest, "+-");
        if (count_digits(&rest, false) == 0)
            return false;
    }
    return rest.len == 0;
}

static void read_number(struct parser *parser)
{
    size_t from = parser->at;
    bool hex = peek(parser, 0) == '0' && (peek(parser, 1) | 0x20) == 'x';

    parser->at += hex ? 2 : 0;
    for (;;) {
        int c = peek(parser, 0);

        if ((c | 0x20) == (hex ? 'p' : 'e'))
            parser->at += peek(parser, 1) == '+' || peek(parser, 1) == '-' ? 2 : 1;
        else if (is_hex(c) || c == '.')
            parser->at++;
        else
            break;
    }
    if (is_letter(peek(parser, 0)) ||
        !is_number((struct smg_str){ parser->text.at + from, parser->at - from }))
        parser_fail(parser, parser->line, "this is no number");
}

/* Behind "\u": hexadecimal digits in braces, below 2^31. */
static bool skip_code_point(struct parser *parser)
{
    uint32_t value = 0;
    size_t digits = 0;

    if (peek(parser, 0) != '{')
        return false;
    for (parser->at++; is_hex(peek(parser, 0)); parser->at++, digits++) {
        int c = peek(parser, 0);

        if (value > 0x7FFFFFFFU >> 4)
            return false;
        value = value << 4 | (uint32_t)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    if (digits == 0 || peek(parser, 0) != '}')
        return false;
    parser->at++;
    return true;
}

static bool skip_decimal(struct parser *parser)
{
    int value = 0, digits = 0;

    for (; digits < 3 && is_digit(peek(parser, 0)); digits++, parser->at++)
        value = 10 * value + peek(parser, 0) - '0';
    return digits > 0 && value < 256;
}

/* Behind a backslash. */
static bool skip_escape(struct parser *parser)
{
    int c = peek(parser, 0);

    if (skip_line_end(parser))
        return true;
    if (is_digit(c))
        return skip_decimal(parser);
    if (c <= 0)
        return false;
    parser->at++;
    if (c == 'x') {
        bool good = is_hex(peek(parser, 0)) && is_hex(peek(parser, 1));

        parser->at += good ? 2 : 0;
        return good;
    }
    if (c == 'u')
        return skip_code_point(parser);
    if (c == 'z') {
        while (is_blank(peek(parser, 0)) || peek(parser, 0) == '\n' || peek(parser, 0) == '\r')
            if (!skip_line_end(parser))
                parser->at++;
        return true;
    }
    return strchr("abfnrtv\\\"'", c) != NULL;
}

static void read_short(struct parser *parser)
{
    int quote = peek(parser, 0);

    parser->at++;
    while (peek(parser, 0) != quote) {
        int c = peek(parser, 0);

        if (c <= 0 || c == '\n' || c == '\r') {
            parser_fail(parser, parser->line, "a text in quotes does not end on its line");
            return;
        }
        parser->at++;
        if (c == '\\' && !skip_escape(parser)) {
            parser_fail(parser, parser->line, "a text holds an unknown escape");
            return;
        }
    }
    parser->at++;
}

static bool is_reserved(struct smg_str word)
{
    static const char *const words[] = { "and",   "break", "do",       "else", "elseif", "end",
                                         "false", "for",   "function", "goto", "if",     "in",
                                         "local", "nil",   "not",      "or",   "repeat", "return",
                                         "then",  "true",  "until",    "while" };
    size_t i;

    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_is(word, words[i]))
            return true;
    return false;
}

/* The longest sign that begins here; 0 when none does. */
static size_t sign_length(const struct parser *parser)
{
    static const char *const signs[] = { "...", "==", "~=", "<=", ">=", "//", "::", "<<", ">>",
                                         "..",  "+",  "-",  "*",  "/",  "%",  "^",  "#",  "&",
                                         "~",   "|",  "<",  ">",  "=",  "(",  ")",  "{",  "}",
                                         "[",   "]",  ";",  ":",  ",",  "." };
    struct smg_str rest = { parser->text.at + parser->at, parser->text.len - parser->at };
    size_t i;

    for (i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (str_starts(rest, signs[i]))
            return strlen(signs[i]);
    return 0;
}

static void read_sign(struct parser *parser, struct token *out)
{
    size_t len = sign_length(parser);

    if (len == 0)
        parser_fail(parser, parser->line, "this byte begins nothing");
    out->kind = TOKEN_SIGN;
    parser->at += len;
}

static struct token read_token(struct parser *parser)
{
    struct token out = { .kind = TOKEN_END };
    int c;

    skip_blanks(parser);
    c = peek(parser, 0);
    out.line = parser->line;
    out.from = (uint32_t)parser->at;
    if (parser->wrong != NULL || c < 0) {
        out.to = out.from;
        return out;
    }
    if (is_letter(c)) {
        while (is_letter(peek(parser, 0)) || is_digit(peek(parser, 0)))
            parser->at++;
        out.kind =
            is_reserved((struct smg_str){ parser->text.at + out.from, parser->at - out.from })
                ? TOKEN_WORD
                : TOKEN_NAME;
    } else if (is_digit(c) || (c == '.' && is_digit(peek(parser, 1)))) {
        out.kind = TOKEN_NUMBER;
        read_number(parser);
    } else if (c == '"' || c == '\'') {
        out.kind = TOKEN_STRING;
        read_short(parser);
    } else if (c == '[' && long_bracket(parser, '[') >= 0) {
        out.kind = TOKEN_STRING;
        skip_long(parser, long_bracket(parser, '['));
    } else {
        read_sign(parser, &out);
    }
    out.to = (uint32_t)parser->at;
    if (parser->wrong != NULL)
        out.kind = TOKEN_END;
    return out;
}

void token_take(struct parser *parser)
{
    parser->last_to = parser->token.to;
    parser->token = parser->has_ahead ? parser->ahead : read_token(parser);
    parser->has_ahead = false;
    if (parser->wrong != NULL)
        parser->token.kind = TOKEN_END;
}

const struct token *token_ahead(struct parser *parser)
{
    if (!parser->has_ahead)
        parser->ahead = read_token(parser);
    parser->has_ahead = true;
    return &parser->ahead;
}

bool token_is(const struct parser *parser, const char *sign_or_word)
{
    const struct token *token = &parser->token;

    return (token->kind == TOKEN_SIGN || token->kind == TOKEN_WORD) &&
           str_is((struct smg_str){ parser->text.at + token->from, token->to - token->from },
                  sign_or_word);
}

bool token_skip(struct parser *parser, const char *sign_or_word)
{
    if (!token_is(parser, sign_or_word))
        return false;
    token_take(parser);
    return true;
}

void token_expect(struct parser *parser, const char *sign_or_word, const char *why)
{
    if (!token_skip(parser, sign_or_word))
        parser_fail(parser, parser->token.line, why);
}
