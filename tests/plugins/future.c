/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin of the next ABI: only its guards may be looked at. */
#include <shiming/plugin.h>

SMG_PLUGIN(future) = { .abi_major = SMG_ABI_MAJOR + 1 };
