/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an official text: what is read has numbers a register can hold, texts that are
 * digested again alike, and Chinese numbers that are read back as they are written. */
#include "policy/articles.h"
#include "workbench/lawtext.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_number(struct smg_str text)
{
    struct smg_str rest = text, again;
    struct buf written = { 0 };
    int number = law_take_number(&rest);

    check(number >= 0 && number <= LAW_ARTICLE_MAX);
    check(number > 0 || rest.at == text.at);
    if (number > 0) {
        law_put_number(number, &written);
        again = buf_view(&written);
        check(law_take_number(&again) == number && again.len == 0);
    }
    buf_fini(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smg_str text = str_bytes(data, size);
    struct buf problems = { 0 };
    struct law_text law;
    char digest[72];
    bool read = law_text_read(text, "law.txt", &law, &problems);
    size_t i;

    check(read == (problems.len == 0) && read == (law.count > 0));
    for (i = 0; i < law.count; i++) {
        check(articles_number_is_valid(str_of(law.units[i].number)));
        check(str_is_utf8(law.units[i].text));
        check(law_digest(law.units[i].text, digest));
        check(strcmp(digest, law.units[i].digest) == 0);
    }
    check_number(text);
    law_text_fini(&law);
    buf_fini(&problems);
    return 0;
}
