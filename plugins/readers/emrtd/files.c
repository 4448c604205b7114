/* SPDX-License-Identifier: Apache-2.0 */
/* Files selected and read. */
#include "files.h"

#include "tlv.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 4,        /* enough for any file's tag and length up to 64 KiB */
    HEADER_MAX = 6,    /* tag, 84, four bytes */
    PART = 0xDF,       /* what fits into a short answer under secure messaging */
    OBJECT_HEADER = 4, /* the most that tag and length of an answer take */
    ODD_PART = 0xD0,   /* the same, inside an object */
    EVEN_END = 0x8000  /* READ BINARY B0 reaches no further */
};

int icc_select_master(struct icc *icc, struct smg_err *err)
{
    static const uint8_t master[] = { 0x3F, 0x00 };
    const struct command select = { .ins = 0xA4, .p2 = 0x0C, .data = master, .len = sizeof master };
    struct answer answer;

    return icc_send(icc, &select, &answer, err);
}

int icc_select_application(struct icc *icc, struct smg_err *err)
{
    static const uint8_t lds1[] = { 0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01 };
    const struct command select = {
        .ins = 0xA4, .p1 = 0x04, .p2 = 0x0C, .data = lds1, .len = sizeof lds1
    };
    struct answer answer;

    if (icc_send(icc, &select, &answer, err) < 0)
        return err->code;
    if (answer.status != STATUS_DONE)
        return smg_fail(err, SMG_E_CARD, "this is no chip of a travel document (status %04X)",
                        answer.status);
    return SMG_OK;
}

static int select_file(struct icc *icc, uint16_t id, bool *found, struct smg_err *err)
{
    const uint8_t name[] = { (uint8_t)(id >> 8), (uint8_t)id };
    const struct command select = {
        .ins = 0xA4, .p1 = 0x02, .p2 = 0x0C, .data = name, .len = sizeof name
    };
    struct answer answer;
    int code = icc_send(icc, &select, &answer, err);

    *found = code == SMG_OK && answer.status == STATUS_DONE;
    return code;
}

static bool has_data(const struct answer *answer)
{
    return answer->status == STATUS_DONE || answer->status == STATUS_END_OF_FILE;
}

/* READ BINARY with the offset in its header. */
static int read_near(struct icc *icc, size_t offset, size_t wanted, struct answer *answer,
                     struct smg_str *part, struct smg_err *err)
{
    const struct command read = { .ins = 0xB0,
                                  .p1 = (uint8_t)(offset >> 8),
                                  .p2 = (uint8_t)offset,
                                  .expected = wanted < PART ? wanted : PART };
    int code = icc_send(icc, &read, answer, err);

    if (code == SMG_OK && has_data(answer))
        *part = (struct smg_str){ (const char *)answer->data, answer->len };
    return code;
}

/* READ BINARY with the offset in an object, and the answer in one. */
static int read_far(struct icc *icc, size_t offset, size_t wanted, struct answer *answer,
                    struct smg_str *part, struct smg_err *err)
{
    const uint8_t place[] = { (uint8_t)(offset >> 16), (uint8_t)(offset >> 8), (uint8_t)offset };
    bool small = offset <= 0xFFFF;
    uint8_t data[8];
    struct writer object = { .at = data, .room = sizeof data };
    struct command read = { .ins = 0xB1, .data = data };
    struct smg_str inside;
    int code;

    write_tlv(&object, 0x54, place + small, sizeof place - small);
    if (wanted > ODD_PART)
        wanted = ODD_PART;
    read.len = object.len;
    read.expected = wanted + OBJECT_HEADER;
    code = icc_send(icc, &read, answer, err);
    if (code == SMG_OK && has_data(answer) &&
        find_tlv((struct smg_str){ (const char *)answer->data, answer->len }, 0x53, &inside))
        *part = inside;
    return code;
}

/* Bytes from offset on, as many as come: at least one, or none at the file's end. */
static int read_part(struct icc *icc, uint8_t *to, size_t offset, size_t wanted, size_t *got,
                     struct smg_err *err)
{
    struct smg_str part = { 0 };
    struct answer answer;
    int code = offset < EVEN_END ? read_near(icc, offset, wanted, &answer, &part, err)
                                 : read_far(icc, offset, wanted, &answer, &part, err);

    *got = part.len < wanted ? part.len : wanted;
    if (*got > 0)
        memcpy(to, part.at, *got);
    OPENSSL_cleanse(&answer, sizeof answer);
    return code;
}

/* How long a file is that begins like this: 0 when its length is malformed. */
static size_t read_length(const uint8_t *header, size_t len)
{
    size_t count, length = 0;

    if (len < 2 || header[1] == 0x80)
        return 0;
    if (header[1] < 0x80)
        return 2u + header[1];
    count = header[1] & 0x7F;
    if (count > 4 || count + 2 > len)
        return 0;
    for (size_t i = 0; i < count; i++)
        length = length << 8 | header[2 + i];
    return length + 2 + count;
}

static int read_rest(struct icc *icc, size_t length, struct file *out, struct smg_err *err)
{
    size_t got = 1;

    while (out->len < length && got > 0) {
        if (read_part(icc, out->at + out->len, out->len, length - out->len, &got, err) < 0)
            return err->code;
        out->len += got;
    }
    out->whole = out->len == length;
    return SMG_OK;
}

int icc_read_file(struct icc *icc, uint16_t id, struct file *out, struct smg_err *err)
{
    uint8_t header[HEADER_MAX];
    size_t got = 0, more = 0, length;
    bool found;

    *out = (struct file){ 0 };
    if (select_file(icc, id, &found, err) < 0)
        return err->code;
    if (found && read_part(icc, header, 0, HEADER, &got, err) < 0)
        return err->code;
    if (got == 0)
        return SMG_OK;
    if (got == HEADER && header[1] > 0x82 &&
        read_part(icc, header + HEADER, HEADER, HEADER_MAX - HEADER, &more, err) < 0)
        return err->code;
    got += more;
    length = read_length(header, got);
    out->at = calloc(1, length > got && length <= FILE_BYTES_MAX ? length : sizeof header);
    if (out->at == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (length != 0 && got > length)
        got = length;
    memcpy(out->at, header, got);
    out->len = got;
    return length == 0 || length > FILE_BYTES_MAX ? SMG_OK : read_rest(icc, length, out, err);
}

void file_free(struct file *file)
{
    if (file->at != NULL)
        OPENSSL_cleanse(file->at, file->len);
    free(file->at);
    *file = (struct file){ 0 };
}
