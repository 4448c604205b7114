/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the answer of a verification service: what is found fits its room and ends. */
#include "../../plugins/verifiers/http/reply.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the form, then a place up to a line end, then the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    char place[32], out[64];
    const char *stop;
    struct reply *reply;

    if (size < 2 || (stop = memchr(at + 1, '\n', size - 1)) == NULL ||
        (size_t)(stop - at - 1) >= sizeof place)
        return 0;
    memcpy(place, at + 1, (size_t)(stop - at - 1));
    place[stop - at - 1] = '\0';
    if (strlen(place) != (size_t)(stop - at - 1))
        return 0;
    reply = reply_open((enum reply_form)(data[0] % 3),
                       (struct smg_str){ stop + 1, size - (size_t)(stop + 1 - at) });
    if (reply != NULL && reply_text(reply, place, out, sizeof out) && strlen(out) >= sizeof out)
        abort();
    reply_close(reply);
    return 0;
}
