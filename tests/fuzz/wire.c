/* SPDX-License-Identifier: Apache-2.0 */
/* Any packet a reader's process may send: parsed or refused, and what was parsed can be written. */
#include "plugin/reply.h"
#include "plugin/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_message message, again;
    struct reply reply = { 0 };
    struct smg_err err = { 0 };
    struct buf packet = { 0 };

    if (size > WIRE_BYTES || !wire_parse(str_bytes(data, size), &message))
        return 0;
    if (message.kind == WIRE_ANSWER)
        reply_put(&reply, message.field, &message.value, &err);
    wire_write(&message, &packet);
    if (!wire_parse(buf_view(&packet), &again) || again.id != message.id ||
        !str_eq(again.text, message.text) || again.option_count != message.option_count)
        abort();
    buf_fini(&packet);
    reply_fini(&reply);
    return 0;
}
