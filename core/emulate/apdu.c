/* SPDX-License-Identifier: Apache-2.0 */
/* The seven forms a command APDU may have. */
#include "emulate/apdu.h"

/* What follows the header of a command with lengths of `width` bytes, 1 or 2. */
static bool parse_body(struct smg_str body, size_t width, struct apdu *out)
{
    size_t number = 0;

    for (size_t i = 0; i < width; i++)
        number = number << 8 | (uint8_t)body.at[i];
    if (body.len > width) {
        if (number == 0 || body.len < width + number)
            return false;
        out->data = str_bytes(body.at + width, number);
        body = str_bytes(body.at + width + number, body.len - width - number);
        if (body.len == 0)
            return true;
        if (body.len != width)
            return false;
        number = 0;
        for (size_t i = 0; i < width; i++)
            number = number << 8 | (uint8_t)body.at[i];
    }
    out->has_le = true;
    out->le = number == 0 ? (size_t)1 << 8 * width : number;
    return true;
}

bool apdu_parse(struct smg_str command, struct apdu *out)
{
    *out = (struct apdu){ .data = { "", 0 } };
    if (!take_u8(&command, &out->cla) || !take_u8(&command, &out->ins) ||
        !take_u8(&command, &out->p1) || !take_u8(&command, &out->p2))
        return false;
    if (command.len == 0)
        return true;
    out->extended = command.at[0] == 0 && command.len > 1;
    if (!out->extended)
        return parse_body(command, 1, out);
    return command.len >= 3 && parse_body(str_bytes(command.at + 1, command.len - 1), 2, out);
}
