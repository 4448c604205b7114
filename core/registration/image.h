/* SPDX-License-Identifier: Apache-2.0 */
/* Is an uploaded file a whole picture? Its structure is walked, its pixels are not decoded: nothing
 * here grows with what a picture claims to hold. */
#ifndef REGISTRATION_IMAGE_H
#define REGISTRATION_IMAGE_H

#include "base/str.h"

enum { IMAGE_SIDE_MIN = 16, IMAGE_SIDE_MAX = 20000, IMAGE_PIXELS_MAX = 100000000 };

struct image_info {
    const char *type; /* "image/jpeg", "image/png", "image/webp"; a constant */
    uint32_t width, height;
};

/* SMG_E_UNSUPPORTED: none of the three formats. SMG_E_INVALID: cut short, followed by other bytes,
 * animated, or outside the limits above. The text says which and never shows a byte of it. */
int image_check(struct smg_str bytes, struct image_info *out, struct smg_err *err);

#endif
