/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes image_check: a verdict for any bytes, and a size within limits when the verdict is yes. */
#include "registration/image.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image_info info = { 0 };
    struct smg_err err;

    if (image_check(str_bytes(data, size), &info, &err) != SMG_OK)
        return 0;
    if (info.width < IMAGE_SIDE_MIN || info.width > IMAGE_SIDE_MAX ||
        info.height < IMAGE_SIDE_MIN || info.height > IMAGE_SIDE_MAX || info.type == NULL)
        abort();
    return 0;
}
