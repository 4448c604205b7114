/* SPDX-License-Identifier: Apache-2.0 */
/* Telling a whole picture from a cut or foreign one: which format, then its size within limits. */
#include "registration/image.h"

#include "registration/picture.h"

static const struct {
    const char *type;
    bool (*starts)(struct smg_str bytes);
    int (*walk)(struct smg_str bytes, struct image_info *out, struct smg_err *err);
} formats[] = {
    { "image/jpeg", jpeg_starts, jpeg_walk },
    { "image/png", png_starts, png_walk },
    { "image/webp", webp_starts, webp_walk },
};

static int check_size(const struct image_info *info, struct smg_err *err)
{
    if (info->width < IMAGE_SIDE_MIN || info->height < IMAGE_SIDE_MIN)
        return smg_fail(err, SMG_E_INVALID, "the picture is smaller than %d by %d pixels",
                        IMAGE_SIDE_MIN, IMAGE_SIDE_MIN);
    if (info->width > IMAGE_SIDE_MAX || info->height > IMAGE_SIDE_MAX)
        return smg_fail(err, SMG_E_INVALID, "a side of the picture is over %d pixels",
                        IMAGE_SIDE_MAX);
    if ((uint64_t)info->width * info->height > IMAGE_PIXELS_MAX)
        return smg_fail(err, SMG_E_INVALID, "the picture has over %d pixels", IMAGE_PIXELS_MAX);
    return SMG_OK;
}

int image_check(struct smg_str bytes, struct image_info *out, struct smg_err *err)
{
    struct image_info info = { 0 };
    size_t i;
    int code;

    for (i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (!formats[i].starts(bytes))
            continue;
        info.type = formats[i].type;
        code = formats[i].walk(bytes, &info, err);
        if (code == SMG_OK)
            code = check_size(&info, err);
        if (code == SMG_OK)
            *out = info;
        return code;
    }
    return smg_fail(err, SMG_E_UNSUPPORTED, "neither a JPEG, a PNG nor a WebP picture");
}
