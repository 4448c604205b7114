/* SPDX-License-Identifier: Apache-2.0 */
/* Ids that people give. */
#include "supervision/name.h"

bool name_is_id(struct smg_str text)
{
    size_t i;

    if (text.len == 0 || text.len > 63)
        return false;
    for (i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_' || c == '.'))
            return false;
    }
    return true;
}

bool name_copy(struct smg_str text, char *out, size_t room)
{
    if (text.len >= room)
        return false;
    if (text.len > 0)
        memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return true;
}
