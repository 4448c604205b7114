/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile chip: its answers under secure messaging, in files, and to a whole read. Nothing is
 * believed that is not guarded, and every read ends. */
#include "../../plugins/readers/emrtd/access.c"
#include "../../plugins/readers/emrtd/apdu.c"
#include "../../plugins/readers/emrtd/bac.c"
#include "../../plugins/readers/emrtd/cipher.c"
#include "../../plugins/readers/emrtd/country.c"
#include "../../plugins/readers/emrtd/files.c"
#include "../../plugins/readers/emrtd/groups.c"
#include "../../plugins/readers/emrtd/messaging.c"
#include "../../plugins/readers/emrtd/pace.c"
#include "../../plugins/readers/emrtd/reading.c"
#include "../../plugins/readers/emrtd/sod.c"
#include "../../plugins/readers/emrtd/tlv.c"
#include "../../plugins/readers/emrtd/trust.c"
#include "../../plugins/shared/mrz.c"
#include "../../plugins/shared/mrz_country.c"
#include "../../plugins/shared/mrz_document.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COMMANDS_MAX = 4000 };

/* The rest of the input, taken an answer at a time: a length, then so many bytes. */
struct hostile {
    const uint8_t *at;
    size_t left;
    unsigned commands;
    struct channel
        *guarded; /* NULL: answers go out as they are; else the chip's end of a channel */
};

static struct smg_str next_answer(struct hostile *hostile)
{
    struct smg_str answer = { 0 };

    if (hostile->left == 0)
        return answer;
    answer.len = hostile->at[0];
    if (answer.len > hostile->left - 1)
        answer.len = hostile->left - 1;
    answer.at = (const char *)hostile->at + 1;
    hostile->at += answer.len + 1;
    hostile->left -= answer.len + 1;
    return answer;
}

/* What the chip says, rightly guarded: so the input is the content and not the cipher. */
static void guard(struct channel *channel, struct smg_str said, bool odd, struct writer *out)
{
    struct command as_command = { .ins = odd, .data = (const uint8_t *)said.at, .len = said.len };
    uint8_t mac[MAC_BYTES];

    count_up_counter(channel);
    if (!write_ciphertext(channel, &as_command, out))
        abort();
    write_tlv(out, DO_STATUS, "\x90", 2);
    out->at[out->len - 1] = 0;
    if (!sign(channel, NULL, out->at, out->len, mac))
        abort();
    write_tlv(out, DO_MAC, mac, sizeof mac);
}

static int hostile_transmit(void *ctx, const uint8_t *command, size_t len, uint8_t *answer,
                            size_t room, size_t *used, struct smg_err *err)
{
    struct hostile *hostile = ctx;
    struct smg_str said = next_answer(hostile);
    struct writer out = { .at = answer, .room = room };

    (void)err;
    if (++hostile->commands > COMMANDS_MAX || len < 4)
        abort();
    if (hostile->guarded == NULL) {
        write_bytes(&out, said.at, said.len);
    } else {
        if (said.len > PLAIN_MAX)
            said.len = PLAIN_MAX;
        count_up_counter(hostile->guarded); /* for the command */
        guard(hostile->guarded, said, command[1] % 2 == 1, &out);
        write_bytes(&out, "\x90\0", 2);
    }
    *used = out.len;
    return SMG_OK;
}

static bool no_chance(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x42, len);
    return true;
}

static struct channel open_channel(enum suite suite)
{
    struct channel channel;
    struct smg_err err;

    if (channel_open(&channel, suite, (const uint8_t *)"a secret both know", 18, NULL, &err) < 0)
        abort();
    return channel;
}

/* One answer as it comes: believed only when its MAC is right, which no input can make. */
static void try_answer(enum suite suite, const uint8_t *data, size_t size)
{
    struct channel channel = open_channel(suite);
    struct answer answer;
    struct smg_err err;

    if (size <= ANSWER_BYTES &&
        (channel_open_answer(&channel, data, size, &answer, &err) == SMG_OK ||
         channel.state != CHANNEL_BROKEN || answer.len != 0))
        abort();
}

static void try_file(enum suite suite, struct hostile *hostile)
{
    struct channel theirs = open_channel(suite);
    struct icc icc = { .transmit = hostile_transmit, .chance = no_chance, .ctx = hostile };
    struct file file;
    struct smg_err err = { 0 };

    icc.channel = open_channel(suite);
    hostile->guarded = &theirs;
    if (icc_read_file(&icc, FILE_DG2, &file, &err) == SMG_OK && file.len > FILE_BYTES_MAX)
        abort();
    file_free(&file);
}

static void try_read(struct hostile *hostile, bool by_can)
{
    struct access access = { .information = "L898902C<369080619406236" };
    struct anchors nobody = { 0 };
    const struct reading_wish wish = {
        .access = &access, .anchors = &nobody, .today = { 2026, 11, 25 }, .portrait = true
    };
    struct icc icc = { .transmit = hostile_transmit, .chance = no_chance, .ctx = hostile };
    struct chip_reading reading;
    struct smg_err err = { 0 };

    if (by_can)
        access = (struct access){ .can = "123456" };
    if (reading_take(&icc, &wish, &reading, &err) == SMG_OK)
        abort(); /* it knows no key */
    reading_free(&reading);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hostile hostile = { .at = data + 1, .left = size - 1 };
    enum suite suite;

    if (size < 2)
        return 0;
    suite = (enum suite)(SUITE_3DES + data[0] % 4);
    switch (data[0] / 4 % 4) {
    case 0:
        try_answer(suite, data + 1, size - 1);
        break;
    case 1:
        try_file(suite, &hostile);
        break;
    default:
        try_read(&hostile, data[0] / 4 % 4 == 3);
        break;
    }
    return 0;
}
