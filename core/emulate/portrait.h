/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of nobody, for chips without one. Inside the room. */
#ifndef EMULATE_PORTRAIT_H
#define EMULATE_PORTRAIT_H

#include "base/buf.h"

enum { PORTRAIT_WIDTH = 240, PORTRAIT_HEIGHT = 320 };

/* A baseline JPEG in grey, at least `size` bytes long. */
void portrait_draw(size_t size, struct buf *out);

#endif
