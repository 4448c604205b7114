/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and answers. */
#include "apdu.h"

#include "tlv.h"

#include <openssl/crypto.h>

static void write_plain(const struct command *command, struct writer *out)
{
    const uint8_t header[] = { command->cla, command->ins, command->p1, command->p2 };

    write_bytes(out, header, sizeof header);
    if (command->len > 0) {
        write_byte(out, (uint8_t)command->len);
        write_bytes(out, command->data, command->len);
    }
    if (command->expected > 0)
        write_byte(out, (uint8_t)command->expected); /* 256 is written 00 */
}

static int take_plain(const uint8_t *raw, size_t len, struct answer *answer, struct smg_err *err)
{
    if (len < 2 || len - 2 > sizeof answer->data)
        return smg_fail(err, SMG_E_CARD, "the chip's answer has %zu bytes", len);
    answer->len = len - 2;
    for (size_t i = 0; i < answer->len; i++)
        answer->data[i] = raw[i];
    answer->status = (uint16_t)(raw[len - 2] << 8 | raw[len - 1]);
    return SMG_OK;
}

int icc_send(struct icc *icc, const struct command *command, struct answer *answer,
             struct smg_err *err)
{
    uint8_t sent[APDU_BYTES], raw[ANSWER_BYTES + 2];
    struct writer out = { .at = sent, .room = sizeof sent };
    bool secure = icc->channel.state != CHANNEL_CLOSED;
    size_t used = 0;
    int code = SMG_OK;

    answer->len = answer->status = 0;
    if (secure)
        code = channel_protect(&icc->channel, command, &out, err);
    else
        write_plain(command, &out);
    if (code == SMG_OK && (out.full || command->len > 255))
        code = smg_fail(err, SMG_E_BUG, "a command does not fit");
    if (code == SMG_OK)
        code = icc->transmit(icc->ctx, sent, out.len, raw, sizeof raw, &used, err);
    if (code == SMG_OK && (used < 2 || used > sizeof raw))
        code = smg_fail(err, SMG_E_CARD, "the chip stopped answering: leave the document in place");
    if (code == SMG_OK)
        code = secure ? channel_open_answer(&icc->channel, raw, used, answer, err)
                      : take_plain(raw, used, answer, err);
    OPENSSL_cleanse(raw, sizeof raw);
    return code;
}

void icc_wipe(struct icc *icc)
{
    OPENSSL_cleanse(icc, sizeof *icc);
}
