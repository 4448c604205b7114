/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a chip into the four layouts: whatever they are, what comes out is text and days. */
#include "../../plugins/readers/sdt/text.c"

#include "base/date.h"
#include "base/str.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth)
{
    if (!truth)
        abort();
}

static void expect_text(const char *text, size_t room)
{
    size_t len = strnlen(text, room);

    expect(len < room && str_is_utf8(str_of(text)) && (len == 0 || text[len - 1] != ' '));
}

static void expect_document(const struct document *document)
{
    expect(document->type != NULL);
    expect_text(document->number, sizeof document->number);
    expect_text(document->name, sizeof document->name);
    expect_text(document->latin, sizeof document->latin);
    expect_text(document->sex, sizeof document->sex);
    expect_text(document->nation, sizeof document->nation);
    expect_text(document->nationality, sizeof document->nationality);
    expect_text(document->address, sizeof document->address);
    expect_text(document->issuer, sizeof document->issuer);
    expect_text(document->permit_number, sizeof document->permit_number);
    expect_text(document->issue_count, sizeof document->issue_count);
    expect_text(document->old_number, sizeof document->old_number);
    expect(document->number[0] != '\0' && document->name[0] != '\0');
    expect(date_is_valid(document->birth) && date_is_valid(document->valid_from));
    expect(document->long_term ? date_is_none(document->valid_to)
                               : date_is_valid(document->valid_to));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct document document;
    struct smg_err err = { 0 };
    char address[TEXT_UTF8];

    if (text_read_address(data, size, address, &err) == SMG_OK)
        expect_text(address, sizeof address);
    if (size < TEXT_BYTES)
        return 0;
    if (text_read(data, &document, &err) == SMG_OK)
        expect_document(&document);
    else
        expect(err.text[0] != '\0' && document.type == NULL);
    return 0;
}
