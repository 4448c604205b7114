/* SPDX-License-Identifier: Apache-2.0 */
/* An address as it is written, and the bytes a driver asks for: only the address itself is it. */
#include "base/address.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address address;
    struct smg_err err = { 0 };
    char text[160] = "";
    size_t len = size < sizeof text - 1 ? size : sizeof text - 1;

    memcpy(text, data, len);
    if (address_read(text, &address, &err) < 0)
        return 0;
    if (!address_is(&address, str_bytes(&address.any, address.len)))
        abort();
    /* what stands behind the text's end, as a stranger's address */
    size -= len;
    if (address_is(&address, str_bytes(data + len, size)) &&
        (size < sizeof(sa_family_t) ||
         memcmp(data + len, &address.any.sa_family, sizeof(sa_family_t)) != 0))
        abort();
    return 0;
}
