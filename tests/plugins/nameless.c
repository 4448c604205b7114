/* SPDX-License-Identifier: Apache-2.0 */
/* A library that exports something, but no plugin. */
#include <shiming/plugin.h>

extern const int nameless;
SMG_EXPORT const int nameless = 1;
