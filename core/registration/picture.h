/* SPDX-License-Identifier: Apache-2.0 */
/* The three picture formats image_check knows; for image.c only. */
#ifndef REGISTRATION_PICTURE_H
#define REGISTRATION_PICTURE_H

#include "base/buf.h"
#include "registration/image.h"

/* Do the first bytes claim this format? */
bool jpeg_starts(struct smg_str bytes);
bool png_starts(struct smg_str bytes);
bool webp_starts(struct smg_str bytes);

/* Walk a picture that starts so to its very last byte; width and height are filled. */
int jpeg_walk(struct smg_str bytes, struct image_info *out, struct smg_err *err);
int png_walk(struct smg_str bytes, struct image_info *out, struct smg_err *err);
int webp_walk(struct smg_str bytes, struct image_info *out, struct smg_err *err);

#endif
