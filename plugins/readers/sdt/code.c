/* SPDX-License-Identifier: Apache-2.0 */
/* The table of status codes. */
#include "code.h"

#include <stddef.h>

static const struct code codes[] = {
    { 0x90, CODE_DONE, "done" },
    { 0x9F, CODE_DONE, "card found" },
    { 0x91, CODE_EMPTY, "the item is not on the card" },
    { 0x10, CODE_DAMAGED, "the reader received a wrong checksum" },
    { 0x11, CODE_DAMAGED, "the reader received a wrong length" },
    { 0x21, CODE_UNKNOWN, "the reader does not know the command" },
    { 0x23, CODE_ORDER, "the reader does not permit the command now" },
    { 0x34, CODE_ORDER, "no card was selected" },
    { 0x24, CODE_DEVICE, "the reader reports an unknown error" },
    { 0x47, CODE_DEVICE, "the security module could not make a random number" },
    { 0x60, CODE_BROKEN, "the security module failed its self-test" },
    { 0x66, CODE_BROKEN, "the security module is not authorised, or no longer" },
    { 0x31, CODE_CARD, "the card did not accept the security module" },
    { 0x3F, CODE_CARD, "the card's data have a wrong length" },
    { 0x40, CODE_CARD, "the card is of no known type" },
    { 0x32, CODE_SUSPICIOUS, "the security module did not accept the card" },
    { 0x33, CODE_SUSPICIOUS, "the signature over the card's data is wrong" },
    { 0x37, CODE_SUSPICIOUS, "the card's fingerprint data did not verify" },
    { 0x41, CODE_MOVED, "the card was moved while it was read" },
    { 0x81, CODE_MOVED, "the card was moved before it was selected" },
    { 0x80, CODE_IDLE, "no card" },
};

const struct code *code_find(uint8_t number)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].number == number)
            return &codes[i];
    return NULL;
}
