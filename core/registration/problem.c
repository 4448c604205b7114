/* SPDX-License-Identifier: Apache-2.0 */
/* Problem answers (RFC 9457). */
#include "registration/problem.h"

void problem_add(struct problems *problems, const char *pointer, const char *code, const char *zh,
                 const char *en)
{
    if (problems->count++ >= PROBLEMS_SHOWN)
        return;
    buf_text(&problems->json, problems->json.len == 0 ? "{\"pointer\":" : ",{\"pointer\":");
    buf_json(&problems->json, str_of(pointer));
    buf_text(&problems->json, ",\"code\":");
    buf_json(&problems->json, str_of(code));
    buf_text(&problems->json, ",\"zh\":");
    buf_json(&problems->json, str_of(zh));
    buf_text(&problems->json, ",\"en\":");
    buf_json(&problems->json, str_of(en));
    buf_byte(&problems->json, '}');
}

static void put_in(struct buf *out, const char *sentence, const char *name)
{
    const char *place = strstr(sentence, "%s");

    if (place == NULL) {
        buf_text(out, sentence);
        return;
    }
    buf_put(out, sentence, (size_t)(place - sentence));
    buf_text(out, name);
    buf_text(out, place + 2);
}

void problem_add_named(struct problems *problems, const char *pointer, const char *code,
                       const char *zh, const char *en, const char *name)
{
    struct buf zh_text = { 0 }, en_text = { 0 };

    put_in(&zh_text, zh, name);
    put_in(&en_text, en, name);
    if (!zh_text.failed && !en_text.failed)
        problem_add(problems, pointer, code, zh_text.at, en_text.at);
    buf_fini(&zh_text);
    buf_fini(&en_text);
}

void problems_fini(struct problems *problems)
{
    buf_fini(&problems->json);
    problems->count = 0;
}

void problem_write(struct buf *out, int status, const char *title_zh, const char *title_en,
                   const struct problems *problems)
{
    buf_text(out, "{\"type\":\"about:blank\",\"title\":");
    buf_json(out, str_of(title_en));
    buf_printf(out, ",\"status\":%d,\"zh\":", status);
    buf_json(out, str_of(title_zh));
    buf_text(out, ",\"en\":");
    buf_json(out, str_of(title_en));
    buf_text(out, ",\"errors\":[");
    if (problems != NULL)
        buf_str(out, buf_view(&problems->json));
    buf_text(out, "]}\n");
}
